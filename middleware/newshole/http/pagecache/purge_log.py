"""Purges, told to every worker: through a log in the store, which each reads behind what it knows.

    purge ──append──► the log ──read, each second at most, while requests come──► marks of every worker

A request that comes when a worker has not read for `OLDEST` seconds waits for it, as long as one waits for a
store. Without a store a purge is known in its own process alone. Where the store is gone, a purge holds here
at once and says that the others were not told.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from newshole.http.pagecache.marks import START, Marks, Position, read_marks, write_marks
from newshole.http.pagecache.storing import FAULT
from newshole.store import GuardedLog, GuardedStore

log = logging.getLogger("newshole")

KEY: Final = b"purges"
OFTEN: Final = 0.5
"""Seconds from one reading of the log to the next at least."""
OLDEST: Final = 1.5
"""Seconds since the last reading after which a request waits for one."""
PAGE: Final = 1000
"""Values that are read at once."""
TOGETHER: Final = 0.25
"""Seconds in which purges of what is written to are put together: a site's counters and forms are written to
all day, and would push the newsroom's own purges out of the log."""
MOST: Final = 20_000
"""Values that the log keeps."""
LIFETIME: Final = 7 * 24 * 3600.0
"""Seconds that the log is kept without another purge; longer than any page."""


class PurgeLog:
    """The marks of a worker, kept up with the log of the store, where there is one.

    `now` gives the moment in seconds since 1970, `clock` counts seconds from anywhere.
    """

    def __init__(
        self,
        store: GuardedStore | None,
        counts: Counter[str],
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.marks = Marks()
        self.counts, self.now, self.clock = counts, now, clock
        self._store = store
        self._log = open_log(store)
        self._read: Position | None = None
        self._tried = -math.inf
        self._reading: asyncio.Task[bool] | None = None
        self._untold: set[bytes] = set()
        self._telling: asyncio.Task[None] | None = None

    @property
    def is_shared(self) -> bool:
        """Whether what others purged is known: pages that others kept may be used only then."""
        return self._read is not None

    def attend(self) -> asyncio.Task[bool] | None:
        """Keep up with the log, in the background; a reading that a request should wait for."""
        if not self._log:
            return None
        since = self.clock() - self._tried
        if since < OFTEN:
            return None
        if self._reading is None or self._reading.done() or self._reading.get_loop() is not _loop():
            self._tried = self.clock()
            self._reading = asyncio.create_task(self._catch_up())
            self._reading.add_done_callback(_look)
        return self._reading if since >= OLDEST else None

    async def wait(self, reading: asyncio.Task[bool]) -> None:
        """Wait for a reading as long as a request waits for a store."""
        if self._store is not None:
            await asyncio.wait((reading,), timeout=self._store.deadline)

    async def write(self, marks: Iterable[bytes], *, soft: bool) -> bool:
        """Purge what has one of these marks; false where only this process knows."""
        every = tuple(marks)
        self.counts["purged"] += len(every)
        if not self._log:
            self._apply(every, soft=soft)
            return True
        is_told = is_known = False
        try:
            is_told = all([await self._log.append(value) for value in write_marks(every, soft=soft)])
            is_known = is_told and await self._catch_up()
        finally:
            if not is_known:
                self._apply(every, soft=soft)
        return is_told

    def write_later(self, marks: Iterable[bytes]) -> None:
        """Purge what has one of these marks here at once, and tell the others with what comes meanwhile."""
        every = tuple(marks)
        self.counts["purged"] += len(every)
        self._apply(every, soft=False)
        if not self._log:
            return
        self._untold.update(every)
        if self._telling is None or self._telling.done() or self._telling.get_loop() is not _loop():
            self._telling = asyncio.create_task(self._tell_later())
            self._telling.add_done_callback(_look)

    async def _tell_later(self) -> None:
        while self._untold:
            await asyncio.sleep(TOGETHER)
            await self._tell()

    async def _tell(self) -> None:
        marks, self._untold = self._untold, set()
        try:
            for value in write_marks(marks, soft=False):
                await self._log.append(value)
        except BaseException:  # told twice is as good as told once
            self._untold |= marks
            raise

    def _apply(self, marks: tuple[bytes, ...], *, soft: bool) -> None:
        """Make a purge hold here at once, whatever the log says of it later."""
        moment, number = self.marks.seen
        self.marks.add(marks, (moment, number + 1), soft=soft, now=self.now())

    async def _catch_up(self) -> bool:
        """Read all that is new in the log, the first time all that is in it; whether that came about."""
        entries = await self._log.after(self._read or START, most=PAGE)
        if self._read is None and entries == []:
            # The log must have a beginning, or one that was lost could not be told from an empty one.
            if not await self._log.append(write_marks([b""], soft=True)[0]):
                return False
            entries = await self._log.after(START, most=PAGE)
            if not entries:
                return False
        while entries:
            self._learn(entries)
            entries = await self._log.after(self._read or START, most=PAGE) if len(entries) == PAGE else []
        return entries is not None

    def _learn(self, entries: list[tuple[Position, bytes]]) -> None:
        for position, value in entries:
            if self._read is None:
                self.marks.begin(position)
            self._read = position
            purge = read_marks(value)
            if purge is not None and purge[0]:
                self.marks.add(purge[0], position, soft=purge[1], now=self.now())
                self.counts["purges-heard"] += 1
            else:
                self.marks.reach(position)

    async def close(self) -> None:
        """End what is under way, and tell the others what they have not been told."""
        tasks = (self._reading, self._telling)
        self._reading = self._telling = None
        ended = [each for each in tasks if each and not each.done() and each.get_loop() is _loop()]
        for each in ended:
            each.cancel()
        if ended:
            await asyncio.wait(ended)
        await self._tell()


def _look(task: asyncio.Task[Any]) -> None:
    """Tell of a reading or a telling that failed; the next request, or purge, begins another."""
    if not task.cancelled() and task.exception() is not None:
        log.error("%s while purges were read or told", FAULT, exc_info=task.exception())


def open_log(store: GuardedStore | None) -> GuardedLog:
    """The log of purges in a store; a false one where there is none, or it keeps no logs."""
    return GuardedLog(store, KEY, most=MOST, ttl=LIFETIME)


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
