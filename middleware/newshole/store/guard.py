"""The guard around a store: whatever happens to it, no reader waits and no page fails.

    closed ──failures──► open ──wait──► half-open ──an answer──► closed
                          ▲                 │
                          └────no answer────┘

**Closed**, a read has `deadline` seconds. **Open**, nothing is asked: a read is a miss at once, a write is
dropped. **Half-open**, a task in the background asks for a key that is not there; no visitor's request ever
tries whether the store is back.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from typing import Final, Literal

from newshole.store.protocol import Store, StoreError, StoreFullError, StoreRefusedError

log = logging.getLogger("newshole")

DEADLINE: Final = 0.02
"""Seconds that a request waits for the store at most, connecting included."""

PROBE_DEADLINE: Final = 0.5
"""Seconds that a probe waits: it may have to connect, and nobody waits for it."""

FAILURES: Final = 3
"""Failures in a row that open the breaker."""

FIRST_WAIT: Final = 0.25
LONGEST_WAIT: Final = 2.0
"""Seconds from opening to the first probe, and at most from one probe to the next."""

MOST_WRITES: Final = 64
"""Writes under way at once; what comes beyond them is dropped."""

JITTER: Final = 0.1
"""The share by which expiries and waits differ, so that not all of them fall together."""

State = Literal["closed", "open", "half-open"]

COUNTED: Final = {
    "store-hit": "reads that found something",
    "store-miss": "reads that found nothing",
    "store-timeout": "reads and writes that were given up",
    "store-error": "reads and writes that failed",
    "store-refused": "reads and writes that the store answered with an error",
    "store-full": "writes that the store had no room for",
    "store-skipped": "reads that were not tried, for the breaker was open",
    "store-dropped": "writes that were not tried, for the breaker was open or too many were under way",
    "store-opened": "times that the breaker opened",
}
"""Everything that a guard counts."""

_PROBE: Final = b"probe"


class Guard:
    """A store that never raises and never makes anybody wait longer than `deadline` seconds."""

    def __init__(
        self,
        store: Store,
        *,
        deadline: float = DEADLINE,
        counts: Counter[str] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.store, self.deadline, self.chance = store, deadline, chance
        self.counts: Counter[str] = Counter() if counts is None else counts
        self.state: State = "closed"
        self._failures = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writes: set[asyncio.Task[None]] = set()
        self._probing: asyncio.Task[None] | None = None

    async def get(self, key: bytes) -> bytes | None:
        """What the store has under a key; None also where it does not say in time."""
        if not self._is_ready():
            self.counts["store-skipped"] += 1
            return None
        try:
            async with asyncio.timeout(self.deadline):
                value = await self.store.get(key)
        except (StoreError, TimeoutError) as error:
            self._failed(error)
            return None
        self._failures = 0
        self.counts["store-miss" if value is None else "store-hit"] += 1
        return value

    def put_later(self, key: bytes, value: bytes, *, ttl: float) -> None:
        """Keep a value for about `ttl` seconds; it is written in the background, or dropped."""
        if not self._is_ready() or len(self._writes) >= MOST_WRITES:
            self.counts["store-dropped"] += 1
            return
        write = asyncio.ensure_future(self._put(key, value, ttl * (1 + JITTER * (2 * self.chance() - 1))))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    async def close(self) -> None:
        """End what runs in the background, and close the store."""
        if self._loop is not asyncio.get_running_loop():
            return
        running = [*self._writes, *([self._probing] if self._probing else [])]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
        try:
            async with asyncio.timeout(PROBE_DEADLINE):
                await self.store.close()
        except (StoreError, TimeoutError) as error:
            log.warning("the store did not close: %s", error or type(error).__name__)

    def _is_ready(self) -> bool:
        """Whether the store may be asked; sees to it that an open breaker is probed in this event loop."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return False  # under trio, which redis-py does not know
        if loop is not self._loop:
            self._loop, self._probing = loop, None
            self._writes.clear()
        if self.state != "closed" and (self._probing is None or self._probing.done()):
            self._probing = loop.create_task(self._probe(), name="newshole store probe")
        return self.state == "closed"

    async def _put(self, key: bytes, value: bytes, ttl: float) -> None:
        try:
            async with asyncio.timeout(PROBE_DEADLINE):
                await self.store.put(key, value, ttl=ttl)
        except (StoreError, TimeoutError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, StoreFullError):
            self.counts["store-full"] += 1
        elif isinstance(error, StoreRefusedError):
            self.counts["store-refused"] += 1
        else:
            self.counts["store-timeout" if isinstance(error, TimeoutError) else "store-error"] += 1
            self._failures += 1
            if self._failures >= FAILURES and self.state == "closed":
                self._open(error)

    def _open(self, error: Exception) -> None:
        self.state = "open"
        self.counts["store-opened"] += 1
        log.warning("the store is left alone until it answers again: %s", error or type(error).__name__)
        self._is_ready()

    async def _probe(self) -> None:
        wait = FIRST_WAIT
        while self.state != "closed":
            await asyncio.sleep(wait * (1 + JITTER * (2 * self.chance() - 1)))
            wait = min(2 * wait, LONGEST_WAIT)
            self.state = "half-open"
            try:
                async with asyncio.timeout(PROBE_DEADLINE):
                    await self.store.get(_PROBE)
            except StoreRefusedError:
                pass  # it answers
            except (StoreError, TimeoutError):
                self.state = "open"
                continue
            except asyncio.CancelledError:
                self.state = "open"
                raise
            self._failures = 0
            self.state = "closed"
            log.warning("the store answers again")
