"""Fetches of which each is made once, however many wait for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Final

from newshole.http.pagecache.fetching import Landing
from newshole.http.pagecache.storing import FAULT
from newshole.store import Lru

log = logging.getLogger("newshole")

MOST_RESTING: Final = 8192
"""Keys that are remembered as failed or refused."""


class Fetches:
    """The fetches under way in this event loop, by key, and those that came to nothing lately.

    `clock` counts seconds from anywhere, `counts` has what failed here. At most `most` are made in the
    background at once.
    """

    def __init__(
        self, most: int, counts: Counter[str], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.counts, self.clock = most, counts, clock
        self._under_way: dict[bytes, asyncio.Future[Landing]] = {}
        self._tasks: set[asyncio.Task[Landing]] = set()
        self._resting: Lru[bytes, float] = Lru(MOST_RESTING, MOST_RESTING * 1024)

    def __len__(self) -> int:
        return len(self._under_way)

    def get(self, key: bytes) -> asyncio.Future[Landing] | None:
        """The fetch of a key that is under way."""
        found = self._under_way.get(key)
        if found is None or found.done() or found.get_loop() is not asyncio.get_running_loop():
            return None
        return found

    def add(self, key: bytes, landed: asyncio.Future[Landing]) -> None:
        """Let others wait for this one."""
        self._under_way[key] = landed
        landed.add_done_callback(lambda done: self._end(key, done))

    def start(
        self, key: bytes, work: Callable[[], Coroutine[Any, Any, Landing]]
    ) -> asyncio.Future[Landing] | None:
        """Begin a fetch in the background; the one under way where there is one, None for too many."""
        landed = self.get(key)
        if landed is not None:
            return landed
        if len(self._tasks) >= self.most:
            return None
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._done)
        self.add(key, task)
        return task

    def forsake(self, key: bytes, landed: asyncio.Future[Landing]) -> bool:
        """Let nobody else wait for a fetch that goes as slowly as its reader; false for any other."""
        is_readers = self._under_way.get(key) is landed and not isinstance(landed, asyncio.Task)
        if is_readers:
            del self._under_way[key]
        return is_readers

    async def wait(self, landed: asyncio.Future[Landing], patience: float) -> Landing | None:
        """What came of a fetch, None where it takes longer; whoever waits cannot break it off."""
        await asyncio.wait((landed,), timeout=patience)
        if not landed.done() or landed.cancelled() or landed.exception() is not None:
            return None
        return landed.result()

    def rest(self, key: bytes, seconds: float) -> None:
        """Remember for so long that a key is not worth another fetch."""
        self._resting.put(key, self.clock() + seconds, min(1024, len(key)))

    def rests(self, key: bytes) -> bool:
        """Whether a key is not worth another fetch yet."""
        until = self._resting.get(key)
        return until is not None and self.clock() < until

    def wake(self, key: bytes) -> None:
        """Forget that a key came to nothing."""
        self._resting.drop(key)

    async def close(self) -> None:
        """Break off what is under way in the background of this event loop."""
        loop = asyncio.get_running_loop()
        tasks = [task for task in self._tasks if task.get_loop() is loop]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _done(self, task: asyncio.Task[Landing]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("%s while a page was fetched anew", FAULT, exc_info=task.exception())
            self.counts[FAULT] += 1

    def _end(self, key: bytes, landed: asyncio.Future[Landing]) -> None:
        if self._under_way.get(key) is landed:
            del self._under_way[key]
