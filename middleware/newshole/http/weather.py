"""The weather desk: keeps the temperatures of a site's feeds fresh, beside the requests.

A feed that fails leaves the last temperature standing for as long as the rules let it, is told of once in the
log, and is asked again after a minute.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from newshole.http.background import MOST_REDIRECTS, BackgroundReading, Keeper, in_words, whole_body
from newshole.library.feeds import FeedError
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


class WeatherDesk(BackgroundReading):
    """Reads the weather feeds of the site in service into its facts."""

    what = "weather feeds"
    timeout = TIMEOUT

    def keepers(self, site: Site) -> Iterator[Keeper]:
        """What keeps the temperature of each feed fresh."""
        for item in site.weather_feeds:
            if item.feed is not None:
                yield partial(self._keep_fresh, site=site, item=item, feed=item.feed)

    async def _keep_fresh(
        self, session: aiohttp.ClientSession, *, site: Site, item: WeatherItem, feed: WeatherFeed
    ) -> None:
        is_failing = False
        while True:
            try:
                temperature = read_temperature(await fetch(session, feed.url), feed.temperature)
                shown = Weather(temperature, item.unit, datetime.now(UTC))
            except Exception as error:  # noqa: BLE001 - a foreign server may be wrong in any way
                self.counts[FAULT] += 1
                if not is_failing:
                    log.warning("no weather from %s", in_words(error, feed.url))
                is_failing = True
                await asyncio.sleep(min(AGAIN, feed.minutes * 60))
            else:
                is_failing = False
                site.facts = replace(site.facts, weather={**site.facts.weather, item.fed_by: shown})
                await asyncio.sleep(feed.minutes * 60)


async def fetch(session: aiohttp.ClientSession, url: str) -> bytes:
    """The body at `url`. Raises FeedError where it is too large, and whatever the client raises."""
    async with session.get(url, raise_for_status=True, max_redirects=MOST_REDIRECTS) as response:
        return await whole_body(response, MOST_BYTES)


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
