"""How long a response may be used: freshness, age, and what is allowed once it is stale.

See RFC 9111, section 4.2, and RFC 5861 for stale responses. Freshness is explicit or there is none: nothing
is guessed from `Last-Modified`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from newshole.http import freshness
from newshole.http.directives import FOREVER, Directives, read_directives, seconds, whole_seconds
from newshole.http.heads import Headers

_DATE = re.compile(
    rb"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    rb"|[A-Z][a-z]+day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"
    rb"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a response says of its use by a shared cache; times are in seconds.

    It is fresh for `lifetime` from the moment that its age was 0, and then may be used for `while_revalidate`
    while it is fetched anew and for `if_error` where that fails. `is_shared` says whether it names shared
    caches. `may_be_stale` is false where it forbids all use of it once stale.
    """

    lifetime: int
    while_revalidate: int = 0
    if_error: int = 0
    is_shared: bool = False
    may_be_stale: bool = True


def read_terms(headers: Headers, targeted: Iterable[str], *, if_error: int = 0) -> Terms:
    """The terms of a response; `if_error` are the seconds of that name where it says nothing of staleness."""
    field = targeted_field(headers, targeted)
    directives = read_directives(headers.get(field or b"cache-control", b""))
    shared = seconds(directives, b"s-maxage")
    own = seconds(directives, b"max-age")
    lifetime = shared if shared is not None else own
    if lifetime is None:
        lifetime = _expiry(headers) if field is None else 0
    is_strict = not {b"must-revalidate", b"proxy-revalidate"}.isdisjoint(directives)
    named = seconds(directives, b"stale-if-error")
    # `s-maxage` alone forbids stale use as `proxy-revalidate` does (RFC 9111, section 5.2.2.10).
    grace = if_error if shared is None else 0
    return Terms(
        lifetime,
        while_revalidate=0 if is_strict else seconds(directives, b"stale-while-revalidate") or 0,
        if_error=0 if is_strict else grace if named is None else named,
        is_shared=field is not None or shared is not None or b"public" in directives,
        may_be_stale=not is_strict and shared is None,
    )


def targeted_field(headers: Headers, targeted: Iterable[str]) -> bytes | None:
    """The field that takes the place of `Cache-Control` and `Expires`; None where these hold."""
    for name in targeted:
        field = name.encode()
        if read_directives(headers.get(field, b"")):
            return field
    return None


def forbidding(headers: Headers, targeted: Iterable[str]) -> Directives:
    """The directives that can forbid keeping a response: those that hold, and `private` wherever it is."""
    targets = tuple(targeted)
    held = dict(read_directives(headers.get(targeted_field(headers, targets) or b"cache-control", b"")))
    for field in (b"cache-control", *(name.encode() for name in targets)):
        if b"private" in read_directives(headers.get(field, b"")):
            held[b"private"] = None
    return held


def initial_age(headers: Headers, *, asked: float, answered: float) -> float | None:
    """A response's age as it came, in seconds; None where what it says of that cannot be read.

    `asked` and `answered` are the moments of its request and its start, in seconds since 1970.
    """
    written = headers.get(b"age", b"0").partition(b",")[0].strip()
    date = read_date(headers[b"date"]) if b"date" in headers else answered
    if not written.isdigit() or date is None:
        return None
    apparent = max(0.0, answered - date)
    return max(apparent, whole_seconds(written) + max(0.0, answered - asked))


def read_date(written: bytes) -> float | None:
    """A moment of HTTP in seconds since 1970, None for what is none (RFC 9110, section 5.6.7)."""
    return freshness.read_date(written) if _DATE.fullmatch(written.strip()) else None


def _expiry(headers: Headers) -> int:
    """The lifetime that `Expires` gives, 0 for none; without `Date` there is nothing to count from."""
    expires = read_date(headers.get(b"expires", b""))
    date = read_date(headers.get(b"date", b""))
    if expires is None or date is None:
        return 0
    return max(0, min(int(expires - date), FOREVER))
