"""uvicorn, as a worker and the admin port run it: ended by their own process, not by its signals."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

from starlette.types import ASGIApp
from uvicorn import Config, Server

from newshole.serving.listeners import BACKLOG
from newshole.serving.protocol import Protocol, State
from newshole.serving.settings import Limits


class WorkerServer(Server):
    """The public side of one worker, which drains at SIGTERM; it is the parent that cuts it short."""

    def __init__(self, app: ASGIApp, limits: Limits, connections: int, on_start: Callable[[], None]) -> None:
        super().__init__(_public(app, limits))
        self.server_state: State = State(limits, connections)
        self.on_start = on_start

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.drain)
        yield

    def drain(self) -> None:
        """Accept nothing new, and end with the requests in flight."""
        self.should_exit = True
        self.server_state.is_draining = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.on_start()

    async def on_tick(self, counter: int) -> bool:
        self.server_state.close_slow(asyncio.get_running_loop().time())
        return await super().on_tick(counter)


class AdminServer(Server):
    """The admin port, in the parent's own loop."""

    def __init__(self, app: ASGIApp) -> None:
        config = Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _public(app: ASGIApp, limits: Limits) -> Config:
    """uvicorn's settings; the site's own `Date` and `Server` pass, so none is added."""
    return Config(
        app,
        interface="asgi3",
        http=Protocol,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=limits.idle,
        timeout_graceful_shutdown=limits.grace,
    )
