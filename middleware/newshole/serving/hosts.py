"""Several sites behind one port, told apart by the host that a reader asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from newshole.rules.globs import host_fits
from newshole.serving.answers import answer
from newshole.serving.lifespan import Lifespan

KNOWN: Final = 1024
"""Hosts whose site is remembered; readers choose what they ask for."""

_BODY: Final = b"No site is served here under this name.\n"


class Hosts:
    """ASGI app that answers from the first of several apps whose patterns fit the host.

    One without patterns takes what no other does; where there is none, the answer is 421, Misdirected
    Request. Each app's lifespan runs within this one's.
    """

    def __init__(self, sites: Iterable[tuple[tuple[str, ...], ASGIApp]]) -> None:
        given = tuple(sites)
        self.apps = tuple(app for _, app in given)
        self.patterns = [(host_fits(host), app) for hosts, app in given for host in hosts]
        self.default = next((app for hosts, app in given if not hosts), None)
        self.find = lru_cache(maxsize=KNOWN)(self._find)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(scope, receive, send)
            return
        app = self.find(_host(scope))
        if app is not None:
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await answer(send, 421, _BODY)
        else:
            await send({"type": "websocket.close"})

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start every app, and shut every one down that has started."""
        await receive()
        lives = [Lifespan(app, scope) for app in self.apps]
        failures = [each for each in await asyncio.gather(*(life.start() for life in lives)) if each]
        if failures:
            await asyncio.gather(*(life.end() for life in lives))
            await send({"type": "lifespan.startup.failed", "message": "\n".join(failures)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await asyncio.gather(*(life.end() for life in lives))
        await send({"type": "lifespan.shutdown.complete"})

    def _find(self, host: str) -> ASGIApp | None:
        return next((app for fits, app in self.patterns if fits(host)), self.default)


def _host(scope: Scope) -> str:
    """The host of a request, without its port; empty where it is missing, or there are several."""
    found = [value for name, value in scope["headers"] if name == b"host"]
    written = found[0].decode("latin-1") if len(found) == 1 else ""
    name, _, port = written.rpartition(":")
    return (name if name and port.isdigit() else written).rstrip(".").lower()
