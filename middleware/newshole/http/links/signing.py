"""What holds for a time because it is signed, for one purpose and no other.

It is `EXPIRY-SIGNATURE`: seconds since 1970, and an HMAC of them under a secret in hex.
"""

from __future__ import annotations

import hashlib
import hmac


def signed(secret: bytes, purpose: bytes, until: float) -> str:
    """What holds for a purpose until a moment, in seconds since 1970."""
    expiry = str(int(until))
    return f"{expiry}-{_signature(secret, purpose, expiry)}"


def holds(written: str, secret: bytes, purpose: bytes, now: float) -> bool:
    """Whether something is signed for a purpose, and still holds; never where there is no secret."""
    expiry, _, signature = written.partition("-")
    if not secret or not (expiry.isascii() and expiry.isdecimal()) or len(expiry) > 12 or int(expiry) <= now:
        return False
    expected = _signature(secret, purpose, expiry)
    return hmac.compare_digest(signature.encode("utf-8", "surrogatepass"), expected.encode())


def _signature(secret: bytes, purpose: bytes, expiry: str) -> str:
    return hmac.new(secret, purpose + expiry.encode(), hashlib.sha256).hexdigest()
