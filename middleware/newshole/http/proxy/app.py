"""`Proxy`, the ASGI app: a request is read, its upstream found, and the exchange run."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from starlette.types import Receive, Scope, Send

from newshole.http.heads import new_request_id
from newshole.http.proxy.client import Client
from newshole.http.proxy.exchange import Exchange
from newshole.http.proxy.faults import RefusedError, TruncatedError, answer
from newshole.http.proxy.peers import Trust
from newshole.http.proxy.requests import Outgoing, read_request
from newshole.http.proxy.settings import DEFAULT, Limits, Upstream, read_networks, read_upstreams
from newshole.http.proxy.websockets import Relay, reject
from newshole.http.trace import tell_id
from newshole.rules.globs import rootless

log = logging.getLogger("newshole")

_LIMITS: Final = Limits()


class Proxy:
    """An ASGI app that answers what `upstream` answers: an address, an `Upstream`, or these by host.

    In a mapping, `*` stands for every other host; without it they are answered with 421. `trusted` are the
    addresses and networks of peers that may say whom a request came from, and `unix` for whoever connects
    through a unix socket. `counts` has every request that the site did not answer, by its reason.

    Raises UsageError with every mistake in these.
    """

    def __init__(
        self,
        upstream: str | Upstream | Mapping[str, str | Upstream],
        *,
        trusted: Iterable[str] = (),
        limits: Limits = _LIMITS,
    ) -> None:
        self.upstreams = read_upstreams(upstream)
        self.trust = Trust(*read_networks(trusted))
        self.limits = limits
        self.counts: Counter[str] = Counter()
        self._clients: dict[str, Client] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        outgoing: Outgoing | None = None
        exchange: Exchange | None = None
        try:
            outgoing = read_request(scope, trust=self.trust, limits=self.limits)
            tell_id(scope, outgoing.visit.request_id)
            client = self._client(rootless(outgoing.host.lower()))
            if scope["type"] == "websocket":
                await self._relay(client, outgoing, scope, receive, send)
            else:
                exchange = Exchange(client, outgoing, send, limits=self.limits, counts=self.counts)
                await exchange.run(receive)
        except Exception as error:
            if exchange is not None and exchange.has_ended:
                log.exception("the proxy failed after its answer to %r", scope["path"])
                return
            refused = self._refused(error, scope, exchange)
            if refused is None:
                raise
            request_id = new_request_id() if outgoing is None else outgoing.visit.request_id
            await self._answer(refused, request_id, scope, send)

    async def close(self) -> None:
        """Close every connection to an upstream."""
        clients, self._clients = set(self._clients.values()), {}
        for client in clients:
            await client.close()

    def _refused(self, error: Exception, scope: Scope, exchange: Exchange | None) -> RefusedError | None:
        """What a client is told of an error; None where its answer has begun, or was never for us to give."""
        if isinstance(error, RefusedError):
            return error
        if isinstance(error, TruncatedError) or scope["type"] != "http":
            return None
        if exchange is not None and exchange.has_begun:
            return None
        log.error("the proxy failed on %r", scope["path"], exc_info=error)
        return RefusedError("proxy-fault", type(error).__name__)

    async def _relay(
        self, client: Client, outgoing: Outgoing, scope: Scope, receive: Receive, send: Send
    ) -> None:
        relay = Relay(client, outgoing, scope, receive, send, limits=self.limits, counts=self.counts)
        await relay.run()

    async def _answer(self, refused: RefusedError, request_id: str, scope: Scope, send: Send) -> None:
        self.counts[refused.reason] += 1
        status = refused.fault.status
        log.log(
            logging.INFO if refused.is_clients else logging.WARNING,
            "%s on %r, request %s: %d (%r)",
            refused.reason, scope["path"], request_id, status, refused.detail,
        )  # fmt: skip
        accept = b",".join(value for name, value in scope["headers"] if name.lower() == b"accept")
        closes = scope.get("http_version", "1.1") < "2"
        headers, body = answer(refused, request_id=request_id, accept=accept.decode("latin-1"), closes=closes)
        if scope["type"] == "websocket":
            await reject(scope, send, status, headers, body)
            return
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _client(self, host: str) -> Client:
        """The client of the upstream that serves a host. Raises RefusedError where none does."""
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name not in self.upstreams:
            if DEFAULT not in self.upstreams:
                raise RefusedError("no-upstream", name)
            name = DEFAULT
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # the first request, or a server started anew
            self._loop, self._clients = loop, {}
        return self._clients.get(name) or self._open(name)

    def _open(self, name: str) -> Client:
        """A new client for a host's upstream, or the one that another host has for the same."""
        upstream = self.upstreams[name]
        found = (each for each in self._clients.values() if each.upstream == upstream)
        client = next(found, None) or Client(upstream, self.limits, self.counts)
        self._clients[name] = client
        return client

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Connections open with the first request; the end of the lifespan closes them."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.close()
        await send({"type": "lifespan.shutdown.complete"})
