"""The client's side of an exchange: the body it sends, and after that the moment it leaves.

    sending ──last part──► watched ──left──► stopped
       │
       └─ left, silent, too much ──────────► stopped

Stopping cancels the whole exchange. A body that stops raises while it is being sent, so the connection to
the upstream is closed without the end of the body: what was cut off must never look complete.
"""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive

from newshole.http.proxy.faults import RefusedError, TruncatedError
from newshole.http.proxy.settings import Limits
from newshole.http.proxy.stopping import Ending


class Upload:
    """The body of a request of `length` bytes (None for one in chunks), as it is sent; read it once.

    `ending` is stopped when the exchange must end; `refused` says why, where the client is to be told, and
    `has_left` is true of a client that is gone. Set `is_answered` when the answer has begun.
    """

    __slots__ = (
        "ending", "has_left", "is_answered", "is_closed", "is_whole", "length", "limits", "receive",
        "refused", "size", "timer", "watcher",
    )  # fmt: skip

    def __init__(self, receive: Receive, ending: Ending, *, length: int | None, limits: Limits) -> None:
        self.receive, self.ending, self.length, self.limits = receive, ending, length, limits
        self.size = 0
        self.is_closed = False
        self.is_whole = self.is_answered = self.has_left = False
        self.refused: RefusedError | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.watcher: asyncio.Task[None] | None = None

    def __aiter__(self) -> Upload:
        return self

    async def __anext__(self) -> bytes:
        """The next part, never an empty one. Raises TruncatedError where the body stops before its end."""
        self._disarm()
        while not self.is_whole:
            message = await self._next()
            part: bytes = message.get("body", b"")
            self._measure(len(part))
            if not message.get("more_body", False):
                self._finish()
            if part:
                self.timer = asyncio.get_running_loop().call_later(self.limits.answer, self._stall)
                return part
        raise StopAsyncIteration

    def watch(self) -> None:
        """From now on only look whether the client leaves."""
        if self.watcher is None and not self.is_closed:
            self.watcher = asyncio.create_task(self._watch())

    def close(self) -> None:
        """Stop looking."""
        self.is_closed = True
        self._disarm()
        if self.watcher is not None:
            self.watcher.cancel()

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(self.limits.client):
                message = await self.receive()
        except TimeoutError:
            raise self._stop(RefusedError("upload-idle")) from None
        if message["type"] == "http.disconnect":
            self.has_left = True
            raise self._stop()
        return message

    def _measure(self, size: int) -> None:
        self.size += size
        if self.limits.body is not None and self.size > self.limits.body:
            raise self._stop(RefusedError("body-too-large", f"over {self.limits.body} bytes"))
        if self.length is not None and self.size > self.length:
            raise self._stop(RefusedError("bad-framing", "more than Content-Length"))

    def _finish(self) -> None:
        if self.length is not None and self.size != self.length:
            raise self._stop(RefusedError("bad-framing", "less than Content-Length"))
        self.is_whole = True
        self.watch()

    async def _watch(self) -> None:
        """Where there is no body an empty one comes first; after that, nothing but the leaving."""
        message = await self.receive()
        while message["type"] == "http.request" and not self.is_whole:
            self.is_whole = not message.get("more_body", False)
            message = await self.receive()
        if message["type"] == "http.disconnect":
            self.has_left = True
            self.ending.stop()

    def _stall(self) -> None:
        """The upstream took nothing for too long: an answer that has begun may be all that it wants to do."""
        if not self.is_answered:
            self._stop(RefusedError("upstream-timeout", "it does not read the request"))

    def _disarm(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _stop(self, refused: RefusedError | None = None) -> TruncatedError:
        self.refused = refused
        self.ending.stop()
        return TruncatedError("the request broke off")
