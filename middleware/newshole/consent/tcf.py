"""TC strings of the Transparency and Consent Framework, v2.2 and later: what a reader chose, in base64url.

    string     = core *("." segment)
    core       = version:6 created:36 updated:36 cmp:12 cmp-version:12 screen:6 language:12 list:12 policy:6
                 own:1 texts:1 features:12 purposes:24 interests:24 special:1 country:12
                 vendors vendors restrictions
    segment    = type:3 (vendors | publisher)        ; 1 the disclosed vendors, 3 the publisher's own purposes
    vendors    = last:16 0:1 flag*last | last:16 1:1 entries
    entries    = count:12 *(0:1 vendor:16 | 1:1 first:16 last:16)
    restrictions = count:12 *(purpose:6 kind:2 entries)
    publisher  = purposes:24 interests:24 count:6 flag*count flag*count

A string is taken whole or not at all: a decoder that makes the best of a damaged one may find a consent that
nobody gave. Vendors are kept as spans, for a few bits can name 65,535 of them.
https://github.com/InteractiveAdvertisingBureau/GDPR-Transparency-and-Consent-Framework/tree/master/TCFv2
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

LONGEST: Final = 4096
"""Characters of the longest string that is read: what browsers keep of a cookie."""

OLDEST: Final = 396 * 86_400
"""Seconds after which a choice is asked for again: 13 months, by the policies of the framework."""

AHEAD: Final = 86_400
"""Seconds that a string's date may lie ahead: it is a day, in some zone, of some clock."""

POLICY: Final = 4
"""The first policy of v2.2; strings of an earlier one are not valid since September 2023."""

DISCLOSED_SINCE: Final = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
"""From when on new strings have to name the disclosed vendors, by v2.3."""

PURPOSES: Final = 11
"""The purposes that there are; the bits of all others are zero."""

_BEGAN: Final = datetime(2019, 8, 21, tzinfo=UTC).timestamp()  # when v2 was published
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_ONES = re.compile("1+")
_PADDING: Final = 24
"""The bits below which zeros at the end of a segment are padding: some encoders fill up to four letters."""


@dataclass(frozen=True, slots=True)
class Vendors:
    """Vendors by their numbers in the Global Vendor List: `spans` of first and last, in order."""

    spans: tuple[tuple[int, int], ...] = ()

    def __contains__(self, vendor: int) -> bool:
        """Whether a vendor is one of them."""
        at = bisect_right(self.spans, (vendor, 0xFFFF)) - 1
        return at >= 0 and vendor <= self.spans[at][1]


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a publisher has said of a purpose for some vendors: `kind` 0 forbids it, 1 asks for consent, 2 for
    legitimate interest."""

    purpose: int
    kind: int
    vendors: Vendors


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader has consented to; `disclosed` is None where the string does not say who was named."""

    purposes: frozenset[int]
    vendors: Vendors
    restrictions: tuple[Restriction, ...] = ()
    disclosed: Vendors | None = None


def decode(text: str, *, now: float) -> Choice | None:
    """What a TC string says at a moment, in seconds since 1970.

    None for one that is malformed in whatever way, too long, too old, from the future, or not of this site.
    """
    if len(text) > LONGEST or not _ALPHABET.fullmatch(text):
        return None
    core, *segments = text.split(".")
    try:
        return _choice(_Fields(core), [_Fields(each) for each in segments], now)
    except _MalformedError:
        return None


class _MalformedError(Exception):
    """Raised where a string is not what the format says."""


def _check(is_so: bool) -> None:
    if not is_so:
        raise _MalformedError


