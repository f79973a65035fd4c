"""The publish screen: a draft into service at once, in stages, later, or by a second person; and back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from newshole.cdn.named import CACHES
from newshole.console.drafting.drafts import Draft, Drafts, as_source
from newshole.console.publishing.releasing import PAUSES
from newshole.live import purging
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish
from tests.console.newsroom import Newsroom, newsroom
from tests.console.releases import (
    DONE,
    NOW,
    SHARE,
    another,
    changed,
    draft,
    form,
    of_proposal,
    of_staged,
    state,
)
from tests.store.servers import Server, running
from tests.waiting import eventually


def test_a_draft_goes_into_service_in_every_worker_and_comes_back(busy: Newsroom) -> None:
    first, made = state(busy).serves, draft(busy)
    with busy.signed_in() as client:
        text = client.get(busy.screen(f"publish?draft={made.id}")).text
        assert "# mine" in text
        answer = client.post(busy.screen("publish/release"), data=form(client, busy, made))
        assert "2 of 2 workers serve it" in answer.text
        published = state(busy).version
        assert published is not None
        assert (published.by, published.note, published.replaced) == ("anna", "one ad less", first)
        back = {"version": first, "reason": "the ads were too many"}
        answer = client.post(busy.screen("publish/roll-back"), data=back)
        assert "2 of 2 workers serve it" in answer.text
        text = client.get(busy.screen("audit")).text
    assert state(busy).serves == first
    for told in ("roll-back", "the ads were too many", "publish", "one ad less"):
        assert told in text


@pytest.mark.slow
def test_with_redis_a_draft_is_published_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server), newsroom(tmp_path, workers=2, redis=server.url) as room:
        made = draft(room)
        with room.signed_in() as client:
            answer = client.post(room.screen("publish/release"), data=form(client, room, made))
            assert "2 of 2 workers serve it" in answer.text
            server.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
            eventually(lambda: "may throw away" in client.get(room.screen("health")).text)


class _Cache(BaseHTTPRequestHandler):
    """A Varnish that purges what it is asked to, and is out of order at the second time."""

    asked: list[str]

    def do_PURGE(self) -> None:
        self.asked.append(self.headers["X-Purge-Tags"])
        self.send_response(200 if len(self.asked) == 1 else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Tests are quiet."""


def test_caches_in_front_are_purged_and_the_screen_says_what_they_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "ON_THEIR_WAY", 0.0)
    _Cache.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Cache) as cache, ThreadPoolExecutor(1) as pool:
        pool.submit(cache.serve_forever, 0.01)
        monkeypatch.setenv(CACHES, f"varnish+http://127.0.0.1:{cache.server_port}")
        with newsroom(tmp_path) as room, room.signed_in() as client:
            made = draft(room)
            client.post(room.screen("publish/release"), data=form(client, room, made))

            def says() -> bool:
                text = client.get(room.screen("outcome?number=2")).text
                return ": purged." in text and "not purged</strong> of pages that were on their way" in text

            eventually(says)
        cache.shutdown()
    assert len(_Cache.asked) >= 2


def test_what_breaks_a_running_experiment_is_told_and_has_to_be_meant(busy: Newsroom) -> None:
    more = "\nexperiments: {e: {traffic: 40%, arms: {control: {}, none: {drop: inline-ad}}}}\n"
    with busy.signed_in() as client:
        made = draft(busy, more)
        text = client.post(busy.screen("publish/release"), data=form(client, busy, made)).text
        assert "workers serve it" in text, text
        less = draft(busy, "")

        async def shrink(ledger: Ledger) -> None:
            files = {path: each.replace("40%", "10%") for path, each in less.files.items()}
            await Drafts(ledger, lambda: NOW).save(less.id, files, by="ed", seen=1)

        busy.at(shrink)
        assert "takes readers out of it" in client.get(busy.screen(f"publish?draft={less.id}")).text
        sent = form(client, busy, less)
        assert client.post(busy.screen("publish/release"), data=sent).status_code == 400
        assert client.post(busy.screen("publish/release"), data={**sent, "break": "on"}).status_code == 200


