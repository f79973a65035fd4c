"""How long caches may keep a page: as long as the site says, and never past the moment at which it changes.

Lifetimes are counted from when the site made the response, so its `Age` is added to what is left (RFC 9111,
section 4.2). Nothing here makes a lifetime longer, or gives one where the site gave none.

What a field permits is read by `directives`, which takes nothing malformed for permission. What is cut is
found by a laxer reading: each number that any cache might take for a lifetime.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import Final, NamedTuple

from newshole.http.directives import FOREVER, read_directives, whole_seconds
from newshole.http.heads import HeaderList, RawHeaders
from newshole.lasting import NEVER, SOON, Lasting

SHORT: Final = 5
"""Seconds that a page is kept at most that is as it is because something failed, or is missing yet."""

LATE: Final = 60
"""Seconds that a page is kept at most that shows what was to be read again already: a feed that failed is
asked again after as many."""

DIRECTIVES: Final = frozenset(
    {
        b"akamai-cache-control", b"cache-control", b"cdn-cache-control", b"cloudflare-cdn-cache-control",
        b"netlify-cdn-cache-control", b"surrogate-control", b"vercel-cdn-cache-control",
    }
)  # fmt: skip
"""Headers whose directives tell lifetimes, to every cache or to one kind of them (RFC 9213, and before)."""

VENDORS: Final = frozenset({b"edge-control", b"x-accel-expires"})
"""Headers of single products that tell lifetimes in ways of their own."""

_FRESH: Final = frozenset({b"max-age", b"s-maxage"})
_CLOSED: Final = frozenset({b"private", b"no-store"})
_FOR_SHARED: Final = frozenset({b"s-maxage", b"max-age", b"public"})
_STALE: Final = frozenset({b"stale-while-revalidate", b"stale-if-error"})
_WITHOUT_FRESHNESS: Final = frozenset({b"no-cache", b"no-store"})
_DIRECTIVE = re.compile(rb'([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[^\s,;"]+))?')
_KEPT = re.compile(rb"[1-9]")
"""What a lifetime of `VENDORS` has in it that is none of zero seconds: "@1800000000", "cache-maxage=1d"."""

_SECONDS = re.compile(rb'"?([0-9]+)(?:\+([0-9]+))?')


class Lifetime(NamedTuple):
    """A directive that may tell a lifetime: its name in lower case, and for how many seconds, None for one
    without a number; `stale` is what Surrogate-Control adds to that for a page that may be served stale."""

    name: bytes
    seconds: int | None
    stale: int = 0


def lifetimes(value: bytes) -> Iterator[Lifetime]:
    """All in a header's value that any cache might take for a directive."""
    return map(_lifetime, _DIRECTIVE.finditer(value))


def _lifetime(match: re.Match[bytes]) -> Lifetime:
    number = _SECONDS.match(match[2] or b"")
    if number is None:
        return Lifetime(match[1].lower(), None)
    return Lifetime(match[1].lower(), whole_seconds(number[1]), whole_seconds(number[2] or b"0"))


def seconds_left(lasts: Lasting, now: float) -> int | None:
    """For how many seconds a page may be kept that lasts so long; None without a moment at which that ends.

    One that is another by now, for it was on its way while it changed, may be kept for none.
    """
    if lasts.fresh == NEVER:
        return None
    if SOON < lasts.until <= now:
        return 0
    if lasts.fresh > now:
        return int(lasts.fresh - now)
    return SHORT if lasts.fresh == SOON else LATE


def longest(raw: RawHeaders) -> int | None:
    """The longest lifetime in seconds that headers give, stale time included; None for none.

    `Expires`, which any `max-age` goes before, is none of them.
    """
    found = []
    for name, value in raw:
        if name.lower() in VENDORS:
            found.append(whole_seconds(value.strip()) if value.strip().isdigit() else FOREVER)
        elif name.lower() in DIRECTIVES:
            told = list(lifetimes(value))
            stale = max((each.seconds or 0 for each in told if each.name in _STALE), default=0)
            found += [(each.seconds or 0) + each.stale + stale for each in told if _is_lifetime(each)]
    return max(found, default=None)


def _is_lifetime(told: Lifetime) -> bool:
    return told.name in _FRESH and told.seconds is not None


