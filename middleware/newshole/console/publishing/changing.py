"""A change of the log and what has come of it so far, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from newshole.console.publishing.aftermath import Course
from newshole.console.site import ConsoleSite
from newshole.live.appending import Change
from newshole.live.entries import Declined, Event, Planned, Proposed, Required, Unplanned
from newshole.live.outcomes import Outcome, deed, outcome_of

BUSY: Final = 10.0
"""Seconds after which workers that have said nothing are not waited for any more."""

DONE: Final[Mapping[type[Event], str]] = {
    Planned: "It is scheduled.",
    Unplanned: "It is dropped.",
    Proposed: "It is proposed. Somebody else approves or declines it.",
    Declined: "It is declined.",
    Required: "Whoever publishes from now on goes by it.",
}
"""What was done, where workers have no part in it."""


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
    def done(self) -> str:
        """What is said of a change that is for people alone; "" for one that workers take."""
        return DONE.get(type(self.change.event), "")

    @property
    def line(self) -> str:
        """How many workers took it, and what they do now."""
        took, is_one = len(self.outcome.took), self.count == 1
        done = deed(self.change.event, "it", is_one=is_one)
        return f"{took} of {self.count} {'worker' if is_one else 'workers'} {done}"


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
    is_open = type(entry.event) not in DONE and (
        (not outcome.is_settled and age < BUSY) or (course is not None and course.is_purging)
    )
    return Told(change, outcome, course, is_open)
