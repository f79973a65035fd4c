"""Several sites behind one port, told apart by the host that a reader asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole.rules.globs import host_fits
from newshole.serving.answers import answer

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
        lives = [_Life(app, scope) for app in self.apps]
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


class _Life:
    """The lifespan of one app, run from outside."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self.app, self.scope = app, scope
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.asked: asyncio.Queue[Message] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> str | None:
        """Why the app did not start; None where it did."""
        self.task = asyncio.create_task(self._run())
        answer = await self._ask("lifespan.startup")
        if answer["type"] == "lifespan.startup.complete":
            return None
        return str(answer.get("message", "")) or "a site did not start"

    async def end(self) -> None:
        """Shut the app down."""
        if self.task is not None and not self.task.done():
            await self._ask("lifespan.shutdown")
            await self.task

    async def _ask(self, event: str) -> Message:
        await self.asked.put({"type": event})
        return await self.said.get()

    async def _run(self) -> None:
        try:
            await self.app(self.scope, self.asked.get, self.said.put)
        except Exception as error:  # noqa: BLE001 - whatever it is, the start or the end fails with it
            await self.said.put({"type": "lifespan.startup.failed", "message": repr(error)})
        else:
            await self.said.put({"type": "lifespan.ended"})
