"""What operators may see that visitors may not: asked for with a token that is signed and expires.

A token is `EXPIRY-SIGNATURE`: seconds since 1970, and an HMAC of them under the operators' secret in hex.
It opens nothing but what is said about a response; it is no sign-in.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from newshole.http.headers import SHARED, HeaderList

HEADER: Final = b"x-newshole-token"
"""The request header that carries a token."""

_CACHING: Final = SHARED | {b"cache-control", b"expires"}
_PURPOSE: Final = b"newshole operator "


def token(secret: bytes, until: float) -> str:
    """A token that holds until a moment, in seconds since 1970."""
    expiry = str(int(until))
    return f"{expiry}-{_signature(secret, expiry)}"


def is_operator(written: bytes, secret: bytes, now: float) -> bool:
    """Whether a token is signed with the secret and still holds; never where there is no secret."""
    expiry, _, signature = written.decode("latin-1").partition("-")
    if not secret or not (expiry.isascii() and expiry.isdecimal()) or len(expiry) > 12 or int(expiry) <= now:
        return False
    return hmac.compare_digest(signature.encode("latin-1"), _signature(secret, expiry).encode())


def told(headers: HeaderList, outcome: str, seconds: float) -> HeaderList:
    """A response's headers with what was done to it and how long it took; it is for nobody else then."""
    kept = [pair for pair in headers if pair[0].lower() not in _CACHING]
    timing = f'newshole;dur={seconds * 1000:.3f};desc="{outcome}"'
    return [*kept, (b"cache-control", b"private, no-store"), (b"server-timing", timing.encode())]


def _signature(secret: bytes, expiry: str) -> str:
    return hmac.new(secret, _PURPOSE + expiry.encode(), hashlib.sha256).hexdigest()
