"""One answer of the site, watched on its way: is it one to keep?

A fetch is the `send` of a request to the app. With a reader it passes every message on as it comes; without
one, behind a reader's back, it only collects. As soon as it is known what becomes of the answer, `landed`
tells it to all who wait for it, before the last bytes go to a reader who may be slow.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeAlias

from starlette.types import ASGIApp, Message, Scope, Send

from newshole.cache.threads import coders
from newshole.http.headers import HeaderList
from newshole.http.pagecache.entry import Held
from newshole.http.pagecache.marks import Position
from newshole.http.pagecache.sending import listed
from newshole.http.pagecache.settings import Settings
from newshole.http.pagecache.storing import (
    BROKEN,
    FAULT,
    INCOMPLETE,
    MESSAGE,
    TOO_LARGE,
    Head,
    read_head,
    refuse_body,
    refuse_head,
)

log = logging.getLogger("newshole")

INLINE: Final = 32 * 1024
"""Bytes over which a body is looked into in a worker thread, for it may be of a page many times as large."""

Outcome: TypeAlias = Literal["kept", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class Landing:
    """What came of a fetch: the page, where it was kept, or the reason why not."""

    outcome: Outcome
    held: Held | None = None
    reason: str = ""


class FetchEnded(Exception):  # noqa: N818 - it is no error: nobody needs the rest of this answer
    """Raised into an app that goes on sending what nobody waits for."""


Keep: TypeAlias = Callable[[Head, HeaderList, bytes], Landing]
"""Keep a whole page, or say why not."""


class Fetch:
    """The `send` of one request to the site.

    `seen` is the last purge that was known when it began, `asked` that moment in seconds since 1970. `land`
    is called with what came of it before anybody who waits knows. `counts` has what failed here.
    """

    __slots__ = (
        "_body", "_counts", "_forward", "_keep", "_now", "_on_landing", "_settings", "asked", "head",
        "landed", "raw", "seen", "size", "status",
    )  # fmt: skip

    def __init__(
        self,
        settings: Settings,
        keep: Keep,
        counts: Counter[str],
        *,
        seen: Position,
        forward: Send | None = None,
        land: Callable[[Landing], None] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._keep, self._forward, self._now = settings, keep, forward, now
        self._counts, self._on_landing = counts, land
        self.seen, self.asked = seen, now()
        self.landed: asyncio.Future[Landing] = asyncio.get_running_loop().create_future()
        self.head: Head | None = None
        self.raw: HeaderList = []
        self.status = 0
        self.size = 0
        self._body: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        """Take one message of the app."""
        is_over = self.landed.done()
        try:
            if message["type"] == "http.response.start":
                message = listed(message)
            if not is_over:
                await self._watch(message)
        except Exception:
            log.exception("%s while a page was looked at", FAULT)
            self._fail()
        if self._forward is not None:
            await self._forward(message)
        elif is_over and len(message.get("body", b"")):
            raise FetchEnded

    def end(self, *, is_broken: bool = False) -> None:
        """The app has ended: what is not known now failed. Without `is_broken` the reader may have left."""
        try:
            self._land(Landing("failed", reason=BROKEN if is_broken else INCOMPLETE))
        except Exception:
            log.exception("%s while a page was looked at", FAULT)
            self._fail()

    def _fail(self) -> None:
        """Something here failed: the page goes on to its reader, and nobody waits for it any more."""
        self._counts[FAULT] += 1
        self._body.clear()
        if not self.landed.done():
            self.landed.set_result(Landing("refused", reason=FAULT))

    async def _watch(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start" and self.head is None:
            self._begin(message)
        elif kind == "http.response.body" and self.head is not None:
            await self._go_on(message)
        elif kind != "http.response.debug":
            self._land(Landing("refused", reason=MESSAGE))

    def _begin(self, message: Message) -> None:
        self.status = message["status"]
        self.raw = [(bytes(name), bytes(value)) for name, value in message["headers"]]
        self.head = read_head(self.status, self.raw, self._settings, asked=self.asked, answered=self._now())
        reason = refuse_head(self.head, self._settings.largest)
        if message.get("trailers", False):
            reason = MESSAGE
        if reason is not None:
            outcome: Outcome = "failed" if self.status >= 500 else "refused"
            self._land(Landing(outcome, reason=reason))

    async def _go_on(self, message: Message) -> None:
        part = bytes(message.get("body", b""))
        self.size += len(part)
        if self.size > self._settings.largest:
            self._land(Landing("refused", reason=TOO_LARGE))
            return
        self._body.append(part)
        if message.get("more_body", False) or self.head is None:
            return
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        look = partial(refuse_body, self.head, body, self._settings.largest)
        reason = look() if len(body) <= INLINE else await coders().run(look)
        self._land(
            self._keep(self.head, self.raw, body) if reason is None else Landing("refused", reason=reason)
        )

    def _land(self, landing: Landing) -> None:
        if self.landed.done():
            return
        self._body.clear()
        if self._on_landing is not None:
            self._on_landing(landing)
        self.landed.set_result(landing)


async def fetch_alone(app: ASGIApp, scope: Scope, fetch: Fetch) -> None:
    """Ask the site behind every reader's back; what it does wrong is in what `fetch` landed with."""
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.get_running_loop().create_future()  # this reader never leaves
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    try:
        await app(scope, receive, fetch)
    except Exception as error:  # noqa: BLE001 - an app may raise anything, and a stale page may stand in
        if not isinstance(error, FetchEnded):
            log.warning("a page could not be fetched anew: %s", type(error).__name__)
    finally:
        fetch.end(is_broken=True)
