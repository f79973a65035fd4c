"""uvicorn for the demo and its console, in one process and one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import uvicorn
from starlette.types import ASGIApp

GRACE: Final = 2
"""Seconds that open requests have when the demo ends."""

Served: TypeAlias = tuple[ASGIApp, socket.socket]
"""An app, and where it is asked."""


def serve_both(
    site: Served, console: Served, announce: Callable[[], None], farewell: Callable[[], None]
) -> None:
    """Serve until a signal ends it; `announce` is called once both can be asked, `farewell` before they
    cannot be asked any more."""
    beside = _Beside(_config(console[0]))
    server = _Server(_config(site[0]), beside, console[1], announce, farewell)
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[site[1]]))


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(app, log_level="warning", ws="none", timeout_graceful_shutdown=GRACE)


class _Beside(uvicorn.Server):
    """The console's server, which is begun and ended by the site's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Server(uvicorn.Server):
    """The site's server, with another one beside it."""

    def __init__(
        self,
        config: uvicorn.Config,
        beside: _Beside,
        listener: socket.socket,
        announce: Callable[[], None],
        farewell: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self.beside, self.listener, self.announce, self.farewell = beside, listener, announce, farewell
        self.running: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.running = asyncio.create_task(self.beside.serve(sockets=[self.listener]))
        while not self.beside.started and not self.running.done():  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
        await super().startup(sockets=sockets)
        if self.started:
            self.announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.farewell()
        self.beside.should_exit = True
        await super().shutdown(sockets=sockets)
        if self.running is not None:
            await self.running
