"""One request, followed from its first message to its last: for its tags, and for its line in the log.

Nothing here runs where neither is asked for. A trace stands between newshole and the server, and is found
in the scope by what else has something to say of the request, such as a cache inside.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from starlette.types import Message, Receive, Scope, Send

from newshole.cache import Answer
from newshole.cdn.tags import TagHeader, page_tags, tag_headers, tagged, untagged
from newshole.http.fast import FastResponder
from newshole.http.gate import Address, Gate, Opening
from newshole.http.headers import HEADERS_FAULT
from newshole.http.heads import HeaderList, Headers, is_request_id, new_request_id, read_headers, read_url
from newshole.http.logs import ACCESS, open_log, request_id
from newshole.http.responder import Responder
from newshole.http.validators import wants_document
from newshole.site import Site

if TYPE_CHECKING:
    from newshole.http.middleware import Newshole

log = logging.getLogger("newshole")

TRACE: Final = "newshole.trace"
"""Where the trace of a request stands in its scope."""

ID: Final = b"x-request-id"

_WORDS: Final = "%(status)s %(method)s %(host)s %(path)r %(outcome)s"
"""What a request is told in by formatters that are not ours."""

MOST_TAGGED: Final = 4096
"""Pages whose tags are kept."""

_BYTES: Final = {bytes}


@dataclass(frozen=True, slots=True)
class Tracer:
    """What requests are followed for: `tags` are the headers that pages are tagged in, `is_logged` asks for a
    line in the log, `has_ip` for the reader's address in it. `counts` has what fails, `made` the tags of
    pages by their rules, their address and their blocks."""

    counts: Counter[str]
    tags: tuple[TagHeader, ...] = ()
    is_logged: bool = False
    has_ip: bool = False
    made: dict[tuple[str, str, tuple[str, ...]], tuple[bytes, ...]] = field(default_factory=dict)

    async def follow(self, newshole: Newshole, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request by `newshole`, which finds its trace in the scope; None where none can be made."""
        try:
            trace = Trace(self, newshole.gate.site, scope, send)
        except Exception:
            log.exception("a request could not be followed")
            await newshole({**scope, TRACE: None}, receive, send)
            return
        if not self.is_logged:
            await newshole(trace.scope, receive, trace.send)
            return
        token = request_id.set(trace.id)
        try:
            await newshole(trace.scope, receive, trace.send)
        except BaseException as error:
            trace.error = type(error).__name__
            raise
        finally:
            trace.end()
            request_id.reset(token)


def open_tracer(
    counts: Counter[str], surrogate: str | Iterable[str], log: str, *, has_ip: bool
) -> Tracer | None:
    """What follows requests for the headers of tags, and for a log; None where nobody wants to know."""
    tags = tag_headers(surrogate) if surrogate else ()
    is_logged = open_log(log)
    return Tracer(counts, tags, is_logged, has_ip) if tags or is_logged else None


