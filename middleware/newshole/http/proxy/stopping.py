"""Ending an exchange before its time, and a client that takes nothing of its answer.

Most exchanges are over in a moment. What bounds them costs these one look at the clock a message: only what
takes longer is looked after.
"""

from __future__ import annotations

import asyncio

from starlette.types import Message, Send


class Ending:
    """What stops an exchange, at most once: everything inside `scope` is cancelled then."""

    __slots__ = ("is_over", "is_stopped", "scope")

    def __init__(self, scope: asyncio.Timeout) -> None:
        self.scope = scope
        self.is_stopped = self.is_over = False

    def stop(self) -> None:
        """Stop the exchange, if it is not over."""
        if not (self.is_stopped or self.is_over):
            self.is_stopped = True
            self.scope.reschedule(0.0)


class Giving:
    """The `send` of an exchange, whose client has `patience` seconds to take each message.

    `is_idle` is true of a client that did not.
    """

    __slots__ = ("ending", "is_idle", "loop", "patience", "send", "since", "timer")

    def __init__(self, send: Send, ending: Ending, *, patience: float) -> None:
        self.send, self.ending, self.patience = send, ending, patience
        self.loop = asyncio.get_running_loop()
        self.is_idle = False
        self.since: float | None = None
        self.timer: asyncio.TimerHandle | None = None

    async def give(self, message: Message) -> None:
        """Send a message."""
        self.since = self.loop.time()
        await self.send(message)
        self.since = None

    def look(self) -> None:
        """Stop the exchange if its client is idle; look again when it may be."""
        since, now = self.since, self.loop.time()
        if since is not None and now - since >= self.patience:
            self.is_idle = True
            self.ending.stop()
        else:
            begun = now if since is None else since
            self.timer = self.loop.call_at(begun + self.patience, self.look)

    def close(self) -> None:
        """Look no more."""
        if self.timer is not None:
            self.timer.cancel()