class _Fields:
    """The fields of one segment, read from the front."""

    __slots__ = ("at", "bits")

    def __init__(self, segment: str) -> None:
        try:
            octets = base64.b64decode(segment + "=" * (-len(segment) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            raise _MalformedError from None
        written = base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
        _check(written == segment)  # the last letter may have bits that no octet holds
        self.bits = f"{int.from_bytes(octets):0{len(octets) * 8}b}"
        self.at = 0

    def take(self, width: int) -> str:
        start, self.at = self.at, self.at + width
        _check(self.at <= len(self.bits))
        return self.bits[start : self.at]

    def number(self, width: int) -> int:
        return int(self.take(width), 2)

    def letters(self) -> None:
        """Two letters, which nothing here asks for."""
        _check(self.number(6) < 26 and self.number(6) < 26)

    def end(self) -> None:
        rest = self.bits[self.at :]
        _check(len(rest) < _PADDING and "1" not in rest)


def _choice(core: _Fields, segments: list[_Fields], now: float) -> Choice:
    updated = _read_head(core, now)
    core.number(12)  # special features
    purposes = _purposes(core)
    _purposes(core)  # those of legitimate interest
    core.number(1)  # how the country treats purpose 1
    core.letters()
    vendors = _vendors(core)
    _vendors(core)  # those with a legitimate interest
    restrictions = _restrictions(core)
    core.end()
    disclosed = _disclosed(segments)
    _check(disclosed is not None or updated < DISCLOSED_SINCE)
    return Choice(purposes, vendors, restrictions, disclosed)


def _read_head(core: _Fields, now: float) -> float:
    """The fields that tell of the string itself; when it was updated, in seconds since 1970."""
    _check(core.number(6) == 2)
    created, updated = core.number(36) / 10, core.number(36) / 10
    _check(_BEGAN <= created <= updated <= now + AHEAD and now - updated <= OLDEST)
    _check(core.number(12) > 1)  # platforms are numbered from 2
    core.number(12 + 6)  # the platform's version and its screen
    core.letters()
    _check(core.number(12) > 0)  # the list of vendors
    _check(core.number(6) >= POLICY)
    _check(core.number(1) == 1)  # the string is this site's own: those of all sites are no longer valid
    core.number(1)  # whether the texts are the standard ones
    return updated


def _purposes(fields: _Fields) -> frozenset[int]:
    found = frozenset(n for n, bit in enumerate(fields.take(24), 1) if bit == "1")
    _check(not found or max(found) <= PURPOSES)
    return found


def _vendors(fields: _Fields) -> Vendors:
    last, is_spans = fields.number(16), fields.number(1)
    if is_spans:
        return _entries(fields, last)
    flags = fields.take(last) if last else ""
    return Vendors(tuple((run.start() + 1, run.end()) for run in _ONES.finditer(flags)))


def _entries(fields: _Fields, last: int) -> Vendors:
    """Spans of vendors up to `last`, in order and apart."""
    spans: list[tuple[int, int]] = []
    above = 0
    for _ in range(fields.number(12)):
        is_span = fields.number(1)
        first = fields.number(16)
        end = fields.number(16) if is_span else first
        _check(above < first <= end <= last)
        spans.append((first, end))
        above = end
    return Vendors(tuple(spans))


def _restrictions(core: _Fields) -> tuple[Restriction, ...]:
    found = []
    for _ in range(core.number(12)):
        purpose, kind = core.number(6), core.number(2)
        _check(1 <= purpose <= PURPOSES and kind < 3)
        vendors = _entries(core, 0xFFFF)
        _check(bool(vendors.spans))
        found.append(Restriction(purpose, kind, vendors))
    _check(len({(each.purpose, each.kind) for each in found}) == len(found))
    return tuple(found)


def _disclosed(segments: list[_Fields]) -> Vendors | None:
    """The disclosed vendors, None where no segment has them; each kind of segment may stand there once."""
    disclosed: Vendors | None = None
    kinds: set[int] = set()
    for segment in segments:
        kind = segment.number(3)
        _check(kind in (1, 3) and kind not in kinds)
        kinds.add(kind)
        if kind == 1:
            disclosed = _vendors(segment)
        else:
            _read_publisher(segment)
        segment.end()
    return disclosed


def _read_publisher(segment: _Fields) -> None:
    """The purposes of the publisher itself, which no ad server goes by."""
    segment.take(24 + 24)
    segment.take(2 * segment.number(6))
