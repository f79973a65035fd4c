"""What a page must not hold to be shown to two readers: a nonce of its policy, or a token of a form."""

from __future__ import annotations

import re
import zlib
from typing import Final

# Searched in small letters, and beginning with what is seldom: that takes a tenth of the time.
_NONCE = re.compile(rb"""nonce(?:(?<=['"\s/]nonce)\s*=\s*["']?[\w+/=-]{4}|(?<='nonce)-[\w+/=-]{4})""")
_TOKEN = re.compile(
    rb"""name\s*=\s*["']?(?:csrfmiddlewaretoken|authenticity_token|csrf[-_]?token|_csrf(?:_token)?|_token"""
    rb"""|__requestverificationtoken|form_build_id|form_token)["'\s/>]"""
)

GZIP: Final = 31
"""zlib's word for a gzip member."""


def refuse_page(page: bytes) -> str | None:
    """Why a page is one reader's own: "nonce" or "token"; None where neither is found."""
    small = page.lower()
    if _NONCE.search(small):
        return "nonce"
    return "token" if _TOKEN.search(small) else None


def has_nonce(policy: bytes) -> bool:
    """Whether a `Content-Security-Policy` has a nonce, which is for one response alone."""
    return b"'nonce-" in policy.lower()


def decoded(body: bytes, coding: bytes, most: int) -> bytes | None:
    """A body without its coding; None where that is unknown, broken, or larger than `most` bytes."""
    if coding in (b"", b"identity"):
        return body
    return _inflated(body, most) if coding in (b"gzip", b"x-gzip") else None


def _inflated(body: bytes, most: int) -> bytes | None:
    parts: list[bytes] = []
    rest, room = body, most
    while rest:
        inflate = zlib.decompressobj(GZIP)
        try:
            part = inflate.decompress(rest, room + 1)
        except zlib.error:
            return None
        room -= len(part)
        if room < 0 or not inflate.eof:
            return None
        parts.append(part)
        rest = inflate.unused_data
    return b"".join(parts)
