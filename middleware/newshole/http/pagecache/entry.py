"""A page as it is kept, and what is sent of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from newshole.http.freshness import write_date
from newshole.http.headers import HeaderList, with_vary
from newshole.http.heads import Headers, RawHeaders, read_headers
from newshole.http.pagecache.marks import Position
from newshole.http.pagecache.settings import Settings
from newshole.http.pagecache.storing import Head, read_head, refuse_head
from newshole.http.pagecache.tags import read_tags
from newshole.http.pagecache.terms import Terms, read_date
from newshole.page.frame import Digested

Pairs: TypeAlias = tuple[tuple[bytes, bytes], ...]

OWN_FIELD: Final = b"newshole-cache-control"
"""The response field that speaks to this cache alone; no reader gets it."""

_HOPS: Final = frozenset(
    {
        b"age", b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authentication-info",
        b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    }
)  # fmt: skip
_OF_BODY: Final = frozenset(
    {b"content-encoding", b"content-length", b"content-location", b"content-range", b"content-type", b"etag"}
)
_TAG = re.compile(rb'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


@dataclass(frozen=True, slots=True)
class Stored:
    """One variant of a page as the site sent it, its body in its coding.

    `key` is the variant's, `page` the address's, which varies on `names`; `marks` are what it may be purged
    by. `born` is the moment at which its age was 0, in seconds since 1970, and `seen` the last purge that was
    known when it was asked for.
    """

    key: bytes
    page: bytes
    names: tuple[bytes, ...]
    marks: tuple[bytes, ...]
    headers: Pairs
    body: bytes
    terms: Terms
    born: float
    seen: Position

    @property
    def size(self) -> int:
        """Bytes that it takes, near enough."""
        return (
            len(self.body)
            + sum(len(name) + len(value) + 128 for name, value in self.headers)
            + len(self.key)
            + len(self.page)
            + 64 * len(self.marks)
            + 1024
        )

    def validators(self) -> HeaderList:
        """The conditions that ask the site whether the page has changed."""
        headers = read_headers(self.headers)
        names = ((b"if-none-match", b"etag"), (b"if-modified-since", b"last-modified"))
        return [(condition, headers[name]) for condition, name in names if name in headers]


class Held:
    """A stored page at hand, with what is sent of it: the same bytes each time, so that what stands in front
    can know them again. `until` it may be of use, in seconds since 1970."""

    __slots__ = ("_age", "_headers", "checked", "softened", "stored", "until")

    def __init__(self, stored: Stored, *, until: float) -> None:
        self.stored, self.until = stored, until
        self.checked = -1
        self.softened: float | None = None
        self._age = -1
        self._headers: HeaderList = []

    def headers(self, now: float) -> HeaderList:
        """The headers at a moment, `Age` among them; one list a second, which is nobody's to change."""
        age = max(0, int(now - self.stored.born))
        if age != self._age:
            told = [pair for pair in self.stored.headers if pair[0].lower() != OWN_FIELD]
            self._age, self._headers = age, [*told, (b"age", b"%d" % age)]
        return self._headers


def stored(
    head: Head, raw: RawHeaders, body: bytes, *, page: bytes, mark: bytes, key: bytes,
    names: tuple[bytes, ...], seen: Position,
) -> Stored:  # fmt: skip
    """The record of a response that nothing speaks against."""
    return Stored(
        key,
        page,
        names,
        (mark, *read_tags(head.headers)),
        kept_headers(raw, len(body), head.answered),
        Digested(body),
        head.terms,
        head.answered if head.born is None else head.born,
        seen,
    )


def kept_headers(raw: RawHeaders, length: int, answered: float) -> Pairs:
    """A response's headers without those of its connection (RFC 9111, section 3.1), with length and date."""
    pairs = [(bytes(name), bytes(value)) for name, value in raw]
    named = {
        each.strip()
        for name, value in pairs
        if name.lower() == b"connection"
        for each in value.lower().split(b",")
    }
    dropped = _HOPS | named | {b"content-length"}
    kept = [pair for pair in pairs if pair[0].lower() not in dropped]
    if all(name.lower() != b"date" for name, _ in kept):
        kept.append((b"date", write_date(answered)))
    return (*kept, (b"content-length", b"%d" % length))


def freshened(
    old: Stored, raw: RawHeaders, settings: Settings, told: Head, *, seen: Position
) -> Stored | None:
    """The page after a 304 with these headers, whose start is `told`; None where that is of another page or
    forbids to keep it.

    See RFC 9111, sections 3.2 and 4.3.4.
    """
    new = [(bytes(name), bytes(value)) for name, value in raw]
    said = told.headers
    if b"etag" in said and _opaque(said[b"etag"]) != _opaque(read_headers(old.headers).get(b"etag", b"")):
        return None
    if b"date" not in said:
        new.append((b"date", write_date(told.answered)))
    replaced = {name.lower() for name, _ in new} - _OF_BODY
    merged = [pair for pair in old.headers if pair[0].lower() not in replaced]
    merged += [pair for pair in new if pair[0].lower() in replaced]
    head = read_head(200, merged, settings, asked=told.asked, answered=told.answered)
    if refuse_head(head, settings.largest) is not None or head.born is None:
        return None
    if not set(head.vary) <= set(old.names):
        return None
    kept = kept_headers(merged, len(old.body), told.answered)
    marks = (old.marks[0], *read_tags(head.headers))
    return replace(old, headers=kept, marks=marks, terms=head.terms, born=head.born, seen=seen)


def is_unmodified(page: Stored, conditions: Headers) -> bool:
    """Whether a reader who asks with these conditions has this very page (RFC 9110, section 13.2.2)."""
    own = read_headers(page.headers)
    if b"if-none-match" in conditions:
        asked = conditions[b"if-none-match"].strip()
        tag = _opaque(own.get(b"etag", b""))
        return asked == b"*" or (tag is not None and tag in _TAG.findall(asked))
    since = read_date(conditions.get(b"if-modified-since", b""))
    changed = read_date(own.get(b"last-modified", b""))
    return since is not None and changed is not None and changed <= since


def without_representation(headers: Iterable[tuple[bytes, bytes]]) -> HeaderList:
    """The headers of a page as a 304 has them, which tells of no coding, but that one was chosen."""
    told = _OF_BODY - {b"etag", b"content-location"}
    kept = [(name, value) for name, value in headers if name.lower() not in told]
    return with_vary(kept, (b"Accept-Encoding",) if b"content-encoding" in read_headers(headers) else ())


def _opaque(tag: bytes) -> bytes | None:
    """A tag as it is compared weakly; None for what is no tag."""
    match = _TAG.fullmatch(tag.strip())
    return None if match is None else match[1]
