"""The last minutes of a fleet, kept in the console's memory while somebody cares, to draw lines of."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from newshole.console.health.fleet import Fleet, Worker, composed, quantile, read_fleet, requests, summed
from newshole.console.health.reasons import faults
from newshole.errors import NewsholeError
from newshole.live.health import Vitals
from newshole.live.ledger import Ledger

log = logging.getLogger("newshole")

EVERY: Final = 3.0
"""Seconds from one look at the fleet to the next."""

KEPT: Final = 200
"""Looks that are kept: the last ten minutes."""

DEADLINE: Final = 4.0
"""Seconds that one look may take."""

CARED: Final = 3600.0
"""Seconds that the fleet is looked at after somebody has asked for it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened between two looks: `requests` and `composed` a second, `planning` the seconds within
    which 95 of 100 new pages were planned (None for none), `faults` how often newshole failed."""

    at: float
    requests: float
    composed: float
    planning: float | None
    faults: int


class Pulse:
    """Looks at the fleet of a log. `fleet` is what the last look that had an answer found, `problem` why
    the last one had none."""

    def __init__(self, ledger: Ledger, clock: Callable[[], float]) -> None:
        self.ledger, self.clock = ledger, clock
        self.fleet: Fleet | None = None
        self.problem = ""
        self.moments: deque[Moment] = deque(maxlen=KEPT)
        self._task: asyncio.Task[None] | None = None
        self._asked = 0.0

    async def attend(self) -> None:
        """See to it that the fleet is looked at, and has been once."""
        self._asked = self.clock()
        if self._task is None or self._task.done():
            await self.look()
            self._task = asyncio.create_task(self._run(), name="newshole pulse")

    async def look(self) -> None:
        """Look at the fleet once. Never raises."""
        try:
            async with asyncio.timeout(DEADLINE):
                fleet = await read_fleet(self.ledger, self.clock())
        except (NewsholeError, TimeoutError) as error:
            self.problem = str(error) or "no answer in time"
            return
        self.problem = ""
        if self.fleet is not None and fleet.at > self.fleet.at:
            self.moments.append(moment_between(self.fleet, fleet))
        self.fleet = fleet

    async def close(self) -> None:
        """Look no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while self.clock() - self._asked < CARED:
            await asyncio.sleep(EVERY)
            await self.look()


def moment_between(before: Fleet, after: Fleet) -> Moment:
    """What workers that were there at both looks did in between; one that started since did all of it."""
    known = {each.beat.worker: each for each in before.workers}
    pairs = [(known.get(each.beat.worker), each) for each in after.workers if each.vitals is not None]
    seconds = after.at - before.at
    new = summed(_durations(each) for _, each in pairs)
    old = summed(_durations(each) for each, _ in pairs)
    durations = [one - other for one, other in zip(new, old, strict=True)]
    return Moment(
        after.at,
        sum(requests(_new(*pair)) for pair in pairs) / seconds,
        sum(composed(_new(*pair)) for pair in pairs) / seconds,
        quantile(durations, 0.95),
        sum(sum(faults(_new(*pair, of=each)).values()) for pair in pairs for each in (_outcomes, _shadow)),
    )


def _outcomes(vitals: Vitals) -> Mapping[str, int]:
    return vitals.outcomes


def _shadow(vitals: Vitals) -> Mapping[str, int]:
    return vitals.shadow


def _new(
    before: Worker | None, after: Worker, of: Callable[[Vitals], Mapping[str, int]] = _outcomes
) -> dict[str, int]:
    old = of(before.vitals) if before is not None and before.vitals is not None else {}
    new = of(after.vitals) if after.vitals is not None else {}
    return {each: n - old.get(each, 0) for each, n in new.items()}


def _durations(worker: Worker | None) -> tuple[int, ...]:
    return worker.vitals.durations if worker is not None and worker.vitals is not None else ()
