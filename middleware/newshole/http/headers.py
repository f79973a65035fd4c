"""What happens to headers: of a request for a page, and of a response whose body changes.

**Validators.** An origin's tag or date tells its own bytes, never ours. So a composed page has a weak tag
that carries the origin's and a digest of all else that it depends on, and it has no `Last-Modified`: a
cache in front would answer `If-Modified-Since` with 304 long after the rules changed, for the site's date
stays the same. On the way in, conditions go from requests for documents, or a page that was once sent
raw would be revalidated raw for ever.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias

from starlette.types import Message, Send

from newshole.http.heads import Headers, RawHeaders

HeaderList: TypeAlias = list[tuple[bytes, bytes]]

DROPPED: Final = frozenset(
    {
        b"accept-ranges", b"content-digest", b"content-length", b"content-md5", b"digest", b"etag",
        b"last-modified", b"repr-digest", b"signature", b"signature-input",
    }
)  # fmt: skip
"""Response headers that describe the bytes that the site sent, and are false for others."""

SHARED: Final = frozenset({b"cdn-cache-control", b"cloudflare-cdn-cache-control", b"surrogate-control"})
"""Response headers that tell a shared cache alone what it may keep (RFC 9213, and those before it)."""
WORDS: Final = b"x-newshole"
"""The response header by which an app tells newshole about a page; no reader gets it."""

CONDITIONS: Final = frozenset({b"if-modified-since", b"if-none-match", b"if-range", b"range"})
"""Request headers that ask for less than the page."""

_FOR_SHARED = frozenset({b"public", b"s-maxage", b"stale-while-revalidate", b"proxy-revalidate"})
_ACCEPTED = b"accept-encoding"
_TAG = re.compile(rb'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_OWN = re.compile(rb'(?:W/)?"nh-[0-9a-f]{16}-[sw]-')


def own_tag(origin: bytes, digest: str) -> bytes | None:
    """A weak entity tag for a composed page: `W/"nh-DIGEST-s-TAG"`, `w` for `s` where the origin's is weak.

    `digest` is of all that the page depends on beside the origin's bytes: 16 hexadecimal digits. None where
    the origin's tag is malformed, for nothing can be built on it.
    """
    match = _TAG.fullmatch(origin.strip())
    if match is None:
        return None
    return b'W/"nh-%s-%s-%s"' % (digest.encode(), b"w" if match[1] else b"s", match[2])


def origin_tag(raw: RawHeaders) -> bytes | None:
    """The one entity tag of a response."""
    tags = [value for name, value in raw if name.lower() == b"etag"]
    return tags[0] if len(tags) == 1 else None


def composed_headers(around: RawHeaders, *, length: int, tag: bytes | None, digest: str) -> HeaderList:
    """The headers of a composed body of `length` bytes: those `around` it, and its own.

    `tag` is the origin's, None for none; `digest` is that of `own_tag`.
    """
    headers = list(around)
    # A response is delimited by one or the other (RFC 9112, section 6.3).
    if all(name.lower() != b"transfer-encoding" for name, _ in headers):
        headers.append((b"content-length", b"%d" % length))
    own = None if tag is None else own_tag(tag, digest)
    if own is not None:
        headers.append((b"etag", own))
    return headers


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


def muted(send: Send) -> Send:
    """A `send` that takes out of every response what it tells newshole, and changes nothing else."""

    # What `send` gives is passed on as it is, so that a message costs a call and no coroutine of ours.
    def send_muted(message: Message) -> Awaitable[None]:
        if message["type"] in WITH_HEADERS:
            headers = message.get("headers", ())
            # Some apps send headers that can be read but once.
            if headers and (type(headers) is not list or has_words(headers)):
                message = {**message, "headers": without_words(headers)}
        return send(message)

    return send_muted


def varied(raw: RawHeaders, vary: tuple[bytes, ...], *, private: bool) -> HeaderList:
    """A response's headers with `Vary` on the request headers that tell of a reader, and `private` where a
    cookie does: never `Vary: Cookie`, which no two readers share."""
    headers = _with_vary(raw, vary)
    return _private(headers) if private else headers


def is_for_one(headers: Headers) -> bool:
    """Whether a response says that no shared cache may keep it."""
    directives = headers.get(b"cache-control", b"").lower().split(b",")
    return any(each.partition(b"=")[0].strip() in (b"private", b"no-store") for each in directives)


def _with_vary(raw: RawHeaders, wanted: tuple[bytes, ...]) -> HeaderList:
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
            directives += [each.strip() for each in value.split(b",")]
        elif name.lower() not in SHARED:
            kept.append((name, value))
    named = [each for each in directives if each and each.partition(b"=")[0].lower() not in _FOR_SHARED]
    if not {b"private", b"no-store"} & {each.lower() for each in named}:
        named.insert(0, b"private")
    return [*kept, (b"cache-control", b", ".join(named))]


def asked_headers(raw: RawHeaders, headers: Headers, *, uncompressed: bool = False) -> HeaderList | None:
    """A candidate request's headers as the app should see them; None where they may stay as they are.

    A request for a document loses every condition and range. Any other keeps the origin's validators and
    loses ours, which the origin cannot know. With `uncompressed` a document is asked for without codings.
    """
    if uncompressed and _wants_document(headers):
        return [*_without(raw, CONDITIONS | {_ACCEPTED}), (_ACCEPTED, b"identity")]
    if CONDITIONS.isdisjoint(headers):
        return None
    if _wants_document(headers):
        return _without(raw, CONDITIONS)
    dropped: set[bytes] = set()
    if _OWN.search(headers.get(b"if-none-match", b"")):
        dropped.add(b"if-modified-since")
    if _OWN.search(headers.get(b"if-range", b"")):
        dropped |= {b"if-range", b"range"}
    return _without_own(raw, dropped) if dropped else None


def _without(raw: RawHeaders, dropped: AbstractSet[bytes]) -> HeaderList:
    return [(name, value) for name, value in raw if name.lower() not in dropped]


def _wants_document(headers: Headers) -> bool:
    return (
        headers.get(b"sec-fetch-dest") == b"document" or b"text/html" in headers.get(b"accept", b"").lower()
    )


def _without_own(raw: RawHeaders, dropped: AbstractSet[bytes]) -> HeaderList:
    """The headers without `dropped`, and without our tags among those of `If-None-Match`."""
    kept: HeaderList = []
    for name, value in raw:
        if name.lower() == b"if-none-match":
            tags = [match[0] for match in _TAG.finditer(value) if not _OWN.match(match[0])]
            if tags:
                kept.append((name, b", ".join(tags)))
        elif name.lower() not in dropped:
            kept.append((name, value))
    return kept
