"""Preview: a page as a reader would get it, and what was decided on it, without anything being counted."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from httpx import Client
from starlette.types import ASGIApp, Receive, Scope, Send

from newshole import Newshole, Reader, Site
from newshole.console.pages import Pages
from newshole.console.preview.views import Asked, reader_of, view_of
from newshole.console.site import ConsoleSite
from newshole.demo.app import RULES
from newshole.demo.origin import origin
from newshole.explaining.fates import fates
from newshole.explaining.words import Places, in_words
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish, seed
from newshole.live.source import Source, gather
from newshole.store.archive import open_archive
from tests.console.newsroom import SECRET, STORY, Newsroom, newsroom
from tests.console.screens import opened, said, shown

HOME: Final = "http://news.example/"
BARE: Final = """
articles: [{path: "/**"}]
blocks:
  follow: {kind: follow, network: mastodon, page: x, url: "https://social.example/@x", place: body-end}
"""


@pytest.fixture
def anna(quiet: Newsroom) -> Iterator[Client]:
    with quiet.signed_in("vi") as client:
        yield client


class Counted:
    """The demo's paper, and how often it was asked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.asked = app, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await self.app(scope, receive, send)


def site_of(paper: ASGIApp, folder: Path) -> ConsoleSite:
    """A site whose paper is an app in this process, its log in a file."""
    ledger = Ledger(open_archive(str(folder / "archive")), "site", SECRET.encode())
    return ConsoleSite("site", Newshole(paper, rules=RULES), Pages(paper, (), HOME), ledger)


def test_what_is_told_of_blocks_is_what_explain_tells(quiet: Newsroom, anna: Client) -> None:
    screen = opened(quiet, anna, f"preview?url={STORY}&device=desktop")
    page = anna.get(quiet.paper + STORY).content
    composition = Site.load(RULES).compose(page, url=quiet.workers[0] + STORY, reader=Reader())
    places = Places(composition.outline)
    told = {said(each.strong): each for each in screen.select(".fates > li")}
    for fate in fates(composition):
        own = told.pop(fate.block)
        words = [said(each) for each in own.select(".place")]
        if fate.placed:
            assert words == [places.standing(each) for each in fate.placed]
        else:
            assert fate.miss is not None
            assert [said(each) for each in own.select("p")] == [in_words(each) for each in fate.miss.reasons]
    assert not told


def test_a_page_is_shown_at_three_widths_by_the_device_of_each(quiet: Newsroom, anna: Client) -> None:
    frames = opened(quiet, anna, f"preview?url={STORY}").select("iframe")
    assert [(each["width"], each["data-device"], each["sandbox"]) for each in frames] == [
        ("390", "mobile", ["allow-scripts"]),
        ("768", "desktop", ["allow-scripts"]),
        ("1366", "desktop", ["allow-scripts"]),
    ]


def test_a_frame_is_the_composed_page_shut_off(quiet: Newsroom, anna: Client) -> None:
    source = str(opened(quiet, anna, f"preview?url={STORY}").select("iframe")[2]["src"])
    answer = anna.get(quiet.console + source)
    page = shown(answer)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    base = page.select_one("base")
    assert base is not None
    assert str(base["href"]).endswith(STORY)
    assert page.select('[data-newshole="inline-ad"]')


def test_a_frame_without_a_page_says_why(quiet: Newsroom, anna: Client) -> None:
    answer = anna.get(quiet.screen("preview/frame?url=/<b>nowhere"))
    assert answer.status_code == 400
    assert "with status 404" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_frames_of_one_page_cost_one_look_at_it(tmp_path: Path) -> None:
    paper = Counted(origin())
    site = site_of(paper, tmp_path)

    async def look() -> tuple[int, list[bool]]:
        asked = Asked(STORY)
        views = await asyncio.gather(
            *(view_of(site, asked, each) for each in ("mobile", "desktop", "desktop"))
        )
        await site.ledger.archive.close()
        return paper.asked, [view is views[1] for view in views]

    assert asyncio.run(look()) == (1, [False, True, True])


