"""The token that somebody's forms carry: theirs as long as the secret stays, so that a form that was opened
before a session ended can be sent after they have signed in again."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

from newshole.store import Archive

KEY: Final = b"console:key"
_FIELD: Final = b"1"


class FormTokens:
    """Tokens keyed with `secret`, and where there is none with a key that is kept in the archive."""

    def __init__(self, archive: Archive, secret: bytes) -> None:
        self.archive, self._key = archive, secret

    async def of(self, name: str) -> str:
        """The token of somebody by their name. Raises StoreError."""
        if not self._key:
            self._key = await self._kept()
        return hmac.new(self._key, b"console:form:" + name.encode(), hashlib.sha256).hexdigest()

    async def _kept(self) -> bytes:
        """The key of the first console that needed one."""
        made = secrets.token_bytes(32)
        if await self.archive.add(KEY, _FIELD, made):
            return made
        (kept,) = await self.archive.read(KEY, _FIELD)
        return kept or made
