"""A site in one process: apps that send given messages, and a client that keeps what comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole, Site
from tests.pages import minus_insertions

SENTENCE = (
    "The council met on Tuesday and agreed, after some debate, to mend the old bridge before winter comes. "
)
STORY = (
    "<!doctype html><html lang=en><head><title>Bridge</title></head><body><main><article><h1>Bridge</h1>"
    f"<div class=entry-content>{f'<p>{SENTENCE * 3}</p>' * 6}</div></article></main></body></html>"
).encode()
PATH = "/news/bridge"
RULES = """
site: Example
articles:
  - path: /news/**
blocks:
  inline: {kind: html, html: "<p>inline</p>", place: {after: paragraph, nth: 2}}
"""
DEVICE_RULES = (
    RULES + '  small: {kind: html, html: "<p>small</p>", place: body-end, when: {device: mobile}}\n'
)

HTML = (b"content-type", b"text/html; charset=utf-8")
JSON = (b"content-type", b"application/json")

Pairs = Iterable[tuple[bytes, bytes]]


def start(*headers: tuple[bytes, bytes], status: int = 200, **more: object) -> Message:
    """The start of a response, an HTML page where no header is given."""
    return {"type": "http.response.start", "status": status, "headers": list(headers or (HTML,)), **more}


def body(part: bytes, *, more: bool = False) -> Message:
    """A part of a response's body."""
    return {"type": "http.response.body", "body": part, "more_body": more}


def sending(*messages: Message, then: Exception | None = None) -> ASGIApp:
    """An app that sends these messages, then raises."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        if then is not None:
            raise then

    return app


def page(content: bytes = STORY, *headers: tuple[bytes, bytes]) -> ASGIApp:
    """An app that answers with one HTML page."""
    length = (b"content-length", b"%d" % len(content))
    return sending(start(HTML, length, *headers), body(content))


def asked(path: str = PATH, *, method: str = "GET", headers: Pairs = (), **more: Any) -> Scope:
    """The scope of a request."""
    return {
        "type": "http",
        "method": method,
        "scheme": "https",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"news.example"), *headers],
        "server": ("127.0.0.1", 8000),
    } | more


class Client:
    """What one request brought: `messages` as they came."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    async def receive(self) -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(name, value) for name, value in self.messages[0]["headers"]]

    def header(self, name: bytes) -> bytes | None:
        """The only value of a header, None where it is absent."""
        values = [value for each, value in self.headers if each.lower() == name]
        assert len(values) <= 1
        return values[0] if values else None

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)


async def asks(app: ASGIApp, scope: Scope | None = None) -> Client:
    """One request, answered."""
    client = Client()
    await app(scope or asked(), client.receive, client.send)
    return client


def ask(app: ASGIApp, scope: Scope | None = None) -> Client:
    """One request, answered, in an event loop of its own."""
    return asyncio.run(asks(app, scope))


def cut(content: bytes, places: Sequence[int]) -> list[bytes]:
    """The content in parts, cut at these places."""
    edges = [0, *sorted(place % (len(content) + 1) for place in places), len(content)]
    return [content[first:last] for first, last in pairwise(edges)]


def check_composed(app: ASGIApp, site: Site, scope: Scope | None = None, **limits: Any) -> Client:
    """The app's answer leaves composed, just as the site composes the page it holds."""
    newshole = Newshole(app, site=site, **limits)
    client = ask(newshole, scope)
    page = site.compose(ask(app, scope).body, url="https://news.example/news/bridge")
    assert (newshole.counts, client.body) == ({"composed": 1}, page.html)
    assert minus_insertions(page) == ask(app, scope).body
    return client


def check_untouched(app: ASGIApp, site: Site, reason: str, scope: Scope | None = None, **limits: Any) -> None:
    """The app's messages leave as they came, for this reason."""
    newshole = Newshole(app, site=site, **limits)
    assert ask(newshole, scope).messages == ask(app, scope).messages
    assert newshole.counts == {reason: 1}
