"""Reading what somebody writes may take seconds, whatever they write: so few do so at a time, in threads of
their own, and the console goes on answering everybody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
        self._threads: ThreadPoolExecutor | None = None
        self._waiting = 0

    async def take(self, read: Callable[Asked, Value], *asked: Asked.args, **more: Asked.kwargs) -> Value:
        """What `read` comes to, in a thread, once it is its turn. Raises HTTPException where too many wait,
        and what `read` raises."""
        if self._waiting >= WAITING:
            raise HTTPException(503, BUSY)
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="newshole drafts")
        self._waiting += 1
        work = self._threads.submit(read, *asked, **more)
        try:
            return await asyncio.wrap_future(work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Begin nothing more."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
