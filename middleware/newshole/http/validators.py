"""Entity tags and dates: the site's, ours, and the way from one to the other and back.

An origin's tag or date tells its own bytes, never ours. So a composed page has a weak tag that carries the
origin's and a digest of all else that it depends on. On the way in, our tag becomes the origin's again where
its digest still holds; an answer of 304 to it then says that both the site's page and what is added to it are
the same. Any other condition goes from a request for a document, or a page that was once sent raw would be
revalidated raw for ever.

Dates carry no digest. A page's date is that of the rules where they are newer, so an older one tells of other
rules; and only pages that never change by themselves have one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from newshole.http.freshness import read_date, write_date
from newshole.http.heads import HeaderList, Headers, RawHeaders

SETTLED: Final = 60
"""Seconds after which a date tells one version of a page: it has whole seconds only, and a page that was on
its way while the rules changed is not to look like one of the new rules."""

CONDITIONS: Final = frozenset({b"if-modified-since", b"if-none-match", b"if-range", b"range"})
"""Request headers that ask for less than the page."""

MOST_TAGS: Final = 16
"""Tags of ours in one condition that are looked at, for each costs a digest, and a header holds thousands."""

_TAG = re.compile(rb'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')
_PARTS = re.compile(rb'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_OWN = re.compile(rb'(?:W/)?"nh-([0-9a-f]{16})-([sw])-([\x21\x23-\x7e\x80-\xff]*)"')


class Tag(NamedTuple):
    """One of our tags as it came, the origin's that it carries, and its digest."""

    own: bytes
    origin: bytes
    digest: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """The conditions of a request that went on to the site as its own: our `tags`, or else the `date`.

    `is_alone` is so where no tag of the site's own went along.
    """

    tags: tuple[Tag, ...] = ()
    date: bytes = b""
    is_alone: bool = True

    def tag_of(self, origin: bytes | None) -> Tag | None:
        """Our tag for the one that the site says is still its page's; None where it is none of ours."""
        for tag in self.tags:
            if origin is not None and _opaque(tag.origin) == _opaque(origin):
                return tag
        # Some servers leave their tag out, or name that of another coding.
        is_certain = self.is_alone and len({tag.origin for tag in self.tags}) == 1
        return self.tags[0] if is_certain else None


class Validity(NamedTuple):
    """What still holds of conditions: of a digest of ours, and of a date in seconds since 1970."""

    is_current: Callable[[str], bool]
    is_dated: Callable[[float], bool]


def own_tag(origin: bytes, digest: str) -> bytes | None:
    """A weak entity tag for a composed page: `W/"nh-DIGEST-s-TAG"`, `w` for `s` where the origin's is weak.

    `digest` is of all that the page depends on beside the origin's bytes: 16 hexadecimal digits. None where
    the origin's tag is malformed, for nothing can be built on it, and without a digest.
    """
    match = _PARTS.fullmatch(origin.strip())
    if match is None or not digest:
        return None
    return b'W/"nh-%s-%s-%s"' % (digest.encode(), b"w" if match[1] else b"s", match[2])


def origin_tag(raw: RawHeaders) -> bytes | None:
    """The one entity tag of a response."""
    tags = [value for name, value in raw if name.lower() == b"etag"]
    return tags[0] if len(tags) == 1 else None


def origin_date(raw: RawHeaders) -> float | None:
    """When a response says that it was last modified, in seconds since 1970."""
    dates = [value for name, value in raw if name.lower() == b"last-modified"]
    return read_date(dates[0]) if len(dates) == 1 else None


def own_date(origin: float, since: float, now: float) -> bytes | None:
    """The date of a composed page: the site's own, or that of the rules in service `since` a moment.

    None for one that is not settled yet.
    """
    at = max(origin, rules_date(since))
    return write_date(at) if at <= now - SETTLED else None


def rules_date(since: float) -> int:
    """The first whole second in which only rules that came into service at a moment were in it."""
    return int(since) + 1


def asked_headers(raw: RawHeaders, headers: Headers, validity: Validity) -> tuple[HeaderList, Mapped] | None:
    """A candidate request's headers as the app should see them, and what of its conditions they carry on.

    None where they may stay as they are. A request for a document loses every other condition and range; any
    other one keeps the origin's tags. `If-Match` and `If-Unmodified-Since` are the site's to judge.
    """
    if CONDITIONS.isdisjoint(headers):
        return None
    is_document = wants_document(headers)
    written = headers.get(b"if-none-match")
    if written is None:
        mapped = Mapped(date=_date(headers, validity))
        tags: list[bytes] = []
    else:
        others = [] if is_document else _others(written)
        mapped = Mapped(tuple(_current(written, validity)), is_alone=not others)
        tags = [*dict.fromkeys(tag.origin for tag in mapped.tags), *others]
    kept = list(_asked(raw, headers, mapped, tags, is_document=is_document))
    return None if kept == list(raw) and not mapped.date else (kept, mapped)


def _asked(
    raw: RawHeaders, headers: Headers, mapped: Mapped, tags: list[bytes], *, is_document: bool
) -> Iterator[tuple[bytes, bytes]]:
    """The headers of a request with its conditions on these tags, or on the date that is carried on."""
    names_ours = _OWN.search(headers.get(b"if-none-match", b"")) is not None
    loses_range = is_document or _OWN.search(headers.get(b"if-range", b"")) is not None
    is_told = False
    for name, value in raw:
        lower = name.lower()
        if lower == b"if-none-match" and (is_document or names_ours):
            if tags and not is_told:
                is_told = True
                yield name, b", ".join(tags)
        elif lower in (b"range", b"if-range"):
            if not loses_range:
                yield name, value
        elif lower != b"if-modified-since" or mapped.date or (
            not is_document and b"if-none-match" in headers and not names_ours
        ):  # fmt: skip
            yield name, value


def _current(written: bytes, validity: Validity) -> Iterator[Tag]:
    """Those of our first tags in a condition whose digest holds."""
    for match in islice(_OWN.finditer(written), MOST_TAGS):
        weak = b"W/" if match[2] == b"w" else b""
        tag = Tag(match[0], b'%s"%s"' % (weak, match[3]), match[1].decode())
        if validity.is_current(tag.digest):
            yield tag


def _others(written: bytes) -> list[bytes]:
    return [match[0] for match in _TAG.finditer(written) if not _OWN.fullmatch(match[0])]


def _date(headers: Headers, validity: Validity) -> bytes:
    """The date of a condition, where a page of that date is the same still."""
    written = headers.get(b"if-modified-since", b"")
    at = read_date(written) if written else None
    return written if at is not None and validity.is_dated(at) else b""


def _opaque(tag: bytes) -> bytes:
    """What two tags have in common that match weakly (RFC 9110, section 8.8.3.2)."""
    return tag.strip().removeprefix(b"W/")


def wants_document(headers: Headers) -> bool:
    """Whether a browser asks for a page to show, as far as its headers say."""
    return (
        headers.get(b"sec-fetch-dest") == b"document" or b"text/html" in headers.get(b"accept", b"").lower()
    )