def test_a_draft_that_was_published_is_no_draft_any_more(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in() as client:
        client.post(busy.screen("publish/release"), data=form(client, busy, made))
        text = client.get(busy.screen("publish")).text
    assert f"draft={made.id}" not in text


def test_a_share_of_pages_is_staged_watched_and_halted(busy: Newsroom) -> None:
    first, made = state(busy).serves, draft(busy)
    with busy.signed_in() as client:
        text = client.post(busy.screen("publish/release"), data=form(client, busy, made, **SHARE)).text
        staged = state(busy).staged
        assert staged is not None
        assert (staged.share, staged.unit, staged.ramp) == (10.0, "url", ())
        assert "10% of pages" in text
        eventually(lambda: "2 of 2 workers have it" in client.get(busy.screen("publish/watch")).text)
        client.post(busy.screen("publish/stage"), data=of_staged(busy, share="50"))
        assert (after := state(busy).staged) is not None
        assert after.share == 50.0
        text = client.post(busy.screen("publish/halt"), data=of_staged(busy, reason="readers complain")).text
        assert "readers complain" in text
        assert "Nothing is staged any more" in client.get(busy.screen("publish/watch")).text
    assert (state(busy).staged, state(busy).serves) == (None, first)


@pytest.mark.parametrize("act", ["stage", "hold", "go-on", "halt"])
def test_nothing_is_done_to_a_staged_version_that_was_not_looked_at(busy: Newsroom, act: str) -> None:
    seen, other = draft(busy), draft(busy, "\n# of another draft\n")
    ramp = {**SHARE, "pause": "1800"}
    with busy.signed_in() as client:
        client.post(busy.screen("publish/release"), data=form(client, busy, seen, **ramp))
        looked_at = of_staged(busy, share="100", reason="readers complain")
        client.post(busy.screen("publish/halt"), data=looked_at)
        client.post(busy.screen("publish/release"), data=form(client, busy, other, **ramp))
        before = state(busy)
        for sent in (looked_at, {**looked_at, "version": ""}):
            answer = client.post(busy.screen(f"publish/{act}"), data=sent)
            assert answer.status_code == 400
            assert state(busy) == before


def test_a_ramp_is_held_and_goes_on_in_one_click_each(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in() as client:
        sent = form(client, busy, made, **{**SHARE, "pause": "1800"})
        assert "Goes on to 50% at" in client.post(busy.screen("publish/release"), data=sent).text
        text = client.post(busy.screen("publish/hold"), data=of_staged(busy)).text
        assert (staged := state(busy).staged) is not None
        assert staged.is_held
        assert "Its ramp is held at 10%" in text
        assert "Goes on to" not in text
        assert "Goes on to 50% at" in client.post(busy.screen("publish/go-on"), data=of_staged(busy)).text
        assert (after := state(busy).staged) is not None
        assert not after.is_held
        rows = client.get(busy.screen("audit.jsonl")).text.splitlines()
    told = [json.loads(each) for each in rows]
    assert [(each["what"], each["role"], each["via"]) for each in told if each["book"] == "log"] == [
        *((what, "publisher", "console") for what in ("stage", "hold", "stage")), ("publish", "", ""),
    ]  # fmt: skip


def test_a_draft_that_was_staged_is_no_draft_once_it_is_for_everybody(busy: Newsroom) -> None:
    made = draft(busy)
    listed = f"draft={made.id}"
    with busy.signed_in() as client:
        client.post(busy.screen("publish/release"), data=form(client, busy, made, **SHARE))
        assert listed in client.get(busy.screen("publish")).text
        client.post(busy.screen("publish/stage"), data=of_staged(busy, share="100"))
        assert listed not in client.get(busy.screen("publish")).text
        assert made.id in client.get(busy.screen("rules")).text.partition("Discarded drafts")[2]


def test_a_draft_that_a_ramp_brings_to_everybody_is_no_draft_any_more(
    busy: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PAUSES, "0.1", "At once")
    made, other = draft(busy), draft(busy, "\n# of another draft\n")
    with busy.signed_in() as client:
        sent = form(client, busy, made, **{**SHARE, "share": "50", "pause": "0.1"})
        client.post(busy.screen("publish/release"), data=sent)
        eventually(lambda: state(busy).serves == as_source(made).digest)
        text = client.get(busy.screen("publish")).text
        assert f"draft={made.id}" not in text
        assert f"draft={other.id}" in text


def test_a_draft_that_was_edited_since_it_was_published_stays_one(busy: Newsroom) -> None:
    made = draft(busy)

    async def edit(ledger: Ledger) -> None:
        files = {path: f"{text}\n# more\n" for path, text in made.files.items()}
        await Drafts(ledger, lambda: NOW).save(made.id, files, by="ed", seen=1)

    with busy.signed_in() as client:
        client.post(busy.screen("publish/release"), data=form(client, busy, made, **SHARE))
        busy.at(edit)
        client.post(busy.screen("publish/stage"), data=of_staged(busy, share="100"))
        assert f"draft={made.id}" in client.get(busy.screen("publish")).text


def test_a_draft_that_nobody_has_changed_yet_stays_one_when_its_version_comes_back(busy: Newsroom) -> None:
    first, made = state(busy).serves, draft(busy, "")
    another(busy)
    with busy.signed_in() as client:
        client.post(busy.screen("publish/roll-back"), data={"version": first, "reason": "x"})
        assert f"draft={made.id}" in client.get(busy.screen("publish")).text


def test_what_is_staged_goes_to_everybody_in_one_click(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in() as client:
        client.post(busy.screen("publish/release"), data=form(client, busy, made, **SHARE))
        client.post(busy.screen("publish/stage"), data=of_staged(busy, share="100"))
    assert (state(busy).staged, state(busy).serves == made.base) == (None, False)


def test_a_pause_between_shares_that_is_none_is_refused(quiet: Newsroom) -> None:
    with quiet.signed_in() as client:
        made = draft(quiet)
        sent = form(client, quiet, made, **{**SHARE, "pause": "1"})
        assert "Choose how it goes on" in client.post(quiet.screen("publish/release"), data=sent).text


def test_a_draft_is_scheduled_by_the_clocks_of_the_newsroom_and_dropped(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in() as client:
        later = form(client, busy, made, when="due", due="2099-12-01T06:00")
        text = client.post(busy.screen("publish/release"), data=later).text
        (planned,) = state(busy).planned
        assert "1 Dec 2099, 06:00" in text
        another(busy)
        assert "<strong>Suspended:</strong>" in client.get(busy.screen("publish")).text
        drop = {"version": planned.digest, "reason": "another day"}
        client.post(busy.screen("publish/unplan"), data=drop)
    assert state(busy).planned == ()


def test_a_plan_that_is_suspended_is_taken_up_again_after_a_look_at_what_it_changes(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in() as client:
        later = form(client, busy, made, when="due", due="2099-12-01T06:00")
        client.post(busy.screen("publish/release"), data=later)
        (planned,) = state(busy).planned
        path = f"publish/resume?version={planned.digest}"
        assert path not in client.get(busy.screen("publish")).text
        assert "not suspended" in client.get(busy.screen(path)).text
        another(busy)
        assert path in client.get(busy.screen("publish")).text
        text = client.get(busy.screen(path)).text
        assert "another version went into service" in text
        assert '<span class="visually-hidden">gone: </span># of another' in text
        assert 'value="2099-12-01T06:00"' in text
        sent = {"version": planned.digest, "on": state(busy).serves, "due": "2099-12-02T06:00"}
        client.post(busy.screen("publish/resume"), data=sent)
        (again,) = state(busy).planned
        assert (again.on, again.by, again.is_suspended) == (sent["on"], "anna", False)
        assert again.due > planned.due
        busy.at(lambda ledger: _in_place(ledger, made))
        stale = client.post(busy.screen("publish/resume"), data=sent)
        assert (stale.status_code, "was published by bo meanwhile" in stale.text) == (400, True)
        now = {"version": planned.digest, "on": state(busy).serves, "due": ""}
        assert "2 of 2 workers serve it" in client.post(busy.screen("publish/resume"), data=now).text
    assert (state(busy).serves, state(busy).planned) == (planned.digest, ())


def test_a_plan_that_needs_approval_by_now_is_proposed_when_it_is_taken_up(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in() as client:
        later = form(client, busy, made, when="due", due="2099-12-01T06:00")
        client.post(busy.screen("publish/release"), data=later)
        client.post(busy.screen("publish/approval"), data={"approval": "on"})
        (planned,) = state(busy).planned
        path = f"publish/resume?version={planned.digest}"
        assert "Propose it again" in client.get(busy.screen(path)).text
        sent = {"version": planned.digest, "on": state(busy).serves, "due": "2099-12-01T06:00"}
        assert "It is proposed again" in client.post(busy.screen("publish/resume"), data=sent).text
    (proposed,) = state(busy).proposed
    assert (proposed.by, proposed.due, proposed.role) == ("anna", planned.due, "publisher")


async def _in_place(ledger: Ledger, made: Draft) -> None:
    """Somebody publishes something else that a draft does not have."""
    source = changed(as_source(made), "\n# yet another\n")
    await publish(ledger, source, by="bo", note="y", clock=lambda: NOW)


def test_an_editor_proposes_and_another_person_approves(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in("ed") as client:
        refused = client.post(busy.screen("publish/release"), data=form(client, busy, made))
        assert refused.status_code == 403
        told = client.post(busy.screen("publish/release"), data=form(client, busy, made, do="propose")).text
        assert "It is proposed. Somebody else approves or declines it." in told
        assert "workers have" not in told
    (proposed,) = state(busy).proposed
    assert proposed.by == "ed"
    with busy.signed_in() as client:
        text = client.get(busy.screen("publish")).text
        assert all(f'name="{name}" value="{value}"' in text for name, value in of_proposal(busy).items())
        client.post(busy.screen("publish/approve"), data=of_proposal(busy))
    version = state(busy).version
    assert version is not None
    assert (version.digest, version.by, version.proposed_by) == (proposed.digest, "anna", "ed")


def test_what_was_proposed_anew_is_not_approved_by_who_looked_at_it_before(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in("ed") as ed, busy.signed_in() as client:
        small = form(client, busy, made, **{**SHARE, "do": "propose"})
        ed.post(busy.screen("publish/release"), data=small)
        looked_at = of_proposal(busy)
        ed.post(busy.screen("publish/release"), data=form(client, busy, made, do="propose"))
        before = state(busy)
        for sent in (looked_at, {"version": looked_at["version"]}):
            assert client.post(busy.screen("publish/approve"), data=sent).status_code == 400
        assert (before.proposed[0].share, state(busy)) == (100.0, before)


def test_where_a_second_pair_of_eyes_is_asked_for_nobody_publishes_alone(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in() as client:
        client.post(busy.screen("publish/approval"), data={"approval": "on"})
        sent = form(client, busy, made)
        assert client.post(busy.screen("publish/release"), data=sent).status_code == 409
        client.post(busy.screen("publish/release"), data={**sent, "do": "propose"})
        (proposed,) = state(busy).proposed
        own = client.post(busy.screen("publish/approve"), data=of_proposal(busy))
        assert "somebody else has to approve it" in own.text
        no = {"version": proposed.digest, "reason": "too many ads"}
        client.post(busy.screen("publish/decline"), data=no)
    assert (state(busy).proposed, state(busy).serves) == ((), made.base)


def test_a_draft_on_an_older_version_is_merged_first_or_said_to_be_meant(busy: Newsroom) -> None:
    made = draft(busy)
    another(busy)
    with busy.signed_in() as client:
        text = client.get(busy.screen(f"publish?draft={made.id}")).text
        assert f"rules/merge?draft={made.id}" in text
        sent = form(client, busy, made)
        refused = client.post(busy.screen("publish/release"), data=sent)
        assert (refused.status_code, "would be lost" in refused.text) == (400, True)
        assert client.post(busy.screen("publish/release"), data={**sent, "behind": "on"}).status_code == 200
    assert state(busy).serves != made.base


def test_what_changed_between_looking_and_publishing_is_looked_at_again(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in() as client:
        sent = form(client, busy, made)
        another(busy)
        refused = client.post(busy.screen("publish/release"), data={**sent, "behind": "on"})
        assert (refused.status_code, "Another version went into service" in refused.text) == (400, True)
        stale = {**form(client, busy, made), "revision": "0", "behind": "on"}
        assert "saved this draft meanwhile" in client.post(busy.screen("publish/release"), data=stale).text


def test_a_draft_with_mistakes_is_not_published_and_each_leads_to_its_line(quiet: Newsroom) -> None:
    made = draft(quiet, "\nnonsense: true\n")
    before = state(quiet).serves
    with quiet.signed_in() as client:
        text = client.get(quiet.screen(f"publish?draft={made.id}")).text
        assert f"rules?draft={made.id}&amp;file=" in text
        sent = {"draft": made.id, "revision": "1", "on": before, "note": "x", **DONE}
        assert client.post(quiet.screen("publish/release"), data=sent).status_code == 400
    assert state(quiet).serves == before


def test_a_version_is_shown_with_what_differs_both_ways(busy: Newsroom) -> None:
    made = draft(busy)
    with busy.signed_in() as client:
        client.post(busy.screen("publish/release"), data=form(client, busy, made))
        digest = state(busy).serves[:8]
        for view in ("", "&view=side"):
            text = client.get(busy.screen(f"publish/version?version={digest}{view}")).text
            assert '<span class="visually-hidden">new: </span># mine' in text
        unknown = client.get(busy.screen("publish/version?version=zz"))
        assert unknown.status_code == 400
        assert "No version begins with &#34;zz&#34;: Publish lists them all." in unknown.text


@pytest.mark.parametrize(
    "path",
    [
        "roll-back", "stage", "hold", "go-on", "halt", "resume", "unplan", "approve", "decline", "approval",
    ],
)  # fmt: skip
def test_only_publishers_change_what_readers_get(quiet: Newsroom, path: str) -> None:
    before = state(quiet)
    with quiet.signed_in("ed") as client:
        assert client.post(quiet.screen(f"publish/{path}"), data={"reason": "x"}).status_code == 403
    assert state(quiet) == before
