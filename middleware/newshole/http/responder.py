"""One candidate response on its way: held until it is whole, then sent composed, or as it came.

    waiting ──start──► held ──last body──► composed, or released
       │                │
       │ refused        │ refused, too large, too slow, broken off
       ▼                ▼
    passing ◄───────────┘

Held messages leave in order and once. In `passing` every message goes on as soon as it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

import anyio.lowlevel
import anyio.to_thread
from starlette.types import Message, Scope, Send

from newshole.http import guard
from newshole.http.headers import composed_headers, with_vary, without_body
from newshole.http.heads import Headers, read_headers, read_reader, read_url
from newshole.page.prescan import MAX_PAGE
from newshole.site import Composition, Site

log = logging.getLogger("newshole")

_threads: anyio.lowlevel.RunVar[anyio.CapacityLimiter] = anyio.lowlevel.RunVar("newshole_threads")

MAX_PARTS: Final = 50_000
"""Messages that are held at most, for each takes room of its own."""

MAX_HOLD: Final = 5.0
"""Seconds after its start that a page is held at most."""

INLINE: Final = 256 * 1024
"""Bytes over which a page is composed in a worker thread, so that other requests go on meanwhile."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where holding ends: bytes of the page, and seconds after its start."""

    page: int = MAX_PAGE
    hold: float = MAX_HOLD


class Responder:
    """The `send` of one candidate request; used in an `async with`, inside which the app runs."""

    def __init__(
        self, scope: Scope, headers: Headers, send: Send, *, site: Site, limits: Limits, counts: Counter[str]
    ) -> None:
        self.scope, self.headers, self.send = scope, headers, send
        # Taken now, for the app's routers write into the scope.
        self.method: str = scope["method"]
        self.query: bytes = scope.get("query_string", b"")
        self.url = read_url(scope, headers) or ""
        self.site, self.limits, self.counts = site, limits, counts
        self.passing = False
        self.stage = guard.GUARD_FAULT
        self.held: list[Message] = []
        self.size = 0
        self.timer: asyncio.TimerHandle | None = None
        self.late: asyncio.Task[None] | None = None

    async def __call__(self, message: Message) -> None:
        """Take one message of the app."""
        if self.late is not None:
            await self.late
        if self.passing or not (self.held or message["type"] == "http.response.start"):
            await self.send(message)
            return
        self.held.append(message)
        try:
            self.held[-1] = _copy(message)
            done = self.refusal(message) or await self.outcome(message)
        except Exception:
            log.exception("%s on %r", self.stage, self.scope.get("path"))
            done = self.stage
        if done is not None:
            await self.release(done)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Let go of a response that the app left unfinished; the app's own exception goes on unchanged."""
        if kind is None:
            await self.finish()
        elif issubclass(kind, Exception):
            with contextlib.suppress(Exception):
                await self.finish()
        elif self.timer is not None:
            self.timer.cancel()  # cancelled from outside: the connection is not ours to write to

    async def finish(self) -> None:
        if self.late is not None:
            await self.late
        if self.held:
            await self.release(guard.INCOMPLETE)

    async def release(self, reason: str) -> None:
        """Send what is held, and from now on every message as it comes."""
        self.passing = True
        self.counts[reason] += 1
        if self.timer is not None:
            self.timer.cancel()
        held, self.held = self.held, []
        for message in held:
            await self.send(message)

    def refusal(self, message: Message) -> str | None:
        """Why the response so far is not one to compose."""
        if len(self.held) == 1:
            return self.refuse_start(self.held[0])
        if message["type"] != "http.response.body":
            return guard.MESSAGE
        self.size += len(self.held[-1].get("body", b""))
        return guard.TOO_LARGE if self.size > self.limits.page or len(self.held) > MAX_PARTS else None

    def refuse_start(self, start: Message) -> str | None:
        headers = read_headers(start.get("headers", ()))
        answer = guard.Answer(start["status"], headers, start.get("trailers", False), self.limits.page)
        reason = guard.refuse_response(answer)
        if reason is None and self.method == "HEAD":
            start["headers"] = with_vary(without_body(start["headers"]), self.site.reader_facts)
            return guard.HEAD
        return reason

    async def outcome(self, message: Message) -> str | None:
        """The reason to count once what is held can go, None while more of the page is to come."""
        if message["type"] == "http.response.start":
            self.watch()
            return None
        if message.get("more_body", False):
            return None
        if self.timer is not None:
            self.timer.cancel()
        page = b"".join(part.get("body", b"") for part in self.held[1:])
        composition = await self.compose(page)
        self.stage = guard.HEADERS_FAULT
        return self.rewrite(composition)

    async def compose(self, page: bytes) -> Composition:
        self.stage = guard.READER_FAULT
        reader = read_reader(self.headers, self.query)
        content_type = read_headers(self.held[0]["headers"])[b"content-type"].decode("latin-1")
        self.stage = guard.COMPOSE_FAULT
        compose = partial(self.site.compose, page, url=self.url, content_type=content_type, reader=reader)
        if len(page) <= INLINE:
            return compose()
        return await anyio.to_thread.run_sync(compose, limiter=_limiter())

    def rewrite(self, composition: Composition) -> str:
        """Put the composed page in the place of what is held; a page left alone gets its `Vary` only."""
        start, facts = self.held[0], self.site.reader_facts
        if composition.untouched is not None:
            self.held[0] = {**start, "headers": with_vary(start["headers"], facts)}
            return composition.untouched
        headers = composed_headers(
            start["headers"],
            length=len(composition.html),
            site_digest=self.site.digest,
            insertions=composition.insertions,
            facts=facts,
        )
        body = {"type": "http.response.body", "body": composition.html, "more_body": False}
        self.held = [{**start, "headers": headers}, body]
        return "composed"

    def watch(self) -> None:
        """Release the page when it is not whole in time, also where the app has fallen silent."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # under trio the size bounds what is held, and nothing the time
        self.timer = loop.call_later(self.limits.hold, self.run_out)

    def run_out(self) -> None:
        self.late = asyncio.ensure_future(self.release(guard.TOO_SLOW))


def _copy(message: Message) -> Message:
    """The message as it is now, for apps may use its dict or its buffer again once it is sent."""
    copied = {**message}
    if not isinstance(copied.get("headers", []), list | tuple):
        copied["headers"] = list(copied["headers"])
    if not isinstance(copied.get("body", b""), bytes):
        copied["body"] = bytes(copied["body"])
    return copied


def _limiter() -> anyio.CapacityLimiter:
    """Threads of our own, so that large pages do not take those of the app's synchronous endpoints."""
    try:
        return _threads.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(4)
        _threads.set(limiter)
        return limiter
