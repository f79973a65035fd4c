"""Every reason to let a request or a response pass untouched, in the order in which they are looked at.

A request that is refused goes to the app as if newshole were not there. A response that is refused goes
out message by message, at once. What only the page itself can tell (no article, AMP, composed already)
is the site's to say, in `Composition.untouched`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from starlette.types import Message

from newshole.cache.budget import BUSY, OVER_BUDGET
from newshole.http.codings import BOMB, BROKEN, Codings, read_codings
from newshole.http.directives import read_directives
from newshole.http.freshness import cut, has_moments, longest, says_freshness
from newshole.http.headers import (
    DROPPED,
    HEADERS_FAULT,
    SHARED,
    WORDS,
    HeaderList,
    composed_headers,
    is_for_one,
    varied,
    without_body,
    without_words,
)
from newshole.http.heads import Headers, read_headers
from newshole.http.validators import origin_date, origin_tag
from newshole.page.encoding import is_byte_readable
from newshole.page.told import OFF, read_words
from newshole.rules.telling import Telling

Pair: TypeAlias = tuple[bytes, bytes]


MOST_MADE: Final = 64
"""Composed pages whose headers are kept for responses that start the same."""


class Question(NamedTuple):
    """A request as the guard sees it: its address, None for a malformed one; `may_compose` says of an
    address whether the rules may serve it, `takes_fragments` whether also in parts, to scripts."""

    scope: Mapping[str, Any]
    headers: Headers
    url: str | None
    may_compose: Callable[[str], bool]
    takes_fragments: Callable[[str], bool] = lambda _url: False


class Answer(NamedTuple):
    """The start of a response as the guard sees it; `limit` is the largest page to hold, in bytes."""

    status: int
    headers: Headers
    trailers: bool
    limit: int


@dataclass(frozen=True, slots=True)
class Start:
    """The start of a response, read: `refusal` is None for a page to compose.

    `around` are those of its headers that we look at, without what is false of a composed page; `tag` is the
    origin's entity tag, `codings` what its body is coded in, `date` its last change in seconds since 1970,
    `longest` the longest lifetime that it gives to caches, where `is_timed` says that it tells one in moments
    too; `is_told` says that `around` tell caches how long. `words` are what the response tells newshole, in
    order, and `has_words` whether it says anything. One is kept for all responses that are alike in these,
    and with it the headers that it `made`.
    """

    refusal: str | None
    content_type: str = ""
    around: tuple[Pair, ...] = ()
    tag: bytes | None = None
    codings: Codings = ()
    words: str = ""
    has_words: bool = False
    date: float | None = None
    longest: int | None = None
    is_timed: bool = False
    is_told: bool = False
    made: dict[tuple[int, str, bytes | None, int | None], HeaderList] = field(
        default_factory=dict, compare=False
    )

    def composed(
        self, length: int, digest: str, date: bytes | None = None, seconds: int | None = None
    ) -> HeaderList:
        """The headers of a composed page that we look at; `digest` tells what it shows from what it shows
        otherwise, `date` is its own, and it may be kept for so many `seconds`."""
        key = (length, digest, date, seconds)
        made = self.made.get(key)
        if made is None:
            if len(self.made) >= MOST_MADE:
                self.made.clear()
            made = composed_headers(self.around, length=length, tag=self.tag, digest=digest, date=date)
            if seconds is not None:
                made = cut(made, seconds, 0)
            self.made[key] = made
        return made


NO_START: Final = Start(None)
"""What is known of a response before it starts."""

FRAGMENTS: Final = frozenset({b"hx-request", b"turbo-frame"})
"""Request headers by which scripts ask for a part of a page."""


def _wants_fragment(headers: Headers) -> bool:
    """Whether a script asks for a part of a page."""
    return headers.get(b"sec-fetch-dest", b"document") != b"document" or not FRAGMENTS.isdisjoint(headers)


def _is_not_html(answer: Answer) -> bool:
    media_type = answer.headers.get(b"content-type", b"").partition(b";")[0]
    return media_type.strip().lower() != b"text/html"


def _has_wide_charset(answer: Answer) -> bool:
    for parameter in answer.headers[b"content-type"].split(b";")[1:]:
        name, _, value = parameter.partition(b"=")
        if name.strip().lower() == b"charset":
            return not is_byte_readable(value.strip(b" \t'\"").decode("latin-1"))
    return False


def _is_attachment(answer: Answer) -> bool:
    # RFC 6266, section 4.2: a disposition that is not known is an attachment.
    written = answer.headers.get(b"content-disposition", b"inline")
    return written.partition(b";")[0].strip().lower() != b"inline"


def _is_coded_otherwise(answer: Answer) -> bool:
    return read_codings(answer.headers.get(b"content-encoding", b"")) is None


def _forbids_changes(answer: Answer) -> bool:
    return b"no-transform" in read_directives(answer.headers.get(b"cache-control", b""))


def _is_off(answer: Answer) -> bool:
    return OFF in _words(answer.headers)


def _words(headers: Headers) -> tuple[str, ...]:
    return read_words(headers[WORDS].decode("latin-1")) if WORDS in headers else ()


def _is_too_large(answer: Answer) -> bool:
    length = answer.headers.get(b"content-length", b"")
    return length.isdigit() and int(length) > answer.limit


AnswerCheck: TypeAlias = tuple[str, Callable[[Answer], bool]]

_METHODS: Final = ("GET", "HEAD")

QUESTIONS: Final = ("scope", "method", "fragment", "url")
"""The reasons of `refuse_request`."""

STATUS: Final = "status"

ANSWERS: Final[tuple[AnswerCheck, ...]] = (
    (STATUS, lambda answer: answer.status != 200),
    ("content-type", _is_not_html),
    ("charset", _has_wide_charset),
    ("content-range", lambda answer: b"content-range" in answer.headers),
    ("attachment", _is_attachment),
    ("coding", _is_coded_otherwise),
    ("no-transform", _forbids_changes),
    ("story-off", _is_off),
    ("trailers", lambda answer: answer.trailers),
    ("too-large", _is_too_large),
)

NO_RULES: Final = "no-rules"
SWITCHED_OFF: Final = "switched-off"
HEAD: Final = "head"
SHADOW: Final = "shadow"
OVERLAY: Final = "overlay"
NOT_MODIFIED: Final = "not-modified"
MESSAGE: Final = "message"
UNOFFERED: Final = "coding-unoffered"
TOO_SLOW: Final = "too-slow"
INCOMPLETE: Final = "incomplete"
HEAD_SENT: Final = "head-sent"
REQUEST_FAULT: Final = "request-fault"
GUARD_FAULT: Final = "guard-fault"
COMPOSE_FAULT: Final = "compose-fault"

REASONS: Final = (
    *QUESTIONS,
    *(name for name, _ in ANSWERS),
    NO_RULES, SWITCHED_OFF, UNOFFERED, BOMB, BROKEN,
    SHADOW, OVERLAY, HEAD, NOT_MODIFIED, MESSAGE, TOO_SLOW, INCOMPLETE, HEAD_SENT,
    OVER_BUDGET, BUSY,
    REQUEST_FAULT, GUARD_FAULT, COMPOSE_FAULT, HEADERS_FAULT,
)  # fmt: skip
"""Every reason that this side of the page knows; the site's own are in `Composition.untouched`."""


