"""How long to wait before a worker that ended is started again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

FIRST: Final = 0.5
MOST: Final = 30.0

LONG: Final = 60.0
"""A worker that lasted so many seconds was sound: the next one is started at once."""


class Backoff:
    """Seconds until the next start: none after a worker that lasted, then 0.5 and twice as long each time."""

    def __init__(self) -> None:
        self.failures = 0

    def after(self, lasted: float) -> float:
        """The wait after a worker that lasted so many seconds."""
        if lasted >= LONG:
            self.failures = 0
            return 0.0
        wait = min(MOST, FIRST * 2.0**self.failures)
        self.failures = min(self.failures + 1, 10)
        return wait


async def pause(stopping: asyncio.Event, seconds: float) -> None:
    """Wait so many seconds, or until everything ends."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