def says_freshness(raw: RawHeaders) -> bool:
    """Whether headers say to every cache how long it may keep a page, so that none guesses (RFC 9111, section
    4.2.2). What they say to shared caches tells a browser nothing."""
    for name, value in raw:
        if name.lower() == b"expires":
            return True
        if name.lower() == b"cache-control":
            told = read_directives(value)
            if not _WITHOUT_FRESHNESS.isdisjoint(told) or (told.get(b"max-age") or b"").isdigit():
                return True
    return False


def is_for_shared_caches(raw: RawHeaders) -> bool:
    """Whether headers let a shared cache keep a page for some time."""
    told: dict[bytes, set[bytes]] = {}
    for name, value in raw:
        if name.lower() in DIRECTIVES:
            told.setdefault(name.lower(), set()).update(read_directives(value))
        elif name.lower() in VENDORS and _KEPT.search(value):
            return True
    own = told.pop(b"cache-control", set())
    if any(b"max-age" in each and b"no-store" not in each for each in told.values()):
        return True
    return _CLOSED.isdisjoint(own) and not own.isdisjoint(_FOR_SHARED)


def is_closed(value: bytes) -> bool:
    """Whether a `Cache-Control`, or one of its kin, lets no shared cache keep a response."""
    return not _CLOSED.isdisjoint(read_directives(value))


def cut(raw: RawHeaders, seconds: int, now: float) -> HeaderList:
    """Headers that let no cache keep a page for longer than `seconds` from now."""
    headers = list(raw)
    ages = [whole_seconds(value) for name, value in headers if name.lower() == b"age" and value.isdigit()]
    limit = _Limit(seconds, max(ages, default=0), now, _made(headers, now))
    return [pair for each in headers for pair in limit.of(each)]


def has_moments(raw: RawHeaders) -> bool:
    """Whether headers tell of lifetimes in moments, or how much of one is over."""
    return any(name.lower() in (b"age", b"expires", b"x-accel-expires") for name, _ in raw)


class _Limit(NamedTuple):
    """What cuts the headers of one response of an `age`, `made` at a moment by the site's own clock."""

    seconds: int
    age: int
    now: float
    made: float

    def of(self, pair: tuple[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
        name, value = pair[0].lower(), pair[1]
        if name in DIRECTIVES:
            yield pair[0], self.of_directives(value)
        elif name == b"expires":
            at = read_date(value)
            latest = self.made + self.age + self.seconds
            yield pair if at is None or at <= latest else (pair[0], write_date(latest))
        elif name == b"x-accel-expires":
            yield pair[0], self.of_nginx(value)
        elif name != b"edge-control":
            yield pair

    def of_directives(self, value: bytes) -> bytes:
        limit = self.age + self.seconds
        fresh = [each.seconds or 0 for each in lifetimes(value) if _is_lifetime(each)]
        stale = limit - min(max(fresh), limit) if fresh else 0

        def written(match: re.Match[bytes]) -> bytes:
            told = _lifetime(match)
            most = limit if told.name in _FRESH else stale if told.name in _STALE else None
            if most is None or told.seconds is None or told.seconds + told.stale <= most:
                return match[0]
            seconds = min(told.seconds, most)
            added = b"+%d" % (most - seconds) if told.stale and most > seconds else b""
            return b"%s=%d%s" % (match[1], seconds, added)

        return _DIRECTIVE.sub(written, value)

    def of_nginx(self, value: bytes) -> bytes:
        """`X-Accel-Expires`: seconds, or a moment after an @."""
        written = value.strip()
        digits = written.removeprefix(b"@")
        if not digits.isdigit():
            return value
        if written != digits:
            return b"@%d" % min(int(digits[:12]), int(self.now) + self.seconds)
        return b"%d" % min(whole_seconds(digits), self.seconds)


def _made(headers: HeaderList, now: float) -> float:
    """When a response was made, by the clock that its moments are of."""
    dates = (read_date(value) for name, value in headers if name.lower() == b"date")
    return next((at for at in dates if at is not None), now)


def read_date(value: bytes) -> float | None:
    """A date of HTTP in seconds since 1970; None for what is none."""
    try:
        read = parsedate_to_datetime(value.decode("latin-1"))
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    try:
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def write_date(at: float) -> bytes:
    """A moment as HTTP writes it."""
    return _written(int(at))


@lru_cache(maxsize=1024)
def _written(at: int) -> bytes:
    return format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True).encode()
