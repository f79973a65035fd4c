"""Passwords: whether one is somebody's, with as much work for those who are nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from argon2.exceptions import Argon2Error, InvalidHashError

from newshole.serving.console.passwords import HASHER
from newshole.serving.settings import User

LONGEST: Final = 1024
"""Characters of one at most, so that nobody has a novel hashed."""

AT_ONCE: Final = 2
"""Passwords that are looked at at a time; each takes 64 MiB."""

WAITING: Final = 16
"""Sign-ins that wait for that; one more is told to come back."""

NOBODY: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$Q0xR22BI32f+XBY6IpyhlA$YAf1M276w9+g+Rp4B0aQurqkUlq85SuoYRpURPbKTM4"
)
"""The hash that the password of an unknown name is held against."""


class Passwords:
    """Those of some users."""

    def __init__(self, users: Iterable[User]) -> None:
        self._hashes = {user.name: user.password for user in users}
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    @property
    def is_busy(self) -> bool:
        """Whether so many are looked at that one more had to wait for long."""
        return self._waiting >= WAITING

    async def is_right(self, name: str, password: str) -> bool:
        """Whether this is the password of that name."""
        self._waiting += 1
        try:
            async with self._free:
                return await asyncio.to_thread(_fits, self._hashes.get(name) or NOBODY, password[:LONGEST])
        finally:
            self._waiting -= 1


def _fits(known: str, password: str) -> bool:
    try:
        return HASHER.verify(known, password) and known is not NOBODY
    except (Argon2Error, InvalidHashError):
        return False
