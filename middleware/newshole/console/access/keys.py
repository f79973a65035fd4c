"""A key in a link that signs somebody in once, for the demo: whoever starts it reads it on their terminal."""

from __future__ import annotations

import hmac
import secrets
from ipaddress import ip_address


class OnceKey:
    """A key that signs `name` in when it is used first; `is_local` says whether from this machine alone."""

    def __init__(self, name: str, *, is_local: bool = True) -> None:
        self.name, self.is_local = name, is_local
        self.value = secrets.token_urlsafe(24)

    def take(self, given: str, address: str) -> str | None:
        """Whose key it is, if it is right and was not used; it cannot be used again."""
        if self.is_local and not _is_loopback(address):
            return None
        if not self.value or not hmac.compare_digest(given.encode(), self.value.encode()):
            return None
        self.value = ""
        return self.name


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return found.is_loopback
