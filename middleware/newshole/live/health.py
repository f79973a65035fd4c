"""How each worker is, as it says so itself every few seconds, beside its beat; gone when it says no more.

live:{NAME}:health:WORKER          its vitals, sealed for their place, which expire
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from newshole.store.seal import Sealing

if TYPE_CHECKING:
    from newshole.live.ledger import Ledger

EVERY: Final = 3.0
"""Seconds after which a worker says again how it is."""

KEPT: Final = 10.0
"""Seconds after which what a worker said does not count any more."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A feed that was not read the last time: the `host` of its address, `why`, since when in seconds from
    1970, and how often in a row."""

    host: str
    why: str
    since: float
    times: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a worker is: counts since its start at `since`, in seconds from 1970, and states at `at`.

    `outcomes` are responses by what became of them, `tiers` composed pages by where their plan came from,
    `durations` plannings by `newshole.cache.tally.BOUNDS`, `seconds` their sum. `kept` counts the plans in
    the process, `stories` those of the library. `breaker` is the state of what stands before Redis as a store
    of plans, "" where there is none; `events` counts what happened there, `live` what happened to rules and
    switches, `proxy` what the site did not answer, `pages` what became of requests at the page cache, and
    `shadow` what would have become of pages in shadow mode, which `is_shadow` tells of.
    """

    at: float
    since: float
    outcomes: Mapping[str, int] = field(default_factory=dict)
    tiers: Mapping[str, int] = field(default_factory=dict)
    durations: tuple[int, ...] = ()
    seconds: float = 0.0
    kept: int = 0
    stories: int = 0
    breaker: str = ""
    events: Mapping[str, int] = field(default_factory=dict)
    live: Mapping[str, int] = field(default_factory=dict)
    proxy: Mapping[str, int] = field(default_factory=dict)
    pages: Mapping[str, int] = field(default_factory=dict)
    feeds: tuple[Failing, ...] = ()
    is_shadow: bool = False
    shadow: Mapping[str, int] = field(default_factory=dict)


_SEALING: Final = Sealing[Vitals](Vitals)


class Clinic:
    """Where workers say how they are. Every method may raise StoreError."""

    def __init__(self, ledger: Ledger) -> None:
        self.archive, self.secret = ledger.archive, ledger.secret
        self._prefix = f"live:{{{ledger.name}}}:health:".encode()

    async def say(self, worker: str, vitals: Vitals) -> None:
        """Say how a worker is."""
        place = self._prefix + worker.encode()
        await self.archive.put(place, _SEALING.seal(vitals, place, self.secret), ttl=KEPT)

    async def of(self, worker: str) -> Vitals | None:
        """How a worker is; None where it has not said so lately, or in words that are not known here."""
        place = self._prefix + worker.encode()
        return _SEALING.unseal(await self.archive.get(place), place, self.secret)


class Saying:
    """What has a worker say how it is, no more often than `EVERY` seconds."""

    def __init__(self, ledger: Ledger, look: Callable[[], Vitals]) -> None:
        self.clinic, self.look = Clinic(ledger), look
        self._said = float("-inf")

    async def say(self, worker: str) -> None:
        """Say it, where it was said long ago. Raises StoreError."""
        now = asyncio.get_running_loop().time()
        if now - self._said >= EVERY:
            await self.clinic.say(worker, self.look())
            self._said = now
