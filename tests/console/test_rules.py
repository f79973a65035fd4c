"""The Rules screen as it answers: drafts, saving, checking, files, and two versions brought together."""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
from collections.abc import Mapping
from typing import Any, Final

import httpx
import pytest

from newshole.console.drafting.drafts import Drafts
from newshole.console.screens.rules_typing import ended_as
from newshole.demo.app import RULES
from newshole.live.publishing import publish
from newshole.live.source import Source
from tests.console.newsroom import Newsroom

FILE: Final = RULES.name
TEXT: Final = RULES.read_text(encoding="utf-8")
JSON: Final = {"accept": "application/json"}


def begin(newsroom: Newsroom, client: httpx.Client, **form: str) -> str:
    """The id of a draft that is begun."""
    answer = client.post(newsroom.screen("rules/begin"), data=form)
    assert answer.status_code == 200, answer.text
    return answer.url.params["draft"]


def save(
    newsroom: Newsroom, client: httpx.Client, draft: str, seen: int, texts: Mapping[str, str]
) -> httpx.Response:
    """What the screen answers to the editor's script."""
    form = {"draft": draft, "seen": str(seen), **{f"text:{path}": text for path, text in texts.items()}}
    return client.post(newsroom.screen("rules/save"), data=form, headers=JSON)


def kept(newsroom: Newsroom, draft: str) -> Mapping[str, str]:
    """The files of a draft in the archive."""

    async def read() -> Mapping[str, str]:
        ledger = newsroom.ledger()
        try:
            return (await Drafts(ledger, time.time).get(draft)).files
        finally:
            await ledger.archive.close()

    return asyncio.run(read())


def put_into_service(newsroom: Newsroom, text: str, by: str = "anna") -> str:
    """Publish another text of the rules; the digest of the version."""

    async def work() -> str:
        ledger = newsroom.ledger()
        source = Source(FILE, {FILE: text})
        try:
            await publish(ledger, source, by=by, note="another", clock=time.time)
        finally:
            await ledger.archive.close()
        return source.digest

    return asyncio.run(work())


def test_a_viewer_reads_rules_and_changes_none(quiet: Newsroom) -> None:
    with quiet.signed_in("vi") as client:
        assert '<h2 id="in-service">In service</h2>' in client.get(quiet.screen("rules")).text
        for way in ("begin", "save", "check", "complete", "file", "discard", "restore", "merge", "take-back"):
            assert client.post(quiet.screen(f"rules/{way}"), data={}).status_code == 403, way


