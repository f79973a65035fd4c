"""The connections to one upstream."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Final, Literal, cast

import aiohttp
from aiohttp.client_middlewares import ClientHandlerType, ClientMiddlewareType
from aiohttp.connector import Connection
from aiohttp.typedefs import LooseHeaders
from multidict import CIMultiDict
from yarl import URL

from newshole.http.proxy.connectors import TcpConnector, UnixConnector
from newshole.http.proxy.faults import RETRIED, RefusedError
from newshole.http.proxy.losses import Losses
from newshole.http.proxy.requests import Named, Outgoing
from newshole.http.proxy.settings import Limits, Upstream
from newshole.http.proxy.upload import Upload

HEARTBEAT: Final = 30.0
"""Seconds between two pings that show whether the upstream's end of a WebSocket is still there."""

CLOSING: Final = 2.0
"""Seconds to wait for the upstream's farewell to a WebSocket."""

MOST_REJECTION: Final = 64 * 1024
"""Bytes that are passed on of an answer that refuses a WebSocket."""

_IDEMPOTENT: Final = ("GET", "HEAD", "OPTIONS")
_ADDED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_NOT_ADDED: Final[CIMultiDict[None]] = CIMultiDict((name, None) for name in _ADDED)


class RejectedError(aiohttp.ClientError):
    """An upstream's answer in the place of a WebSocket."""

    def __init__(self, status: int, headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body
        super().__init__(f"answered {status}")


class Socket(aiohttp.ClientWebSocketResponse[Literal[True]]):
    """The upstream's end of a WebSocket."""

    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The headers of the handshake's answer, as they came."""
        return self._response.raw_headers


class Request(aiohttp.ClientRequest):
    """A request that knows what it is sent on, and whether that was used before, as far as `losses` tell."""

    losses: Losses | None = None
    transport: asyncio.Transport | None = None
    is_reused = False

    def update_auto_headers(self, _skip: Iterable[str] | None) -> None:
        """Add nothing: what the client would add is the same for all requests, and told to it once."""
        self._skip_auto_headers = _NOT_ADDED

    def update_headers(self, headers: LooseHeaders | None) -> None:
        """Take them as they are, `Host` among them."""
        self.headers = cast("CIMultiDict[str]", headers)

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Send it. Returns the answer to wait for."""
        self.transport = conn.transport
        if self.losses is not None and conn.protocol is not None:
            self.is_reused = self.losses.meet(conn.protocol)
        return await super().send(conn)

    def abort(self) -> None:
        """Close its connection without what is still to be written, which an upstream may never read."""
        if self.transport is not None:
            self.transport.abort()


class Room:
    """As many places as there may be `most` of; within `with` one is taken.

    Raises RefusedError where none is left; `what` says what all of them are taken by.
    """

    __slots__ = ("most", "taken", "what")

    def __init__(self, most: int, what: str) -> None:
        self.most, self.what = most, what
        self.taken = 0

    def __enter__(self) -> None:
        if self.taken >= self.most:
            raise RefusedError("upstream-full", f"{self.taken} {self.what}")
        self.taken += 1

    def __exit__(self, *_error: object) -> None:
        self.taken -= 1


class Client:
    """What one upstream is asked with. Made inside the running loop; close it there."""

    def __init__(self, upstream: Upstream, limits: Limits, counts: Counter[str]) -> None:
        self.upstream, self.limits, self.counts = upstream, limits, counts
        self.requests = self._session(upstream.connections, total=limits.total)
        # Of their own, for a site's open sockets must not take the connections that its pages need.
        self.sockets = self._session(upstream.websockets, total=None, middlewares=(_reject,))
        self.losses = Losses()
        self.turns = Room(upstream.connections + upstream.waiting, "requests are in flight")
        self.places = Room(upstream.websockets, "WebSockets are open")
        self._at = (upstream.scheme, upstream.written_host, upstream.port)
        root = URL.build(scheme=upstream.scheme, host=upstream.host, port=upstream.port)
        self._host = root.host_port_subcomponent or ""

    async def ask(self, outgoing: Outgoing, upload: Upload) -> aiohttp.ClientResponse:
        """The answer to a request, its body not yet read. Raises RefusedError where there is none."""
        headers = CIMultiDict(self._hosted(outgoing.headers))
        may_repeat = outgoing.length == 0 and outgoing.method in _IDEMPOTENT
        try:
            return await self.requests.request(
                outgoing.method,
                self._url(outgoing),
                # The client goes through what it is given here one by one, twice, for its own defaults.
                headers=None if may_repeat else headers,
                data=None if outgoing.length == 0 else upload,
                allow_redirects=False,
                middlewares=(partial(self._send, headers if may_repeat else None),),
            )
        except (aiohttp.ClientError, OSError) as error:
            raise refusal_of(error) from error

    async def open(self, outgoing: Outgoing, headers: Named, protocols: tuple[str, ...]) -> Socket:
        """The upstream's end of a WebSocket.

        Raises RejectedError where it answers otherwise, RefusedError where it does not answer.
        """
        try:
            opened = await self.sockets.ws_connect(
                self._url(outgoing),
                headers=self._hosted(headers),
                protocols=protocols,
                timeout=aiohttp.ClientWSTimeout(ws_close=CLOSING),
                heartbeat=HEARTBEAT,
                max_msg_size=self.limits.message,
            )
        except RejectedError:
            raise
        except (aiohttp.ClientError, OSError) as error:
            raise refusal_of(error) from error
        return cast("Socket", opened)  # of the session's own class

    async def close(self) -> None:
        """Close every connection."""
        await self.requests.close()
        await self.sockets.close()

    async def _send(
        self,
        headers: CIMultiDict[str] | None,
        request: aiohttp.ClientRequest,
        handler: ClientHandlerType,
    ) -> aiohttp.ClientResponse:
        """The client's middleware; `headers` are those of a request that may be sent again, None for others.

        An upstream may close a kept connection in the very moment that a request is sent on it. That request
        was not answered, and mostly not read; sent again, it is the same only where its method says so and it
        has no body (RFC 9110, section 9.2.2). Every try takes one such connection away, so the last is on a
        new one. Raises RefusedError, which keeps the client from repeating on its own.
        """
        sent = cast("Request", request)  # of the session's own class
        sent.losses = self.losses
        if headers is not None:
            sent.headers = headers
        while True:
            sent.is_reused = False
            try:
                return await handler(request)
            except aiohttp.ClientConnectorError:
                raise
            except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
                if headers is None or not sent.is_reused:
                    raise RefusedError("upstream-broken", repr(error)) from error
                self.counts[RETRIED] += 1
            except BaseException:
                sent.abort()
                raise

    def _url(self, outgoing: Outgoing) -> URL:
        scheme, host, port = self._at
        path, query = outgoing.path, outgoing.query
        return URL.build(scheme=scheme, host=host, port=port, path=path, query_string=query, encoded=True)

    def _hosted(self, headers: Named) -> Named:
        if not self.upstream.own_host:
            return headers
        return [("host", self._host) if pair[0] == "host" else pair for pair in headers]

    def _session(
        self,
        connections: int,
        *,
        total: float | None,
        middlewares: tuple[ClientMiddlewareType, ...] = (),
    ) -> aiohttp.ClientSession:
        limits = self.limits
        return aiohttp.ClientSession(
            connector=self._connector(connections),
            request_class=Request,
            # A shared jar would hand one visitor's cookies to the next.
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_ADDED,
            timeout=aiohttp.ClientTimeout(
                total=total,
                connect=limits.connect,
                sock_connect=limits.connect,
                sock_read=limits.answer,
            ),
            read_bufsize=limits.buffer,
            max_line_size=limits.response_head,
            max_field_size=limits.response_head,
            max_headers=limits.response_headers,
            middlewares=middlewares,
            ws_response_class=Socket,
        )

    def _connector(self, connections: int) -> aiohttp.BaseConnector:
        if self.upstream.socket is not None:
            return UnixConnector(
                self.upstream.socket, limit=connections, keepalive_timeout=self.limits.keep_alive
            )
        return TcpConnector(
            limit=connections,
            keepalive_timeout=self.limits.keep_alive,
            ssl=self.upstream.tls(),
            socket_factory=self._socket,
        )

    def _socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, _ = address
        opened = socket.socket(family, kind, protocol)
        if self.limits.socket_buffer is not None:
            # Before connecting, for then the window is never opened wider (tcp(7)).
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.limits.socket_buffer)
        return opened


def refusal_of(error: Exception) -> RefusedError:
    """What a client's error before an answer is to the reader."""
    match error:
        case TimeoutError():
            return RefusedError("upstream-timeout", str(error))
        case aiohttp.ClientConnectorError():
            return RefusedError("upstream-down", str(error))
        case aiohttp.ClientResponseError():
            return RefusedError("upstream-malformed", error.message.partition("\n")[0])
    return RefusedError("upstream-broken", repr(error))


async def _reject(request: aiohttp.ClientRequest, handler: ClientHandlerType) -> aiohttp.ClientResponse:
    response = await handler(request)
    if response.status == 101:
        return response
    try:
        body = await response.content.read(MOST_REJECTION)
    finally:
        response.close()
    raise RejectedError(response.status, response.raw_headers, body)
