"""Faults in any function of newshole, while a request is answered.

A tracer sees every call of a function and every time that a coroutine goes on after an `await`, background
tasks among them, and raises there. So whatever newshole does, it is shown what becomes of the reader where
that fails.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import CO_COROUTINE
from pathlib import Path
from types import CodeType, FrameType
from typing import Final, TypeAlias

from starlette.types import ASGIApp

import newshole
from tests.http.asgi import STORY, Client, asked

HOME: Final = str(Path(newshole.__file__).parent)

SHELL: Final = frozenset((
    "Newshole.__call__", "ShortWay.take", "Newshole.meet", "Newshole.admit",
    "FastResponder.take", "FastResponder.begin", "FastResponder.recall", "FastResponder.leave",
    "FastResponder.hand_over", "FastResponder.finish",
    "Responder.__init__", "Responder.take", "Responder.let_go", "Responder.settle", "Responder.finish",
    "Responder.stop_timers", "Responder.go_ahead", "behind",
))  # fmt: skip
"""What is around every `try`: it calls what the rest is in, and sends what was held."""

MOST: Final = 8
"""Resumptions of one coroutine that are made to fail, one a request."""


class InjectedError(Exception):
    """The fault."""


@dataclass(slots=True)
class Injector:
    """Raises InjectedError in the nth call of one function, once; or in every call from then on."""

    code: CodeType
    nth: int
    is_lasting: bool = False
    calls: int = 0

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code is self.code:
            self.calls += 1
            if self.calls - 1 == self.nth or (self.is_lasting and self.calls > self.nth):
                raise InjectedError

    def __str__(self) -> str:
        lasting = " and ever after" if self.is_lasting else ""
        file = Path(self.code.co_filename).name
        return f"{self.code.co_qualname} in {file}, call {self.nth}{lasting}"


@dataclass(slots=True)
class Counting:
    """Counts the calls of newshole's functions."""

    calls: Counter[CodeType] = field(default_factory=Counter)

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(HOME):
            self.calls[frame.f_code] += 1


Hook: TypeAlias = Callable[[FrameType, str, object], None]


@contextmanager
def traced(hook: Hook) -> Iterator[None]:
    """Within it, each call in this thread is shown to the hook."""
    before = sys.gettrace()
    sys.settrace(hook)
    try:
        yield
    finally:
        sys.settrace(before)


def faults(
    counting: Counting, around: Collection[str] = SHELL, carrying: Collection[str] = ()
) -> Iterator[Injector]:
    """A fault in every function that was called, but for those that are around every `try`.

    Those that are `carrying` an answer fail when they are called only: what comes out of what they await is
    the app's own, or the server's.
    """
    for code, calls in counting.calls.items():
        if code.co_qualname in around or code.co_name[0] == "<":
            continue
        yield Injector(code, 0)
        if code.co_qualname in carrying:
            continue
        resumed = range(1, min(calls, MOST)) if code.co_flags & CO_COROUTINE else ()
        for nth in {*resumed, calls - 1} - {0}:
            yield Injector(code, nth)
        yield Injector(code, 0, is_lasting=True)


def ask_traced(app: ASGIApp, hook: Hook) -> Client:
    """The answer to one request, each call in it shown to the hook."""
    client = Client()

    async def ask() -> None:
        with traced(hook):
            await app(asked(headers=[(b"accept", b"text/html")]), client.receive, client.send)

    asyncio.run(ask())
    return client


def wrong(client: Client, pages: Iterable[bytes]) -> str | None:
    """What is wrong with an answer that has to be one of these pages, whole; None for nothing."""
    kinds = [each["type"] for each in client.messages]
    if kinds[:1] != ["http.response.start"] or kinds.count("http.response.start") != 1:
        return f"messages {kinds}"
    if client.messages[0]["status"] != 200 or client.messages[-1].get("more_body", False):
        return f"{client.messages}"
    if client.body not in pages:
        return f"{client.body!r}"
    length = client.header(b"content-length")
    return None if length in (None, b"%d" % len(client.body)) else f"a length of {length!r}"


def broken(app: ASGIApp, injector: Injector, page: bytes) -> str | None:
    """What a fault broke, None where the reader has a whole page."""
    what = str(injector)
    try:
        client = ask_traced(app, injector)
    except InjectedError:
        return f"{what}: raised"
    found = wrong(client, (STORY, page))
    return None if found is None else f"{what}: {found}"
