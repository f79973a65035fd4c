"""What happens to versions by itself: a step of a ramp, a plan that is due, and the halt of what does harm.

Every worker that takes its rules from the log looks once a second, so no console has to run. Whoever comes
first adds the event with the next number; the others find that number taken, and another state when they look
again. So nothing is done twice, and clocks that differ by a second decide no more than who comes first.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from newshole.live.appending import Change
from newshole.live.entries import Halted, Published, Staged, State, after
from newshole.live.follower import DEADLINE, Follower
from newshole.live.ledger import Beat, figures_of
from newshole.live.outcomes import settled
from newshole.live.purging import Purged, purge_left, purge_touched
from newshole.live.staging.deciding import begun, risen, suspension
from newshole.live.staging.figures import Figures, shared, total, verdict
from newshole.store import StoreError

if TYPE_CHECKING:
    from newshole.cdn.targets import Target

log = logging.getLogger("newshole")

LOOK: Final = 1.0
"""Seconds from one look to the next."""

PATIENCE: Final = 10.0
"""Seconds that caches in front wait with their purge for workers to take a change."""

LEFT: Final = 30.0
"""Seconds after which a purge that nobody says was done is another worker's: longer than one takes."""

FORGOTTEN: Final = 3600.0
"""Seconds after which nobody asks for it any more."""

AUTHOR: Final = "newshole"
"""Who halts by itself."""

Due: TypeAlias = Published | Staged | Halted


def due(state: State, workers: Sequence[Beat], now: float) -> Due | None:
    """What is to be done by itself, `now` in seconds from 1970; None for nothing.

    A step waits while a worker refuses the staged version, or does not serve the step before yet.
    """
    staged = state.staged
    if staged is None:
        return _plan_due(state, now)
    reason = verdict(*_figures(staged, workers))
    if reason is not None:
        return Halted(staged.digest, now, AUTHOR, reason, is_automatic=True)
    serves = staged.digest, staged.share
    is_ready = all((each.staged, each.share) == serves for each in workers if each.follows)
    if staged.ramp and not staged.is_held and is_ready and now >= staged.at + staged.ramp[0].after:
        return replace(risen(staged, staged.ramp[0].share, at=now, by=staged.by), role="")
    return None


def _plan_due(state: State, now: float) -> Due | None:
    for each in sorted(state.planned, key=lambda each: each.due):
        if each.due <= now and suspension(each, state, now) is None:
            return begun(each, state, at=now, by=each.by, proposed_by=each.proposed_by)
    return None


def _figures(staged: Staged, workers: Iterable[Beat]) -> tuple[Figures, Figures]:
    """What all workers have counted of the staged version, and of the one in service."""
    told = figures_of(staged.digest, workers)
    busy = sum(old.pages + new.pages > 0 for old, new in told)
    new, old = total(new for _, new in told), total(old for old, _ in told)
    return shared(new, busy), shared(old, busy)


class Keeper:
    """Looks after what is staged and planned, in the worker of a follower; `caches` are purged of what it
    does."""

    def __init__(
        self, follower: Follower, *, clock: Callable[[], float], caches: tuple[Target, ...] = ()
    ) -> None:
        self.follower, self.clock, self.caches = follower, clock, caches
        self.purging: set[asyncio.Task[None]] = set()
        self._told: set[str] = set()

    async def run(self) -> None:
        """Look until the task is cancelled."""
        try:
            while True:
                await asyncio.sleep(LOOK)
                async with self.follower.asking:
                    await self.look()
        finally:
            for task in self.purging:
                task.cancel()

    async def look(self) -> None:
        """Do what is due, if nobody else does; where Redis does not answer, that is told by who follows."""
        follower, state = self.follower, self.follower.state
        if follower.is_silent or not (follower.beat.follows and follower.is_reached and follower.last):
            return
        self.tell_suspended(state)
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(DEADLINE):
                if self.caches:
                    await self.take_over()
                if state.staged is not None or _plan_due(state, self.clock()) is not None:
                    await self.do(state, follower.last.number + 1)

    async def do(self, state: State, number: int) -> None:
        """Add what is due with this number, if it is free. May raise StoreError."""
        ledger = self.follower.ledger
        workers = await ledger.workers()
        event = due(state, workers, self.clock())
        if event is None or not await ledger.append(number, event):
            return
        if isinstance(event, Halted):
            self.follower.board.counts["stage-halted"] += 1
            log.error("%s was staged and is halted: %s", event.digest[:8], event.reason)
        else:
            log.info("%s is %s, as it was to be", event.digest[:8], event.event)
        if self.caches:
            self.begin(self.purge(Change(number, event, after(state, event)), workers))

    def tell_suspended(self, state: State) -> None:
        """Say in the log, once, which plans wait for somebody to look at them."""
        for each in state.planned:
            reason = suspension(each, state, self.clock())
            if reason is not None and each.digest not in self._told:
                self._told.add(each.digest)
                log.warning("the plan for %s is suspended: %s", each.digest[:8], reason)

    async def purge(self, change: Change, workers: Sequence[Beat]) -> AsyncIterator[Purged]:
        """Purge what a change touches once the workers have taken it, and once more what was on its way."""
        with suppress(StoreError):
            await settled(self.follower.ledger, change, patience=PATIENCE)
        async for each in purge_touched(self.follower.ledger, change, workers, self.caches):
            yield each

    async def take_over(self) -> None:
        """Purge after changes whose makers ended before they came to it. May raise StoreError."""
        moves, ledger = self.follower.moves, self.follower.ledger
        now = self.clock()
        # Clocks differ: one that was noted by one that is ahead keeps none of the others waiting.
        for number, event in [each for each in moves if now >= each[1].at + LEFT]:
            if now < event.at + FORGOTTEN:
                workers = await ledger.workers()
                if await ledger.note_purge(number, self.follower.beat.worker):
                    self.begin(purge_left(event, workers, self.caches))
            moves.remove((number, event))

    def begin(self, purging: AsyncIterator[Purged]) -> None:
        """Purge in the background; what goes wrong is logged."""
        task = asyncio.create_task(_told(purging), name="newshole purge")
        self.purging.add(task)
        task.add_done_callback(self.purging.discard)


async def _told(purging: AsyncIterator[Purged]) -> None:
    async for each in purging:
        if each.problem is not None:
            log.error("%s is not purged: %s", each.cache, each.problem)
