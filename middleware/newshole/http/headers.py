"""What happens to headers of a response whose body changes: those that tell of the site's bytes, and what
caches are told. How long they may keep a page is in `freshness`, its entity tag and date in `validators`.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Awaitable
from collections.abc import Set as AbstractSet
from typing import Final

from starlette.types import Message, Send

from newshole.http.directives import segments
from newshole.http.freshness import (
    DIRECTIVES,
    VENDORS,
    cut,
    is_closed,
    is_for_shared_caches,
    longest,
    says_freshness,
)
from newshole.http.heads import HeaderList as HeaderList
from newshole.http.heads import Headers, RawHeaders
from newshole.http.validators import own_tag

log = logging.getLogger("newshole")

DROPPED: Final = frozenset(
    {
        b"accept-ranges", b"content-digest", b"content-length", b"content-md5", b"digest", b"etag",
        b"last-modified", b"repr-digest", b"signature", b"signature-input",
    }
)  # fmt: skip
"""Response headers that describe the bytes that the site sent, and are false for others."""

SHARED: Final = DIRECTIVES - {b"cache-control"} | VENDORS
"""Response headers that tell a shared cache alone what it may keep (RFC 9213, and those before it)."""

SCRIPTS: Final = (b"Sec-Fetch-Dest", b"HX-Request", b"Turbo-Frame")
"""Request headers that tell whether a script asks for a part of a page."""

HEADERS_FAULT: Final = "headers-fault"
"""What making headers that failed is counted as."""

WORDS: Final = b"x-newshole"
"""The response header by which an app tells newshole about a page; no reader gets it."""

_FOR_SHARED = frozenset({b"public", b"s-maxage", b"stale-while-revalidate", b"proxy-revalidate"})


def composed_headers(
    around: RawHeaders, *, length: int, tag: bytes | None, digest: str, date: bytes | None = None
) -> HeaderList:
    """The headers of a composed body of `length` bytes: those `around` it, and its own.

    `tag` is the origin's, None for none; `digest` is that of `validators.own_tag`; `date` is when the page
    was last modified.
    """
    headers = list(around)
    # A response is delimited by one or the other (RFC 9112, section 6.3).
    if all(name.lower() != b"transfer-encoding" for name, _ in headers):
        headers.append((b"content-length", b"%d" % length))
    own = None if tag is None else own_tag(tag, digest)
    if own is not None:
        headers.append((b"etag", own))
    if date is not None:
        headers.append((b"last-modified", date))
    return headers


def unmodified_headers(around: RawHeaders, *, tag: bytes | None, date: bytes) -> HeaderList:
    """The headers of a 304 that says so of a composed page: those `around` it, our `tag` and the `date` that
    was asked for, "" for none."""
    headers = list(around)
    if tag is not None:
        headers.append((b"etag", tag))
    if date:
        headers.append((b"last-modified", date))
    return headers


def until(raw: RawHeaders, seconds: int | None, now: float) -> HeaderList:
    """The headers of a 304 about a page that may be kept for so many seconds from now, None for any number.

    Where they say nothing of that, a cache would go on from now with what it was told of the page before.
    """
    if seconds is None:
        return list(raw)
    around = cut(raw, seconds, now)
    control = [pair for pair in around if pair[0].lower() == b"cache-control"]
    if says_freshness(around) or longest(control) is not None:
        return around
    return [*_without(around, frozenset({b"cache-control"})), (b"cache-control", b"private, no-cache")]


def briefly(raw: RawHeaders, seconds: int, now: float) -> HeaderList:
    """The headers of a page that goes out as the site sent it for now, because something failed or because
    the rules leave it alone until some moment, to be kept for some seconds at most.

    It has no date, by which it would be taken for the composed page ever after, or kept for a guessed time.
    """
    return [pair for pair in cut(raw, seconds, now) if pair[0].lower() != b"last-modified"]


def without_body(raw: RawHeaders) -> HeaderList:
    """A response's headers without those that describe the bytes of its body."""
    return _without(raw, DROPPED)


