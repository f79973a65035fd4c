"""How an event comes into the log.

Every change is one event with the next number. Where another event took that number, a switch tries the next
one, and a version that was to replace another one than it found is a conflict, which is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from newshole.errors import NewsholeError, UsageError
from newshole.live.entries import Event, Halted, Published, Staged, State, after
from newshole.live.ledger import Entry, Ledger, state_of
from newshole.store import StoreError

TRIES: Final = 20
"""Numbers that are tried for one event, while others take them."""


class ConflictError(NewsholeError):
    """Somebody else published, staged or halted meanwhile: `winner` is what they did."""

    def __init__(self, winner: Published | Staged | Halted) -> None:
        self.winner = winner
        by = f" by {winner.by}" if winner.by else ""
        super().__init__(
            f"{winner.digest[:8]} was {winner.event}{by} meanwhile: look at it, and publish again if"
            " yours is to replace it"
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What was done: an event, its number in the log, and the state after it."""

    number: int
    event: Event
    state: State


async def read_log(ledger: Ledger) -> tuple[list[Entry], State]:
    """The log, and what it comes to. Raises UsageError where an entry cannot be read."""
    entries = await ledger.history()
    for entry in entries:
        if entry.event is None:
            raise UsageError(
                f"entry {entry.number} of the log of {ledger.name} cannot be read: it is damaged, written by"
                " a newer newshole, or signed with another secret than the one in NEWSHOLE_SECRET"
            )
    return entries, state_of(entries)


async def add(
    ledger: Ledger,
    entries: Sequence[Entry],
    state: State,
    event: Event,
    *,
    check: Callable[[State], None] | None = None,
) -> Change:
    """Add what was decided by the log as it was; of what else was said meanwhile only that matters which
    `check` raises for.

    Raises ConflictError where another version went into service or was staged or halted, StoreError.
    """
    number = len(entries) + 1
    event = replace(event, role=ledger.role)
    for _ in range(TRIES):
        if await _append(ledger, number, event):
            return Change(number, event, after(state, event))
        (taken,) = [each for each in await ledger.history() if each.number == number]
        if isinstance(taken.event, Published | Staged | Halted):
            raise ConflictError(taken.event)
        state = state if taken.event is None else after(state, taken.event)
        if check is not None:
            check(state)
        number += 1
    raise StoreError("others write to the log all the time")


async def say(ledger: Ledger, decide: Callable[[State], Event]) -> Change:
    """Add what is decided by the log as it is, looked at anew where it has changed meanwhile. Raises
    StoreError."""
    for _ in range(TRIES):
        entries, state = await read_log(ledger)
        event = replace(decide(state), role=ledger.role)
        if await _append(ledger, len(entries) + 1, event):
            return Change(len(entries) + 1, event, after(state, event))
    raise StoreError("others write to the log all the time")


async def _append(ledger: Ledger, number: int, event: Event) -> bool:
    """Add an event; where nobody knows whether it was taken, the log is asked."""
    try:
        return await ledger.append(number, event)
    except StoreError:
        return any(each.number == number and each.event == event for each in await ledger.history())
