"""The audit: what people did, beside what the log tells of versions and switches; only ever added to.

    live:{NAME}:audit     1, 2, 3, …   acts, each sealed for its number

Numbers have no gap, so nobody can take an act out of the middle and leave the rest as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from newshole.live.ledger import Ledger
from newshole.store import StoreError
from newshole.store.seal import Sealing

TRIES: Final = 100
"""Numbers that are tried for one act, while others take them."""

FEW: Final = 8
"""Numbers that are tried one after the other before it is asked how far others have come."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody did: `what` is a word such as "sign-in", `on` what it was done to, `why` as
    they said. `at` counts seconds from 1970; `role` is the one they had, `via` where they did it ("console"),
    `peer` the address that they came from."""

    at: float
    by: str
    what: str
    on: str = ""
    why: str = ""
    role: str = ""
    via: str = "console"
    peer: str = ""


class Noted(NamedTuple):
    """One entry of the audit; `act` is None where it is damaged, or sealed with another secret."""

    number: int
    act: Act | None


_SEALING: Final = Sealing[Act](Act)


class Audit:
    """The audit of the site of a ledger. Every method may raise StoreError."""

    def __init__(self, ledger: Ledger) -> None:
        self.archive, self.secret = ledger.archive, ledger.secret
        self._name = f"live:{{{ledger.name}}}:audit".encode()
        self._next = 0

    async def note(self, act: Act) -> int:
        """Add an act; its number."""
        for tried in range(TRIES):
            if not self._next or tried % FEW == FEW - 1:
                await self._look()
            number = self._next
            self._next += 1
            value = _SEALING.seal(act, self._name + b"%d" % number, self.secret)
            if await self.archive.add(self._name, b"%d" % number, value):
                return number
        raise StoreError("others write to the audit all the time")

    async def _look(self) -> None:
        """Go on behind everything that is there; a number that is gone stays free, so that it is missed."""
        kept = await self.archive.entries(self._name)
        self._next = max(self._next, max(map(int, kept), default=0) + 1)

    async def read(self) -> list[Noted]:
        """All acts, in order."""
        kept = await self.archive.entries(self._name)
        return [self._noted(number, kept[b"%d" % number]) for number in sorted(map(int, kept))]

    def _noted(self, number: int, value: bytes) -> Noted:
        return Noted(number, _SEALING.unseal(value, self._name + b"%d" % number, self.secret))
