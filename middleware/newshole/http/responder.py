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
from typing import Final, Self

from starlette.types import Message, Scope, Send

from newshole.cache import Answer, PlanCache
from newshole.http import guard
from newshole.http.headers import composed_headers
from newshole.http.heads import Headers, read_device, read_reader, read_url
from newshole.page.prescan import MAX_PAGE
from newshole.types import Reader

log = logging.getLogger("newshole")

MAX_PARTS: Final = 50_000
"""Messages that are held at most, for each takes room of its own."""

MAX_HOLD: Final = 5.0
"""Seconds after its start that a page is held at most."""

_NO_START: Final = guard.Start(None)


@dataclass(frozen=True, slots=True)
class Limits:
    """Where holding ends: bytes of the page, and seconds after its start."""

    page: int = MAX_PAGE
    hold: float = MAX_HOLD


class Responder:
    """The `send` of one candidate request; used in an `async with`, inside which the app runs."""

    __slots__ = (
        "counts", "head", "headers", "held", "late", "limits", "method", "passing", "plans", "query", "scope",
        "send", "size", "stage", "timer", "url",
    )  # fmt: skip

    def __init__(
        self,
        scope: Scope,
        headers: Headers,
        send: Send,
        *,
        plans: PlanCache,
        limits: Limits,
        counts: Counter[str],
    ) -> None:
        self.scope, self.headers, self.send = scope, headers, send
        # Taken now, for the app's routers write into the scope.
        self.method: str = scope["method"]
        self.query: bytes = scope.get("query_string", b"")
        self.url = read_url(scope, headers) or ""
        self.plans, self.limits, self.counts = plans, limits, counts
        self.passing = False
        self.stage = guard.GUARD_FAULT
        self.head = _NO_START
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
            self.held[-1] = message = _copy(message)
            done = self.begin(message) if len(self.held) == 1 else await self.go_on(message)
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

    def begin(self, start: Message) -> str | None:
        """Why a response that starts so is not one to compose, None where it may be one."""
        self.head = guard.read_start(
            start["status"],
            start.get("headers", ()),
            trailers=start.get("trailers", False),
            limit=self.limits.page,
            facts=self.plans.site.reader_facts,
        )
        if self.head.refusal is None and self.method == "HEAD":
            start["headers"] = list(self.head.around)
            return guard.HEAD
        return self.head.refusal

    async def go_on(self, message: Message) -> str | None:
        """The reason to count once what is held can go, None while more of the page is to come."""
        if message["type"] != "http.response.body":
            return guard.MESSAGE
        self.size += len(message.get("body", b""))
        if self.size > self.limits.page or len(self.held) > MAX_PARTS:
            return guard.TOO_LARGE
        if message.get("more_body", False):
            if self.timer is None:
                self.watch()
            return None
        if self.timer is not None:
            self.timer.cancel()
        answer = await self.compose(b"".join([part.get("body", b"") for part in self.held[1:]]))
        self.stage = guard.HEADERS_FAULT
        return self.rewrite(answer)

    async def compose(self, page: bytes) -> Answer:
        self.stage = guard.COMPOSE_FAULT
        device = read_device(self.headers) if self.plans.by_device else ""
        asked = self.plans.asked(page, self.url, self.head.content_type, device, self.read_reader)
        return self.plans.recall(asked) or await self.plans.compose(asked)

    def read_reader(self) -> Reader:
        return read_reader(self.headers, self.query)

    def rewrite(self, answer: Answer) -> str:
        """Put the composed page in the place of what is held; a page left alone gets its `Vary` only."""
        start = self.held[0]
        if answer.untouched is not None:
            start["headers"] = list(self.head.plain)
            return answer.untouched
        start["headers"] = composed_headers(
            self.head.around, length=len(answer.html), tag=self.head.tag, digest=answer.digest
        )
        self.held = [start, {"type": "http.response.body", "body": answer.html, "more_body": False}]
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
    headers = copied.get("headers")
    if headers is not None:
        copied["headers"] = [(bytes(name), bytes(value)) for name, value in headers]
    if not isinstance(copied.get("body", b""), bytes):
        copied["body"] = bytes(copied["body"])
    return copied