POLICY: Final = "policy"
"""Counted beside what becomes of a page whose Content Security Policy lets our style or script not apply."""

TRANSIENT: Final = frozenset((TOO_SLOW, GUARD_FAULT, COMPOSE_FAULT, HEADERS_FAULT))
"""Reasons for which a page goes out as the site sent it that may be gone with the next request."""

LOOKED_AT: Final = DROPPED | SHARED | {
    b"cache-control", b"content-disposition", b"content-encoding", b"content-range", b"content-type",
    b"transfer-encoding", b"vary", WORDS,
}  # fmt: skip
"""Response headers that decide what becomes of a page, or that change with it."""


def read_start(start: Message, limit: int, told: Telling, *, whole: bool) -> tuple[Start, HeaderList]:
    """The start of a response to a candidate, and those of its headers that we do not look at.

    `limit` is the largest page to hold, in bytes; `told` is what tells the readers that the rules look at;
    `whole` says that only whole pages are composed at its address. Headers that differ in every response,
    such as a policy with a nonce, are mostly not looked at, so what the others say is found out once. Headers
    of `start` that are not tuples of bytes are made so in it.
    """
    seen: HeaderList = []
    aside: HeaderList = []
    for pair in start.get("headers", ()):
        name, value = pair
        if type(pair) is not tuple or type(name) is not bytes or type(value) is not bytes:
            # Most apps send tuples of bytes, but any pair of any bytes-like will do.
            start["headers"] = [(bytes(name), bytes(value)) for name, value in start["headers"]]
            return read_start(start, limit, told, whole=whole)
        (seen if name in LOOKED_AT or name.lower() in LOOKED_AT else aside).append(pair)
    trailers = start.get("trailers", False)
    vary, private = told.vary, told.is_private
    return _read_start(start["status"], tuple(seen), trailers, limit, vary, private, whole), aside


@lru_cache(maxsize=512)
def _read_start(
    status: int,
    seen: tuple[Pair, ...],
    trailers: bool,
    limit: int,
    vary: tuple[bytes, ...],
    private: bool,
    whole: bool,
) -> Start:
    headers = read_headers(seen)
    refusal = refuse_response(Answer(status, headers, trailers, limit))
    has_words = WORDS in headers
    if refusal is not None:
        return Start(refusal, has_words=has_words)
    codings = read_codings(headers.get(b"content-encoding", b"")) or ()
    if codings and not private and not is_for_one(headers):
        vary = (*vary, b"Accept-Encoding")
    around = varied(
        without_body(without_words(seen) if has_words else seen), vary, private=private, whole=whole
    )
    return Start(
        None,
        headers[b"content-type"].decode("latin-1"),
        tuple(around),
        origin_tag(seen),
        codings,
        " ".join(sorted(_words(headers))),
        has_words,
        origin_date(seen),
        longest(around),
        has_moments(around),
        says_freshness(around),
    )


def refuse_request(question: Question) -> str | None:
    """The first reason why the app should answer undisturbed; None for a candidate."""
    # Every request of a site comes by here, so these are asked one by one, without a table.
    scope, headers, url, may_compose, takes_fragments = question
    if scope["type"] != "http":
        return "scope"
    if scope["method"] not in _METHODS:
        return "method"
    # An address whose fragments are served is served whatever asks, so no answer varies by these headers.
    if _wants_fragment(headers) and (url is None or not takes_fragments(url)):
        return "fragment"
    return "url" if url is None or not may_compose(url) else None


def refuse_response(answer: Answer) -> str | None:
    """The first reason why a candidate's response is not a page to compose; None where it may be one."""
    for reason, applies in ANSWERS:
        if applies(answer):
            return reason
    return None
