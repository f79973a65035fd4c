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
from newshole.http.proxy import Proxy
from tests.http.asgi import STORY, cut
from tests.http.server_kinds import SERVERS
from tests.http.servers import serving

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

    async def paused(self) -> AsyncIterator[bytes]:
        yield STORY[:300]
        await asyncio.to_thread(self.go_on.wait, 10)
        yield STORY[300:]

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
                Route("/news/paused", lambda _: streamed(self.paused())),
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


def check_head_first(client: httpx.Client, address: str, place: Place, site: Site) -> None:
    """The head comes while the site holds back the rest, which comes composed."""
    place.go_on.clear()
    url = f"{address}/news/paused"
    with client.stream("GET", url) as answer:
        assert "content-length" not in answer.headers
        parts, came = answer.iter_raw(), b""
        while b"</head>" not in came:
            came += next(parts)
        assert came == STORY[: STORY.index(b"<body>")]
        place.go_on.set()
        assert came + b"".join(parts) == site.compose(STORY, url="http://news.example/news/paused").html


def test_a_head_comes_before_the_rest_of_its_page(address: str, place: Place, site: Site) -> None:
    with httpx.Client() as client:
        check_head_first(client, address, place, site)


def test_pages_are_composed_over_http_2(place: Place, site: Site) -> None:
    pytest.importorskip("hypercorn")
    with (
        SERVERS["hypercorn"](Newshole(place.app(), site=site)) as address,
        httpx.Client(http1=False, http2=True) as client,
    ):
        answer = client.get(f"{address}/news/bridge")
        assert answer.http_version == "HTTP/2"
        assert answer.content == site.compose(STORY, url="http://news.example/news/bridge").html
        check_head_first(client, address, place, site)


def test_a_head_comes_before_the_rest_of_its_page_through_the_proxy(place: Place, site: Site) -> None:
    with (
        serving(place.app()) as behind,
        serving(Newshole(Proxy(behind), site=site)) as address,
        httpx.Client() as client,
    ):
        check_head_first(client, address, place, site)


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
