"""Waiting for what comes in its own time. On a busy machine that is long, and decides no test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

PATIENCE: Final = 120.0
"""Seconds after which what has not come about never will."""


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds that has no event."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - it is in a server, a thread or a file
            await asyncio.sleep(0.005)


def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds, where there is no event loop."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)
