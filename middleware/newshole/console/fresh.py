"""What was worked out a moment ago, so that three frames of one page cost one look at it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from newshole.store.lru import Lru

LAST: Final = 10.0
"""Seconds for which it is taken as it was."""

MOST: Final = 32
"""Things that are remembered."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Kept:
    until: float
    task: asyncio.Future[Any]


class Fresh:
    """Remembers for some seconds; who asks for what is still worked out waits for it, too."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._kept: Lru[Hashable, _Kept] = Lru(MOST, MOST)

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Value]], *, last: float = LAST) -> Value:
        """What a key stands for, made where it is not known or older than `last` seconds. Raises what `make`
        raises, and forgets it."""
        kept = self._kept.get(key)
        if kept is None or kept.until <= self.clock() or _has_failed(kept.task):
            kept = _Kept(self.clock() + last, asyncio.ensure_future(make()))
            self._kept.put(key, kept, 1)
        # Whoever asked first may leave; the others still wait.
        value: Value = await asyncio.shield(kept.task)
        return value


def _has_failed(task: asyncio.Future[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
