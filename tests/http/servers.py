"""Real servers on free ports, each in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from tests.waiting import eventually

Lifespan = Literal["auto", "on", "off"]
Parser = Literal["auto", "h11", "httptools"]

_SOON = 0.005
"""Seconds between two looks at whether the server is to end, or has nothing left to do."""


class _PromptServer(uvicorn.Server):
    """A uvicorn that ends at once: its own looks ten times a second, which is what most tests would last."""

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # noqa: ASYNC110 - it is set from another thread
            await asyncio.sleep(_SOON)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(_SOON)
        await self.lifespan.shutdown()


def _listener(port: int) -> socket.socket:
    opened: list[socket.socket] = []

    def is_open() -> bool:
        with contextlib.suppress(OSError):
            opened.append(socket.create_server(("127.0.0.1", port)))
        return bool(opened)

    eventually(is_open)
    return opened[0]


@contextlib.contextmanager
def serving(
    app: ASGIApp,
    *,
    lifespan: Lifespan = "auto",
    http: Parser = "auto",
    proxy_headers: bool = True,
    port: int = 0,
) -> Iterator[str]:
    """The address of a uvicorn that serves `app`; it is shut down, lifespan and all, at the end.

    At a `port` that another server has just left, it begins as soon as that is free.

    With `proxy_headers`, uvicorn's own default, what `X-Forwarded-For` says becomes the peer's address.
    """
    with _listener(port) as listener:
        server = _PromptServer(
            uvicorn.Config(
                app,
                http=http,
                lifespan=lifespan,
                proxy_headers=proxy_headers,
                log_config=None,
                ws="websockets-sansio",
            )
        )

        def run() -> None:
            with contextlib.suppress(SystemExit):  # how uvicorn says that the start failed
                server.run(sockets=[listener])

        thread = threading.Thread(target=run)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                thread.join(0.005)
            if not server.started:
                raise RuntimeError("the server did not start")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
