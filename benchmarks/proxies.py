"""The proxies under load, each for a process of its own.

    python -m benchmarks.proxies NAME ORIGIN PORT

`ORIGIN` is the address of the site. The two relays are the least that passes a site's answers on part by
part: they look at nothing, drop what is between two neighbours, and have no time limit of their own.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Final

import aiohttp
import uvicorn
from aiohttp import web
from multidict import CIMultiDict
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.loops.auto import auto_loop_factory
from yarl import URL

HOPS: Final = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})


def session() -> aiohttp.ClientSession:
    """What both relays ask the site with."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)


def passed(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers without those of one hop."""
    return [(name, value) for name, value in headers if name.lower() not in HOPS]


class Relay:
    """The smallest relay in ASGI; what the client sends as a body is left out."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            async with session() as self.client:
                await send({"type": "lifespan.startup.complete"})
                await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        headers = passed((name.decode(), value.decode()) for name, value in scope["headers"])
        url = URL(self.origin + scope["raw_path"].decode(), encoded=True)
        async with self.client.request(scope["method"], url, headers=headers) as answer:
            told = [pair for pair in answer.raw_headers if pair[0].decode().lower() not in HOPS]
            await send({"type": "http.response.start", "status": answer.status, "headers": told})
            async for part in answer.content.iter_any():
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


def aiohttp_relay(origin: str) -> web.Application:
    """The smallest relay of aiohttp's own server and client."""
    client = web.AppKey("client", aiohttp.ClientSession)

    async def hold_client(app: web.Application) -> AsyncIterator[None]:
        async with session() as app[client]:
            yield

    async def relay(request: web.Request) -> web.StreamResponse:
        url = URL(origin + request.raw_path, encoded=True)
        headers = passed(request.headers.items())
        async with request.app[client].request(request.method, url, headers=headers) as answer:
            told = CIMultiDict(passed(answer.headers.items()))
            response = web.StreamResponse(status=answer.status, headers=told)
            await response.prepare(request)
            async for part in answer.content.iter_any():
                await response.write(part)
            await response.write_eof()
        return response

    app = web.Application()
    app.cleanup_ctx.append(hold_client)
    app.router.add_route("*", "/{path:.*}", relay)
    return app


def proxy(origin: str) -> ASGIApp:
    """newshole's proxy with nothing in front of it."""
    from newshole.http.proxy import Proxy

    return Proxy(origin)


def composed(origin: str) -> ASGIApp:
    """newshole in front of its proxy."""
    from newshole import Newshole

    return Newshole(proxy(origin), rules="newspaper")


def cached(origin: str) -> ASGIApp:
    """newshole in front of its page cache in front of its proxy."""
    from newshole import Newshole
    from newshole.http.pagecache import PageCache

    return Newshole(PageCache(proxy(origin)), rules="newspaper")


AIOHTTP: Final = "aiohttp-relay"
"""The relay that is no ASGI app."""

ASGI: Final = "asgi-relay"

APPS: Final[Mapping[str, Callable[[str], ASGIApp]]] = {
    ASGI: Relay,
    "proxy": proxy,
    "composed": composed,
    "cached": cached,
}


def main() -> None:
    """Serve one proxy until the process is ended; the site's own `Date` and `Server` pass, none is added."""
    name, origin, port = sys.argv[1:]
    if name == AIOHTTP:
        # It complains of each connection that the load closes at its end.
        logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
        loop: asyncio.AbstractEventLoop = auto_loop_factory()()
        web.run_app(
            aiohttp_relay(origin), host="127.0.0.1", port=int(port), access_log=None, print=None, loop=loop
        )
        return
    app = APPS[name](origin)
    if name != ASGI:
        from newshole.serving.garbage import settle

        settle()  # as a worker of `newshole serve` does
    uvicorn.run(
        app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False,
        proxy_headers=False, server_header=False, date_header=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