class Trace:
    """What becomes of one request."""

    __slots__ = (
        "_answer_to", "added", "answer", "asked", "beside", "bytes_in", "bytes_out", "cache", "error", "id",
        "is_candidate", "met", "outcome", "scope", "shadow", "site", "started", "status", "total", "tracer",
        "url",
    )  # fmt: skip

    def __init__(self, tracer: Tracer, site: Site, scope: Scope, send: Send) -> None:
        self.tracer, self.site, self._answer_to = tracer, site, send
        # The app gets another, for its routers write into the scope.
        self.asked = scope
        self.started = time.perf_counter()
        self.met: float | None = None
        self.url = self.id = ""
        self.scope = self._named(scope) if tracer.is_logged else {**scope, TRACE: self}
        self.answer: Answer | None = None
        self.is_candidate = False
        self.outcome = self.cache = self.error = ""
        self.status = self.bytes_out = 0
        self.bytes_in: int | None = None
        self.added = self.total = 0.0
        self.shadow = ""
        # What is worked out beside the request, which its line waits for.
        self.beside: asyncio.Task[None] | None = None

    def _named(self, scope: Scope) -> Scope:
        """The scope with the trace in it, and with the request's id for the app."""
        given = [value for name, value in scope["headers"] if name.lower() == ID]
        if len(given) == 1 and is_request_id(given[0].decode("latin-1")):
            self.id = given[0].decode("latin-1")
            return {**scope, TRACE: self}
        self.id = new_request_id()
        kept = [pair for pair in scope["headers"] if pair[0].lower() != ID] if given else scope["headers"]
        return {**scope, TRACE: self, "headers": [*kept, (ID, self.id.encode())]}

    def refuse(self, reason: str) -> None:
        """The request is not one for newshole."""
        self.outcome = reason
        self.added = time.perf_counter() - self.started

    def admit(self, url: str) -> None:
        """The answer may be a page to compose, at this address."""
        self.is_candidate, self.url = True, url
        self.added = time.perf_counter() - self.started

    async def send(self, message: Message) -> None:
        """Send a message on, the start of a page with its tags."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.tracer.tags:
                message = self.tag(message)
        elif message["type"] == "http.response.body":
            self.bytes_out += len(message.get("body", b""))
        await self._answer_to(message)

    def tag(self, start: Message) -> Message:
        """The start of a response with its tags, or as it is where that fails."""
        try:
            return {**start, "headers": self.tagged(start)}
        except Exception:
            log.exception("%s on %r", HEADERS_FAULT, self.asked.get("path"))
            self.tracer.counts[HEADERS_FAULT] += 1
            return start

    def tagged(self, start: Message) -> HeaderList:
        """The headers of a response, with tags where it is an HTML page.

        Every one is tagged, whatever became of it: other rules may place blocks there. What is not modified
        gets none, and loses the site's: a cache would put them in the place of those that it keeps.
        """
        headers = _read_list(start)
        if self.status == 304 and (self.is_candidate or self.wants_document):
            return untagged(headers, self.tracer.tags)
        if self.status != 200 or not _is_html(headers):
            return headers
        return tagged(headers, self.tracer.tags, self.page_tags())

    @property
    def wants_document(self) -> bool:
        """Whether the answer is a page, as far as the request tells."""
        return wants_document(read_headers(self.asked["headers"]))

    def page_tags(self) -> tuple[bytes, ...]:
        """The tags of the page as it is sent; none for a host that no rules are for."""
        url = self.url or read_url(self.asked, read_headers(self.asked["headers"]))
        if url is None:
            return ()
        made, site = self.tracer.made, self.site
        key = site.digest, url, () if self.answer is None else self.answer.blocks
        tags = made.get(key)
        if tags is None:
            rules = site.rules_for(url)
            tags = () if rules is None else page_tags(site=rules.site, rules=key[0], url=url, blocks=key[2])
            if len(made) >= MOST_TAGGED:
                made.clear()
            made[key] = tags
        return tags

    def end(self) -> None:
        """The request has ended: write its line, once all of it is known."""
        self.total = time.perf_counter() - self.started
        if self.beside is None:
            self.log()
        else:
            self.beside.add_done_callback(lambda _: self.log())

    def log(self) -> None:
        """Write the request's line. Never raises: the page is on its way."""
        if not ACCESS.isEnabledFor(logging.INFO):
            return
        try:
            fields = self.fields()
        except Exception:
            log.exception("a request could not be told of")
            return
        # Made here, for `info` would look for the caller, which takes as long as all the rest.
        record = logging.LogRecord(ACCESS.name, logging.INFO, "", 0, _WORDS, (fields,), None)
        record.event, record.fields = "request", fields
        ACCESS.handle(record)

    def fields(self) -> dict[str, Any]:
        """What the line says, by the names in `logs.FIELDS`."""
        answer = self.answer
        fields = {
            "request_id": self.id,
            "method": self.asked["method"],
            "host": read_headers(self.asked["headers"]).get(b"host", b"").decode("latin-1"),
            "path": _path(self.asked),
            "status": self.status or None,
            "outcome": self.outcome,
            "blocks": list(answer.blocks) if answer is not None else [],
            "rules": self.site.digest,
            "plan": answer.plan or None if answer is not None else None,
            "added_ms": round(self.added * 1000, 3),
            "total_ms": round(self.total * 1000, 3),
            "bytes_in": self.bytes_out if self.bytes_in is None else self.bytes_in,
            "bytes_out": self.bytes_out,
            "cache": self.cache or None,
        }
        if self.shadow:
            fields["shadow"] = self.shadow
        if self.error:
            fields["error"] = self.error
        if self.tracer.has_ip:
            fields["ip"] = (self.asked.get("client") or ("",))[0]
        return fields


