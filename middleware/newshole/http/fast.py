"""The short way of a response: a start, then all of the page in one message, and it was composed before.

Most responses go it, or are refused by their start. In a server a page that is planned costs by the steps in
Python that it takes, not by its bytes (see docs/performance.md), so here are as few as will do. Everything
else is left to a `Responder`: pages in parts, pages that are composed for the first time, and whatever goes
wrong, which goes wrong there again and is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import ClassVar, Final

from starlette.types import Message, Scope, Send

from newshole.cache import Answer
from newshole.cache.kept import Finished, Who
from newshole.http import guard
from newshole.http.codings import offers
from newshole.http.gate import Address, Gate, Opening, as_bytes
from newshole.http.headers import HeaderList
from newshole.http.heads import Headers, read_headers
from newshole.http.policies import read_nonced, read_policies
from newshole.http.readers import read_who
from newshole.http.responder import Responder
from newshole.page.frame import whole_digest

_START: Final = "http.response.start"
_BODY: Final = "http.response.body"


class FastResponder:
    """The `send` of one GET that may be for a page; `finish` follows where it `is_open` still after the app.

    waiting ──start──► open ──whole page──► passing
       │                │                      ▲
       │ not so plain   │                      │ refused by its start
       ▼                ▼
    open, all of it left to `responder`
    """

    __slots__ = (
        "address", "gate", "headers", "is_open", "is_passing", "opening", "responder", "scope", "send",
    )  # fmt: skip

    long_way: ClassVar[type[Responder]] = Responder
    """What all else is left to."""

    def __init__(self, scope: Scope, headers: Headers, address: Address, send: Send, gate: Gate) -> None:
        self.scope, self.headers, self.address, self.send, self.gate = scope, headers, address, send, gate
        self.is_open = self.is_passing = False
        self.opening: Opening | None = None
        self.responder: Responder | None = None

    async def take(self, message: Message) -> None:
        """Take one message of the app."""
        kind = message["type"]
        if kind == _BODY:
            if self.is_passing:
                send = self.send
                await send(message)
                return
            found = self.recall(message)
            if found is not None:
                answer, start, body = found
                self.is_open, self.is_passing = False, True
                gate = self.gate
                gate.counts[answer.untouched or "composed"] += 1
                if gate.counting is not None:
                    gate.counting.page(self.address.url, answer)
                send = self.send
                await send(start)
                await send(body)
                return
        elif kind == _START and not self.is_open and not self.is_passing:
            opening = self.begin(message)
            if opening is not None:
                self.opening, refusal = opening, opening.head.refusal
                if refusal is None:
                    self.is_open = True
                    return
                self.is_passing = True
                self.gate.counts[refusal] += 1
                if refusal == guard.STATUS:
                    with contextlib.suppress(Exception):
                        self.gate.library.miss(self.address.url, opening.start, self.headers)
                send = self.send
                await send(message)
                return
        await self.leave(message)

    def begin(self, message: Message) -> Opening | None:
        """The start of a response, read; None where it is not plain."""
        address = self.address
        if address.opening is not None and message == address.opening.start:
            return address.opening
        headers = message.get("headers")
        if type(headers) is not list:
            return None
        start = {**message, "headers": [*headers]}
        try:
            head, aside = guard.read_start(
                start, self.gate.limits.page, address.telling, whole=address.promises.is_whole
            )
        except Exception:  # noqa: BLE001 - the responder meets it again
            return None
        if head.has_words:
            return None
        address.opening = Opening(start, head, aside)
        return address.opening

    def recall(self, message: Message) -> tuple[Answer, Message, Message] | None:
        """What becomes of a page that was composed before, and the messages to send; None for any other."""
        page, opening, gate = message.get("body"), self.opening, self.gate
        if opening is None or not isinstance(page, bytes) or message.get("more_body", False):
            return None
        if len(page) > gate.limits.page:
            return None
        head, address = opening.head, self.address
        try:
            who = read_who(self.headers, address.telling) if address.telling.conditions else ()
            if opening.words is not None:
                key = (whole_digest(page), address.url, head.content_type, "", who, opening.words)
                finished = gate.plans.again(key)
                if finished is not None:
                    return self.again(finished, opening)
                opening.words = None
            found = self.compose(page, opening, who)
        except Exception:  # noqa: BLE001 - the responder meets it again
            return None
        if found is None:
            return None
        answer, headers = found
        start = {**opening.start, "headers": headers}
        if answer.untouched is not None:
            return answer, start, message
        return answer, start, {"type": _BODY, "body": answer.html, "more_body": False}

    def again(self, finished: Finished, opening: Opening) -> tuple[Answer, Message, Message]:
        """A finished page with its headers, which for many readers in one second are the same."""
        answer, made, gate = finished.answer, finished.made, self.gate
        if answer.lead is not None:
            gate.library.meet(answer.lead, self.headers, opening.start["headers"])
        if made is not None and made[0] is opening and made[1] == int(gate.plans.clock()):
            html, headers = answer.html, made[2]
        else:
            promises, second = self.address.promises, int(gate.plans.clock())
            html, headers = promises.page(answer, opening.head, opening.aside, gate.counts)
            if not read_policies(opening.aside, answer.policies):
                finished.made = opening, second, headers
        start = {**opening.start, "headers": [*headers]}
        return answer, start, {"type": _BODY, "body": html, "more_body": False}

    def compose(self, page: bytes, opening: Opening, who: Who) -> tuple[Answer, HeaderList] | None:
        """A page by its plan, for this response, and its headers; None where it has to be planned."""
        head, aside, address, gate = opening.head, opening.aside, self.address, self.gate
        promises, is_measured = address.promises, address.measure is not None
        if head.codings and (
            gate.is_for_one(address, aside) or not offers(self.headers.get(b"accept-encoding"), head.codings)
        ):
            return None
        nonced = read_nonced(aside) if aside else None
        dress = None
        # What measures a view is put in front of the blocks once they are there.
        if nonced is not None and not is_measured and not head.codings:
            dress = partial(promises.dress, nonced, gate.counts)
        words = promises.words(head, aside, nonced) if promises.needed else head.words
        form = promises.form(head, aside)
        answer = gate.plans.recall(page, address.url, head.content_type, who, words, form, dress)
        if answer is None:
            return None
        if answer.lead is not None:
            gate.library.meet(answer.lead, self.headers, opening.start["headers"])
        if address.measure is not None and not head.codings:
            answer = address.measure.marked(answer, self.headers)
        if answer.untouched is not None:
            return answer, promises.left(opening.start["headers"], answer.lasting)
        if dress is None:
            if not (is_measured or head.codings or gate.plans.has_tokens(address.url)):
                opening.words = words
            html, headers = promises.page(answer, head, aside, gate.counts)
            return answer if html is answer.html else answer._replace(html=html), headers
        return answer, promises.composed(len(answer.html), answer.digest, answer.lasting, head, aside)

    async def leave(self, message: Message) -> None:
        """Leave this message and all that follow to a responder."""
        responder = self.responder or await self.hand_over()
        await responder.take(message)

    async def hand_over(self) -> Responder:
        """A responder that stands where this one does."""
        responder = self.long_way(self.scope, self.headers, self.address, self.send, self.gate)
        self.responder, responder.passing = responder, self.is_passing
        if self.is_open and self.opening is not None:
            await responder.take({**self.opening.start})
        self.is_open, self.opening = True, None
        return responder

    async def finish(self) -> None:
        """Let go of a response that the app left unfinished."""
        await (self.responder or await self.hand_over()).finish()

    async def break_off(self, error: BaseException) -> None:
        """Let go of a response that the app broke off; its own exception is its caller's to raise."""
        if self.responder is not None:
            await self.responder.break_off(error)
        elif self.is_open and isinstance(error, Exception):
            with contextlib.suppress(Exception):
                await self.finish()


class ShortWay:
    """The way of plain requests for pages that a gate met before, while nothing looks at every request.

    `tasks` are those in the background that are to run.
    """

    __slots__ = ("gate", "tasks")

    def __init__(self, gate: Gate, tasks: tuple[asyncio.Task[None], ...]) -> None:
        self.gate, self.tasks = gate, tasks

    def take(self, scope: Scope, send: Send) -> FastResponder | None:
        """A responder for a request; None where it is none of those, or a task has ended with its loop."""
        try:
            for task in self.tasks:
                if task.done():
                    return None
            headers = read_headers(scope["headers"])
            address = self.gate.plain(scope, headers)
            if address is None or address.refusal is not None or address.is_head:
                return None
            if "extensions" in scope:
                scope = as_bytes(scope)
            return FastResponder(scope, headers, address, send, self.gate)
        except Exception:  # noqa: BLE001 - the middleware meets it again
            return None