def without_words(raw: RawHeaders) -> HeaderList:
    """A response's headers without what they tell newshole."""
    return [(name, value) for name, value in raw if bytes(name).lower() != WORDS]


WITH_HEADERS: Final = frozenset(
    ("http.response.start", "http.response.trailers", "websocket.accept", "websocket.http.response.start")
)
"""The messages of an app that hold headers for the reader."""


def has_words(headers: RawHeaders) -> bool:
    """Whether a response's headers tell newshole anything."""
    for name, _ in headers:  # noqa: SIM110 - a generator would cost every response twice as much
        if len(name) == len(WORDS) and bytes(name).lower() == WORDS:
            return True
    return False


def mute(message: Message) -> Message:
    """A message without what it tells newshole."""
    if message["type"] in WITH_HEADERS:
        headers = message.get("headers", ())
        # Some apps send headers that can be read but once.
        if headers and (type(headers) is not list or has_words(headers)):
            return {**message, "headers": without_words(headers)}
    return message


def muted(send: Send, counts: Counter[str]) -> Send:
    """A `send` that takes out of every response what it tells newshole, and changes nothing else; `counts`
    has where that failed."""

    # What `send` gives is passed on as it is, so that a message costs no coroutine of ours.
    def send_muted(message: Message) -> Awaitable[None]:
        if message["type"] in WITH_HEADERS:
            try:
                if type(message.get("headers", [])) is not list:
                    # Some apps send headers that can be read but once.
                    message = {**message, "headers": list(message["headers"])}
                message = mute(message)
            except Exception:
                log.exception("%s on what passes", HEADERS_FAULT)
                counts[HEADERS_FAULT] += 1
        return send(message)

    return send_muted


def varied(raw: RawHeaders, vary: tuple[bytes, ...], *, private: bool, whole: bool = False) -> HeaderList:
    """A response's headers with `Vary` on the request headers that tell of a reader, and `private` where a
    cookie does: never `Vary: Cookie`, which no two readers share.

    `whole` says that only whole pages are composed at its address: a shared cache then keeps them apart from
    what it gives to scripts.
    """
    if private:
        return _private(with_vary(raw, vary))
    return with_vary(raw, (*vary, *SCRIPTS) if whole and is_for_shared_caches(raw) else vary)


def is_for_one(headers: Headers) -> bool:
    """Whether a response says that no shared cache may keep it."""
    return is_closed(headers.get(b"cache-control", b""))


def with_vary(raw: RawHeaders, wanted: tuple[bytes, ...]) -> HeaderList:
    """Headers that vary by these request headers too."""
    headers = list(raw)
    if not wanted:
        return headers
    places = [place for place, (name, _) in enumerate(headers) if name.lower() == b"vary"]
    written = b",".join(headers[place][1] for place in places)
    present = {each.strip().lower() for each in written.split(b",")}
    missing = [] if b"*" in present else [name for name in wanted if name.lower() not in present]
    if missing and places:
        name, value = headers[places[0]]
        headers[places[0]] = (name, b", ".join([value, *missing] if value.strip() else missing))
    elif missing:
        headers.append((b"vary", b", ".join(missing)))
    return headers


def _private(raw: RawHeaders) -> HeaderList:
    """Headers that let no shared cache keep a response: all else that they say of caches still holds."""
    kept: HeaderList = []
    directives: list[bytes] = []
    for name, value in raw:
        if name.lower() == b"cache-control":
            directives += segments(value)
        elif name.lower() not in SHARED:
            kept.append((name, value))
    named = [each for each in directives if each.partition(b"=")[0].lower() not in _FOR_SHARED]
    if not {b"private", b"no-store"} & {each.lower() for each in named}:
        named.insert(0, b"private")
    return [*kept, (b"cache-control", b", ".join(named))]


def uncompressed(raw: RawHeaders) -> HeaderList:
    """A request's headers that ask for a page without content codings."""
    return [*_without(raw, frozenset({b"accept-encoding"})), (b"accept-encoding", b"identity")]


def _without(raw: RawHeaders, dropped: AbstractSet[bytes]) -> HeaderList:
    return [(name, value) for name, value in raw if name.lower() not in dropped]
