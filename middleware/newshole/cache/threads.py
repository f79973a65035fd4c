"""Threads for what would hold up the event loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.lowlevel
import anyio.to_thread

Result = TypeVar("Result")

_threads: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("newshole_threads")


async def in_thread(work: Callable[[], Result]) -> Result:
    """What `work` returns, done in a worker thread while the event loop goes on."""
    return await anyio.to_thread.run_sync(work, limiter=_limiter())


def _limiter() -> anyio.CapacityLimiter:
    """Threads of our own, so that large pages do not take those of the app's synchronous endpoints."""
    try:
        return _threads.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(4)
        _threads.set(limiter)
        return limiter
