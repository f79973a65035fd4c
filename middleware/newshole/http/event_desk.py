"""Where browsers send what happened on pages, and where all rows go: to segments on the disk.

    POST /_newshole/events ──refused──► counted by its reason
            └─► rows ──► segment ──► a sink that reads the folder, or Redis where there is one

Whatever comes is answered with 204 and nothing else, so nobody learns what was wrong with it. No cookie is
set, nothing is kept by caches.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import anyio
from starlette.types import Message, Receive, Scope, Send

from newshole.experiments.events.beacon import MOST_BYTES, read_beacon, rows_of
from newshole.experiments.events.rates import Rate, Rates, sender_of
from newshole.experiments.events.row import Row
from newshole.experiments.events.segments import SEGMENT_SECONDS, Segments
from newshole.experiments.events.token import PageToken, TokenError, is_current, unseal
from newshole.http.heads import Headers, read_headers
from newshole.http.measuring import PATH, Measuring
from newshole.http.readers import read_bot
from newshole.rules.ruleset import Rules
from newshole.site import Site
from newshole.store.lru import Lru

if TYPE_CHECKING:
    from newshole.experiments.events.shipping import Shipper
    from newshole.http.traffic_split import TrafficSplit

log = logging.getLogger("newshole")

KEPT: Final = "kept"
EVENT_FAULT: Final = "event-fault"
REFUSED: Final = {
    "method": "it was not sent by POST",
    "origin": "it came from another site, or from no browser",
    "too-large": "its body was too large, or did not come whole in time",
    "malformed": "its body was not what our script sends",
    "forged": "its page's token was not signed by this site",
    "expired": "its page's token was too old",
    "flooded": "its view, or its address, had sent too much",
    "bot": "it was sent by a crawler",
    "consent": "its reader has not agreed to be measured",
    EVENT_FAULT: "newshole itself failed on it",
}
"""Why a beacon was not taken, for people."""

UNSIGNED: Final = "events need a secret that signs what pages carry: set NEWSHOLE_SECRET, or secret=…"

SHIP_FAULT: Final = "ship-fault"
"""A round in which segments could not be brought to Redis."""

OF_A_VIEW: Final = Rate(20, 0.2)
OF_AN_ADDRESS: Final = Rate(2000, 200)
"""Beacons that are taken of one view, and from one network address."""

PATIENCE: Final = 5.0
"""Seconds for a body to come whole."""

ROUND: Final = SEGMENT_SECONDS / 2
"""Seconds between looks at what is ready to be shipped."""

ALARM: Final = 60.0
"""Seconds between two lines in the log about rows that are lost, or a store that is away."""

_KNOWN: Final = 4096
_KNOWN_ROOM: Final = 8 * 1024 * 1024
_ANSWER: Final = [(b"cache-control", b"no-store"), (b"content-length", b"0")]


class EventDesk:
    """Takes events, records rows in a folder, and with a `shipper` brings its segments away.

    `secret` signs the tokens of pages, `path` is where events are sent to, `reader_of` tells the address of
    who sends. `counts` has what became of beacons; `left` counts segments that were brought and are not
    settled yet, and `asked` ads by their block and whether they were "filled" or "unfilled".
    """

    def __init__(
        self,
        folder: Path,
        secret: bytes,
        *,
        path: str = PATH,
        shipper: Shipper | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder, self.secret, self.path, self.now = folder, secret, path, clock
        self.shipper = shipper
        self.segments = Segments(folder)
        self.counts: Counter[str] = Counter()
        self.asked: Counter[tuple[str, str]] = Counter()
        self.left = 0
        self.task: asyncio.Task[None] | None = None
        self.reader_of: Callable[[Scope, Headers], str] = _peer_of
        self.views = Rates(OF_A_VIEW, time.monotonic)
        self.addresses = Rates(OF_AN_ADDRESS, time.monotonic)
        self.known: Lru[str, PageToken] = Lru(_KNOWN, _KNOWN_ROOM)
        self.measuring: Measuring | None = None
        self.split: TrafficSplit | None = None
        self._alarmed: dict[str, float] = {}
        self._lock: int | None = None

    def measure(self, site: Site, counts: Counter[str]) -> Measuring:
        """How the pages of a site that comes into service are measured."""
        self.measuring = self.measuring_of(site, counts)
        return self.measuring

    def measuring_of(self, site: Site, counts: Counter[str]) -> Measuring:
        """How the pages of a site are measured."""
        return Measuring(site, self.secret, self.path, self, counts)

    def record(self, rows: Iterable[Row]) -> None:
        """Keep rows on the disk; those that it has no room for are counted, and told of in the log."""
        for row in rows:
            if not self.segments.append(row.encode()):
                self._alarm("lost", f"rows of events are lost: {self.segments.tally.lost} so far")
        self.attend()

    def attend(self) -> None:
        """See to it that segments are brought away. Never raises."""
        if self.task is not None and not self.task.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return  # what is written is found by a sink when this process has ended
        self.task = loop.create_task(self._run(), name="newshole events")

    async def close(self) -> None:
        """End what runs in the background, and leave every row ready to be taken."""
        task, self.task = self.task, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])
        self.segments.close()
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)
        if self.shipper is not None:
            await self.shipper.queue.close()

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request at the path for events."""
        try:
            outcome = await self.take(scope, receive)
        except Exception:
            log.exception("%s", EVENT_FAULT)
            outcome = EVENT_FAULT
        self.counts[outcome] += 1
        await send({"type": "http.response.start", "status": 204, "headers": [*_ANSWER]})
        await send({"type": "http.response.body", "body": b""})

    async def take(self, scope: Scope, receive: Receive) -> str:
        """Take what one request brings; what became of it."""
        headers = read_headers(scope["headers"])
        refusal = refuse(scope, headers)
        if refusal is not None:
            return refusal
        sender = sender_of(self.reader_of(scope, headers))
        if not self.addresses.take(sender):
            return "flooded"
        body = None
        with anyio.move_on_after(PATIENCE):
            body = await _read_body(receive)
        if body is None:
            return "too-large"
        return self.keep(body, headers, sender)

    def keep(self, body: bytes, headers: Headers, sender: str) -> str:
        """Keep what a body says that came from a network address; what became of it."""
        beacon = read_beacon(body)
        if beacon is None:
            return "malformed"
        try:
            token = self._token(beacon.token)
        except TokenError as error:
            return error.reason
        if not self.views.take(beacon.view_id):
            return "flooded"
        measuring, rules = self._measuring(token)
        if measuring is None or rules is None:
            return "expired"
        if not measuring.agrees(rules, headers):
            return "consent"
        rows = [*rows_of(beacon, token, measuring.sender(rules, headers))]
        self.record(rows)
        for row in rows:
            if row.kind == "fill":
                self.asked[row.block, "filled"] += row.value == 1
                self.asked[row.block, "unfilled"] += row.value == 0
        if self.split is not None:
            self.split.told(token, rows, sender)
        return KEPT

    def _measuring(self, token: PageToken) -> tuple[Measuring | None, Rules | None]:
        """How a page was measured, and by which rules: those that are staged where its token names them."""
        staged = None if self.split is None else self.split.new.measuring
        for measuring in filter(None, (staged, self.measuring)):
            rules = measuring.site.rules_for(token.page)
            if measuring is self.measuring or (rules is not None and rules.digest == token.rules):
                return measuring, rules
        return None, None

    def _token(self, written: str) -> PageToken:
        """The token of a page. Raises TokenError."""
        token = self.known.get(written)
        if token is None or not is_current(token, self.now()):
            token = unseal(written, self.secret, self.now())
            if not token.view:  # others have this very token
                self.known.put(written, token, len(written))
        return token

    async def _run(self) -> None:
        # A client of Redis may lose a cancellation that comes with its own deadline.
        while self.task is asyncio.current_task():
            await asyncio.sleep(ROUND)
            self.segments.rotate()
            if self.shipper is not None:
                await self.ship(self.shipper)

    async def ship(self, shipper: Shipper) -> None:
        """Bring what is ready, if no other process does. Never raises."""
        try:
            if self._lock is None and self.folder.exists():
                self._lock = _claimed(self.folder)
            if self._lock is not None:
                self.left = await shipper.ship()
        except Exception as error:  # noqa: BLE001 - whatever fails, segments wait and are brought later
            self.counts[SHIP_FAULT] += 1
            told = f"segments of events wait in {self.folder}: {type(error).__name__}: {error}"
            self._alarm(SHIP_FAULT, told)

    def _alarm(self, what: str, words: str) -> None:
        """Tell of one of the things that go wrong, unless that was told a moment ago."""
        now = time.monotonic()
        if now - self._alarmed.get(what, -ALARM) >= ALARM:
            self._alarmed[what] = now
            log.error("%s", words, extra={"event": "events-alarm"})


def refuse(scope: Scope, headers: Headers) -> str | None:
    """Why a request is refused by its head; None where its body is to be read."""
    if scope["method"] != "POST":
        return "method"
    if not _is_same_origin(headers):
        return "origin"
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:9]) > MOST_BYTES:
        return "too-large"
    return "bot" if read_bot(headers) else None


def _peer_of(scope: Scope, _: Headers) -> str:
    """The address that a request came from."""
    return str((scope.get("client") or ("",))[0])


def _is_same_origin(headers: Headers) -> bool:
    """Whether a page of the site itself has sent a request: no script can make these headers say so."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site == b"same-origin"
    try:
        return urlsplit(headers[b"origin"].decode("ascii")).netloc == headers[b"host"].decode("ascii")
    except (KeyError, ValueError):
        return False


async def _read_body(receive: Receive) -> bytes | None:
    """The body of a request; None where it is too large, or broken off."""
    body = bytearray()
    while True:
        message: Message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _claimed(folder: Path) -> int | None:
    """A lock that makes this process the one of all that write to a folder that ships its segments, for as
    long as it lives; None where another is. Raises OSError."""
    descriptor = os.open(folder / "shipping.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
