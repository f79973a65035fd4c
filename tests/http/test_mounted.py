"""Mounted in real frameworks, on a real server: pages composed, all else as if it were not there."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import django  # type: ignore[import-untyped]
import httpx
import pytest
from django.conf import settings  # type: ignore[import-untyped]
from django.core.asgi import get_asgi_application  # type: ignore[import-untyped]
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse  # type: ignore[import-untyped]
from django.urls import path  # type: ignore[import-untyped]
from fastapi import FastAPI
from fastapi.responses import HTMLResponse as FastHTMLResponse
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from newshole import Newshole, Site
from newshole.http.codings import encode
from tests.http.asgi import STORY, cut
from tests.http.servers import Lifespan, serving

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Spares httpx to read the certificate of every authority for each request."""
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "sec-fetch-dest": "document"}


async def in_parts() -> AsyncIterator[bytes]:
    for part in cut(STORY, [10, 500, 501]):
        yield part


async def crashing() -> AsyncIterator[bytes]:
    yield STORY[:200]
    raise ValueError("the site's own")


async def crash(_request: Request) -> Response:
    raise ValueError("the site's own")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text(f"heard {await socket.receive_text()}")
    await socket.close()


def html(content: bytes = STORY, **headers: str) -> Callable[[Request], Response]:
    pairs = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: HTMLResponse(content, headers=pairs)


def download(folder: Path) -> Callable[[Request], Response]:
    target = folder / "story.html"
    target.write_bytes(STORY)
    return lambda _: FileResponse(target, filename="story.html")


OTHERS: dict[str, Callable[[Request], Any]] = {
    "json": lambda _: JSONResponse({"a": 1}),
    "redirect": lambda _: RedirectResponse("/news/bridge"),
    "missing": lambda _: HTMLResponse(STORY, 404),
    "crash": crash,
    "gone-midway": lambda _: StreamingResponse(crashing(), media_type="text/html"),
    "coding": html(STORY, content_encoding="unheard-of"),
    "damaged": html(gzip.compress(STORY)[:-9], content_encoding="gzip"),
    "xhtml": lambda _: Response(STORY, media_type="application/xhtml+xml"),
    "utf-16": lambda _: Response(STORY.decode().encode("utf-16"), media_type="text/html; charset=utf-16"),
    "utf-16-unsaid": lambda _: Response(
        STORY.decode().encode("utf-16"), headers={"content-type": "text/html"}
    ),
    "no-transform": html(cache_control="no-transform", etag='"v1"'),
    "attachment": html(content_disposition="attachment"),
    "part": lambda _: HTMLResponse(STORY[:10], 206, {"content-range": "bytes 0-9/1000"}),
    "binary": html(bytes(range(256)) * 50),
    "empty": html(b"", etag='"v1"', last_modified="Sat, 29 Oct 1994 19:43:31 GMT"),
    "cookies": lambda _: Response("{}", headers={"x-b": "2", "X-A": "1"}, media_type="application/json"),
}


