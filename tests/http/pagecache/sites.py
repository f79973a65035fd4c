"""A site behind a page cache that answers as it is told and remembers what it was asked, and a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from newshole.http.heads import read_headers
from newshole.http.pagecache import PageCache, Settings
from newshole.store import GuardedStore
from tests.http.asgi import HTML, STORY, Client, Pairs, asked, asks, body, start

SHARED = (b"cache-control", b"public, max-age=60")
TAG = (b"etag", b'"one"')
URL = "https://news.example/news/bridge"


class Clock:
    """Seconds since 1970, which only pass when told to."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


class Site:
    """An app that sends one page; `headers`, `content` and `status` may change between requests.

    It answers 304 where its entity tag is asked for. `hold` is awaited before each answer; `error` is raised
    instead of one, and a silent site sends nothing at all.
    """

    def __init__(self, *headers: tuple[bytes, bytes], content: bytes = STORY) -> None:
        self.headers, self.content = list(headers), content
        self.status = 200
        self.error: Exception | None = None
        self.is_silent = False
        self.hold: Callable[[], Any] | None = None
        self.asked: list[Scope] = []

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.asked.append(scope)
        if self.hold is not None:
            await self.hold()
        if self.error is not None:
            raise self.error
        for message in [] if self.is_silent else self.answer(scope):
            await send(message)

    def answer(self, scope: Scope) -> list[Message]:
        """The messages of an answer."""
        wanted = read_headers(scope["headers"]).get(b"if-none-match")
        if self.status == 200 and wanted is not None and (b"etag", wanted) in self.headers:
            return [start(*self.headers, status=304), body(b"")]
        return [start(HTML, *self.headers, status=self.status), body(self.content)]

    def seen(self, name: bytes, *, at: int = -1) -> bytes | None:
        """A header of a request that came here."""
        return read_headers(self.asked[at]["headers"]).get(name)


class Case:
    """A site behind a cache whose clock is ours."""

    def __init__(
        self,
        *headers: tuple[bytes, bytes],
        content: bytes = STORY,
        settings: Settings | None = None,
        store: GuardedStore | None = None,
        secret: str = "",
        clock: Clock | None = None,
    ) -> None:
        self.site = Site(*headers, content=content)
        self.clock = clock or Clock()
        self.cache = PageCache(self.site, settings=settings, store=store, secret=secret, now=self.clock)

    async def ask(self, *headers: tuple[bytes, bytes], path: str = "/news/bridge", **more: Any) -> Client:
        """One request, answered."""
        return await asks(self.cache, asked(path, headers=headers, **more))

    async def ask_twice(self, first: Pairs = (), second: Pairs = ()) -> Client:
        """Two requests one after the other; what the second brought."""
        await self.ask(*first)
        return await self.ask(*second)

    @property
    def fetched(self) -> int:
        """Requests that came to the site."""
        return len(self.site.asked)

    def outcomes(self) -> dict[str, int]:
        """What became of the requests."""
        return dict(self.cache.tally.outcomes)

    def refused(self) -> dict[str, int]:
        """Why requests were passed and pages were not kept."""
        return dict(self.cache.tally.refused)

    async def settle(self) -> None:
        """Let what runs in the background end."""
        for _ in range(20):
            await asyncio.sleep(0)


def control(value: str) -> tuple[bytes, bytes]:
    """A `Cache-Control`."""
    return (b"cache-control", value.encode())


def cookie(value: str) -> tuple[bytes, bytes]:
    """A `Cookie`."""
    return (b"cookie", value.encode())


async def ask_at_once(case: Case, number: int, *headers: tuple[bytes, bytes]) -> list[Client]:
    gate = asyncio.Event()
    case.site.hold = gate.wait
    asking = [asyncio.create_task(case.ask(*headers)) for _ in range(number)]
    await case.settle()
    gate.set()
    return await asyncio.gather(*asking)