def test_without_an_address_there_are_stories_to_pick_from(quiet: Newsroom, anna: Client) -> None:
    picked = opened(quiet, anna, "preview").select(".picks a")
    assert f"/_newshole/site/preview?url={quote(quiet.workers[0] + STORY, safe='')}" in [
        each["href"] for each in picked
    ]


def test_a_page_that_is_left_alone_says_why(quiet: Newsroom, anna: Client) -> None:
    screen = opened(quiet, anna, "preview?url=/")
    assert said(screen.select_one(".told.warn")) == (
        "The page is left untouched (not-an-article): the rules do not take it for an article."
    )


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("url=http://169.254.169.254/latest", "is not this site"),
        ("url=file:///etc/passwd", "file:///etc/passwd is no address of a page"),
        ("url=/nowhere", "The site answers"),
        (f"url={STORY}&device=fridge", "is no device: choose mobile or desktop"),
        (f"url={STORY}&country=Q1", "give its two letters, such as DE"),
        (f"url={STORY}&at=soon", "write it as 2026-12-01T06:00"),
        (f"url={STORY}&arm=x:y", 'These rules have no arm "x:y"'),
        (f"url={STORY}&version=abc", 'No version begins with "abc"'),
        (f"url={STORY}&draft=abc", "There is no draft abc"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_says_what_to_do_and_keeps_the_form(
    quiet: Newsroom, anna: Client, query: str, told: str
) -> None:
    answer = anna.get(quiet.screen(f"preview?{query}"))
    screen = shown(answer)
    assert answer.status_code == 400
    assert told in said(screen.select_one("[role=alert]"))
    field = screen.select_one("#url")
    assert field is not None
    assert field["value"] == query.partition("&")[0].removeprefix("url=")


def test_a_page_that_attacks_stays_text(quiet: Newsroom, anna: Client) -> None:
    written = quote('/"><script>alert(1)</script>', safe="")
    answer = anna.get(quiet.screen(f"preview?url={written}&gap=1&block={written}&width={written}"))
    assert "<script>alert" not in answer.text


def test_by_an_older_version_the_page_is_as_it_was(tmp_path: Path) -> None:
    with newsroom(tmp_path) as room, room.signed_in("vi") as client:
        asyncio.run(_publish(room, BARE))
        deadline = time.monotonic() + 20
        while "inline-ad" in _blocks(room, client, ""):
            assert time.monotonic() < deadline, "the console does not follow"
            time.sleep(0.1)
        assert "inline-ad" in _blocks(room, client, gather(RULES).digest[:8])


def _blocks(room: Newsroom, client: Client, version: str) -> set[str]:
    screen = opened(room, client, f"preview?url={STORY}&version={version}")
    return {said(each) for each in screen.select(".fates strong")}


async def _publish(room: Newsroom, rules: str) -> None:
    ledger = room.ledger()
    source = Source("rules.yaml", {"rules.yaml": rules})
    await publish(ledger, source, by="anna", note="without ads", clock=time.time)
    await ledger.archive.close()


def test_a_draft_is_shown_before_it_is_published(tmp_path: Path) -> None:
    site = site_of(origin(), tmp_path)

    async def drafted() -> tuple[set[str], set[str]]:
        await seed(site.ledger, gather(RULES), clock=lambda: 1.0)
        source = await site.source()
        draft = await site.drafts.begin("ed", source, source.digest)
        files = {name: text.replace("  inline-ad:", "  other-ad:") for name, text in source.files.items()}
        draft = await site.drafts.save(draft.id, files, by="ed", seen=draft.revision)
        found = [await view_of(site, Asked(STORY, draft=each), "desktop") for each in ("", draft.id)]
        await site.ledger.archive.close()
        now, then = ({each.block for each in view.composition.insertions} for view in found)
        return now, then

    now, then = asyncio.run(drafted())
    assert "inline-ad" in now
    assert now - then == {"inline-ad"}
    assert then - now == {"other-ad"}


def test_the_clock_is_that_of_the_rules() -> None:
    [rules] = Site.load(RULES).rules
    reader = reader_of(Asked(STORY, at="2026-07-01T12:00"), "desktop", rules)
    assert reader.now == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
