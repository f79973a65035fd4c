"""One candidate response on its way: held until it is whole, then sent composed, or as it came.

    waiting ──start──► held ──last body──► composed, or released
       │                │ └─the rest is not there in a moment─► held behind its head
       │ refused        │ refused, too large, too slow, broken off
       ▼                ▼
    passing ◄───────────┘

Held messages leave in order and once; of a page whose head went ahead (see `early`) only what is behind it.
In `passing` every message goes on as soon as it comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from starlette.types import Message, Scope, Send

from newshole.cache import Answer
from newshole.cache.kept import Asked
from newshole.http import guard
from newshole.http.codings import TOO_LARGE, offers
from newshole.http.early import EarlyHead, behind, may_go
from newshole.http.gate import Address, Gate
from newshole.http.headers import HEADERS_FAULT, HeaderList, mute, without_words
from newshole.http.heads import Headers
from newshole.http.journaling import Told, note_off, note_page
from newshole.http.operators import HEADER, is_operator, told, unshared
from newshole.http.readers import read_reader, read_who
from newshole.http.recoding import Coded, compose_coded
from newshole.types import Reader

log = logging.getLogger("newshole")

MAX_PARTS: Final = 50_000
"""Messages that are held at most, for each takes room of its own."""

_FAULTS: Final = frozenset((guard.GUARD_FAULT, guard.COMPOSE_FAULT, HEADERS_FAULT))

_WHOLE: Final = "whole"
"""What `go_on` says of a page that nothing is lacking of."""


class Responder:
    """The `send` of one candidate request; `finish` or `break_off` follows on the app."""

    __slots__ = (
        "address", "aside", "early", "forced", "gate", "head", "headers", "held", "is_told", "late",
        "passing", "scope", "send", "size", "stage", "timers",
    )  # fmt: skip

    def __init__(self, scope: Scope, headers: Headers, address: Address, send: Send, gate: Gate) -> None:
        self.scope, self.headers, self.address, self.send, self.gate = scope, headers, address, send, gate
        self.passing = self.is_told = False
        self.forced: Mapping[str, str] = {}
        self.stage = guard.GUARD_FAULT
        self.head = guard.NO_START
        self.aside: HeaderList = []
        self.held: list[Message] = []
        self.size = 0
        self.early: EarlyHead | None = None
        self.timers: list[asyncio.TimerHandle] = []
        self.late: asyncio.Task[None] | None = None

    async def take(self, message: Message) -> None:
        """Take one message of the app."""
        if self.late is not None:
            await self.settle()
        held = self.held
        if self.passing or not (held or message["type"] == "http.response.start"):
            await self.pass_on(message)
            return
        held.append(message)
        try:
            outcome = self.go_on(message) if len(held) > 1 else self.begin(message)
            if outcome is _WHOLE:
                # Only what has to be waited for is a coroutine: each one costs a page met before dearly.
                outcome = self.recall() or await self.compose()
        except Exception:
            log.exception("%s on %r", self.stage, self.scope.get("path"))
            outcome = self.stage
            self.hush()
        if outcome is not None:
            for each in self.let_go(outcome):
                await self.send(each)
        elif self.early is not None and not self.early.scan.is_over:
            self.late = asyncio.ensure_future(self.go_ahead(self.early))
            await self.late

    async def pass_on(self, message: Message) -> None:
        """Send a message as it came, but for what it tells newshole."""
        await self.send(mute(message))

    def hush(self) -> None:
        """Take what the app told newshole out of a start that could not be read."""
        start = self.held[0]
        with contextlib.suppress(Exception):
            start["headers"] = without_words(start.get("headers", ()))

    @property
    def is_open(self) -> bool:
        """Whether anything is held, or on its way."""
        return bool(self.held) or self.late is not None

    @property
    def tells_all(self) -> bool:
        """Whether the headers tell what became of the page, or that it is for nobody else."""
        return self.is_told or bool(self.forced)

    async def settle(self) -> None:
        """Wait for what is on its way, and for what came behind it meanwhile."""
        late = None
        while late is not self.late and self.late is not None:
            late = self.late
            await late

    async def finish(self) -> None:
        """Let go of a response that the app left unfinished."""
        await self.settle()
        if self.held:
            await self.release(guard.INCOMPLETE)

    async def break_off(self, error: BaseException) -> None:
        """Let go of a response that the app broke off; its own exception is its caller's to raise."""
        if isinstance(error, Exception):
            with contextlib.suppress(Exception):
                await self.finish()
        else:  # cancelled from outside: the connection is not ours to write to
            self.stop_timers()
            if self.late is not None:
                self.late.cancel()

    async def release(self, reason: str) -> None:
        """Send what is held, and from now on every message as it comes."""
        for message in self.let_go(reason):
            await self.send(message)

    def let_go(self, reason: str) -> list[Message]:
        """What is held, for sending; from now on every message passes."""
        self.passing = True
        self.gate.counts[reason] += 1
        if self.gate.counting is not None and reason in _FAULTS:
            self.gate.counting.fault(self.address.url, reason)
        self.stop_timers()
        held, self.held = self.held, []
        if self.early is not None and self.early.sent:
            return [*behind(held[1:], self.early.sent)]
        if reason in guard.TRANSIENT and held:
            with contextlib.suppress(Exception):
                held[0]["headers"] = self.address.promises.failed(held[0].get("headers", ()))
        return held

    def begin(self, message: Message) -> str | None:
        """Why a response that starts so is not one to compose, None where it may be one."""
        self.held[0] = start = _started(message)
        address = self.address
        if start["status"] == 304 and address.mapped is not None:
            ours = address.promises.unmodified(start.get("headers", []), address.mapped, self.headers)
            if ours is not None:
                start["headers"] = ours
                return guard.NOT_MODIFIED
        self.head, self.aside = guard.read_start(
            start, self.gate.limits.page, address.telling, whole=address.promises.is_whole
        )
        if self.head.has_words:
            start["headers"] = without_words(start["headers"])
        if self.head.refusal == guard.STATUS:
            self.gate.library.miss(address.url, start, self.headers)
        off = None if self.head.refusal else self.gate.plans.switched_off(address.url)
        if off is not None:
            self.note_off(start)
            start["headers"] = address.promises.left(start.get("headers", []), off)
            return guard.SWITCHED_OFF
        codings = self.head.codings
        if codings and not offers(self.headers.get(b"accept-encoding"), codings):
            start["headers"] = address.promises.unoffered(start["headers"])
            return guard.UNOFFERED
        if address.is_head and self.head.refusal is None:
            headers = address.promises.head(self.head, self.aside)
            start["headers"] = unshared(headers) if self.forced else headers
            return guard.HEAD
        return self.head.refusal

    def go_on(self, message: Message) -> str | None:
        """The reason to count where what is held can go, None while more of the page is to come."""
        if message["type"] != "http.response.body":
            self.held[-1] = mute(message)
            return guard.MESSAGE
        limit = self.gate.limits.page
        self.size += len(message.get("body", b""))
        if message.get("more_body", False):
            self.held[-1] = _copy(message)
            if self.size > limit or len(self.held) > MAX_PARTS:
                return TOO_LARGE
            if not self.timers:
                self.watch()
            return None
        self.stop_timers()
        self.stage = guard.COMPOSE_FAULT
        return _WHOLE if self.size <= limit else TOO_LARGE

    def recall(self) -> str | None:
        """What became of the page, where it was composed before."""
        started = time.perf_counter() if self.is_told else 0.0
        head, address = self.head, self.address
        if head.codings and self.is_for_one:
            return None
        who = read_who(self.headers, address.telling)
        answer = self.gate.plans.recall(
            _joined(self.held),
            address.url,
            head.content_type,
            who,
            address.promises.words(head, self.aside),
            address.promises.form(head, self.aside),
        )
        if answer is None:
            return None
        return self.rewrite(answer if head.codings else self.measured(answer), started)

    async def compose(self) -> str:
        """What became of the page."""
        started = time.perf_counter() if self.is_told else 0.0
        plans, head, address = self.gate.plans, self.head, self.address
        who = read_who(self.headers, address.telling)
        page = _joined(self.held)
        words = address.promises.words(head, self.aside)
        asked = plans.asked(page, address.url, head.content_type, who, self.read_reader, words)
        if not head.codings:
            answer = await plans.compose(asked)
            self.note(asked, answer)
            return self.rewrite(self.measured(answer), started)
        form = address.promises.form(head, self.aside)
        coded = Coded(asked, head.codings, self.gate.limits.page, self.dress, self.is_for_one, form)
        answer = await compose_coded(coded, plans)
        self.note(asked, answer)
        return self.rewrite(answer, started)

    def note(self, asked: Asked, answer: Answer) -> None:
        """Let the journal know what becomes of a page that was not composed a moment ago."""
        if self.gate.journal is not None:
            told = Told(self.headers, self.held[0].get("headers", ()), self.head.codings)
            note_page(self.gate, asked, answer, told)

    def note_off(self, start: Message) -> None:
        """Let the journal know that the address is switched off."""
        if self.gate.journal is not None:
            told = Told(self.headers, start.get("headers", ()))
            note_off(self.gate, self.address.url, self.read_reader(), told)

    @property
    def is_for_one(self) -> bool:
        """Whether what is put into the response is for that one alone; of an operator it is not measured."""
        is_watched = self.is_told and self.address.measure is not None
        return is_watched or self.gate.is_for_one(self.address, self.aside)

    def inform(self, secret: bytes) -> None:
        """Tell an operator what becomes of the response, whose token is signed with the secret."""
        written, now = self.headers.get(HEADER, b""), self.gate.plans.clock()
        self.is_told = is_operator(written, secret, now)

    def dress(self, answer: Answer) -> Answer:
        return self.address.promises.dressed(self.measured(answer), self.aside, self.gate.counts)

    def measured(self, answer: Answer) -> Answer:
        """The page with what measures its view, where that is wanted."""
        measure, page = self.address.measure, answer.seen.page
        # Of a page whose head went ahead every arm is measured or none, whatever it puts in.
        is_late = page is not None and self.early is not None and (page.at or 0) < self.early.sent
        if measure is None or is_late:
            return answer
        return measure.marked(answer, self.headers, is_watched=self.is_told)

    def read_reader(self) -> Reader:
        reader = read_reader(self.headers, self.address.query, self.address.telling)
        return replace(reader, forced=self.forced) if self.forced else reader

    def rewrite(self, answer: Answer, started: float) -> str:
        """Put the composed page in the place of what is held; a page left alone gets its `Vary` only."""
        self.stage = HEADERS_FAULT
        start = self.held[0]
        if answer.lead is not None:
            self.gate.library.meet(answer.lead, self.headers, start.get("headers", ()))
        if answer.untouched is not None:
            start["headers"] = self.address.promises.left(start.get("headers", ()), answer.lasting)
        elif self.early is not None and answer.at < self.early.sent:
            return guard.HEAD_SENT
        else:
            promises, counts = self.address.promises, self.gate.counts
            html, start["headers"] = promises.page(answer, self.head, self.aside, counts)
            self.held = [start, {"type": "http.response.body", "body": html, "more_body": False}]
        self.address.is_left = answer.untouched is not None
        outcome = answer.untouched or "composed"
        if self.forced:
            start["headers"] = unshared(start["headers"])
        if self.is_told:
            start["headers"] = told(start["headers"], outcome, time.perf_counter() - started)
        if self.gate.counting is not None:
            self.gate.counting.page(self.address.url, answer)
        return outcome

    def watch(self) -> None:
        """Release the page when it is not whole in time, also where the app has fallen silent."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # under trio the size bounds what is held, and nothing the time
        limits = self.gate.limits
        self.timers.append(loop.call_later(limits.hold, self.run_out))
        if limits.flush is not None and not self.tells_all:
            self.timers.append(loop.call_later(limits.flush, self.hurry))

    def stop_timers(self) -> None:
        """Nothing more happens by itself."""
        for timer in self.timers:
            timer.cancel()

    def run_out(self) -> None:
        self.late = asyncio.ensure_future(self.release_late(self.late))

    async def release_late(self, before: asyncio.Task[None] | None) -> None:
        """Release a page that is not whole in time, behind what is on its way."""
        if before is not None:
            await before
        await self.release(guard.TOO_SLOW)

    def hurry(self) -> None:
        """Let the head go ahead as soon as it is there."""
        if self.late is None:
            self.early = EarlyHead()
            self.late = asyncio.ensure_future(self.go_ahead(self.early))

    async def go_ahead(self, early: EarlyHead) -> None:
        """Send the head ahead, where it is there."""
        try:
            ahead = self.ahead(early)
        except Exception:
            log.exception("%s on %r", self.stage, self.scope.get("path"))
            await self.release(self.stage)
            return
        for message in ahead:
            await self.send(message)

    def ahead(self, early: EarlyHead) -> list[Message]:
        """The messages that go ahead; none where the head is not there, or is to stay."""
        if not may_go(self.scope, self.address, self.head, self.aside):
            early.scan.is_over = True
            return []
        head = early.read(self.held, self.head.content_type)
        if not head:
            return []
        headers = self.address.promises.ahead(self.head, self.aside)
        early.sent = len(head)
        part = {"type": "http.response.body", "body": head, "more_body": True}
        return [{**self.held[0], "headers": headers}, part]


def _joined(held: list[Message]) -> bytes:
    """The page of the messages that are held."""
    if len(held) == 2:
        page = held[1].get("body", b"")
        return page if type(page) is bytes else bytes(page)
    return b"".join([part.get("body", b"") for part in held[1:]])


def _started(message: Message) -> Message:
    """The start as it is now, for apps may use its dict or its list again once it is sent."""
    return {**message, "headers": [*message["headers"]]} if "headers" in message else {**message}


def _copy(message: Message) -> Message:
    """A part as it is now, for the same reason."""
    part = message.get("body", b"")
    return {**message} if type(part) is bytes else {**message, "body": bytes(part)}
