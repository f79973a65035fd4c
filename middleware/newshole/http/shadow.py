"""Shadow mode: pages leave as the site sent them, and what would have become of them is worked out beside.

Every message passes at once, the very one that the app sent. A copy is composed once the page is on its way,
in a thread where it was not planned before: by the same rules, switches and stories as pages that are
composed, so all of that can be tuned before a reader sees any of it. What would have become of pages is
counted, logged and kept in the journal. Nobody waits for it: where too much is under way, a page is let go
unseen.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from functools import partial
from typing import Final

from starlette.types import Message, Scope, Send

from newshole.cache import Answer
from newshole.cache.threads import coders
from newshole.http import guard
from newshole.http.codings import TOO_LARGE, CodingError, decode
from newshole.http.gate import Address, Gate
from newshole.http.headers import HeaderList
from newshole.http.heads import Headers
from newshole.http.journaling import Told, note_off, note_page
from newshole.http.readers import read_reader, read_who
from newshole.http.trace import TRACE, Trace

log = logging.getLogger("newshole")

FAULT: Final = "shadow-fault"
"""Counted where looking at a page failed in newshole, whose reader noticed nothing."""

SKIPPED: Final = "shadow-skipped"
"""Counted where a page was let go unseen: too much was under way, or the server is none of asyncio's."""

MOST: Final = 64
"""Pages that are worked out at a time."""

ROOM: Final = 64 * 1024 * 1024
"""Bytes of the pages that are copied, or wait, at a time."""

PATIENCE: Final = 2.0
"""Seconds that the end of a server waits for what is under way."""

_START: Final = "http.response.start"
_BODY: Final = "http.response.body"