def test_a_draft_is_changed_by_nobody_but_who_began_it(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as ed, quiet.signed_in("anna") as anna:
        draft = begin(quiet, ed)
        assert save(quiet, anna, draft, 1, {FILE: "site: B\n"}).status_code == 403
        page = anna.get(quiet.screen("rules"), params={"draft": draft}).text
        assert "Copy it to a draft of mine" in page
        copy = begin(quiet, anna, draft=draft)
        assert save(quiet, anna, copy, 1, {FILE: "site: B\n"}).status_code == 200
        assert kept(quiet, draft) == {FILE: TEXT}


def test_what_is_saved_is_a_revision_and_what_was_seen_too_long_ago_is_kept_apart(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        assert save(quiet, client, draft, 1, {FILE: "site: One\n"}).json()["revision"] == 2
        answer = save(quiet, client, draft, 1, {FILE: "site: Two\n"})
        assert answer.status_code == 409
        apart = answer.json()
        assert kept(quiet, draft) == {FILE: "site: One\n"}
        assert kept(quiet, apart["draft"]) == {FILE: "site: Two\n"}
        merge = client.get(httpx.URL(quiet.console).join(apart["merge"]))
        assert "This draft was saved twice" in merge.text
        assert {"site: One", "site: Two"} <= set(re.findall(r"site: \w+", merge.text))


def test_the_editor_is_told_in_a_sentence_why_nothing_was_saved(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        answer = save(quiet, client, draft, 1, {"../a.yaml": ""})
        assert answer.status_code == 400
        assert "no file can be named" in answer.json()["told"]
        assert save(quiet, client, "gone", 1, {}).json()["told"].startswith("there is no draft gone")


def test_a_form_that_was_saved_meanwhile_leads_to_both_side_by_side(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        save(quiet, client, draft, 1, {FILE: "site: One\n"})
        form = {"draft": draft, "seen": "1", f"text:{FILE}": "site: Two\n"}
        answer = client.post(quiet.screen("rules/save"), data=form)
        assert answer.url.path.endswith("/rules/merge")


def test_a_file_keeps_its_line_ends_whatever_the_browser_sends(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        changed = TEXT.replace("ads: 4", "ads: 3")
        save(quiet, client, draft, 1, {FILE: changed.replace("\n", "\r\n")})
        assert kept(quiet, draft) == {FILE: changed}
    assert ended_as("a\nb\r\n", before="x\r\n") == "a\r\nb\r\n"


def test_check_says_what_the_command_says_of_text_that_is_not_saved(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        form = {"draft": draft, f"text:{FILE}": TEXT.replace("\nlayout:", "\nlayuot:")}
        (problem,) = client.post(quiet.screen("rules/check"), data=form).json()["problems"]
        line = TEXT[: TEXT.index("\nlayout:")].count("\n") + 2
        assert problem == {
            "file": FILE,
            "line": line,
            "column": 1,
            "message": 'layuot: unknown key; did you mean "layout"?',
        }
        assert kept(quiet, draft) == {FILE: TEXT}


def test_completion_answers_with_where_it_begins(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        form = {"text": "blocks:\n  a:\n    kind: a", "line": "3", "column": "12", "files": FILE}
        answer = client.post(quiet.screen("rules/complete"), data=form).json()
        assert answer["from"] == 11
        assert {"label": "ad", "detail": "An ad slot.", "insert": "ad"} in answer["options"]
        form["text"] = "extends: "
        found = client.post(quiet.screen("rules/complete"), data={**form, "line": "1", "column": "10"}).json()
        assert FILE in [each["label"] for each in found["options"]]
        assert client.post(quiet.screen("rules/complete"), data={**form, "line": "0"}).status_code == 400


def change(newsroom: Newsroom, client: httpx.Client, draft: str, seen: int, **form: str) -> httpx.Response:
    """What comes of adding, renaming or deleting a file."""
    return client.post(newsroom.screen("rules/file"), data={"draft": draft, "seen": str(seen), **form})


def test_files_are_added_renamed_and_deleted(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        assert change(quiet, client, draft, 1, do="add", name="sport.yaml").url.params["file"] == "sport.yaml"
        change(quiet, client, draft, 2, do="rename", file=FILE, name="paper.yaml")
        assert kept(quiet, draft) == {"paper.yaml": TEXT, "sport.yaml": ""}
        assert "Rules begin in paper.yaml" in client.get(quiet.screen("rules"), params={"draft": draft}).text
        change(quiet, client, draft, 3, do="delete", file="sport.yaml")
        assert kept(quiet, draft) == {"paper.yaml": TEXT}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"do": "add", "name": "../../etc/passwd"}, "No file of rules can be named"),
        ({"do": "add", "name": "notes.txt"}, "give a name such as sport.yaml"),
        ({"do": "add", "name": FILE}, "has a file"),
        ({"do": "delete", "file": FILE}, "where the rules begin"),
        ({"do": "rename", "file": "gone.yaml", "name": "a.yaml"}, "has no file"),
        ({"do": "burn"}, "add, rename or delete"),
    ],
)
def test_what_cannot_be_done_with_a_file_is_said(quiet: Newsroom, form: dict[str, str], words: str) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        answer = change(quiet, client, draft, 1, **form)
        assert answer.status_code == 400
        assert words in answer.text
        assert kept(quiet, draft) == {FILE: TEXT}


def test_a_rule_is_opened_where_it_is_written(quiet: Newsroom) -> None:
    line = TEXT[: TEXT.index("  gap:")].count("\n") + 1
    with quiet.signed_in("vi") as client:
        shown = _shown(client.get(quiet.screen("rules"), params={"find": "layout.gap[0]"}))
        assert (shown["file"], shown["line"], shown["isOwn"]) == (FILE, line, False)
        shown = _shown(client.get(quiet.screen("rules"), params={"file": FILE, "line": "7", "column": "3"}))
        assert (shown["file"], shown["line"], shown["column"]) == (FILE, 7, 3)


def test_a_draft_is_opened_at_the_first_file_that_it_changes(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        assert _shown(client.get(quiet.screen("rules"), params={"draft": draft}))["file"] == FILE
        change(quiet, client, draft, 1, do="add", name="sport.yaml")
        assert _shown(client.get(quiet.screen("rules"), params={"draft": draft}))["file"] == "sport.yaml"
        shown = _shown(client.get(quiet.screen("rules"), params={"draft": draft, "file": FILE}))
        assert shown["file"] == FILE


def _shown(answer: httpx.Response) -> Any:
    found = re.search(r'id="shown">(.*?)</script>', answer.text, re.DOTALL)
    assert found is not None, answer.text
    return json.loads(found[1])


def test_packs_are_shown_and_not_written(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        save(quiet, client, draft, 1, {FILE: "extends: newspaper\n"})
        page = client.get(quiet.screen("rules"), params={"draft": draft, "file": "newspaper"})
        assert "(pack, read only)" in page.text
        assert " readonly>" in page.text
        assert "newspaper" in _shown(page)["packs"]


def test_a_discarded_draft_can_be_taken_back(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        listed = client.post(quiet.screen("rules/discard"), data={"draft": draft}).text
        assert f"draft={draft}" not in listed
        assert f'value="{draft}"' in listed
        assert (
            client.post(quiet.screen("rules/take-back"), data={"draft": draft}).url.params["draft"] == draft
        )
        assert f"draft={draft}" in client.get(quiet.screen("rules")).text


def test_an_older_revision_is_restored_as_the_newest(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        save(quiet, client, draft, 1, {FILE: "site: Two\n"})
        assert "Revision 2" in client.get(quiet.screen("rules/history"), params={"draft": draft}).text
        since = client.get(quiet.screen("rules/diff"), params={"draft": draft, "revision": "1"}).text
        assert '<span class="visually-hidden">new: </span>site: Two' in since
        client.post(quiet.screen("rules/restore"), data={"draft": draft, "revision": "1"})
        assert kept(quiet, draft) == {FILE: TEXT}
        assert "Revision 3" in client.get(quiet.screen("rules/history"), params={"draft": draft}).text


def test_a_draft_is_brought_together_with_what_went_into_service_meanwhile(busy: Newsroom) -> None:
    gap, site = "gap: [3 units, 110 words]", "site: The Osterhaven Courier"
    theirs = TEXT.replace(gap, "gap: [5 units, 110 words]").replace("ads: 4", "ads: 3")
    mine = TEXT.replace(gap, "gap: [7 units, 110 words]").replace(site, "site: The Courier")
    with busy.signed_in("ed") as client:
        draft = begin(busy, client)
        save(busy, client, draft, 1, {FILE: mine})
        digest = put_into_service(busy, theirs)
        assert (
            "went into service after this draft began"
            in client.get(busy.screen("rules"), params={"draft": draft}).text
        )
        page = client.get(busy.screen("rules/merge"), params={"draft": draft}).text
        assert "Both changed <strong>1 place</strong>" in page
        form = {"draft": draft, "seen": "2", "theirs": "0", "with": digest}
        undecided = client.post(busy.screen("rules/merge"), data=form)
        assert (undecided.status_code, "not decided yet" in undecided.text) == (400, True)
        name = f"0:{FILE}"
        by_hand = {f"choice:{name}": "hand", f"hand:{name}": "  ads: 3\r\n  gap: [6 units, 110 words]"}
        client.post(busy.screen("rules/merge"), data={**form, **by_hand})
        merged = kept(busy, draft)[FILE]
        assert merged == mine.replace("ads: 4", "ads: 3").replace("[7 units", "[6 units")
        assert "went into service after" not in client.get(busy.screen("rules"), params={"draft": draft}).text
        audit = client.get(busy.screen("audit")).text
        assert all(word in audit for word in ("draft-merged", "with what anna wrote"))


def test_what_was_saved_twice_becomes_one_draft_again(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        one, two = TEXT.replace("ads: 4", "ads: 3"), TEXT.replace("timezone: Europe/Berlin", "timezone: UTC")
        save(quiet, client, draft, 1, {FILE: one})
        apart = save(quiet, client, draft, 1, {FILE: two}).json()
        form = {"draft": apart["draft"], "seen": "1", "theirs": "2", "with": draft, "from": "1"}
        answer = client.post(quiet.screen("rules/merge"), data=form)
        assert answer.url.params["draft"] == draft
        assert kept(quiet, draft)[FILE] == one.replace("timezone: Europe/Berlin", "timezone: UTC")


def test_a_merge_that_is_older_than_what_was_saved_since_is_refused(quiet: Newsroom) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        save(quiet, client, draft, 1, {FILE: "site: Two\n"})
        form = {"draft": draft, "seen": "1", "theirs": "0"}
        answer = client.post(quiet.screen("rules/merge"), data=form)
        assert (answer.status_code, "Somebody saved meanwhile" in answer.text) == (400, True)


def test_what_was_written_on_a_draft_while_it_was_discarded_comes_together_with_it(
    quiet: Newsroom,
) -> None:
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        client.post(quiet.screen("rules/discard"), data={"draft": draft})
        text = TEXT.replace("ads: 4", "ads: 3")
        apart = save(quiet, client, draft, 1, {FILE: text}).json()
        shown = client.get(apart["merge"])
        assert (shown.status_code, "Save it together" in shown.text) == (200, True), shown.text
        form = {"draft": apart["draft"], "seen": "1", "theirs": "2", "with": draft, "from": "1"}
        joined = client.post(quiet.screen("rules/merge"), data=form).url.params["draft"]
        assert kept(quiet, joined)[FILE] == text


_HIDDEN: Final = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def test_what_was_sent_after_a_session_ended_is_sent_again_from_there(quiet: Newsroom) -> None:
    text = 'site: "A <b> & b"\n\n# not to be lost\n'
    with quiet.signed_in("ed") as client:
        draft = begin(quiet, client)
        token = client.headers.pop("x-csrf-token")
        form = {"x_csrf_token": token, "draft": draft, "seen": "1", f"text:{FILE}": text}
        session = dict(client.cookies)
        client.cookies.clear()
        refused = client.post(quiet.screen("rules/save"), data=form)
        assert (refused.status_code, "Send it again" in refused.text) == (401, True)
        again = {html.unescape(name): html.unescape(each) for name, each in _HIDDEN.findall(refused.text)}
        assert again == form
        client.cookies.update(session)
        assert client.post(quiet.screen("rules/save"), data=again).status_code == 200
    assert kept(quiet, draft)[FILE] == text


def test_what_another_site_sends_to_somebody_who_is_signed_out_is_not_shown(quiet: Newsroom) -> None:
    origin = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    answer = httpx.post(quiet.screen("publish/release"), data={"note": "evil"}, headers=origin)
    assert (answer.status_code, "evil" in answer.text) == (401, False)
