"""Other ASGI servers than the one in `servers`: granian and hypercorn, each in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeAlias

from starlette.types import ASGIApp

from tests.http.servers import serving
from tests.store.servers import free_port

Run: TypeAlias = Callable[[ASGIApp, int, asyncio.Event], Awaitable[None]]


async def granian(app: ASGIApp, port: int, stop: asyncio.Event) -> None:
    """Serve by granian until told to stop."""
    from granian.constants import Interfaces
    from granian.server.embed import Server

    server = Server(app, port=port, interface=Interfaces.ASGI, log_enabled=False)
    running = asyncio.ensure_future(server.serve())
    await stop.wait()
    server.stop()  # type: ignore[no-untyped-call]
    await running


async def hypercorn(app: ASGIApp, port: int, stop: asyncio.Event) -> None:
    """Serve by hypercorn until told to stop."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.errorlog = None
    await serve(app, config, shutdown_trigger=stop.wait)  # type: ignore[arg-type]


@contextlib.contextmanager
def running(run: Run, app: ASGIApp) -> Iterator[str]:
    """The address of a server that serves `app`; it is shut down at the end."""
    port, loop, stop = free_port(), asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(run(app, port, stop)))
    thread.start()
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


def _wait_for(port: int) -> None:
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        threading.Event().wait(0.01)
    raise TimeoutError("the server does not listen")


SERVERS: Final[dict[str, Callable[[ASGIApp], contextlib.AbstractContextManager[str]]]] = {
    "uvicorn-h11": lambda app: serving(app, http="h11"),
    "uvicorn-httptools": lambda app: serving(app, http="httptools"),
    "granian": lambda app: running(granian, app),
    "hypercorn": lambda app: running(hypercorn, app),
}
"""Every server by name."""
