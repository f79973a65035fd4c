"""The weather desk: keeps the temperatures of a site's feeds fresh, beside the requests.

Nothing waits for it: the first request starts it while the site answers, and from then on it reads in the
background. A feed that fails leaves the last temperature standing for as long as the rules let it, is told
of once in the log, and is asked again after a minute.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from newshole.errors import NewsholeError
from newshole.rules.kinds.strip import WeatherFeed, WeatherItem
from newshole.site import Site
from newshole.types import Weather

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger("newshole")

TIMEOUT: Final = 5.0
"""Seconds for one answer, connecting included."""

MOST_BYTES: Final = 256 * 1024
"""The largest answer that is read."""

AGAIN: Final = 60.0
"""Seconds until a feed that failed is asked again."""

FAULT: Final = "weather-fault"
"""What a failed reading is counted as."""


class WeatherDesk:
    """One background task for the site in service."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts
        self.site: Site | None = None
        self.task: asyncio.Task[None] | None = None

    def attend(self, site: Site) -> None:
        """See to it that the feeds of `site`, and of no other, are being read. Never raises."""
        if self.site is site and (self.task is None or not self.task.done()):
            return
        self._stop()
        self.site = site
        if not site.weather_feeds:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            log.warning("weather feeds need an asyncio server: none will be read")
            return
        self.task = loop.create_task(self._read_all(site), name="newshole weather")

    async def close(self) -> None:
        """Stop reading, and wait until nothing is open any more."""
        task = self._stop()
        if task is not None:
            await asyncio.wait([task])

    def _stop(self) -> asyncio.Task[None] | None:
        task, self.task, self.site = self.task, None, None
        if task is not None and not task.done():
            task.cancel()
            return task
        return None

    async def _read_all(self, site: Site) -> None:
        # Imported here, for few sites have a feed and the import takes longer than all of ours.
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            feeds = ((item, item.feed) for item in site.weather_feeds)
            await asyncio.gather(
                *(self._keep_fresh(session, site, item, feed) for item, feed in feeds if feed is not None)
            )

    async def _keep_fresh(
        self, session: aiohttp.ClientSession, site: Site, item: WeatherItem, feed: WeatherFeed
    ) -> None:
        is_failing = False
        while True:
            try:
                temperature = read_temperature(await fetch(session, feed.url), feed.temperature)
                shown = Weather(temperature, item.unit, datetime.now(UTC))
            except Exception as error:  # noqa: BLE001 - a foreign server may be wrong in any way
                self.counts[FAULT] += 1
                if not is_failing:
                    log.warning("no weather from %s", _in_words(error, feed.url))
                is_failing = True
                await asyncio.sleep(min(AGAIN, feed.minutes * 60))
            else:
                is_failing = False
                site.facts = replace(site.facts, weather={**site.facts.weather, item.fed_by: shown})
                await asyncio.sleep(feed.minutes * 60)


class FeedError(NewsholeError):
    """A feed's answer that cannot be used, in words."""


async def fetch(session: aiohttp.ClientSession, url: str) -> bytes:
    """The body at `url`. Raises FeedError where it is too large, and whatever the client raises."""
    async with session.get(url, raise_for_status=True, max_redirects=3) as response:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > MOST_BYTES:
                raise FeedError(f"its answer is over {MOST_BYTES} bytes")
    return bytes(body)


def read_temperature(answer: bytes, path: str) -> float:
    """The number at a dotted `path` of a JSON answer; a number in the path counts a list's entries from 0.

    A number written as a string will do. Raises FeedError where there is none that can be a temperature.
    """
    try:
        value = json.loads(answer)
        for step in path.split("."):
            value = value[int(step)] if isinstance(value, list) else value[step]
        temperature = float("nan" if isinstance(value, bool) else value)
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
        raise FeedError(f"its answer has no number at {path}") from error
    if not -150 <= temperature <= 150:
        raise FeedError(f"its answer has no temperature at {path}")
    return temperature


def _in_words(error: Exception, url: str) -> str:
    """What went wrong, without the path and query of the address, for they may hold a key."""
    cause = str(error) if isinstance(error, FeedError) else type(error).__name__
    status = getattr(error, "status", None)
    return f"{urlsplit(url).hostname}: {cause}" + (f" {status}" if status is not None else "")
