"""Which stored response fits a request: the secondary key that `Vary` asks for (RFC 9111, section 4.1).

Two responses of an address may name different request headers. Here all that were ever named for it count
together, so a stored response is at times asked for by more headers than it names, and never by fewer.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from newshole.http.heads import Headers

MOST_NAMES: Final = 8
"""Request headers that the responses of one address may vary on together."""

NEVER: Final = frozenset({b"*", b"authorization", b"cookie", b"proxy-authorization", b"set-cookie"})
"""What no kept response may vary on: no two readers share it."""

_SPACE = re.compile(rb"[ \t]+")
_NO_WEIGHT = re.compile(rb"q=0(?:\.0*)?")


def read_vary(headers: Headers) -> tuple[bytes, ...]:
    """The request headers that a response varies on, in order; its coding is one of the reader's choices."""
    written = headers.get(b"vary", b"").lower().split(b",")
    names = {each.strip() for each in written} - {b""}
    if b"content-encoding" in headers:
        names.add(b"accept-encoding")
    return tuple(sorted(names))


def joined_names(known: Iterable[bytes], more: Iterable[bytes]) -> tuple[bytes, ...]:
    """Both together, in order."""
    return tuple(sorted({*known, *more}))


def variant_key(page: bytes, names: tuple[bytes, ...], headers: Headers) -> bytes:
    """The key of the variant of a page, itself a key, for a request with these headers."""
    if not names:
        return page
    digest = hashlib.blake2b(digest_size=20)
    for name in names:
        value = normalised(name, headers.get(name))
        digest.update(b"%d:%s=" % (len(name), name))
        digest.update(b"-" if value is None else b"%d:%s" % (len(value), value))
    return page + b"\0" + digest.digest()


def normalised(name: bytes, value: bytes | None) -> bytes | None:
    """A request header's value without differences that mean nothing; None where it is absent."""
    if value is None:
        return None
    if name == b"accept-encoding":
        return _codings(value)
    value = _SPACE.sub(b" ", value).strip()
    if name in (b"accept", b"accept-language"):
        return value.replace(b" ", b"").lower()
    return value


@lru_cache(maxsize=512)
def _codings(value: bytes) -> bytes:
    """The codings that are offered, whatever is preferred; what is ruled out keeps its `!`."""
    offered: set[bytes] = set()
    for each in value.lower().split(b","):
        coding, _, weight = each.replace(b" ", b"").replace(b"\t", b"").partition(b";")
        if coding:
            offered.add(b"!" + coding if _NO_WEIGHT.fullmatch(weight) else coding)
    return b",".join(sorted(offered))
