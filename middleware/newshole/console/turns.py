"""Reading what somebody writes may take seconds, whatever they write: so few do so at a time, in threads, and
the console goes on answering everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

from starlette.exceptions import HTTPException

AT_ONCE: Final = 2
"""Drafts that are read at a time."""

WAITING: Final = 24
"""Those that wait for that; one more is told to come back."""

BUSY: Final = "So many drafts are being read that yours has to wait: try again in a moment."

Asked = ParamSpec("Asked")
Value = TypeVar("Value")


class Turns:
    """Whose turn it is to have a draft read."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def take(self, read: Callable[Asked, Value], *asked: Asked.args, **more: Asked.kwargs) -> Value:
        """What `read` comes to, in a thread, once it is its turn. Raises HTTPException where too many wait,
        and what `read` raises."""
        if self._waiting >= WAITING:
            raise HTTPException(503, BUSY)
        self._waiting += 1
        try:
            async with self._free:
                # Who leaves leaves the thread behind: the turn is over once it is.
                return await _whole(asyncio.ensure_future(asyncio.to_thread(read, *asked, **more)))
        finally:
            self._waiting -= 1


async def _whole(task: asyncio.Future[Value]) -> Value:
    """What comes of a task, which is waited for even by whoever is called away."""
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
