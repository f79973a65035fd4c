"""A site of its own software, and rules for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tests.http.asgi import RULES, STORY
from tests.http.servers import serving
from tests.store import servers

_COUNT: Final = count()

gate: Final = threading.Event()
"""Set to let the slow answers go on; tests set it from another thread than the site's."""


async def _story(_: Request) -> Response:
    return HTMLResponse(STORY, headers={"server": "site", "date": "Mon, 01 Jan 2024 00:00:00 GMT"})


async def _slow(_: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"begun\n"
        await asyncio.to_thread(gate.wait)
        yield b"ended\n"

    return StreamingResponse(parts(), media_type="text/plain")


async def _headers(request: Request) -> Response:
    return PlainTextResponse("".join(f"{name}: {value}\n" for name, value in request.headers.items()))


async def _counted(_: Request) -> Response:
    return PlainTextResponse(str(next(_COUNT)), headers={"cache-control": "public, max-age=600"})


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


def site() -> Starlette:
    """A site with a story, an answer that waits for `gate`, one that shows the headers asked with, one that
    may be kept and differs each time it is made, and a WebSocket."""
    return Starlette(
        routes=[
            Route("/slow", _slow),
            Route("/headers", _headers),
            Route("/counted/{by}", _counted),
            WebSocketRoute("/echo", _echo),
            Route("/{path:path}", _story),
        ]
    )


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """The address of that site."""
    with serving(site()) as address:
        yield address


@pytest.fixture
def free_port() -> int:
    """A port that nothing listens on, as far as one can know."""
    return servers.free_port()


@pytest.fixture
def closed_gate() -> Iterator[threading.Event]:
    """The gate, closed, and open again at the end so that no answer is left behind."""
    gate.clear()
    yield gate
    gate.set()


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Rules with one block."""
    path = tmp_path / "rules.yaml"
    path.write_text(RULES, "utf-8")
    return path
