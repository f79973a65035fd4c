"""The guard around a store: whatever happens to it, no reader waits and no page fails.

    closed ──failures──► open ──wait──► half-open ──an answer──► closed
                          ▲                 │
                          └────no answer────┘

**Closed**, a read has `deadline` seconds. **Open**, nothing is asked: a read is a miss at once, a write is
dropped. **Half-open**, a task in the background asks for the key that failed last; no visitor's request ever
tries whether the store is back. Where a store has several servers, each has a breaker of its own.

A read is a task that its visitor stops waiting for, and that is not cancelled then: it ends by the store's
own timeouts. So a connection that takes longer to make than the deadline, over TLS or on a busy machine, is
made all the same, and is there for the next read.

**Whose fault.** A process that composes pages keeps its event loop busy, and a deadline that passes meanwhile
tells nothing of the store. A read that is given up well after its deadline is judged by what comes of it; one
that found every connection in use is not judged at all; and while the store answers others, a read that it
does not answer is one of too many, and no failure.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from newshole.store.protocol import (
    Parted,
    Store,
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreRefusedError,
)

log = logging.getLogger("newshole")

DEADLINE: Final = 0.02
"""Seconds that a request waits for the store at most, connecting included."""

LATE: Final = 1.25
"""Deadlines after which a read that is given up tells of a busy event loop, not of the store."""

LONGEST: Final = 1.0
"""Seconds after which a read or a write is ended that nobody waits for."""

FAILURES: Final = 3
"""Failures in a row that open the breaker."""

FIRST_WAIT: Final = 0.25
LONGEST_WAIT: Final = 2.0
"""Seconds from opening to the first probe, and at most from one probe to the next."""

MOST_READS: Final = 128
"""Reads under way at once; what comes beyond them is a miss. An idle core answers about as many in time."""

MOST_WRITES: Final = 256
"""Writes that wait for their turn; what comes beyond them is dropped."""

JITTER: Final = 0.1
"""The share by which expiries and waits differ, so that not all of them fall together."""

BreakerState = Literal["closed", "open", "half-open"]

COUNTED: Final = {
    "store-hit": "reads that found something",
    "store-miss": "reads that found nothing",
    "store-timeout": "reads and writes that were given up",
    "store-error": "reads and writes that failed",
    "store-refused": "reads and writes that the store answered with an error",
    "store-full": "writes that the store had no room for",
    "store-skipped": "reads that were not tried, for the breaker was open or too many were under way",
    "store-dropped": "writes that were not tried, for the breaker was open or too many were under way",
    "store-opened": "times that the breaker opened",
}
"""Everything that a guard counts."""

_ANSWERS: Final = frozenset({"store-hit", "store-miss"})
_FAILURES: Final = frozenset({"store-timeout", "store-error"})


class Found(NamedTuple):
    """What came of a read: the name that it is counted under, and the value where there is one."""

    outcome: str
    value: bytes | None = None


Reading: TypeAlias = asyncio.Task[Found]


@dataclass(slots=True, eq=False)
class Breaker:
    """What stands between readers and one part of a store; there is none for a part that is well.

    `failures` count in a row; `key` failed last, and is asked for to see whether the part is back.
    """

    key: bytes
    failures: int = 0
    is_open: bool = False
    is_probed: bool = False
    probing: asyncio.Task[None] | None = None


class GuardedStore:
    """A store that never raises and never makes anybody wait longer than `deadline` seconds.

    `clock` counts seconds from anywhere, `chance` gives numbers from 0 to 1. `counts` is added to, under the
    names in COUNTED. What runs in the background is of the running event loop, and begins anew in another.
    """

    def __init__(
        self,
        store: Store,
        *,
        deadline: float = DEADLINE,
        counts: Counter[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.store, self.deadline, self.clock, self.chance = store, deadline, clock, chance
        self.counts: Counter[str] = Counter() if counts is None else counts
        self._part: Callable[[bytes], str] = store.part if isinstance(store, Parted) else _whole
        self._loop: asyncio.AbstractEventLoop | None = None
        self._breakers: dict[str, Breaker] = {}
        self._answered: dict[str, float] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._waiting: dict[bytes, tuple[bytes, float]] = {}
        self._writing: asyncio.Task[None] | None = None

    @property
    def state(self) -> BreakerState:
        """The state of the store's breaker; where it has several, of one that is open."""
        opened = [each for each in self._breakers.values() if each.is_open]
        if not opened:
            return "closed"
        return "half-open" if any(each.is_probed for each in opened) else "open"

    async def get(self, key: bytes) -> bytes | None:
        """What the store has under a key; None also where it does not say in time."""
        part = self._part_to_ask(key)
        if part is None or len(self._tasks) >= MOST_READS:
            self.counts["store-skipped"] += 1
            return None
        found = await self._ask(part, key)
        self.counts[found.outcome] += 1
        return found.value

    def may_ask(self, key: bytes) -> bool:
        """Whether the store may be asked for a key by other means; it is closed with the guard then."""
        return self._part_to_ask(key) is not None

    def put_later(self, key: bytes, value: bytes, *, ttl: float) -> None:
        """Keep a value for about `ttl` seconds; it is written in the background, or dropped."""
        if self._part_to_ask(key) is None or len(self._waiting) >= MOST_WRITES:
            self.counts["store-dropped"] += 1
            return
        self._waiting[key] = (value, self._jittered(ttl))
        if self._writing is None or self._writing.done():
            self._writing = self._start(self._write())

    async def close(self) -> None:
        """End what runs in the background, and close the store."""
        if self._loop is None or self._loop is not _running_loop():
            return
        self._waiting.clear()
        for breaker in self._breakers.values():
            breaker.probing = None  # else it, its task and this guard would hold each other
        self._breakers.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        try:
            async with asyncio.timeout(LONGEST):
                await self.store.close()
        except (StoreError, TimeoutError) as error:
            log.warning("the store did not close: %s", error or type(error).__name__)

    def _part_to_ask(self, key: bytes) -> str | None:
        """The part of the store that holds a key, None where it is not to be asked."""
        loop = _running_loop()
        if loop is None:
            return None
        if loop is not self._loop:
            self._begin(loop)
        part = self._part(key)
        breaker = self._breakers.get(part)
        if breaker is None or not breaker.is_open:
            return part
        self._see_to(part, breaker)
        return None

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Go on in another event loop; what ran in the last one has ended with it."""
        self._loop, self._writing = loop, None
        self._tasks.clear()
        self._waiting.clear()
        for part, breaker in self._breakers.items():
            if breaker.is_open:
                self._see_to(part, breaker)

    def _see_to(self, part: str, breaker: Breaker) -> None:
        """See to it that an open breaker is probed: else nobody would ever ask that part again."""
        if breaker.probing is None or breaker.probing.done() or breaker.probing.get_loop() is not self._loop:
            breaker.probing = self._start(self._probe(part, breaker))

    async def _ask(self, part: str, key: bytes) -> Found:
        """Read a key within the deadline, and judge the part by what comes of it."""
        asked = self.clock()
        reading = self._start(self._read(key))
        await asyncio.wait((reading,), timeout=self.deadline)
        if reading.cancelled():
            return Found("store-skipped")
        if not reading.done() and self.clock() - asked >= LATE * self.deadline:
            reading.add_done_callback(partial(self._judge_late, part, key, asked))
            return Found("store-timeout")
        found = reading.result() if reading.done() else Found("store-timeout")
        self._judge(part, key, asked, found.outcome)
        return found

    async def _read(self, key: bytes) -> Found:
        try:
            async with asyncio.timeout(LONGEST):
                value = await self.store.get(key)
        except Exception as error:  # noqa: BLE001 - whatever a store raises is named, and fails no page
            return Found(_outcome(error))
        return Found("store-miss" if value is None else "store-hit", value)

    def _judge(self, part: str, key: bytes, asked: float, outcome: str) -> None:
        if outcome in _ANSWERS:
            self._close(part)
        elif outcome in _FAILURES and asked > self._answered.get(part, -math.inf):
            self._fail(part, key, outcome)

    def _judge_late(self, part: str, key: bytes, asked: float, reading: Reading) -> None:
        if not reading.cancelled():
            self._judge(part, key, asked, reading.result().outcome)

    def _fail(self, part: str, key: bytes, outcome: str) -> None:
        breaker = self._breakers.setdefault(part, Breaker(key))
        breaker.key = key
        breaker.failures += 1
        if breaker.failures >= FAILURES and not breaker.is_open:
            breaker.is_open = True
            self.counts["store-opened"] += 1
            told = "the store is left alone until it answers again: %s"
            log.warning(told, outcome, extra={"event": "store-opened"})
            self._see_to(part, breaker)

    def _close(self, part: str) -> None:
        self._answered[part] = self.clock()
        breaker = self._breakers.pop(part, None)
        if breaker is not None and breaker.is_open:
            breaker.is_open = False
            log.warning("the store answers again", extra={"event": "store-closed"})

    async def _probe(self, part: str, breaker: Breaker) -> None:
        """Ask for the key that failed, ever more seldom, until there is an answer."""
        wait = FIRST_WAIT
        while breaker.is_open:
            await asyncio.sleep(self._jittered(wait))
            wait = min(2 * wait, LONGEST_WAIT)
            breaker.is_probed = True
            try:
                found = await self._ask(part, breaker.key)
            finally:
                breaker.is_probed = False
            if found.outcome in _ANSWERS or found.outcome == "store-refused":
                self._close(part)

    async def _write(self) -> None:
        """Write what waits, one after the other, until nothing does."""
        while self._waiting:
            key = next(iter(self._waiting))
            value, ttl = self._waiting.pop(key)
            failure = await self._put(key, value, ttl)
            if failure is not None:
                self.counts[failure] += 1

    async def _put(self, key: bytes, value: bytes, ttl: float) -> str | None:
        if self._part_to_ask(key) is None:
            return "store-dropped"
        try:
            async with asyncio.timeout(LONGEST):
                await self.store.put(key, value, ttl=ttl)
        except StoreBusyError:
            return "store-dropped"
        except Exception as error:  # noqa: BLE001 - whatever a store raises is named, and ends no other write
            return _outcome(error)
        return None

    def _jittered(self, seconds: float) -> float:
        return seconds * (1 + JITTER * (2 * self.chance() - 1))

    def _start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("what asks a store failed, and begins again", exc_info=task.exception())


def _whole(_key: bytes) -> str:
    """The one part of a store that has no parts."""
    return ""


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None  # under trio, which redis-py does not know


def _outcome(error: Exception) -> str:
    """The name that a failure is counted under."""
    match error:
        case StoreBusyError():
            return "store-skipped"
        case StoreFullError():
            return "store-full"
        case StoreRefusedError():
            return "store-refused"
        case TimeoutError():
            return "store-timeout"
        case StoreError():
            return "store-error"
    log.error("the store failed as none should", exc_info=error)
    return "store-error"