def starlette_app(folder: Path) -> Starlette:
    return Starlette(
        routes=[
            Route("/news/bridge", html(etag='"v1"', set_cookie="a=1")),
            Route("/news/in-parts", lambda _: StreamingResponse(in_parts(), media_type="text/html")),
            Route("/news/download", download(folder)),
            Route("/about", html(etag='"v1"')),
            *(Route(f"/news/{name}", endpoint, methods=["GET", "POST"]) for name, endpoint in OTHERS.items()),
            WebSocketRoute("/news/socket", echo),
            Mount("/news/files", StaticFiles(directory=folder)),
        ]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def bare(folder: Path) -> Iterator[str]:
    with serving(starlette_app(folder)) as address:
        yield address


@pytest.fixture(scope="module", params=["added", "around"])
def mounted(request: pytest.FixtureRequest, folder: Path, site: Site) -> Iterator[str]:
    app = starlette_app(folder)
    if request.param == "added":
        app.add_middleware(Newshole, site=site)
    with serving(app if request.param == "added" else Newshole(app, site=site)) as address:
        yield address


def composed(site: Site) -> bytes:
    page = site.compose(STORY, url="http://news.example/news/bridge")
    assert page.untouched is None
    return page.html


@pytest.mark.parametrize("where", ["bridge", "in-parts", "files/story.html"])
def test_a_story_is_composed(mounted: str, site: Site, folder: Path, where: str) -> None:
    download(folder)
    answer = httpx.get(f"{mounted}/news/{where}", headers=BROWSER)
    assert answer.content == composed(site)
    assert answer.headers.get_list("content-length") == [str(len(answer.content))]
    assert not {"last-modified", "accept-ranges", "transfer-encoding"} & set(answer.headers)
    assert answer.headers.get("etag", 'W/"nh-').startswith('W/"nh-')
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def seen(address: str, where: str, method: str, headers: dict[str, str]) -> object:
    """All that a client sees of an answer, but the date."""
    try:
        with httpx.stream(method, address + where, headers=headers, verify=NO_TLS) as answer:
            head = [(name, value) for name, value in answer.headers.raw if name.lower() != b"date"]
            return answer.status_code, head, b"".join(answer.iter_raw())
    except httpx.RemoteProtocolError as error:
        return str(error)


PAGES_BY_THEIR_HEAD = {"damaged", "empty", "binary", "utf-16-unsaid", "gone-midway"}
MATRIX = [
    (method, name)
    for method in ("GET", "HEAD", "POST")
    for name in (*OTHERS, "download", "nowhere")
    if method != "HEAD" or name not in PAGES_BY_THEIR_HEAD
]


@pytest.mark.parametrize(("method", "name"), MATRIX)
def test_what_is_not_ours_is_the_same_header_for_header(
    bare: str, mounted: str, method: str, name: str
) -> None:
    assert seen(mounted, f"/news/{name}", method, {}) == seen(bare, f"/news/{name}", method, {})


@pytest.mark.parametrize(
    ("where", "headers"),
    [
        ("/news/bridge", {"hx-request": "true"}),
        ("/news/bridge", {"turbo-frame": "story"}),
        ("/news/bridge", {"sec-fetch-dest": "empty"}),
        ("/about", {**BROWSER, "if-none-match": '"v1"'}),
        ("/news/files/story.html", {"range": "bytes=5-9"}),
        ("/news/files/none.html", BROWSER),
    ],
)
def test_a_request_that_is_not_ours_is_answered_the_same(
    bare: str, mounted: str, folder: Path, where: str, headers: dict[str, str]
) -> None:
    download(folder)
    assert seen(mounted, where, "GET", headers) == seen(bare, where, "GET", headers)


def test_head_of_a_story_holds_what_get_would_hold(mounted: str) -> None:
    got = httpx.get(f"{mounted}/news/files/story.html", headers=BROWSER)
    head = httpx.head(f"{mounted}/news/files/story.html", headers=BROWSER)
    assert (head.status_code, head.content) == (200, b"")
    promised = dict(head.headers)
    assert promised.pop("date")
    promised.pop("transfer-encoding", None)  # the server's own framing, where no length is promised
    assert promised.items() <= dict(got.headers).items()


def test_a_story_seen_before_is_not_sent_again_but_one_that_was_sent_raw_is(mounted: str, site: Site) -> None:
    first = httpx.get(f"{mounted}/news/files/story.html", headers=BROWSER)
    own = {"if-none-match": first.headers["etag"]}
    known = httpx.get(f"{mounted}/news/files/story.html", headers=BROWSER | own)
    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == first.headers["etag"]
    conditions = [
        {"if-none-match": '"' + first.headers["etag"].partition("-s-")[2]},
        {"if-modified-since": "Fri, 31 Dec 2100 23:59:59 GMT"},
        {"range": "bytes=0-9"},
    ]
    for condition in conditions:
        again = httpx.get(f"{mounted}/news/files/story.html", headers=BROWSER | condition)
        assert (again.status_code, again.content) == (200, composed(site))


def test_websockets_go_through(mounted: str) -> None:
    async def talk() -> str:
        async with aiohttp.ClientSession() as session, session.ws_connect(f"{mounted}/news/socket") as socket:
            await socket.send_str("hello")
            return await socket.receive_str()

    assert asyncio.run(talk()) == "heard hello"


@pytest.mark.parametrize("media_type", ["text/event-stream", "application/x-ndjson"])
def test_events_arrive_one_by_one(site: Site, media_type: str) -> None:
    read, waits = threading.Event(), []

    async def events() -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"
        waits.append(await asyncio.to_thread(read.wait, 10))
        yield b"data: 2\n\n"

    app = Starlette(
        routes=[Route("/news/events", lambda _: StreamingResponse(events(), media_type=media_type))]
    )
    with (
        serving(Newshole(app, site=site)) as address,
        httpx.stream("GET", f"{address}/news/events") as answer,
    ):
        parts = answer.iter_raw()
        assert next(parts) == b"data: 1\n\n"
        read.set()
        assert b"".join(parts) == b"data: 2\n\n"
    assert waits == [True]


def test_a_page_is_composed_wherever_it_is_compressed(site: Site) -> None:
    route = Route("/news/bridge", html())
    inside = Newshole(GZipMiddleware(Starlette(routes=[route])), site=site)
    outside = GZipMiddleware(Newshole(Starlette(routes=[route]), site=site))
    for app in (inside, outside):
        with serving(app) as address:
            answer = httpx.get(f"{address}/news/bridge", headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.content == composed(site)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_client_decodes_what_was_composed_and_coded_again(site: Site, coding: str) -> None:
    route = Route("/news/bridge", html(encode(STORY, (coding,)), content_encoding=coding))

    async def read(address: str) -> tuple[str | None, bytes]:
        async with aiohttp.ClientSession() as session, session.get(f"{address}/news/bridge") as answer:
            return answer.headers.get("content-encoding"), await answer.read()

    with serving(Newshole(Starlette(routes=[route]), site=site)) as address:
        assert [asyncio.run(read(address)) for _ in range(3)] == [(coding, composed(site))] * 3


@pytest.mark.parametrize("lifespan", ["on", "off"])
def test_in_fastapi_with_and_without_a_lifespan(site: Site, lifespan: Lifespan) -> None:
    app = FastAPI()
    app.add_middleware(Newshole, site=site)

    @app.get("/news/bridge", response_class=FastHTMLResponse)
    def story() -> bytes:
        return STORY

    @app.get("/news/api")
    async def api() -> dict[str, int]:
        return {"a": 1}

    with serving(app, lifespan=lifespan) as address:
        assert httpx.get(f"{address}/news/bridge").content == composed(site)
        assert httpx.get(f"{address}/news/api").json() == {"a": 1}


@pytest.mark.parametrize("lifespan", ["on", "off"])
def test_in_starlette_with_and_without_a_lifespan(site: Site, folder: Path, lifespan: Lifespan) -> None:
    with serving(Newshole(starlette_app(folder), site=site), lifespan=lifespan) as address:
        assert httpx.get(f"{address}/news/bridge").content == composed(site)


def django_story(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(STORY)


def django_parts(_request: HttpRequest) -> HttpResponseBase:
    return StreamingHttpResponse(in_parts())


def django_json(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"a": 1})


urlpatterns = [
    path("news/bridge", django_story),
    path("news/in-parts", django_parts),
    path("news/json", django_json),
]


@pytest.fixture(scope="module")
def django_app() -> ASGIApp:
    if not settings.configured:
        settings.configure(
            SECRET_KEY="of a test",  # noqa: S106
            ALLOWED_HOSTS=["*"],
            ROOT_URLCONF=__name__,
            MIDDLEWARE=["django.middleware.http.ConditionalGetMiddleware"],
            LOGGING_CONFIG=None,
        )
        django.setup()
    app: ASGIApp = get_asgi_application()
    return app


@pytest.mark.parametrize("lifespan", ["auto", "off"])
def test_in_django(django_app: ASGIApp, site: Site, lifespan: Lifespan) -> None:
    with serving(Newshole(django_app, site=site), lifespan=lifespan) as address, httpx.Client() as client:
        for where in ("bridge", "in-parts"):
            story = client.get(f"{address}/news/{where}", headers=BROWSER)
            assert story.content == composed(site)
        tag = client.get(f"{address}/news/bridge").headers["etag"]
        again = client.get(f"{address}/news/bridge", headers=BROWSER | {"if-none-match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        first = client.get(f"{address}/news/json")
        assert first.json() == {"a": 1}
        held = client.get(f"{address}/news/json", headers={"if-none-match": first.headers["etag"]})
        assert held.status_code == 304


def test_in_django_all_else_is_the_same_header_for_header(django_app: ASGIApp, site: Site) -> None:
    with serving(django_app) as bare, serving(Newshole(django_app, site=site)) as mounted:
        for where in ("/news/json", "/news/none", "/"):
            for method in ("GET", "HEAD", "POST"):
                assert seen(mounted, where, method, {}) == seen(bare, where, method, {})
