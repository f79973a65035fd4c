"""The feed desk: reads the feeds that the rules name, beside the requests, and hands on what they tell.

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
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from newshole.http.background import MOST_REDIRECTS, BackgroundReading, Keeper, in_words, whole_body
from newshole.http.learning import LibraryDesk
from newshole.library.entry import Entry
from newshole.library.feeds import entries_of, read_feed
from newshole.library.feeds.reading import MOST_BYTES
from newshole.library.feeds.visits import Visited, asked_for
from newshole.rules.ruleset import Feed, Rules
from newshole.site import Site
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


@dataclass(slots=True)
class _Reading:
    """One feed of a site's rules, and what is known of it: its last answer, and what that told of stories."""

    rules: Rules
    feed: Feed
    visited: Visited = field(default_factory=Visited)
    asked: float = 0.0
    told: dict[str, Entry] = field(default_factory=dict)

    def new(self, entries: list[Entry]) -> list[Entry]:
        """Those entries that the feed did not tell the last time, word for word."""
        now = {each.url: replace(each, seen=0.0) for each in entries}
        before, self.told = self.told, now
        return [each for each in entries if before.get(each.url) != now[each.url]]


class FeedDesk(BackgroundReading):
    """Reads the feeds of the site in service into a library."""

    what = "feeds"
    timeout = TIMEOUT
    headers = _HEADERS

    def __init__(self, counts: Counter[str], library: LibraryDesk) -> None:
        super().__init__(counts)
        self.library = library

    def keepers(self, site: Site) -> Iterator[Keeper]:
        """What reads each feed that is named by rules with lists of stories."""
        for rules in site.rules:
            for feed in rules.learning.feeds if rules.name in site.shelves else ():
                yield partial(self._keep_reading, reading=_Reading(rules, feed))

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
            await self._take(reading, body, found, headers.get("Content-Type", ""))
            reading.visited = visited.read(body, headers)
        if visited.failures:
            log.info("a feed is read again: %s", urlsplit(url).hostname, extra={"event": "feed-read"})

    async def _take(self, reading: _Reading, body: bytes, url: str, content_type: str) -> None:
        entries = await asyncio.to_thread(_entries, reading.rules, body, url, content_type)
        self.library.bring(reading.rules.name, reading.feed.url, reading.new(entries))

    def _failed(self, reading: _Reading, error: Exception) -> None:
        self.counts[FAULT] += 1
        if not reading.visited.failures:
            told = in_words(error, reading.feed.url)
            log.warning("a feed was not read: %s", told, extra={"event": "feed-unread"})
        reading.visited = reading.visited.failed()


def _entries(rules: Rules, body: bytes, url: str, content_type: str) -> list[Entry]:
    stories = read_feed(body, url=url, content_type=content_type, zone=ZoneInfo(rules.timezone))
    return [*entries_of(stories, rules.sensitivity, language=rules.language or "", now=time.time())]
