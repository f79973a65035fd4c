"""HTTP/1.1 as uvicorn reads it, with what it lacks where anybody may connect.

A request's head must come whole within some seconds and some bytes. Where connections are as many as there
may be, one that has waited longest makes room, so that thousands of slow ones keep nobody out. At the end an
idle connection is not cut under the request that is just on its way: it stays for a moment, and the answer to
whatever comes in that time says that it closes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from newshole.serving.settings import Limits
from newshole.serving.waiting import Waiting

LINGER: Final = 1.0
"""Seconds that an idle connection has at the end for a request that is on its way."""

SLOW_HEAD: Final = "slow-head"
LARGE_HEAD: Final = "large-head"
CROWDED_OUT: Final = "crowded-out"
CLOSED: Final = {
    SLOW_HEAD: "its request did not come whole in time",
    LARGE_HEAD: "the head of its request was too large",
    CROWDED_OUT: "there were as many as there may be, and it waited longest or came last",
}
"""Why connections are closed, for people."""


class State(ServerState):
    """What the connections of a server share."""

    def __init__(self, limits: Limits, connections: int) -> None:
        super().__init__()
        self.limits = limits
        self.most_connections = connections
        self.heads: Waiting[Protocol] = Waiting(limits.head)
        self.idle: Waiting[Protocol] = Waiting(limits.idle)
        self.closed: Counter[str] = Counter()
        self.is_draining = False

    def close_slow(self, now: float) -> None:
        """Close the connections whose request did not come whole in time."""
        for connection in self.heads.over(now):
            connection.give_up(SLOW_HEAD, b"408 Request Timeout")

    def make_room(self, newest: Protocol) -> None:
        """Close the one that has waited longest, of the more numerous kind; the newest where all are busy."""
        waiting = self.heads if len(self.heads) >= len(self.idle) else self.idle
        connection = waiting.longest() or newest
        connection.give_up(CROWDED_OUT, b"503 Service Unavailable")


class HeadTooLarge(Exception):  # noqa: N818 - never leaves the parser
    """Raised where the head of a request is over the limit."""


class Protocol(HttpToolsProtocol):
    """One connection."""

    server_state: State

    def __init__(
        self,
        config: Config,
        server_state: State,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.in_head = False
        self.is_upgraded = False
        self.head_bytes = 0

    @property
    def is_busy(self) -> bool:
        """Whether a request is being answered."""
        return self.is_upgraded or (self.cycle is not None and not self.cycle.response_complete)

    @property
    def is_head_too_large(self) -> bool:
        """Whether the target and the headers read so far are over the limit, or what came after the first
        read, of which the parser may hold back a header that has no end."""
        read = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        return max(read, self.head_bytes) > self.server_state.limits.head_bytes

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        state = self.server_state
        if len(state.connections) > state.most_connections:
            state.make_room(self)
        if not transport.is_closing():
            state.heads.add(self, self.loop.time())

    def connection_lost(self, exc: Exception | None) -> None:
        self.server_state.heads.discard(self)
        self.server_state.idle.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.server_state.idle.discard(self)
        if self.in_head:
            self.head_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self.in_head and self.is_head_too_large:
            self.refuse_head()
        elif self.in_head or not self.is_busy:
            self.server_state.heads.add(self, self.loop.time())

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.in_head, self.head_bytes = True, 0

    def on_headers_complete(self) -> None:
        if self.is_head_too_large:
            raise HeadTooLarge
        self.in_head = False
        self.server_state.heads.discard(self)
        super().on_headers_complete()
        if self.server_state.is_draining and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self.is_busy and not self.transport.is_closing():
            self.server_state.idle.add(self, self.loop.time())

    def handle_websocket_upgrade(self) -> None:
        self.is_upgraded = True
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        if self.is_busy:
            # The answer to the request before must not be mixed with this one.
            self.transport.close()
        elif self.in_head and self.is_head_too_large:
            self.refuse_head()
        else:
            super().send_400_response(msg)

    def refuse_head(self) -> None:
        """Close the connection, for the head of its request is too large."""
        self.give_up(LARGE_HEAD, b"431 Request Header Fields Too Large")

    def give_up(self, reason: str, status: bytes) -> None:
        """Close the connection, with an answer where a request has begun; one that is busy stays."""
        if self.is_busy or self.transport.is_closing():
            return
        self.server_state.closed[reason] += 1
        if self.in_head:
            self.transport.write(b"HTTP/1.1 %b\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status)
        self.transport.close()

    def shutdown(self) -> None:
        if self.is_busy:
            super().shutdown()
        else:
            self.loop.call_later(LINGER, self.close_idle)

    def close_idle(self) -> None:
        """Close the connection if it still waits for a request; one that is busy says so in its answer."""
        if not self.is_busy:
            self.transport.close()
