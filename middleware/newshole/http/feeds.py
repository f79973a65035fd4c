"""The feed desk: reads the feeds that the rules name, beside the requests, and hands on what they tell:
stories to the library, videos to the facts of the site in service.

A feed that fails is told of once in the log, without the path and query of its address, and asked again ever
more rarely; what it told stays. Every worker reads every feed for itself: asked with conditions, a feed that
has nothing new costs its server an answer without a body, and what one worker tells a shared library the
others know already.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from newshole.blocks import clips_of
from newshole.blocks.video import MOST_CLIPS
from newshole.http.background import MOST_REDIRECTS, BackgroundReading, Keeper, in_words, whole_body
from newshole.http.learning import LibraryDesk
from newshole.library.entry import Entry
from newshole.library.feeds import entries_of, read_feed
from newshole.library.feeds.reading import MOST_BYTES
from newshole.library.feeds.visits import Visited, asked_for
from newshole.live.health import Failing
from newshole.rules.ruleset import Feed, Rules
from newshole.site import Site
from newshole.types import Clips
from newshole.version import VERSION

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger("newshole")

TIMEOUT: Final = 30.0
"""Seconds for one answer, connecting included."""

FAULT: Final = "feed-fault"
"""What a failed reading is counted as."""

_HEADERS: Final = {
    "User-Agent": f"newshole/{VERSION}",
    "Accept": "application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
}


class _Taker(Protocol):
    """Who takes what a feed tells."""

    async def take(self, body: bytes, url: str, content_type: str) -> bool:
        """Take an answer that came from `url`; false where it is to be asked for once more, for it cannot be
        told yet what of it is wanted. Raises FeedError where it is no feed."""


class _Stories:
    """Brings the library those stories that a feed did not tell the last time, word for word."""

    def __init__(self, rules: Rules, feed: Feed, library: LibraryDesk) -> None:
        self.rules, self.feed, self.library = rules, feed, library
        self.told: dict[str, Entry] = {}

    async def take(self, body: bytes, url: str, content_type: str) -> bool:
        entries = await asyncio.to_thread(_entries, self.rules, body, url, content_type)
        is_ready = self.library.is_ready(self.rules.name, self.feed.url, entries)
        if is_ready:
            self.library.bring(self.rules.name, self.new(entries))
        return is_ready

    def new(self, entries: list[Entry]) -> list[Entry]:
        now = {each.url: replace(each, seen=0.0) for each in entries}
        before, self.told = self.told, now
        return [each for each in entries if before.get(each.url) != now[each.url]]


class _Videos:
    """Lets the pages of a site show the videos that a feed tells of."""

    def __init__(self, site: Site, feed: Feed) -> None:
        self.site, self.feed = site, feed

    async def take(self, body: bytes, url: str, content_type: str) -> bool:
        clips = await asyncio.to_thread(_clips, body, url, content_type)
        known = self.site.facts.videos
        # Other facts would have every page shown anew.
        if known.get(self.feed.url) != clips:
            self.site.facts = replace(self.site.facts, videos={**known, self.feed.url: clips})
        return True


@dataclass(slots=True)
class _Reading:
    """One feed, who takes what it tells, and what is known of its last answer."""

    feed: Feed
    taker: _Taker
    visited: Visited = field(default_factory=Visited)
    asked: float = 0.0


class FeedDesk(BackgroundReading):
    """Reads the feeds of the site in service, those of stories into a library."""

    what = "feeds"
    timeout = TIMEOUT
    headers = _HEADERS

    def __init__(self, counts: Counter[str], library: LibraryDesk) -> None:
        super().__init__(counts)
        self.library = library
        self.failing: dict[str, Failing] = {}
        """The feeds that were not read the last time, by their addresses."""

    def keepers(self, site: Site) -> Iterator[Keeper]:
        """What reads each feed that blocks show videos of, or that rules with lists of stories name."""
        self.failing.clear()
        for reading in _readings(site, self.library):
            yield partial(self._keep_reading, reading=reading)

    async def _keep_reading(self, session: aiohttp.ClientSession, reading: _Reading) -> None:
        while True:
            reading.asked = 0.0
            try:
                await self._visit(session, reading)
            except Exception as error:  # noqa: BLE001 - a foreign server may be wrong in any way
                self._failed(reading, error)
            chance = random.random()  # noqa: S311 - it only keeps workers apart
            await asyncio.sleep(reading.visited.pause(reading.feed.every, asked=reading.asked, chance=chance))

    async def _visit(self, session: aiohttp.ClientSession, reading: _Reading) -> None:
        """Ask a feed once, and hand on what is new in it."""
        url, visited = reading.feed.url, reading.visited
        async with session.get(url, headers=visited.conditions, max_redirects=MOST_REDIRECTS) as response:
            reading.asked = asked_for(response.headers.get("Retry-After", ""), time.time())
            is_known = response.status == 304 and bool(visited.conditions)
            if not is_known:
                response.raise_for_status()
            body = b"" if is_known else await whole_body(response, MOST_BYTES)
            found, headers = str(response.url), response.headers
        if is_known or visited.knows(body):
            reading.visited = visited.answered()
        else:
            is_taken = await reading.taker.take(body, found, headers.get("Content-Type", ""))
            reading.visited = visited.read(body, headers) if is_taken else Visited()
        self.failing.pop(url, None)
        if visited.failures:
            log.info("a feed is read again: %s", urlsplit(url).hostname, extra={"event": "feed-read"})

    def _failed(self, reading: _Reading, error: Exception) -> None:
        self.counts[FAULT] += 1
        url = reading.feed.url
        told = in_words(error, url)
        before = self.failing.get(url)
        since = time.time() if before is None else before.since
        times = reading.visited.failures + 1
        self.failing[url] = Failing(urlsplit(url).hostname or "", told, since, times)
        if not reading.visited.failures:
            log.warning("a feed was not read: %s", told, extra={"event": "feed-unread"})
        reading.visited = reading.visited.failed()


def _readings(site: Site, library: LibraryDesk) -> Iterator[_Reading]:
    for rules in site.rules:
        if rules.name in site.shelves:
            yield from (_Reading(feed, _Stories(rules, feed, library)) for feed in rules.learning.feeds)
    yield from (_Reading(feed, _Videos(site, feed)) for feed in site.video_feeds)


def _entries(rules: Rules, body: bytes, url: str, content_type: str) -> list[Entry]:
    stories = read_feed(body, url=url, content_type=content_type, zone=ZoneInfo(rules.timezone))
    return [*entries_of(stories, rules.sensitivity, language=rules.language or "", now=time.time())]


def _clips(body: bytes, url: str, content_type: str) -> Clips:
    return clips_of(read_feed(body, url=url, content_type=content_type, most=MOST_CLIPS))
