"""A fault in any function of newshole, at any time of a request: the reader gets a whole page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from newshole import Newshole, Site
from tests.http.asgi import HTML, STORY, ask, body, cut, page, sending, start
from tests.http.injection import Counting, ask_traced, broken, faults

TAG = (b"etag", b'"v1"')

App: TypeAlias = Callable[[], ASGIApp]


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
    ask_traced(ready(), counting)
    injected = list(faults(counting))
    assert len({each.code for each in injected}) > 5
    assert [told for each in injected if (told := broken(ready(), each, composed(site)))] == []
