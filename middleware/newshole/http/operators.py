"""What operators may see that visitors may not: asked for with a token that is signed and expires.

A token opens nothing but what is said about a response; it is no sign-in.
"""

from __future__ import annotations

from typing import Final

from newshole.http.headers import SHARED, HeaderList
from newshole.http.links.signing import holds, signed

HEADER: Final = b"x-newshole-token"
"""The request header that carries a token."""

_CACHING: Final = SHARED | {b"cache-control", b"expires"}
_PURPOSE: Final = b"newshole operator "


def token(secret: bytes, until: float) -> str:
    """A token that holds until a moment, in seconds since 1970."""
    return signed(secret, _PURPOSE, until)


def is_operator(written: bytes, secret: bytes, now: float) -> bool:
    """Whether a token is signed with the secret and still holds; never where there is no secret."""
    return holds(written.decode("latin-1"), secret, _PURPOSE, now)


def told(headers: HeaderList, outcome: str, seconds: float) -> HeaderList:
    """A response's headers with what was done to it and how long it took; it is for nobody else then."""
    timing = f'newshole;dur={seconds * 1000:.3f};desc="{outcome}"'
    return [*unshared(headers), (b"server-timing", timing.encode())]


def unshared(headers: HeaderList) -> HeaderList:
    """The headers of a response that is for nobody else, and is kept nowhere."""
    kept = [pair for pair in headers if pair[0].lower() not in _CACHING]
    return [*kept, (b"cache-control", b"private, no-store")]