class TracedResponder(Responder):
    """A responder that tells the trace in its scope what it does."""

    __slots__ = ("trace",)

    def __init__(self, scope: Scope, headers: Headers, address: Address, send: Send, gate: Gate) -> None:
        super().__init__(scope, headers, address, send, gate)
        self.trace: Trace = scope[TRACE]

    @property
    def tells_all(self) -> bool:
        return super().tells_all or bool(self.trace.tracer.tags)

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self.trace.bytes_in = (self.trace.bytes_in or 0) + len(message.get("body", b""))
        self.trace.met = None if self.passing else time.perf_counter()
        await super().take(message)
        self.trace.met = None

    def rewrite(self, answer: Answer, started: float) -> str:
        outcome = super().rewrite(answer, started)
        self.trace.answer = answer
        return outcome

    def let_go(self, reason: str) -> list[Message]:
        self.trace.outcome = reason
        if self.trace.met is not None:
            self.trace.added += time.perf_counter() - self.trace.met
        return super().let_go(reason)


class TracedFastResponder(FastResponder):
    """The short way of a response, which tells the trace in its scope what becomes of it."""

    __slots__ = ("trace",)

    long_way = TracedResponder

    def __init__(self, scope: Scope, headers: Headers, address: Address, send: Send, gate: Gate) -> None:
        super().__init__(scope, headers, address, send, gate)
        self.trace: Trace = scope[TRACE]

    def begin(self, message: Message) -> Opening | None:
        opening = super().begin(message)
        if opening is not None and opening.head.refusal is not None:
            self.trace.outcome = opening.head.refusal
        return opening

    def recall(self, message: Message) -> tuple[Answer, Message, Message] | None:
        started = time.perf_counter()
        found = super().recall(message)
        if found is not None:
            trace, answer = self.trace, found[0]
            trace.answer, trace.outcome = answer, answer.untouched or "composed"
            trace.bytes_in = len(message["body"])
            trace.added += time.perf_counter() - started
        return found


def tell_cache(scope: Scope, outcome: str) -> None:
    """Tell the trace of a request, where it has one, what a page cache inside did."""
    trace: Trace | None = scope.get(TRACE)
    if trace is not None:
        trace.cache = outcome


def tell_id(scope: Scope, written: str) -> None:
    """Tell the trace of a request, where it has one, the id that the site knows it by."""
    trace: Trace | None = scope.get(TRACE)
    if trace is not None and trace.id:
        trace.id = written
        request_id.set(written)


def _read_list(start: Message) -> HeaderList:
    """The headers of a response, which an app may have in other types."""
    headers: HeaderList = start.get("headers", ())
    if type(headers) is list and {type(each) for pair in headers for each in pair} == _BYTES:
        return headers
    return [(bytes(name), bytes(value)) for name, value in headers]


def _is_html(headers: HeaderList) -> bool:
    for name, value in headers:
        if name == b"content-type" or name.lower() == b"content-type":
            return value.partition(b";")[0].strip().lower() == b"text/html"
    return False


def _path(scope: Scope) -> str:
    """The path as it was written, without the query, which may hold what is private."""
    raw = scope.get("raw_path")
    return str(scope["path"]) if raw is None else raw.decode("latin-1").partition("?")[0]
