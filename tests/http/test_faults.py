"""A fault in any function of newshole, at any time of a request: the reader gets a whole page."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Final, TypeAlias

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

import newshole
from newshole import Newshole, Site
from newshole.http.early import behind
from newshole.http.fast import FastResponder
from newshole.http.responder import Responder
from tests.http.asgi import HTML, STORY, Client, ask, asked, body, cut, page, sending, start

HOME: Final = str(Path(newshole.__file__).parent)

SHELL: Final = frozenset(
    each.__code__
    for each in (
        Newshole.__call__, Newshole.admit,
        FastResponder.take, FastResponder.begin, FastResponder.recall, FastResponder.leave,
        FastResponder.hand_over, FastResponder.finish,
        Responder.__init__, Responder.take, Responder.let_go, Responder.settle, Responder.finish,
        Responder.stop_timers, Responder.go_ahead, behind,
    )
)  # fmt: skip
"""What is around every `try`: it calls what the rest is in, and sends what was held."""

TAG = (b"etag", b'"v1"')

App: TypeAlias = Callable[[], ASGIApp]


class InjectedError(Exception):
    """The fault."""


@dataclass(slots=True)
class Injector:
    """Raises InjectedError in the nth call of one function, once."""

    code: CodeType
    left: int
    has_struck: bool = False

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code is self.code and not self.has_struck:
            if self.left:
                self.left -= 1
                return
            self.has_struck = True
            raise InjectedError


@dataclass(slots=True)
class Counting:
    """Counts the calls of newshole's functions."""

    calls: Counter[CodeType] = field(default_factory=Counter)

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(HOME):
            self.calls[frame.f_code] += 1


def traced(app: ASGIApp, hook: Injector | Counting) -> Client:
    """The answer to one request, each call in it shown to the hook."""
    client, before = Client(), sys.gettrace()

    async def ask() -> None:
        sys.settrace(hook)
        try:
            await app(asked(headers=[(b"accept", b"text/html")]), client.receive, client.send)
        finally:
            sys.settrace(before)

    asyncio.run(ask())
    return client


def in_parts() -> ASGIApp:
    """A page that comes in pieces."""
    parts = [body(part, more=True) for part in cut(STORY, [300, 1200])]
    return sending(start(HTML, TAG), *parts, body(b""))


def in_time() -> ASGIApp:
    """A page that comes in pieces, its head some time before the rest."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start(HTML, TAG))
        for part in cut(STORY, [300, 1200]):
            await send(body(part, more=True))
            for _ in range(5):
                await asyncio.sleep(0)
        await send(body(b""))

    return app


def in_one() -> ASGIApp:
    """A page that comes whole."""
    return page(STORY, TAG)


def composed(site: Site) -> bytes:
    return site.compose(STORY, url="https://news.example/news/bridge").html


@pytest.mark.slow
@pytest.mark.parametrize("app", [in_one, in_parts, in_time])
@pytest.mark.parametrize("seen", [0, 1, 3], ids=["cold", "planned", "finished"])
def test_a_fault_in_any_function_fails_no_page(app: App, seen: int, site: Site, rules: Path) -> None:
    def ready() -> ASGIApp:
        newshole = Newshole(app(), site=Site.load(rules), flush_after=0)
        for _ in range(seen):
            ask(newshole)
        return newshole

    counting = Counting()
    traced(ready(), counting)
    targets = [code for code in counting.calls if code not in SHELL and code.co_name[0] != "<"]
    assert len(targets) > 5
    faults = [(code, nth) for code in targets for nth in {0, counting.calls[code] - 1}]
    assert [told for fault in faults if (told := broken(ready(), Injector(*fault), composed(site)))] == []


def broken(app: ASGIApp, injector: Injector, page: bytes) -> str | None:
    """What a fault broke, None where the reader has a whole page."""
    what = f"{injector.code.co_qualname} in {Path(injector.code.co_filename).name}, call {injector.left}"
    try:
        client = traced(app, injector)
    except InjectedError:
        return f"{what}: raised"
    if client.messages[0]["status"] != 200 or client.messages[-1].get("more_body", False):
        return f"{what}: {client.messages}"
    return None if client.body in (STORY, page) else f"{what}: {client.body!r}"
