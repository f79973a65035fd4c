"""Every reason not to keep a response, in the order in which they are looked at.

See RFC 9111, section 3, which allows more: what may be one reader's own is not kept here, whoever says that
it may.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from newshole.http.codings import CodingError, decode, read_codings
from newshole.http.directives import Directives
from newshole.http.heads import Headers, RawHeaders, read_headers
from newshole.http.pagecache.nonces import has_nonce, refuse_page
from newshole.http.pagecache.settings import Settings
from newshole.http.pagecache.tags import MOST_TAGS, read_tags
from newshole.http.pagecache.terms import Terms, forbidding, initial_age, read_terms
from newshole.http.pagecache.variants import MOST_NAMES, NEVER, read_vary


@dataclass(frozen=True, slots=True)
class Head:
    """The start of a response, read; `born` is the moment at which its age was 0, None where it cannot be
    told, `asked` that of its request and `answered` that of its start, in seconds since 1970."""

    status: int
    headers: Headers
    directives: Directives
    terms: Terms
    vary: tuple[bytes, ...]
    born: float | None
    asked: float
    answered: float


def read_head(status: int, raw: RawHeaders, settings: Settings, *, asked: float, answered: float) -> Head:
    """The start of a response to a request of the moment `asked`."""
    headers = read_headers(raw)
    age = initial_age(headers, asked=asked, answered=answered)
    return Head(
        status,
        headers,
        forbidding(headers, settings.targeted),
        read_terms(headers, settings.targeted, if_error=int(settings.stale_if_error)),
        read_vary(headers),
        None if age is None else answered - age,
        asked,
        answered,
    )


def _is_transferred_oddly(head: Head) -> bool:
    return head.headers.get(b"transfer-encoding", b"chunked").strip().lower() != b"chunked"


def _forbids(name: bytes) -> Callable[[Head], bool]:
    return lambda head: name in head.directives


def _is_never_fresh(head: Head) -> bool:
    terms = head.terms
    if head.born is None or terms.lifetime <= 0:
        return True
    useful = terms.lifetime + max(terms.while_revalidate, terms.if_error)
    return head.answered - head.born >= useful


def _wants_no_cache(head: Head) -> bool:
    is_old = b"cache-control" not in head.headers and b"no-cache" in head.headers.get(b"pragma", b"").lower()
    return is_old or b"no-cache" in head.directives


def _has_nonce(head: Head) -> bool:
    names = (b"content-security-policy", b"content-security-policy-report-only")
    return any(has_nonce(head.headers.get(name, b"")) for name in names)


HeadCheck: TypeAlias = tuple[str, Callable[[Head], bool]]

HEADS: Final[tuple[HeadCheck, ...]] = (
    ("status", lambda head: head.status != 200),
    ("set-cookie", lambda head: not {b"set-cookie", b"set-cookie2"}.isdisjoint(head.headers)),
    ("private", _forbids(b"private")),
    ("no-store", _forbids(b"no-store")),
    ("no-cache", _wants_no_cache),
    ("vary", lambda head: not NEVER.isdisjoint(head.vary) or len(head.vary) > MOST_NAMES),
    ("partial", lambda head: b"content-range" in head.headers),
    ("transfer", _is_transferred_oddly),
    ("not-fresh", _is_never_fresh),
    ("nonce", _has_nonce),
    ("tags", lambda head: len(read_tags(head.headers)) > MOST_TAGS),
)

TOO_LARGE: Final = "too-large"
MESSAGE: Final = "message"
INCOMPLETE: Final = "incomplete"
PURGED: Final = "purged-meanwhile"
TOO_SLOW: Final = "too-slow"
BROKEN: Final = "broken"
CODING: Final = "coding"
FAULT: Final = "cache-fault"

REFUSALS: Final = (
    *(name for name, _ in HEADS), TOO_LARGE, MESSAGE, INCOMPLETE, CODING, "token", PURGED, TOO_SLOW,
    BROKEN, FAULT,
)  # fmt: skip
"""Every reason why a response is not kept."""


DECODED: Final = 4
"""Bytes that a coded page may have to each of the largest that is kept."""


def refuse_head(head: Head, largest: int) -> str | None:
    """The first reason that a response's start gives; None where it may be kept if its body may."""
    for reason, applies in HEADS:
        if applies(head):
            return reason
    length = head.headers.get(b"content-length", b"")
    return TOO_LARGE if length.isdigit() and int(length[:12]) > largest else None


def refuse_body(head: Head, body: bytes, largest: int) -> str | None:
    """The first reason that a whole body gives; a long one takes its time."""
    length = head.headers.get(b"content-length")
    if length is not None and length != b"%d" % len(body):
        return INCOMPLETE
    if b"html" not in head.headers.get(b"content-type", b"html").lower():
        return None
    codings = read_codings(head.headers.get(b"content-encoding", b""))
    if codings is None:
        return CODING
    try:
        return refuse_page(decode(body, codings, most=DECODED * largest))
    except CodingError:
        return CODING
