"""What one worker tells the others of stories, and hears of them, through a ledger that may fail at any time.

What could not be told waits, and what is new is asked for again: the ledger says everything in order, so a
worker that was cut off is soon where the others are.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from newshole.library.ledger import START, Change, Count, Ledger, News

log = logging.getLogger("newshole")

PATIENCE: Final = 3.0
"""Seconds for one question to the ledger."""

AGAIN: Final = 5.0
"""Seconds until a ledger that failed is asked again."""

PART: Final = 100
"""Changes that are told at a time."""

MOST_UNTOLD: Final = 10_000
"""Changes that wait while the ledger fails; the oldest are not told then."""


class Exchange:
    """A worker's side of a ledger. Nothing here raises; `fail` is called for each failure.

    `clock` counts seconds since 1970.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], float], fail: Callable[[], None]) -> None:
        self.ledger, self.clock, self.fail = ledger, clock, fail
        self.worker = uuid.uuid4().hex
        self._position = (START, START)
        self._untold: list[Change] = []
        self._uncounted: Counter[str] = Counter()
        self._is_failing = False
        self._resume = 0.0

    async def tell(self, changes: Iterable[Change]) -> None:
        """Tell the others what became of stories, now or as soon as that can be."""
        self._untold = [*self._untold, *changes][-MOST_UNTOLD:]
        # In parts: a ledger is slow after it was away, and what it has taken is not told again.
        while self._untold and await self._does(partial(self.ledger.tell, self._untold[:PART])):
            del self._untold[:PART]

    async def count(self, views: Mapping[str, int]) -> None:
        """Tell the others how often stories were read, the same way."""
        self._uncounted.update(views)
        count = Count(self.worker, self.clock(), dict(self._uncounted))
        if self._uncounted and await self._does(partial(self.ledger.count, count)):
            self._uncounted.clear()

    async def hear(self) -> AsyncIterator[News]:
        """What the others have told since this was asked last, part by part; of views, those that others
        counted."""
        found: list[News] = []

        async def ask() -> None:
            found.append(await self.ledger.news(self._position))

        while await self._does(ask) and (news := found.pop()).position != self._position:
            self._position = news.position
            yield self._heard(news)

    def _heard(self, news: News) -> News:
        """What is new, with nothing in it that is later than now: another's clock may be wrong."""
        now = self.clock()
        others = (each for each in news.counts if each.worker != self.worker)
        return news._replace(
            changes=tuple(_by(now, each) for each in news.changes),
            counts=tuple(replace(each, at=min(each.at, now)) for each in others),
        )

    def begin_again(self) -> None:
        """Hear once more what became of stories: others of them are wanted now."""
        self._position = (START, self._position[1])

    async def close(self) -> None:
        """Let go of the ledger."""
        self._resume = 0.0
        await self._does(self.ledger.close)

    async def _does(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Whether the ledger did it, in time."""
        if self.clock() < self._resume:
            return False
        try:
            async with asyncio.timeout(PATIENCE):
                await work()
        except Exception as error:  # noqa: BLE001 - whatever a ledger raises, stories go on without it
            self._failed(error)
            return False
        if self._is_failing:
            log.warning("the library is kept again", extra={"event": "library-kept"})
        self._is_failing = False
        return True

    def _failed(self, error: Exception) -> None:
        self.fail()
        self._resume = self.clock() + AGAIN
        if not self._is_failing:
            told = "the library goes on from memory, and is not kept for now: %s"
            log.warning(told, str(error) or type(error).__name__, extra={"event": "library-unkept"})
        self._is_failing = True


def _by(now: float, change: Change) -> Change:
    """A change whose story was seen `now` at the latest."""
    entry = change.entry
    if entry is None or entry.seen <= now:
        return change
    return replace(change, entry=replace(entry, seen=now))
