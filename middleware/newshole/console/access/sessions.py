"""Who is signed in, kept where rules are published, so that a restart of the console signs nobody out.

    console:session:DIGEST    whose it is, sealed for that place; it expires by itself

The id is in the browser's cookie alone, and what is kept is found by its digest: whoever reads the store can
sign in as nobody. A session ends after a day's work, after two
hours in which nothing was asked, when it is signed out, and when the password it was opened with is changed.
Only who has signed in makes one, and sign-ins are limited, so there are never many.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from newshole.serving.settings import Console
from newshole.store import Archive, StoreError
from newshole.store.lru import Lru
from newshole.store.seal import Sealing

LONGEST: Final = 12 * 3600.0
"""Seconds that somebody stays signed in."""

IDLE: Final = 2 * 3600.0
"""Seconds without a request after which they are not any more."""

REMEMBERED: Final = 10_000
"""Sessions whose last request is remembered."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a session: the `name` of whose it is, the `mark` of the password that opened it, and
    when it ends, in seconds from 1970."""

    name: str
    mark: str
    until: float


_SEALING: Final = Sealing[Kept](Kept)


class Sessions:
    """The sessions of a console, in an archive, sealed with `secret`. Every method may raise StoreError; who
    was found once is found while the archive does not answer."""

    def __init__(
        self, settings: Console, archive: Archive, secret: bytes, *, clock: Callable[[], float]
    ) -> None:
        self.settings, self.archive, self.secret, self.clock = settings, archive, secret, clock
        self._asked: Lru[bytes, float] = Lru(REMEMBERED, REMEMBERED)
        self._found: Lru[bytes, Kept] = Lru(REMEMBERED, REMEMBERED)

    async def begin(self, name: str) -> str:
        """A session of somebody who has shown who they are; its id."""
        identifier = secrets.token_urlsafe(24)
        place = _place(identifier)
        kept = Kept(name, self._mark(name), self.clock() + LONGEST)
        await self.archive.put(place, _SEALING.seal(kept, place, self.secret), ttl=LONGEST)
        self._asked.put(place, self.clock(), 1)
        return identifier

    async def find(self, identifier: str) -> str | None:
        """Who is signed in with an id, which is asked with now; None where that has ended, or never was."""
        if not identifier:
            return None
        place, now = _place(identifier), self.clock()
        if now - (self._asked.get(place) or now) > IDLE:
            await self.end(identifier)
            return None
        kept = await self._read(place)
        if kept is None or kept.until <= now or kept.mark != self._mark(kept.name):
            return None
        self._asked.put(place, now, 1)
        return kept.name

    async def end(self, identifier: str) -> None:
        """End a session at once."""
        place = _place(identifier)
        self._asked.drop(place)
        self._found.drop(place)
        await self.archive.put(place, b"", ttl=0.001)

    async def _read(self, place: bytes) -> Kept | None:
        """What is kept; where the store does not answer, what was found there last, so that whoever is signed
        in can switch things off then, too."""
        try:
            kept = _SEALING.unseal(await self.archive.get(place), place, self.secret)
        except StoreError:
            kept = self._found.get(place)
            if kept is None:
                raise
            return kept
        if kept is None:
            self._found.drop(place)
        else:
            self._found.put(place, kept, 1)
        return kept

    def _mark(self, name: str) -> str:
        """What tells the password that somebody has now from those before."""
        known = (user.password for user in self.settings.users if user.name == name)
        return _digest(f"{name}:{next(known, '')}".encode())


def _place(identifier: str) -> bytes:
    return b"console:session:" + _digest(identifier.encode()).encode()


def _digest(value: bytes) -> str:
    return hashlib.blake2b(value, digest_size=24).hexdigest()
