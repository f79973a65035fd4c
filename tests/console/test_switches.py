"""The switches screen: off and on again, by whoever may, with Redis and without."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from newshole.live.appending import read_log
from newshole.live.entries import State
from newshole.live.ledger import Ledger
from newshole.live.publishing import stage
from newshole.live.source import Source
from newshole.live.switch_file import read_switches
from tests.console.newsroom import STORY, Newsroom, newsroom
from tests.store.servers import Server, running
from tests.waiting import eventually

BLOCK = "inline-ad"


def state(room: Newsroom) -> State:
    async def read(ledger: Ledger) -> State:
        return (await read_log(ledger))[1]

    return room.at(read)


def off(room: Newsroom) -> list[tuple[str, str, str, str]]:
    return [(each.what, each.name, each.by, each.reason) for each in state(room).switches]


def has_block(worker: str, block: str) -> bool:
    return f'data-newshole="{block}"' in httpx.get(worker + STORY).text


def a_block(room: Newsroom) -> str:
    """A block that stands on the story."""
    return httpx.get(room.workers[0] + STORY).text.partition('data-newshole="')[2].partition('"')[0]


def test_a_block_is_off_in_both_workers_and_on_again(busy: Newsroom) -> None:
    block = a_block(busy)
    with busy.signed_in() as client:
        form = {"what": "block", "name": block, "reason": "ad server down", "lasting": "1800"}
        answer = client.post(busy.screen("switches/off"), data=form)
        assert "2 of 2 workers have switched" in answer.text
        assert off(busy) == [("block", block, "anna", "ad server down")]
        eventually(lambda: not any(has_block(each, block) for each in busy.workers))
        client.post(busy.screen("switches/on"), data={"what": "block", "name": block})
    assert off(busy) == []
    eventually(lambda: all(has_block(each, block) for each in busy.workers))


def test_a_block_that_only_a_staged_version_has_can_be_switched_off(busy: Newsroom) -> None:
    async def begin(ledger: Ledger) -> None:
        source = await ledger.source((await read_log(ledger))[1].serves)
        files = {path: text.replace(f"{BLOCK}:", "new-ad:") for path, text in source.files.items()}
        new = Source(source.entry, files)
        await stage(ledger, new, share=10, unit="url", by="bo", note="", clock=time.time)

    busy.at(begin)
    with busy.signed_in() as client:
        eventually(lambda: "new-ad" in client.get(busy.screen("switches")).text)
        form = {"what": "block", "name": "new-ad", "reason": "it flickers", "lasting": ""}
        client.post(busy.screen("switches/off"), data=form)
    assert off(busy) == [("block", "new-ad", "anna", "it flickers")]


def test_everything_off_is_told_above_all_else(busy: Newsroom) -> None:
    with busy.signed_in() as client:
        form = {"what": "all", "reason": "a fault of the ads", "lasting": ""}
        client.post(busy.screen("switches/off"), data=form)
        assert "<strong>Everything is off</strong>" in client.get(busy.screen("switches")).text
    eventually(lambda: all("data-newshole=" not in httpx.get(each + STORY).text for each in busy.workers))


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"what": "all", "lasting": ""}, "Say why"),
        ({"what": "block", "name": "no-such", "reason": "x", "lasting": ""}, "no such block"),
        ({"what": "kind", "name": "adds", "reason": "x", "lasting": ""}, "no such kind"),
        ({"what": "url", "name": "world", "reason": "x", "lasting": ""}, "write a path"),
        ({"what": "no-ads", "name": "http://169.254.1.1/x", "reason": "x", "lasting": ""}, "not this site"),
        ({"what": "all", "reason": "x", "lasting": "1"}, "how long"),
        ({"what": "all", "reason": "x", "until": "2020-01-01T00:00"}, "is over already"),
        ({"what": "all", "reason": "x", "until": "soon"}, "No moment"),
        ({"what": "", "reason": "x"}, "Choose what"),
    ],
)
def test_what_cannot_be_switched_is_told_and_changes_nothing(
    quiet: Newsroom, form: dict[str, str], told: str
) -> None:
    with quiet.signed_in() as client:
        answer = client.post(quiet.screen("switches/off"), data=form)
    assert (answer.status_code, told in answer.text) == (400, True)
    assert off(quiet) == []


def test_what_was_typed_into_a_refused_form_is_still_there(quiet: Newsroom) -> None:
    with quiet.signed_in() as client:
        form = {"what": "section", "name": "Politics <b>", "reason": "", "lasting": "7200"}
        text = client.post(quiet.screen("switches/off"), data=form).text
    assert 'value="Politics &lt;b&gt;"' in text
    assert '<option value="7200" selected>' in text


def test_an_editor_takes_the_ads_off_one_story_and_nothing_else(busy: Newsroom) -> None:
    with busy.signed_in("ed") as client:
        story = {"what": "no-ads", "name": STORY, "reason": "a crash", "lasting": ""}
        assert client.post(busy.screen("switches/off"), data=story).status_code == 200
        every = {**story, "name": "/**"}
        assert client.post(busy.screen("switches/off"), data=every).status_code == 403
        assert client.post(busy.screen("switches/off"), data={**story, "what": "all"}).status_code == 403
        assert client.post(busy.screen("switches/on"), data={"what": "all"}).status_code == 403
    ((what, name, by, _),) = off(busy)
    assert (what, name.endswith(STORY), by) == ("no-ads", True, "ed")


def test_a_viewer_switches_nothing(quiet: Newsroom) -> None:
    with quiet.signed_in("vi") as client:
        form = {"what": "no-ads", "name": STORY, "reason": "x", "lasting": ""}
        assert client.post(quiet.screen("switches/off"), data=form).status_code == 403
        assert '<form class="card' not in client.get(quiet.screen("switches")).text


def test_a_link_opens_the_form_filled_in(quiet: Newsroom) -> None:
    with quiet.signed_in() as client:
        text = client.get(quiet.screen(f"switches?what=block&name={BLOCK}")).text
    assert f'value="{BLOCK}"' in text


@pytest.mark.slow
def test_while_redis_is_frozen_the_workers_of_this_machine_switch_by_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    server, file = Server(folder), tmp_path / "switches.yaml"
    with running(server), newsroom(tmp_path, workers=2, redis=server.url, switches=file) as room:
        block = a_block(room)
        with room.signed_in() as client:
            client.get(room.screen("switches"))
            server.freeze()
            try:
                text = client.get(room.screen("switches")).text
                assert "Redis, or the archive, does not answer" in text
                assert '<option value="here" selected>' in text
                assert "Nothing was off, as far as is known here." in text
                refused = client.get(room.screen("publish"))
                assert refused.status_code == 503
                assert 'href="/_newshole/site/switches"' in refused.text
                form = {"what": "block", "name": block, "reason": "x", "lasting": ""}
                assert client.post(room.screen("switches/off"), data=form).status_code == 503
                answer = client.post(room.screen("switches/off"), data={**form, "where": "here"})
                assert "Done in the switch file of this machine" in answer.text
                assert [(each.name, each.by) for each in read_switches(file)] == [(block, "anna")]
                eventually(lambda: not any(has_block(each, block) for each in room.workers))
                client.post(
                    room.screen("switches/on"), data={"what": "block", "name": block, "where": "here"}
                )
                assert read_switches(file) == ()
            finally:
                server.thaw()


def test_with_a_damaged_log_things_are_still_switched_by_the_file_of_this_machine(tmp_path: Path) -> None:
    async def damage(ledger: Ledger) -> None:
        await ledger.archive.add(b"live:{site}:log", b"2", b"nobody sealed this")

    file = tmp_path / "switches.yaml"
    with newsroom(tmp_path, switches=file) as room, room.signed_in() as client:
        room.at(damage)
        assert "entry 2 of the log of site cannot be read" in client.get(room.screen("switches")).text
        form = {"what": "all", "name": "", "reason": "x", "lasting": "", "where": "here"}
        assert client.post(room.screen("switches/off"), data=form).status_code == 200
        assert [each.what for each in read_switches(file)] == ["all"]


def test_a_console_without_a_switch_file_says_how_to_have_one(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server), newsroom(tmp_path, redis=server.url) as room, room.signed_in() as client:
        server.freeze()
        try:
            assert "--switches FILE" in client.get(room.screen("switches")).text
        finally:
            server.thaw()


def test_who_is_signed_in_stays_so_while_redis_is_frozen_and_nobody_else_comes_in(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server), newsroom(tmp_path, redis=server.url) as room, room.signed_in() as client:
        client.get(room.screen("switches"))
        server.freeze()
        try:
            assert client.get(room.screen("switches")).status_code == 200
            client.cookies.clear()
            assert "Switches</h1>" not in client.get(room.screen("switches")).text
        finally:
            server.thaw()
