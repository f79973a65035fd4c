"""The demo's readers: what tells them apart, those whom it begins with, and what becomes of their events."""

from __future__ import annotations

import logging
import secrets
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.cookies import SimpleCookie
from itertools import product, takewhile
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole.demo.crowd import READERS, SEED, crowd
from newshole.demo.files import events_in, warehouse_in
from newshole.demo.sights import SIGHTS
from newshole.experiments.events.shipping import take_segments
from newshole.experiments.events.sinks.sink import Sink
from newshole.experiments.events.sinks.sqlite import SqliteSink

log = logging.getLogger("newshole")

COOKIE: Final = "reader"
"""The cookie that the demo's rules know a reader by."""

OFTEN: Final = 1.0
"""Seconds from one look at new events to the next."""

_DESKTOP: Final[Mapping[str, str]] = {}
_PHONE: Final = {"Sec-CH-UA-Mobile": "?1"}
_PATIENCE: Final = 5.0


class Named:
    """Gives each browser that asks for a page a number of its own, as a newspaper's own software does."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or COOKIE in SimpleCookie(Headers(scope=scope).get("cookie", "")):
            await self.app(scope, receive, send)
            return

        async def name(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    told = f"{COOKIE}={secrets.token_hex(8)}; Path=/; HttpOnly; SameSite=Lax"
                    headers.append("set-cookie", told)
            await send(message)

        await self.app(scope, receive, name)


@contextmanager
def followed(folder: Path, home: str, *, crowded: bool) -> Iterator[Callable[[], None]]:
    """Bring what readers do to where the console reads it, in a thread of its own.

    The demo is at `home`. It begins with a look at each of its sights, on a desktop and on a phone, and where
    it is `crowded` with readers who are made up. What is given says that the demo ends; it waits for nothing.
    """
    with closing(SqliteSink(warehouse_in(folder))) as sink:
        visitors = _Visitors(Path(events_in(folder)), sink, home)
        thread = threading.Thread(target=visitors.follow, kwargs={"crowded": crowded}, name="newshole demo")
        thread.start()
        try:
            yield visitors.ended.set
        finally:
            visitors.ended.set()
            thread.join()


class _Visitors:
    """The work of the thread; it stops at the next step once the demo has `ended`."""

    def __init__(self, events: Path, sink: Sink, home: str) -> None:
        self.events, self.sink, self.home = events, sink, home
        self.ended = threading.Event()

    def follow(self, *, crowded: bool) -> None:
        """Never raises: without figures the demo still has all the rest."""
        try:
            self._begin(crowded=crowded)
            while not self.ended.wait(OFTEN):
                take_segments(self.events, self.sink)
        except Exception:
            log.exception("the demo's figures stay as they are")

    def _begin(self, *, crowded: bool) -> None:
        for each, headers in product(SIGHTS, (_DESKTOP, _PHONE)):
            if not self.ended.is_set():
                self._look(each.path, headers)
        if crowded and not self.ended.is_set():
            self._come()

    def _come(self) -> None:
        """Let the crowd be there all at once, for whoever looks has the figures of then for a while."""
        rows = crowd(READERS, seed=SEED, until=time.time())
        come = list(takewhile(lambda _: not self.ended.is_set(), rows))
        if not self.ended.is_set():
            self.sink.write(come)

    def _look(self, path: str, headers: Mapping[str, str]) -> None:
        """Ask for a page, so that there is something to tell of it."""
        request = urllib.request.Request(self.home + path, headers=dict(headers))  # noqa: S310 - our own
        with suppress(OSError), urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
            answer.read()
