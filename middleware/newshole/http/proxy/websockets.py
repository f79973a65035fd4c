"""A WebSocket, passed on: its handshake, the messages both ways, and how either side ends it."""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import Final

import aiohttp
import anyio
from anyio.abc import TaskGroup
from starlette.types import Message, Receive, Scope, Send

from newshole.http.headers import HeaderList
from newshole.http.proxy.client import CLOSING, Client, RejectedError, Socket
from newshole.http.proxy.faults import CUT_OFF, MESSAGE_TOO_LARGE
from newshole.http.proxy.requests import Outgoing
from newshole.http.proxy.responses import read_response
from newshole.http.proxy.settings import Limits

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
POLICY: Final = 1008
TOO_LARGE: Final = 1009
BROKEN: Final = 1011
"""Close codes of RFC 6455, section 7.4.1."""

_OURS: Final = "sec-websocket-"  # each side of the proxy is a WebSocket of its own
_EXTENSION: Final = "websocket.http.response"


class Relay:
    """One WebSocket between a client and an upstream."""

    __slots__ = ("client", "counts", "is_ended", "limits", "outgoing", "receive", "scope", "send")

    def __init__(
        self,
        client: Client,
        outgoing: Outgoing,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        limits: Limits,
        counts: Counter[str],
    ) -> None:
        self.client, self.outgoing, self.scope = client, outgoing, scope
        self.receive, self.send = receive, send
        self.is_ended = False  # by the client, or by us
        self.limits, self.counts = limits, counts

    async def run(self) -> None:
        """Pass everything on until one side ends it. Raises RefusedError where there is no answer."""
        await self.receive()  # websocket.connect
        headers = [pair for pair in self.outgoing.headers if not pair[0].startswith(_OURS)]
        with self.client.places:
            try:
                socket = await self.client.open(
                    self.outgoing, headers, tuple(self.scope.get("subprotocols", ()))
                )
            except RejectedError as rejected:
                await self._pass_on(rejected)
                return
            try:
                await self._accept(socket)
                async with anyio.create_task_group() as group:
                    group.start_soon(self._down, socket, group)
                    await self._up(socket)
                    group.cancel_scope.cancel()
            finally:
                with anyio.move_on_after(CLOSING, shield=True):
                    await socket.close(code=GOING_AWAY)

    async def _accept(self, socket: Socket) -> None:
        headers = self._headers(101, socket.raw_headers)
        await self.send({"type": "websocket.accept", "subprotocol": socket.protocol, "headers": headers})

    def _headers(self, status: int, raw: tuple[tuple[bytes, bytes], ...]) -> HeaderList:
        headers = read_response(
            200 if status == 101 else status, raw, upstream=self.client.upstream, visit=self.outgoing.visit
        )
        return [pair for pair in headers if not pair[0].startswith(_OURS.encode())]

    async def _pass_on(self, rejected: RejectedError) -> None:
        headers = [
            (name, value)
            for name, value in self._headers(rejected.status, rejected.headers)
            if name != b"content-length"
        ]
        headers.append((b"content-length", b"%d" % len(rejected.body)))
        await reject(self.scope, self.send, rejected.status, headers, rejected.body)

    async def _down(self, socket: Socket, group: TaskGroup) -> None:
        """What the upstream says, to the client."""
        with contextlib.suppress(OSError):  # how servers say that the client is gone
            while await self._tell(await socket.receive()):
                pass
        group.cancel_scope.cancel()

    async def _tell(self, message: aiohttp.WSMessage) -> bool:
        """Whether more can follow on a message that is passed to the client."""
        if message.type is aiohttp.WSMsgType.TEXT:
            await self.send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await self.send({"type": "websocket.send", "bytes": message.data})
        else:
            if not self.is_ended:
                await self.send(self._farewell(message))
            return False
        return True

    def _farewell(self, message: aiohttp.WSMessage) -> Message:
        if message.type is aiohttp.WSMsgType.CLOSE:
            return {
                "type": "websocket.close",
                "code": _sendable(message.data, NORMAL),
                "reason": message.extra or "",
            }
        if isinstance(message.data, aiohttp.WebSocketError) and message.data.code == TOO_LARGE:
            self.counts[MESSAGE_TOO_LARGE] += 1
            return {"type": "websocket.close", "code": TOO_LARGE, "reason": "the message is too large"}
        self.counts[CUT_OFF] += 1
        return {"type": "websocket.close", "code": BROKEN, "reason": "the site broke off"}

    async def _up(self, socket: Socket) -> None:
        """What the client says, to the upstream."""
        while True:
            message = await self.receive()
            if message["type"] == "websocket.disconnect":
                self.is_ended = True
                code, reason = _sendable(message.get("code"), GOING_AWAY), message.get("reason") or ""
                await socket.close(code=code, message=reason.encode())
                return
            text, binary = message.get("text"), message.get("bytes") or b""
            if len(binary if text is None else text.encode()) > self.limits.message:
                await self._refuse(socket)
                return
            # How an upstream ended it is for the other direction to tell.
            with contextlib.suppress(ConnectionError, aiohttp.ClientError):
                await (socket.send_bytes(binary) if text is None else socket.send_str(text))

    async def _refuse(self, socket: Socket) -> None:
        self.is_ended = True
        self.counts[MESSAGE_TOO_LARGE] += 1
        await self.send({"type": "websocket.close", "code": TOO_LARGE, "reason": "the message is too large"})
        await socket.close(code=TOO_LARGE)


async def reject(scope: Scope, send: Send, status: int, headers: HeaderList, body: bytes) -> None:
    """Answer a handshake with a response, or where the server cannot do that by closing it."""
    if _EXTENSION not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": POLICY})
        return
    await send({"type": f"{_EXTENSION}.start", "status": status, "headers": headers})
    await send({"type": f"{_EXTENSION}.body", "body": body, "more_body": False})


def _sendable(code: int | None, otherwise: int) -> int:
    """A close code that may stand in a frame, or `otherwise` where none was in one.

    Servers say 1005 of a client that closed without a code as of one that is gone without a word.
    """
    return otherwise if code in (None, 1005, 1006, 1015) else code
