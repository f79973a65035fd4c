"""A site that learns its stories from the pages that pass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Scope

from newshole import Newshole, Site
from newshole.library.entry import Entry
from tests.http.asgi import asked, asks, body, page, sending
from tests.library.stories import story
from tests.waiting import until

RULES = """
site: Example
hosts: [news.example]
articles:
  - path: /news/**
blocks:
  inline: {kind: html, html: "<p>inline</p>", place: {after: paragraph, nth: 2}}
  more: {kind: stories, source: related, count: 3, place: body-end}
"""
READER = (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
Pair = tuple[bytes, bytes]


def load(folder: Path, rules: str = RULES) -> Site:
    file = folder / "site.yaml"
    file.write_text(rules, encoding="utf-8")
    return Site.load(file)


def get(path: str = "/news/bridge", *headers: Pair, host: bytes = b"news.example", **more: Any) -> Scope:
    return {**asked(path, **more), "headers": [(b"host", host), READER, *headers]}


async def round_trip() -> None:
    await asyncio.sleep(0.005)


def run(newshole: Newshole, *scopes: Scope, then: Callable[[], Awaitable[None]] | None = None) -> None:
    """Requests, one after the other, and what the desk makes of them."""

    async def asked() -> None:
        for scope in scopes:
            await asks(newshole, scope)
        for _ in range(2):  # what a round of the desk has begun is done after the next
            await round_of(newshole)
        if then is not None:
            await then()
        await newshole.close()

    asyncio.run(asked())


async def round_of(newshole: Newshole) -> None:
    desk = newshole.library
    await until(lambda: not desk.intake.changes and not desk.intake.views)
    await asyncio.sleep(0.05)


def stories(newshole: Newshole) -> list[Entry]:
    return [entry for home in newshole.library.homes.values() for entry in home.shelf.entries()]


def urls(newshole: Newshole) -> list[str]:
    return [each.url for each in stories(newshole)]


def serving(pages: dict[str, Message | bytes]) -> ASGIApp:
    """A site of pages and other answers by their paths, which may change."""

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        answer = pages[scope["path"]]
        if isinstance(answer, bytes):
            await page(answer)(scope, receive, send)
        else:
            await sending(answer, body(b""))(scope, receive, send)

    return app


def path_story(path: str, title: str = "Bridge reopens", host: str = "news.example") -> bytes:
    return story(title=title, canonical=f"https://{host}{path}")


def views(newshole: Newshole) -> dict[str, int]:
    """Readers of stories that the shelves know."""
    (home,) = newshole.library.homes.values()
    counted = home.shelf._views._counted  # noqa: SLF001 - what popular lists are made of
    return {f"https://{address}": round(value) for address, (value, _) in counted.items()}
