"""A change of the log and what has come of it so far, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newshole.console.publishing.aftermath import Course
from newshole.console.site import ConsoleSite
from newshole.live.events import Published, Staged
from newshole.live.outcomes import Outcome, outcome_of
from newshole.live.publishing import Change

BUSY: Final = 10.0
"""Seconds after which workers that have said nothing are not waited for any more."""


@dataclass(frozen=True, slots=True)
class Told:
    """A change with its `outcome` by worker, and its `course` where it was made in this console.
    `is_open` says that more is to come."""

    change: Change
    outcome: Outcome
    course: Course | None
    is_open: bool

    @property
    def count(self) -> int:
        """The workers that were asked to take it."""
        return len(self.outcome.took) + len(self.outcome.refused) + len(self.outcome.silent)

    @property
    def is_version(self) -> bool:
        """Whether it gives pages other rules."""
        return isinstance(self.change.event, Published | Staged)


async def told(site: ConsoleSite, number: str) -> Told | None:
    """What has come of the change with a number; None where there is no such one. Raises StoreError."""
    entries = {str(each.number): each for each in await site.ledger.entries()}
    entry = entries.get(number)
    if entry is None or entry.event is None:
        return None
    change = Change(entry.number, entry.event, await site.state())
    age = max(0.0, site.clock() - entry.event.at)
    outcome = outcome_of(await site.ledger.workers(), change, age)
    course = site.aftermath.of(entry.number)
    is_open = (not outcome.is_settled and age < BUSY) or (course is not None and course.is_purging)
    return Told(change, outcome, course, is_open)
