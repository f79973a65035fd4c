"""`X-Newshole`: what a response tells newshole is heard, kept apart, and never sent on."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from newshole import Newshole, Site
from tests.http.asgi import HTML, STORY, ask, asked, body, page, sending, start
from tests.http.servers import serving

RULES = """
site: Example
articles:
  - path: /news/**
blocks:
  inline: {kind: html, html: "<p>inline</p>", place: {after: paragraph, nth: 2}}
  ad: {kind: ad, serve: {slot: x}, sizes: {mobile: [[300, 250]]}, place: {after: paragraph, nth: 4}}
"""
OFF, NO_ADS = (b"x-newshole", b"off"), (b"X-Newshole", b"no-ads")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(RULES)
    return Site.load(path)


def test_a_response_that_wants_no_ads_gets_none_and_keeps_it_to_itself(own: Site) -> None:
    client = ask(Newshole(page(STORY, NO_ADS), site=own))
    assert b'data-newshole="inline"' in client.body
    assert b'data-newshole="ad"' not in client.body
    assert client.header(b"x-newshole") is None
    assert client.header(b"content-length") == b"%d" % len(client.body)


def test_a_header_of_several_lines_is_one(own: Site) -> None:
    client = ask(Newshole(page(STORY, NO_ADS, (b"x-newshole", b"no:inline")), site=own))
    assert client.body == STORY


def test_a_response_that_says_off_goes_on_as_it_comes(own: Site) -> None:
    newshole = Newshole(page(STORY, OFF), site=own)
    client = ask(newshole)
    assert client.messages == ask(page(STORY)).messages
    assert newshole.counts == {"story-off": 1}


def test_off_is_not_held_until_it_is_whole(own: Site) -> None:
    seen: list[int] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send(start(HTML, OFF))
        await send(body(STORY[:100], more=True))
        seen.append(len(client))
        await send(body(STORY[100:]))

    client: list[Any] = []

    async def send(message: Any) -> None:
        client.append(message)

    asyncio.run(Newshole(app, site=own)(asked(), _nothing, send))
    assert seen == [2]


async def _nothing() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


@pytest.mark.parametrize(
    ("scope", "messages"),
    [
        ({}, (start((b"content-type", b"application/json"), NO_ADS), body(b"{}"))),
        ({}, (start(NO_ADS, status=304), body(b""))),
        ({}, (start(HTML, NO_ADS, status=404), body(STORY))),
        ({}, (start(HTML, NO_ADS, (b"content-encoding", b"br")), body(b"x"))),
        ({"method": "HEAD"}, (start(HTML, NO_ADS, (b"content-length", b"9")), body(b""))),
        ({"method": "HEAD"}, (start(HTML, OFF, (b"content-length", b"9")), body(b""))),
        ({"method": "POST"}, (start(HTML, NO_ADS), body(STORY))),
        ({"path": "/about"}, (start(HTML, NO_ADS), body(STORY))),
        ({"headers": [(b"hx-request", b"true")]}, (start(HTML, NO_ADS), body(STORY))),
        ({}, (start(HTML, NO_ADS), body(b"<p>no story</p>"))),
        ({}, (start(HTML, NO_ADS), body(STORY, more=True))),
    ],
)
def test_no_reader_gets_the_header_whatever_becomes_of_the_response(
    own: Site, scope: dict[str, Any], messages: tuple[Any, ...]
) -> None:
    client = ask(Newshole(sending(*messages), site=own), asked(**scope))
    assert client.header(b"x-newshole") is None
    assert client.messages[0]["status"] == messages[0]["status"]
    assert client.body == b"".join(each.get("body", b"") for each in messages)


def test_a_response_without_the_header_keeps_its_very_messages(own: Site) -> None:
    told = start((b"content-type", b"text/plain"))
    sent: list[Any] = []

    async def keep(message: Any) -> None:
        sent.append(message)

    asyncio.run(Newshole(sending(told, body(b"x")), site=own)(asked("/about"), _nothing, keep))
    assert sent[0] is told


def test_headers_of_what_is_not_ours_may_come_as_any_iterable(own: Site) -> None:
    once = {"type": "http.response.start", "status": 200, "headers": iter([HTML])}
    client = ask(Newshole(sending(once, body(b"x")), site=own), asked("/about"))
    assert client.messages[0]["headers"] == [HTML]


def test_headers_may_come_as_any_iterable(own: Site) -> None:
    once = {"type": "http.response.start", "status": 200, "headers": iter([HTML, NO_ADS])}
    client = ask(Newshole(sending(once, body(b"x")), site=own), asked("/about"))
    assert client.messages[0]["headers"] == [HTML]


def test_what_one_response_says_is_not_remembered_for_the_next(own: Site) -> None:
    said: list[tuple[bytes, bytes]] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send(start(HTML, *said))
        await send(body(STORY))

    newshole = Newshole(app, site=own)
    whole = ask(newshole).body
    for words in (b"no-ads", b"no:inline", b"no-ads no:inline", b"unheard-of"):
        said[:] = [(b"x-newshole", words)]
        expected = own.compose(STORY, url="https://news.example/news/bridge", words=words.decode()).html
        assert ask(newshole).body == expected
        assert ask(newshole).body == expected
        said.clear()
        assert ask(newshole).body == whole
    said[:] = [(b"x-newshole", b"no:inline, no-ads")]
    planned = newshole.tally.plans["plan-anew"]
    ask(newshole)
    assert newshole.tally.plans["plan-anew"] == planned, "the order of words makes no other page"


def test_tags_of_pages_with_and_without_ads_differ(own: Site) -> None:
    tag = (b"etag", b'"v1"')
    assert ask(Newshole(page(STORY, tag), site=own)).header(b"etag") != ask(
        Newshole(page(STORY, tag, NO_ADS), site=own)
    ).header(b"etag")


def test_mounted_in_a_framework_on_a_real_server(own: Site) -> None:
    def html(words: str, content: bytes = STORY) -> Any:
        return lambda _: HTMLResponse(content, headers={"X-Newshole": words})

    async def parts() -> Any:
        yield STORY[:300]
        yield STORY[300:]

    def streamed(_: Request) -> Response:
        return StreamingResponse(parts(), media_type="text/html", headers={"X-Newshole": "no-ads"})

    app = Starlette(
        routes=[
            Route("/news/ads", html("no-ads"), methods=["GET", "HEAD"]),
            Route("/news/off", html("off")),
            Route("/news/streamed", streamed),
            Route("/news/unchanged", lambda _: Response(status_code=304, headers={"X-Newshole": "no-ads"})),
            Route("/about", html("no-ads")),
            Route("/api", lambda _: JSONResponse({}, headers={"X-Newshole": "off"})),
        ]
    )
    app.add_middleware(Newshole, site=own)
    with serving(app) as url, httpx.Client(base_url=url) as client:
        found = {
            path: client.get(path)
            for path in ("/news/ads", "/news/off", "/news/streamed", "/news/unchanged", "/about", "/api")
        }
        head = client.head("/news/ads")
    assert all("x-newshole" not in each.headers for each in (*found.values(), head))
    assert found["/news/ads"].content == found["/news/streamed"].content
    assert b'data-newshole="inline"' in found["/news/ads"].content
    assert b'data-newshole="ad"' not in found["/news/ads"].content
    assert found["/news/off"].content == found["/about"].content == STORY
    assert (found["/news/unchanged"].status_code, head.status_code) == (304, 200)


def test_words_in_any_kind_of_bytes_are_heard_and_not_sent_on(own: Site) -> None:
    for words in (bytearray(b"no-ads"), memoryview(b"no-ads")):
        app = sending(start((b"content-type", b"text/html"), (b"x-newshole", words)), body(STORY))  # type: ignore[arg-type]
        client = ask(Newshole(app, site=own))
        assert client.header(b"x-newshole") is None
        assert client.body == ask(Newshole(page(STORY, NO_ADS), site=own)).body


def test_trailers_keep_nothing_that_was_for_newshole(own: Site) -> None:
    trailers = {"type": "http.response.trailers", "headers": [(b"x-newshole", b"off"), (b"x", b"y")]}
    app = sending(start((b"content-type", b"text/html"), trailers=True), body(STORY), trailers)
    client = ask(Newshole(app, site=own))
    assert client.messages[-1]["headers"] == [(b"x", b"y")]


@pytest.mark.parametrize("kind", ["websocket.accept", "websocket.http.response.start"])
def test_a_websocket_keeps_nothing_that_was_for_newshole(own: Site, kind: str) -> None:
    app = sending({"type": kind, "headers": [(b"x-newshole", b"off"), (b"x", b"y")]})
    client = ask(Newshole(app, site=own), {**asked("/live"), "type": "websocket"})
    assert client.messages[-1]["headers"] == [(b"x", b"y")]
