"""The short way of a response: a start, then all of the page in one message, and it was composed before.

Most responses go it, or are refused by their start. In a server a page that is planned costs by the steps in
Python that it takes, not by its bytes (see docs/performance.md), so here are as few as will do. Everything
else is left to a `Responder`: pages in parts, pages that are composed for the first time, and whatever goes
wrong, which goes wrong there again and is counted.
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import ClassVar, Final

from starlette.types import Message, Scope, Send

from newshole.cache import Answer
from newshole.http import guard
from newshole.http.codings import offers
from newshole.http.gate import Address, Gate, Opening
from newshole.http.headers import HeaderList
from newshole.http.heads import Headers
from newshole.http.policies import read_nonced, read_policies
from newshole.http.readers import read_who
from newshole.http.responder import Responder

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
        if (
            opening is None
            or self.responder is not None
            or not isinstance(page, bytes)
            or message.get("more_body", False)
            or len(page) > gate.limits.page
        ):
            return None
        head, address = opening.head, self.address
        try:
            if head.codings and (
                self.gate.is_for_one(address, opening.aside)
                or not offers(self.headers.get(b"accept-encoding"), head.codings)
            ):
                return None
            who = read_who(self.headers, address.telling) if address.telling.conditions else ()
            promises, nonced, dress = address.promises, None, None
            if opening.aside:
                nonced = read_nonced(opening.aside)
                # What measures a view is put in front of the blocks once they are there.
                if nonced is not None and address.measure is None and not head.codings:
                    dress = partial(promises.dress, nonced, gate.counts)
            words = promises.words(head, opening.aside, nonced) if promises.needed else head.words
            answer = gate.plans.recall(page, address.url, head.content_type, who, words, head.codings, dress)
            if answer is None:
                return None
            if answer.lead is not None:
                gate.library.meet(answer.lead, self.headers, opening.start["headers"])
            if address.measure is not None and not head.codings:
                answer = address.measure.marked(answer, self.headers)
            if answer.untouched is not None:
                headers = address.promises.left(opening.start["headers"], answer.lasting)
                return answer, {**opening.start, "headers": headers}, message
            html, headers = self.made(answer, opening) if dress is None else self.dressed(answer, opening)
        except Exception:  # noqa: BLE001 - the responder meets it again
            return None
        body = {"type": _BODY, "body": html, "more_body": False}
        return answer, {**opening.start, "headers": headers}, body

    def dressed(self, answer: Answer, opening: Opening) -> tuple[bytes, HeaderList]:
        """A composed page that is dressed already, and its headers."""
        html, head = answer.html, opening.head
        composed = self.address.promises.composed
        return html, composed(len(html), answer.digest, answer.lasting, head, opening.aside)

    def made(self, answer: Answer, opening: Opening) -> tuple[bytes, HeaderList]:
        """A composed page and its headers, which for many readers in one second are the same."""
        second = int(self.gate.plans.clock())
        made = opening.made
        if made is not None and made[0] is answer and made[1] == second:
            return answer.html, [*made[2]]
        promises, counts = self.address.promises, self.gate.counts
        html, headers = promises.page(answer, opening.head, opening.aside, counts)
        if not read_policies(opening.aside, answer.policies):
            opening.made = answer, second, [*headers]
        return html, headers

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
        self.is_open = True
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
