"""Videos that a feed tells of: read beside the requests, and shown on the pages that the rules say."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.responses import Response

from newshole import Newshole, Site
from newshole.http import feeds
from newshole.library.feeds import visits
from newshole.rules.ruleset import Feed
from tests.http.asgi import STORY, asked, asks, page
from tests.http.test_feeds import Newsroom, newsroom
from tests.waiting import until

__all__ = ["newsroom"]

ITEM = "<item><title>{0}</title><link>https://news.example/v/{0}</link></item>"
RULES = """
site: Example
blocks:
  film: {kind: video, feed: "%s", otherwise: first, place: body-end}
"""


def rss(*titles: str) -> Response:
    return Response(f"<rss version='2.0'><channel>{''.join(map(ITEM.format, titles))}</channel></rss>")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds are asked without a pause, for what the rules say of it is a minute at least."""
    monkeypatch.setattr(visits, "LEAST", 0.0)
    monkeypatch.setattr(visits, "RAREST", 0.01)


def load(folder: Path, address: str, more: str = "") -> Site:
    file = folder / "site.yaml"
    file.write_text(RULES % address + more)
    site = Site.load(file)
    # What is cached may be set.
    site.__dict__["video_feeds"] = tuple(Feed(each.url, 0.01) for each in site.video_feeds)
    return site


def told(site: Site) -> set[str]:
    return {clip.title for clips in site.facts.videos.values() for clip in clips.clips}


def read_until(site: Site, holds: Callable[[Newshole], object]) -> tuple[Newshole, bytes]:
    """A newshole whose feeds were read until something held, and the page that it sends then."""
    newshole = Newshole(page(STORY), site=site)

    async def read() -> bytes:
        await asks(newshole, asked("/news/other"))
        await until(lambda: holds(newshole))
        found = await asks(newshole, asked("/news/other"))
        await newshole.close()
        return found.body

    return newshole, asyncio.run(read())


def test_what_a_feed_tells_is_shown_once_it_is_read(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.answer = rss("Harbour", "Bridges")
    site = load(tmp_path, f"{newsroom.address}/feed")
    assert site.compose(STORY, url="https://news.example/news/other").insertions == ()
    _, shown = read_until(site, lambda _: told(site))
    assert b">Harbour</a>" in shown
    assert told(site) == {"Harbour", "Bridges"}


def test_what_a_feed_tells_later_takes_the_place_of_what_it_told_before(
    tmp_path: Path, newsroom: Newsroom
) -> None:
    newsroom.answer = rss("Harbour")
    site = load(tmp_path, f"{newsroom.address}/feed")

    def holds(_newshole: Newshole) -> bool:
        if told(site):
            newsroom.answer = rss("Bridges")
        return told(site) == {"Bridges"}

    _, shown = read_until(site, holds)
    assert b">Bridges</a>" in shown


def test_a_feed_that_tells_the_same_changes_no_fact(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.answer = rss("Harbour")
    site = load(tmp_path, f"{newsroom.address}/feed")
    seen = []

    def holds(_newshole: Newshole) -> bool:
        if told(site):
            seen.append(site.facts)
            newsroom.answer = Response(bytes(newsroom.answer.body) + b" ")
        return bool(seen) and len(newsroom.asked) > 4

    read_until(site, holds)
    assert all(each is seen[0] for each in (*seen, site.facts))


def test_a_feed_that_fails_is_counted_and_its_videos_stay(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.answer = rss("Harbour")
    site = load(tmp_path, f"{newsroom.address}/feed")

    def holds(newshole: Newshole) -> bool:
        if told(site):
            newsroom.answer = Response(b"<html>Log in</html>")
        return newshole.counts[feeds.FAULT] >= 2

    newshole, shown = read_until(site, holds)
    assert b">Harbour</a>" in shown
    assert newshole.counts["plan-fault"] == 0


def test_other_rules_with_the_same_feed_show_its_videos_at_once(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.answer = rss("Harbour")
    old = load(tmp_path, f"{newsroom.address}/feed")
    newshole, _ = read_until(old, lambda _: told(old))
    newshole.site = same = load(tmp_path, f"{newsroom.address}/feed")
    assert told(same) == {"Harbour"}
    newshole.site = other = load(tmp_path, f"{newsroom.address}/moved")
    assert told(other) == set()


def test_the_feed_that_an_override_sets_is_read_too(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.answer = rss("Harbour")
    other = f"{newsroom.address}/feed?of=sport"
    sport = f"""
overrides:
  - {{name: sport, when: {{path: "/sport/**"}}, set: {{blocks.film.feed: "{other}"}}}}
"""
    site = load(tmp_path, f"{newsroom.address}/feed", sport)
    read_until(site, lambda _: len(site.facts.videos) == 2)
    assert set(site.facts.videos) == {f"{newsroom.address}/feed", other}
    assert b">Harbour</a>" in site.compose(STORY, url="https://news.example/sport/other").html


def test_a_feed_of_several_blocks_is_read_once_as_often_as_one_asks(tmp_path: Path) -> None:
    address = "https://news.example/v.xml"
    more = f'  more: {{kind: video, place: body-end, feed: {{url: "{address}", every: 2 minutes}}}}\n'
    file = tmp_path / "site.yaml"
    file.write_text(RULES % address + more)
    assert Site.load(file).video_feeds == (Feed(address, 120.0),)
