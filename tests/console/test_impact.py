"""Impact before publishing: what a look at many pages shows, and who may begin one on what."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from newshole.console.drafting.drafts import Drafts
from newshole.console.impact.looks import MOST_PAGES
from newshole.demo.app import RULES
from newshole.live.source import Source, gather
from tests.console.newsroom import STORY, Newsroom, newsroom

WORSE = ("repeat: {every: 450 words, max: 2}", "repeat: {every: 450 words, max: 1}")
"""A change of the demo's rules that costs long stories a slot."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom without workers: impact asks the paper's own software alone."""
    with newsroom(tmp_path_factory.mktemp("impact"), workers=0) as running:
        yield running


@pytest.fixture(scope="module")
def draft(room: Newsroom) -> str:
    """A draft in which long stories lose an ad."""
    return drafted(room, WORSE)


def drafted(room: Newsroom, *replaced: tuple[str, str], rules: Path = RULES) -> str:
    """The id of a draft of rules, the demo's unless others are given, with other words in it."""
    source = gather(rules)
    files = dict(source.files)
    for old, new in replaced:
        assert old in files[source.entry]
        files[source.entry] = files[source.entry].replace(old, new)

    async def begin() -> str:
        ledger = room.ledger()
        made = await Drafts(ledger, time.time).begin("ed", Source(source.entry, files), "", note="fewer ads")
        await ledger.archive.close()
        return made.id

    return asyncio.run(begin())


def begin(client: httpx.Client, room: Newsroom, **fields: str) -> httpx.Response:
    return client.post(room.screen("rules/impact"), data=fields)


def ended(client: httpx.Client, begun: httpx.Response) -> str:
    """The screen of a look once it has ended."""
    assert begun.status_code == 200, begun.text
    deadline = time.monotonic() + 60
    while "hx-trigger" in (shown := client.get(begun.url)).text:
        assert time.monotonic() < deadline, "the look does not end"
        time.sleep(0.05)
    return shown.text


def cards(html: str) -> list[str]:
    """The pages that change, as they stand on a screen."""
    return html[html.index('<ol class="pages">') :].split('<li class="card">')[1:]


def test_without_rules_named_the_screen_offers_drafts_and_versions(room: Newsroom, draft: str) -> None:
    with room.signed_in("vi") as client:
        shown = client.get(room.screen("rules/impact")).text
    assert f"rules/impact?draft={draft}" in shown
    assert "fewer ads" in shown


def test_a_look_has_an_address_of_its_own_and_shows_what_a_draft_changes(room: Newsroom, draft: str) -> None:
    with room.signed_in("ed") as client:
        begun = begin(client, room, draft=draft, pages="20")
        assert parse_qs(urlsplit(str(begun.url)).query).keys() == {"job"}
        shown = ended(client, begun)
    assert re.search(r"<strong>\d+ of \d+ pages</strong> change", shown)
    assert "Slots lost" in shown
    assert "What each bound costs" in shown
    assert "layout: gap" in shown


def test_pages_are_found_without_a_library_from_the_front_page_and_all_sections(
    room: Newsroom, draft: str
) -> None:
    with room.signed_in("ed") as client:
        shown = ended(client, begin(client, room, draft=draft, pages="20"))
    looked = shown[shown.index('class="looked"') :]
    assert STORY in looked
    assert {"City", "World", "Business", "Sport"} <= {*re.findall(r"<h3>(.*?)</h3>", looked)}


def test_the_pages_that_lose_most_come_first_with_two_pictures_and_the_ways_to_look_closer(
    room: Newsroom, draft: str
) -> None:
    with room.signed_in("ed") as client:
        first = cards(ended(client, begin(client, room, draft=draft, pages="20")))[0]
    assert len(re.findall(r'<svg class="sketch"', first)) == 2
    assert 'aria-label="Before: ' in first
    assert "inline-ad after paragraph" in first
    assert "(lost)" in first
    assert re.search(rf'href="[^"]*/preview\?url=[^"]*draft={draft}"', first)
    assert re.search(rf'href="[^"]*/why\?url=[^"]*draft={draft}"', first)


def test_only_the_addresses_that_were_pasted_are_looked_at_and_foreign_ones_are_told(
    room: Newsroom, draft: str
) -> None:
    pasted = f"{STORY}\nhttp://169.254.169.254/latest\nfile:///etc/passwd\n/nowhere/at-all-here"
    with room.signed_in("ed") as client:
        shown = ended(client, begin(client, room, draft=draft, list=pasted))
    assert "1 page looked at" in shown.replace("<summary>1 page", "1 page")
    assert "169.254.169.254 is not this site" in shown
    assert "file:///etc/passwd is no address of a page" in shown
    assert "with status 404" in shown


def test_rules_that_are_the_same_change_nothing(room: Newsroom) -> None:
    same = drafted(room)
    with room.signed_in("ed") as client:
        shown = ended(client, begin(client, room, draft=same, list=STORY))
    assert "Nothing changes on 1 page." in shown


def test_a_draft_with_problems_is_not_looked_at_and_says_where_they_are(room: Newsroom) -> None:
    wrong = drafted(room, ("max: 2}", "max: many}"))
    with room.signed_in("ed") as client:
        for answer in (
            begin(client, room, draft=wrong),
            client.get(room.screen("rules/impact"), params={"draft": wrong}),
        ):
            assert answer.status_code == 400
            assert re.search(rf'rules\?draft={wrong}[^"]*line=\d+"', answer.text)
            assert "many" in answer.text


def test_a_draft_that_is_not_there_is_told(room: Newsroom) -> None:
    with room.signed_in("ed") as client:
        answer = begin(client, room, draft="nothing")
    assert answer.status_code == 400
    assert "There is no draft nothing" in answer.text


def test_too_many_addresses_are_refused_with_all_of_them_kept_in_the_form(room: Newsroom, draft: str) -> None:
    many = "\n".join(f"/city/story-{n}" for n in range(MOST_PAGES + 1))
    with room.signed_in("ed") as client:
        answer = begin(client, room, draft=draft, list=many)
    assert answer.status_code == 400
    assert f"/city/story-{MOST_PAGES}" in answer.text


def test_a_viewer_sees_a_look_but_begins_none(room: Newsroom, draft: str) -> None:
    with room.signed_in("ed") as client:
        begun = begin(client, room, draft=draft, list=STORY)
        ended(client, begun)
    with room.signed_in("vi") as client:
        assert "looked at" in client.get(begun.url).text
        assert begin(client, room, draft=draft, list=STORY).status_code == 403
        assert "<button>Look" not in client.get(room.screen("rules/impact"), params={"draft": draft}).text


def test_a_look_that_was_never_begun_is_told_as_forgotten(room: Newsroom) -> None:
    with room.signed_in("vi") as client:
        assert client.get(room.screen("rules/impact"), params={"job": "x"}).status_code == 404
        part = client.get(room.screen("rules/impact/part"), params={"job": "x"})
    assert part.status_code == 404
    assert "hx-trigger" not in part.text
