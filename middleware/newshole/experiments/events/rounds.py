"""The turns of a program that brings or takes events for as long as it runs, whatever fails meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from newshole.experiments.events.segments import ready
from newshole.experiments.events.shipping import LEASE, Taken, take, take_segments
from newshole.experiments.events.sinks.sink import Sink
from newshole.store.queue import RedisQueue

PAUSE: Final = 1.0
"""Seconds from one turn to the next."""

LONGEST_PAUSE: Final = 30.0
"""Seconds that it waits at most after failing several times."""

TOLD_EVERY: Final = 60.0
"""Seconds between two lines that say how it goes."""

TIDIES_EVERY: Final = 3600.0
"""Seconds between two times that what is too old is dropped, and days that are over are joined."""

_LATE: Final = 3600.0
"""Seconds after a day's end in which most of what is late comes."""


class Source(Protocol):
    """Where a sink takes rows from."""

    async def take(self) -> Taken | None:
        """Move what is there into the sink; None where another sink is the one that takes."""

    async def waiting(self) -> int:
        """Segments or parcels that are still there."""


@dataclass(slots=True)
class OfQueue:
    """The queue in Redis; `who` names this sink."""

    queue: RedisQueue
    sink: Sink
    who: bytes

    async def take(self) -> Taken | None:
        return await take(self.queue, self.sink, self.who)

    async def waiting(self) -> int:
        return await self.queue.length()


@dataclass(slots=True)
class OfFolder:
    """The segments of this machine, without Redis."""

    folder: Path
    sink: Sink

    async def take(self) -> Taken:
        return await asyncio.to_thread(take_segments, self.folder, self.sink)

    async def waiting(self) -> int:
        return len(await asyncio.to_thread(ready, self.folder))


@dataclass(slots=True)
class Sinking:
    """Takes rows out of a source, says now and then how many, and drops those that are too old.

    `keep` is how long rows are kept, in seconds.
    """

    source: Source
    sink: Sink
    keep: float
    tell: Callable[[str], None]
    total: Taken = field(default_factory=Taken)
    _told: float = -TOLD_EVERY
    _tidied: float = -TIDIES_EVERY
    _before: tuple[int, int] = (0, 0)

    async def turn(self) -> Taken | None:
        """Take once; None where another sink is the one that takes. Raises what the source and sink raise."""
        taken = await self.source.take()
        if taken is not None:
            self.total += taken
        await self._tidy()
        await self._say()
        return taken

    async def drain(self) -> None:
        """Take until nothing is left. Raises TimeoutError where another sink takes, beside the rest."""
        end = time.monotonic() + LEASE + PAUSE
        while (taken := await self.turn()) is None or await self.source.waiting():
            if taken is not None:
                end = time.monotonic() + LEASE + PAUSE
            elif time.monotonic() > end:
                raise TimeoutError("another sink takes what is there")
            await asyncio.sleep(PAUSE / 4)

    def say(self, waiting: int) -> None:
        """One line of what was taken."""
        left = f", {waiting:,} waiting" if waiting else ""
        torn = f", {self.total.torn:,} lines were torn and left out" if self.total.torn else ""
        self.tell(f"{self.total.rows:,} rows taken{torn}{left}")

    async def _tidy(self) -> None:
        if time.monotonic() - self._tidied >= TIDIES_EVERY:
            now = time.time()
            await asyncio.to_thread(self.sink.forget, int((now - self.keep) * 1000))
            await asyncio.to_thread(self.sink.join, int((now - _LATE) * 1000))
            self._tidied = time.monotonic()

    async def _say(self) -> None:
        now, totals = time.monotonic(), (self.total.rows, self.total.torn)
        if now - self._told >= TOLD_EVERY and totals != self._before:
            self._told, self._before = now, totals
            self.say(await self.source.waiting())


async def rounds(
    turn: Callable[[], Awaitable[object]],
    stop: asyncio.Event,
    fails: tuple[type[Exception], ...],
    tell: Callable[[str], None],
) -> None:
    """Take turns until `stop` is set. A turn that `fails` is told of and tried again, later and later."""
    pause = PAUSE
    while not stop.is_set():
        try:
            await turn()
        except fails as error:
            tell(f"cannot go on for now, nothing is lost: {error}")
            pause = min(2 * pause, LONGEST_PAUSE)
        else:
            pause = PAUSE
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
