"""The same on every server: pages composed, all else as if newshole were not there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from newshole import Newshole, Site
from tests.http.asgi import STORY, cut
from tests.http.server_kinds import SERVERS

TAG = '"v1"'


class Place:
    """A small site; `go_on` lets its events and its long page go on, `left` is set where a client leaves."""

    def __init__(self, folder: Path) -> None:
        self.go_on, self.left = threading.Event(), threading.Event()
        self.file = folder / "story.html"
        self.file.write_bytes(STORY)

    async def parts(self) -> AsyncIterator[bytes]:
        for part in cut(STORY, [100, 1200]):
            yield part

    async def broken(self) -> AsyncIterator[bytes]:
        yield STORY[:500]
        raise ValueError("the site's own")

    async def events(self) -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"
        await asyncio.to_thread(self.go_on.wait, 10)
        yield b"data: 2\n\n"

    async def endless(self) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 65536
                await asyncio.sleep(0.001)
        finally:
            self.left.set()

    def app(self) -> Starlette:
        def streamed(parts: AsyncIterator[bytes], kind: str = "text/html") -> Response:
            return StreamingResponse(parts, media_type=kind)

        def tagged(request: Request) -> Response:
            if TAG in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers={"etag": TAG})
            return HTMLResponse(STORY, headers={"etag": TAG})

        return Starlette(
            routes=[
                Route("/news/bridge", tagged),
                Route("/news/parts", lambda _: streamed(self.parts())),
                Route("/news/file", lambda _: FileResponse(self.file)),
                Route("/news/broken", lambda _: streamed(self.broken())),
                Route("/news/events", lambda _: streamed(self.events(), "text/event-stream")),
                Route("/news/endless", lambda _: streamed(self.endless(), "video/mp4")),
                Route("/news/data", lambda _: JSONResponse({"a": 1})),
                WebSocketRoute("/news/socket", echo),
            ]
        )


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(f"heard {await socket.receive_text()}")
    await socket.close(4001)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module", params=list(SERVERS))
def address(request: pytest.FixtureRequest, place: Place, site: Site) -> Iterator[str]:
    pytest.importorskip(request.param.partition("-")[0])
    app: ASGIApp = Newshole(place.app(), site=site)
    with SERVERS[request.param](app) as address:
        yield address


@pytest.mark.parametrize("where", ["bridge", "parts", "file"])
def test_a_story_is_composed(address: str, site: Site, where: str) -> None:
    answer = httpx.get(f"{address}/news/{where}", headers={"accept": "text/html"})
    assert answer.content == site.compose(STORY, url=f"http://news.example/news/{where}").html != STORY


def test_head_has_no_body(address: str) -> None:
    answer = httpx.head(f"{address}/news/bridge")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_script_still_revalidates(address: str) -> None:
    asked = {"sec-fetch-dest": "empty", "if-none-match": TAG}
    assert httpx.get(f"{address}/news/bridge", headers=asked).status_code == 304


def test_what_is_no_page_goes_through(address: str) -> None:
    assert httpx.get(f"{address}/news/data").json() == {"a": 1}
    assert httpx.get(f"{address}/news/nowhere").status_code == 404


def test_an_answer_that_breaks_off_never_looks_whole(address: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{address}/news/broken")


def test_events_arrive_one_by_one(address: str, place: Place) -> None:
    place.go_on.clear()
    with httpx.stream("GET", f"{address}/news/events") as answer:
        parts = answer.iter_raw()
        assert next(parts) == b"data: 1\n\n"
        place.go_on.set()
        assert b"".join(parts) == b"data: 2\n\n"


def test_a_client_that_leaves_ends_the_answer(address: str, place: Place) -> None:
    place.left.clear()
    with httpx.stream("GET", f"{address}/news/endless") as answer:
        next(answer.iter_raw())
    assert place.left.wait(20)


def test_websockets_go_through(address: str) -> None:
    async def talk() -> tuple[str, int | None]:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{address}/news/socket") as socket:
            await socket.send_str("hello")
            heard = await socket.receive_str()
            await socket.receive()
            return heard, socket.close_code

    assert asyncio.run(talk()) == ("heard hello", 4001)