class Shadow:
    """What pages would become that pass a middleware: `counts` has "composed", and every reason why not."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.tasks: set[asyncio.Task[None]] = set()
        self.held = 0

    def begin(self, responder: ShadowResponder, page: bytes) -> None:
        """Work out in the background what a page would become. Raises RuntimeError without asyncio."""
        loop = asyncio.get_running_loop()
        if len(self.tasks) >= MOST:
            responder.settle(SKIPPED)
            return
        self.held += len(page)
        task = loop.create_task(self._tell(responder, page), name="newshole shadow")
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        if responder.trace is not None:
            responder.trace.beside = task

    async def _tell(self, responder: ShadowResponder, page: bytes) -> None:
        try:
            outcome = await responder.compose(page)
        except CodingError as error:
            outcome = error.reason
        except Exception:
            log.exception("%s on %r", FAULT, responder.scope.get("path"))
            outcome = FAULT
        finally:
            self.held -= len(page)
        responder.settle(outcome)

    async def close(self) -> None:
        """Wait a moment for what is under way, and end it then."""
        if not self.tasks:
            return
        _, late = await asyncio.wait(self.tasks, timeout=PATIENCE)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)


class ShadowResponder:
    """The `send` of one candidate request that passes, and is looked at on the way."""

    __slots__ = (
        "address", "aside", "gate", "head", "headers", "parts", "scope", "send", "shadow", "size", "start",
        "trace",
    )  # fmt: skip

    def __init__(
        self, scope: Scope, headers: Headers, address: Address, send: Send, gate: Gate, shadow: Shadow
    ) -> None:
        self.scope, self.headers, self.address, self.send, self.gate = scope, headers, address, send, gate
        self.shadow = shadow
        self.trace: Trace | None = scope.get(TRACE)
        self.head, self.aside = guard.NO_START, list[tuple[bytes, bytes]]()
        self.start: Message | None = None
        self.parts: list[bytes] | None = []
        self.size = 0
        gate.counts[guard.SHADOW] += 1
        if self.trace is not None:
            self.trace.admit(address.url)
            self.trace.outcome = guard.SHADOW

    @property
    def is_open(self) -> bool:
        """Whether the rest of a page is looked for."""
        return self.parts is not None

    async def take(self, message: Message) -> None:
        """Pass a message on, and take a copy of it."""
        if self.parts is None:
            await self.send(message)
            return
        is_whole = False
        if type(message.get("headers", [])) is not list:
            # Some apps send headers that can be read but once.
            message = {**message, "headers": list(message["headers"])}
        try:
            is_whole = self.look(message)
        except Exception:
            log.exception("%s on %r", FAULT, self.scope.get("path"))
            self.drop(FAULT)
        await self.send(message)
        if is_whole:
            self.end()

    def look(self, message: Message) -> bool:
        """Whether a message is the last of a page."""
        if message["type"] == _START and self.start is None:
            self.begin(message)
            return False
        if message["type"] != _BODY:
            self.drop(guard.MESSAGE)
            return False
        return self.copy(message) and not message.get("more_body", False)

    def begin(self, message: Message) -> None:
        """Look at how a response begins."""
        address, limit = self.address, self.gate.limits.page
        self.start = {**message, "headers": [*message.get("headers", ())]}
        self.head, self.aside = guard.read_start(
            {**self.start}, limit, address.telling, whole=address.promises.is_whole
        )
        refusal = self.head.refusal
        if refusal == guard.STATUS:
            self.gate.library.miss(address.url, self.start, self.headers)
        if refusal is None and self.gate.plans.switched_off(address.url) is not None:
            refusal = guard.SWITCHED_OFF
            reader = read_reader(self.headers, address.query, address.telling)
            note_off(self.gate, address.url, reader, self.told)
        if refusal is None and address.is_head:
            refusal = guard.HEAD
        if refusal is not None:
            self.drop(refusal)

    def copy(self, message: Message) -> bool:
        """Keep a part of the page; False where it is dropped."""
        assert self.parts is not None  # noqa: S101 - for the type checker: nothing is copied then
        part = bytes(message.get("body", b""))
        self.parts.append(part)
        self.size += len(part)
        self.shadow.held += len(part)
        if self.size > self.gate.limits.page:
            self.drop(TOO_LARGE)
        elif self.shadow.held > ROOM:
            self.drop(SKIPPED)
        return self.parts is not None

    def drop(self, reason: str) -> None:
        """Look no further, for a reason."""
        self.let_go()
        self.settle(reason)

    def let_go(self) -> bytes:
        """The page as far as it was copied; nothing more of it is."""
        parts, self.parts = self.parts or [], None
        self.shadow.held -= self.size
        self.size = 0
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def end(self) -> None:
        """The page has gone out: see what would have become of it."""
        page = self.let_go()
        try:
            self.shadow.begin(self, page)
        except RuntimeError:  # under trio
            self.settle(SKIPPED)

    async def compose(self, page: bytes) -> str:
        """What would have become of a page."""
        gate, address, head, told = self.gate, self.address, self.head, self.told
        if head.codings:
            page = await coders().run(partial(decode, page, head.codings, most=gate.limits.page))
        plans, who = gate.plans, read_who(self.headers, address.telling)
        words = address.promises.words(head, self.aside)
        answer = plans.recall(page, address.url, head.content_type, who, words)
        if answer is None:
            read = partial(read_reader, self.headers, address.query, address.telling)
            asked = plans.asked(page, address.url, head.content_type, who, read, words)
            answer = await plans.compose(asked)
            note_page(gate, asked, answer, told)
        self.learn(answer)
        if gate.counting is not None:
            gate.counting.page(address.url, answer)
        if self.trace is not None:
            self.trace.answer = answer
        return answer.untouched or "composed"

    @property
    def told(self) -> Told:
        """What the journal is told of the exchange; the page that it is given is decoded."""
        answered = () if self.start is None else self.start["headers"]
        return Told(self.headers, answered, shadow=True)

    def learn(self, answer: Answer) -> None:
        """Let the library know of a story, as of one that is composed."""
        raw: HeaderList = [] if self.start is None else self.start["headers"]
        if answer.lead is not None:
            self.gate.library.meet(answer.lead, self.headers, raw)

    def settle(self, outcome: str) -> None:
        """Tell what would have become of the page."""
        self.shadow.counts[outcome] += 1
        if self.trace is not None:
            self.trace.shadow = outcome

    async def finish(self) -> None:
        """Forget a page that the app left unfinished."""
        self.drop(guard.INCOMPLETE)

    async def break_off(self, _error: BaseException) -> None:
        """Forget a page that the app broke off; its own exception is its caller's to raise."""
        if self.is_open:
            self.drop(guard.INCOMPLETE)
