"""What comes of the changes that are made in the console: workers take them, then caches are purged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from newshole.cdn.targets import read_targets
from newshole.errors import NewsholeError
from newshole.live.appending import Change
from newshole.live.ledger import Beat, Ledger
from newshole.live.outcomes import settled
from newshole.live.purging import Purged, purge_touched
from newshole.store.lru import Lru

log = logging.getLogger("newshole")

WAIT: Final = 5.0
"""Seconds that caches wait for workers."""

PATIENCE: Final = 2.0
"""Seconds that whoever made a change waits for workers, before they are shown how far it is."""

KEPT: Final = 64
"""Changes of which it is known what came of them."""


@dataclass(slots=True)
class Course:
    """How far a change is: `seconds` until every worker had it, None where one has not; what `caches` said;
    `problem` is why nothing more is known."""

    seconds: float | None = None
    caches: list[Purged] = field(default_factory=list)
    is_purging: bool = True
    problem: str = ""
    has_settled: asyncio.Event = field(default_factory=asyncio.Event)


class Aftermath:
    """What came of the newest changes, by their numbers in the log; `caches` are those in front."""

    def __init__(self, caches: Sequence[str]) -> None:
        self.caches = tuple(caches)
        self._courses: Lru[int, Course] = Lru(KEPT, KEPT)
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, number: int) -> Course | None:
        """What came of a change; None for one that was made elsewhere."""
        return self._courses.get(number)

    async def follow(
        self, ledger: Ledger, change: Change, before: Sequence[Beat], sites: Iterable[str] = ()
    ) -> None:
        """Follow a change in the background, and wait for a moment. `before` are the workers as they were
        before it, `sites` the names of what they are to serve."""
        course = Course()
        self._courses.put(change.number, course, 1)
        task = asyncio.create_task(self._follow(ledger, change, before, sites, course))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await course.has_settled.wait()

    async def close(self) -> None:
        """Leave what is under way as it is."""
        for each in self._tasks:
            each.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _follow(
        self, ledger: Ledger, change: Change, before: Sequence[Beat], sites: Iterable[str], course: Course
    ) -> None:
        try:
            outcome = await settled(ledger, change, patience=WAIT)
            course.seconds = outcome.seconds if outcome.is_settled else None
            course.has_settled.set()
            targets = read_targets(self.caches)
            async for each in purge_touched(ledger, change, before, targets, sites=sites):
                course.caches.append(each)
        except NewsholeError as error:
            course.problem = str(error)
            log.warning("what came of change %d is not known: %s", change.number, error)
        finally:
            course.has_settled.set()
            course.is_purging = False
