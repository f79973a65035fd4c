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
import time
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import Final

from starlette.types import Message, Scope, Send

from newshole.cache import Answer, PlanCache
from newshole.http import guard
from newshole.http.freshness import SHORT, cut, has_moments, says_freshness, seconds_left
from newshole.http.headers import HeaderList, briefly, varied, without_words
from newshole.http.heads import Headers
from newshole.http.operators import told
from newshole.http.policies import Policy, read_policies, tell_once, with_nonce
from newshole.http.readers import read_reader, read_who
from newshole.http.unmodified import has_date, unmodified
from newshole.http.validators import Mapped, own_date
from newshole.lasting import NEVER, Lasting
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
    """The `send` of one candidate request; `finish` or `break_off` follows on the app."""

    __slots__ = (
        "aside", "counts", "head", "headers", "held", "is_told", "late", "limits", "mapped", "method",
        "passing", "plans", "query", "scope", "send", "size", "stage", "telling", "timer", "url",
    )  # fmt: skip

    def __init__(
        self,
        scope: Scope,
        headers: Headers,
        url: str,
        send: Send,
        *,
        plans: PlanCache,
        limits: Limits,
        counts: Counter[str],
    ) -> None:
        self.scope, self.headers, self.url, self.send = scope, headers, url, send
        # Taken now, for the app's routers write into the scope.
        self.method: str = scope["method"]
        self.query: bytes = scope.get("query_string", b"")
        self.plans, self.limits, self.counts = plans, limits, counts
        self.telling = plans.telling(url)
        self.mapped: Mapped | None = None
        self.passing = self.is_told = False
        self.stage = guard.GUARD_FAULT
        self.head = _NO_START
        self.aside: HeaderList = []
        self.held: list[Message] = []
        self.size = 0
        self.timer: asyncio.TimerHandle | None = None
        self.late: asyncio.Task[None] | None = None

    async def __call__(self, message: Message) -> None:
        """Take one message of the app."""
        if self.late is not None:
            await self.late
        if self.passing or not (self.held or message["type"] == "http.response.start"):
            await self.pass_on(message)
            return
        self.held.append(message)
        try:
            if message.get("more_body", False) or len(self.held) == 1:
                self.held[-1] = message = _copy(message)
            done = self.begin(message) if len(self.held) == 1 else await self.go_on(message)
        except Exception:
            log.exception("%s on %r", self.stage, self.scope.get("path"))
            done = self.stage
            self.hush()
        if done is not None:
            await self.release(done)

    async def pass_on(self, message: Message) -> None:
        """Send a message as it came, but for what its trailers tell newshole."""
        if message["type"] == "http.response.trailers":
            message = {**message, "headers": without_words(message.get("headers", ()))}
        await self.send(message)

    def hush(self) -> None:
        """Take what the app told newshole out of a start that could not be read."""
        start = self.held[0]
        with contextlib.suppress(Exception):
            start["headers"] = without_words(start.get("headers", ()))

    async def finish(self) -> None:
        """Let go of a response that the app left unfinished."""
        if self.late is not None:
            await self.late
        if self.held:
            await self.release(guard.INCOMPLETE)

    async def break_off(self, error: BaseException) -> None:
        """Let go of a response that the app broke off; its own exception is its caller's to raise."""
        if isinstance(error, Exception):
            with contextlib.suppress(Exception):
                await self.finish()
        else:  # cancelled from outside: the connection is not ours to write to
            if self.timer is not None:
                self.timer.cancel()
            if self.late is not None:
                self.late.cancel()

    async def release(self, reason: str) -> None:
        """Send what is held, and from now on every message as it comes."""
        self.passing = True
        self.counts[reason] += 1
        if self.timer is not None:
            self.timer.cancel()
        held, self.held = self.held, []
        if reason in guard.TRANSIENT and held:
            self.shorten(held[0])
        for message in held:
            await self.send(message)

    def begin(self, start: Message) -> str | None:
        """Why a response that starts so is not one to compose, None where it may be one."""
        if start["status"] == 304 and self.mapped is not None:
            ours = unmodified(start.get("headers", []), self.mapped, self.plans, self.url, self.headers)
            if ours is not None:
                start["headers"] = ours
                return guard.NOT_MODIFIED
        self.head, self.aside = guard.read_start(
            start["status"],
            start.get("headers", []),
            trailers=start.get("trailers", False),
            limit=self.limits.page,
            told=self.telling,
            whole=not self.plans.takes_fragments(self.url),
        )
        if self.head.has_words:
            start["headers"] = without_words(start["headers"])
        if self.head.refusal is None and self.method == "HEAD":
            start["headers"] = self.promised()
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
        started = time.perf_counter() if self.is_told else 0.0
        answer = await self.compose(_joined(self.held))
        self.stage = guard.HEADERS_FAULT
        outcome = self.rewrite(answer)
        if self.is_told:
            start = self.held[0]
            start["headers"] = told(start["headers"], outcome, time.perf_counter() - started)
        return outcome

    async def compose(self, page: bytes) -> Answer:
        self.stage = guard.COMPOSE_FAULT
        plans, content_type, words = self.plans, self.head.content_type, self.head.words
        who = read_who(self.headers, self.telling)
        answer = plans.recall(page, self.url, content_type, who, words)
        if answer is not None:
            return answer
        return await plans.compose(plans.asked(page, self.url, content_type, who, self.read_reader, words))

    def read_reader(self) -> Reader:
        return read_reader(self.headers, self.query, self.telling)

    def rewrite(self, answer: Answer) -> str:
        """Put the composed page in the place of what is held; a page left alone gets its `Vary` only."""
        start = self.held[0]
        if answer.untouched is not None:
            start["headers"] = self.left(start.get("headers", ()), answer.lasting)
            return answer.untouched
        if self.aside or answer.policies:
            policies = read_policies(self.aside, answer.policies)
            answer = self.under(policies, answer) if policies else answer
        start["headers"] = self.composed(answer)
        self.held = [start, {"type": "http.response.body", "body": answer.html, "more_body": False}]
        return "composed"

    def under(self, policies: list[Policy], answer: Answer) -> Answer:
        """The composed page with the nonce of this response, by which its style and script apply.

        It has no digest then, for no other response is the same.
        """
        placed = with_nonce(answer.html, answer.at, policies)
        if placed.hashes:
            self.counts[guard.POLICY] += 1
            tell_once(placed.hashes)
        if not placed.has_nonce:
            return answer
        return answer._replace(html=placed.html, digest="")

    def composed(self, answer: Answer) -> HeaderList:
        """The headers of the composed page."""
        head = self.head
        if answer.lasting.fresh == NEVER and head.date is None:
            return head.composed(len(answer.html), answer.digest) + self.aside
        now = self.plans.clock()
        date = self.date(answer.digest, now)
        seconds = seconds_left(answer.lasting.fresh, now)
        if seconds is not None and head.longest is not None and head.longest <= seconds:
            seconds = None
        if seconds is None or not (head.is_timed or has_moments(self.aside)):
            return head.composed(len(answer.html), answer.digest, date, seconds) + self.aside
        whole = head.composed(len(answer.html), answer.digest, date) + self.aside
        return cut(whole, seconds, now)

    def date(self, digest: str, now: float) -> bytes | None:
        """When the composed page was last modified, None where no date tells that.

        Caches guess by it how long to keep a page, so it stays away where the site says nothing of that and
        has an entity tag.
        """
        origin = self.head.date
        if origin is None or not digest or not has_date(self.plans, self.url):
            return None
        if self.head.tag is not None and not says_freshness((*self.head.around, *self.aside)):
            return None
        return own_date(origin, self.plans.site.since, now)

    def left(self, raw: HeaderList, lasting: Lasting) -> HeaderList:
        """The headers of a page that the rules leave alone, for as long as they do."""
        now, telling = self.plans.clock(), self.telling
        whole = not self.plans.takes_fragments(self.url)
        headers = varied(raw, telling.vary, private=telling.is_private, whole=whole)
        seconds = seconds_left(lasting.fresh, now)
        if seconds is None:
            return headers
        return briefly(headers, seconds, now) if lasting.until <= now else cut(headers, seconds, now)

    def promised(self) -> HeaderList:
        """The headers of an answer to HEAD: none that GET might not have, and freshness for pages alone that
        do not change by themselves."""
        headers = [*self.head.around, *self.aside]
        return headers if self.plans.is_steady(self.url) else cut(headers, 0, self.plans.clock())

    def shorten(self, start: Message) -> None:
        """Let no cache keep a page that goes out as the site sent it because something failed."""
        with contextlib.suppress(Exception):
            start["headers"] = briefly(start.get("headers", ()), SHORT, self.plans.clock())

    def watch(self) -> None:
        """Release the page when it is not whole in time, also where the app has fallen silent."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # under trio the size bounds what is held, and nothing the time
        self.timer = loop.call_later(self.limits.hold, self.run_out)

    def run_out(self) -> None:
        self.late = asyncio.ensure_future(self.release(guard.TOO_SLOW))


def _joined(held: list[Message]) -> bytes:
    """The page of the messages that are held."""
    if len(held) == 2:
        page = held[1].get("body", b"")
        return page if type(page) is bytes else bytes(page)
    return b"".join([part.get("body", b"") for part in held[1:]])


def _copy(message: Message) -> Message:
    """The message as it is now, for apps may use its dict or its buffer again once it is sent."""
    copied = {**message}
    if "headers" in copied:
        headers = list(copied["headers"])
        # Most apps send tuples of bytes, but any pair of any bytes-like will do.
        if not {*map(type, headers)} <= {tuple} or not {*map(type, chain(*headers))} <= {bytes}:
            headers = [(bytes(name), bytes(value)) for name, value in headers]
        copied["headers"] = headers
    if not isinstance(copied.get("body", b""), bytes):
        copied["body"] = bytes(copied["body"])
    return copied
