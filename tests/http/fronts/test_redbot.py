"""REDbot has nothing against a composed page that it has not against the site's own."""

from __future__ import annotations

import gzip
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from newshole import Newshole, Site
from tests.http.asgi import STORY, cut
from tests.http.servers import serving

pytest.importorskip("redbot", reason="redbot is not installed")

from tests.http.fronts.notes import bad_notes

pytestmark = pytest.mark.slow

DATE = "Thu, 05 Nov 2026 08:00:00 GMT"
DIGEST = f"sha-256=:{b64encode(hashlib.sha256(STORY).digest()).decode()}:"

HEADERS: dict[str, dict[str, str]] = {
    "plain": {},
    "strong-tag": {"etag": '"v1"'},
    "weak-tag": {"etag": 'W/"v1"'},
    "date": {"last-modified": DATE},
    "both": {"etag": '"v1"', "last-modified": DATE},
    "fresh": {"cache-control": "public, max-age=300, stale-while-revalidate=30", "etag": '"v1"'},
    "shared": {"cache-control": "max-age=10, s-maxage=3600", "age": "5"},
    "expires": {"expires": "Fri, 01 Jan 2100 00:00:00 GMT"},
    "private": {"cache-control": "private, no-cache", "vary": "Cookie"},
    "digest": {"repr-digest": DIGEST, "content-digest": DIGEST},
    "cookie": {"set-cookie": "a=1; Path=/; HttpOnly"},
    "vary": {"vary": "Accept-Encoding, Accept-Language"},
}


def answer(request: Request) -> Response:
    headers = dict(HEADERS[request.path_params["name"]])
    if headers.get("etag") and headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return HTMLResponse(STORY, headers=headers)


def coded(request: Request) -> Response:
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return HTMLResponse(STORY, headers={"vary": "Accept-Encoding"})
    return HTMLResponse(gzip.compress(STORY), headers={"content-encoding": "gzip", "vary": "Accept-Encoding"})


async def parts() -> AsyncIterator[bytes]:
    for part in cut(STORY, [100, 900]):
        yield part


@pytest.fixture(scope="module")
def addresses(site: Site) -> Iterator[tuple[str, str]]:
    """Where the site is, and where it is with newshole in front."""
    app = Starlette(
        routes=[
            Route("/news/coded", coded),
            Route("/news/parts", lambda _: StreamingResponse(parts(), media_type="text/html")),
            Route("/news/{name}", answer),
        ]
    )
    with serving(app) as bare, serving(Newshole(app, site=site)) as composed:
        yield bare, composed


@pytest.mark.parametrize("name", [*HEADERS, "coded", "parts"])
def test_no_note_is_bad_that_the_site_alone_does_not_get(addresses: tuple[str, str], name: str) -> None:
    bare, composed = addresses
    assert bad_notes(f"{composed}/news/{name}") <= bad_notes(f"{bare}/news/{name}")


def test_a_bad_header_is_noted() -> None:
    bad = Starlette(
        routes=[Route("/", lambda _: HTMLResponse(STORY, headers={"cache-control": "max-age=soon"}))]
    )
    with serving(bad) as address:
        assert bad_notes(f"{address}/")
