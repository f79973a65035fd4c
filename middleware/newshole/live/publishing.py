"""Publishing, rolling back and switching: what operators do to the log, and what comes of it.

Every change is one event with the next number. Where another event took that number, a switch tries the next
one, and a version that was to replace another one than it found is a conflict, which is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from newshole.errors import NewsholeError, UsageError
from newshole.live.events import Event, Published, State, Target, TurnedOff, TurnedOn, after, target_of
from newshole.live.ledger import Beat, Entry, Ledger, state_of
from newshole.live.source import Source
from newshole.store import StoreError
from newshole.types import Switch

LOOK: Final = 0.1
"""Seconds from one look at the workers to the next."""

TRIES: Final = 20
"""Numbers that are tried for one event, while others take them."""


class ConflictError(NewsholeError):
    """Somebody else published meanwhile: `winner` is their version."""

    def __init__(self, winner: Published) -> None:
        self.winner = winner
        by = f" by {winner.by}" if winner.by else ""
        super().__init__(
            f"{winner.digest[:8]} was published{by} meanwhile: look at it, and publish again if yours is to"
            " replace it"
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
                f"entry {entry.number} of the log of {ledger.name} cannot be read: it is damaged, or signed"
                " with another secret than the one in NEWSHOLE_SECRET"
            )
    return entries, state_of(entries)


async def publish(
    ledger: Ledger, source: Source, *, by: str, note: str, clock: Callable[[], float]
) -> Change | None:
    """Put these files into service; None where they are in service already.

    Raises ConflictError where somebody else published at the same time, StoreError where Redis fails.
    """
    entries, state = await read_log(ledger)
    await ledger.keep(source)
    return await _publish(ledger, entries, state, Published(source.digest, clock(), by, note))


async def seed(ledger: Ledger, source: Source, *, clock: Callable[[], float]) -> Change | None:
    """Publish these files where nothing was published yet; None where something was. See `publish`."""
    _, state = await read_log(ledger)
    if state.version is not None:
        return None
    note = "the rules that it was started with"
    return await publish(ledger, source, by="newshole", note=note, clock=clock)


async def roll_back(
    ledger: Ledger, version: str | None, *, by: str, note: str, clock: Callable[[], float]
) -> Change | None:
    """Put a version back into service, the one before where none is named; see `publish`.

    Raises UsageError where there is no such version, SourceError where its files are lost.
    """
    entries, state = await read_log(ledger)
    if version is None:
        replaced = state.version.replaced if state.version else ""
        if not replaced:
            raise UsageError(f"there is no version of {ledger.name} before the one in service")
        wanted = replaced
    else:
        wanted = named_version(state, version).digest
    await ledger.source(wanted)
    return await _publish(ledger, entries, state, Published(wanted, clock(), by, note, rollback=True))


async def _publish(ledger: Ledger, entries: Sequence[Entry], state: State, event: Published) -> Change | None:
    before = state.version
    if before is not None and before.digest == event.digest:
        return None
    event = replace(event, replaced="" if before is None else before.digest)
    number = len(entries) + 1
    for _ in range(TRIES):
        if await _append(ledger, number, event):
            return Change(number, event, after(state, event))
        (taken,) = [each for each in await ledger.history() if each.number == number]
        if isinstance(taken.event, Published):
            raise ConflictError(taken.event)
        number += 1
    raise StoreError("others write to the log all the time")


async def turn_off(ledger: Ledger, switches: tuple[Switch, ...], *, at: float) -> Change:
    """Switch things off; what is off already gets the new reason and end. Raises StoreError."""
    return await _say(ledger, TurnedOff(switches, at))


async def turn_on(
    ledger: Ledger, targets: tuple[Target, ...], *, at: float, by: str, reason: str
) -> tuple[Change, tuple[Target, ...]]:
    """Switch things on again; also what of them was not off. Raises StoreError."""
    _, state = await read_log(ledger)
    off = set(map(target_of, state.switches))
    change = await _say(ledger, TurnedOn(targets, at, by, reason))
    return change, tuple(each for each in targets if each not in off)


async def _say(ledger: Ledger, event: Event) -> Change:
    for _ in range(TRIES):
        entries, state = await read_log(ledger)
        if await _append(ledger, len(entries) + 1, event):
            return Change(len(entries) + 1, event, after(state, event))
    raise StoreError("others write to the log all the time")


async def _append(ledger: Ledger, number: int, event: Event) -> bool:
    """Add an event; where nobody knows whether it was taken, the log is asked."""
    try:
        return await ledger.append(number, event)
    except StoreError:
        return any(each.number == number and each.event == event for each in await ledger.history())


def named_version(state: State, name: str) -> Published:
    """The version whose digest begins so. Raises UsageError where there is none, or more than one."""
    found = {each.digest: each for each in state.versions if each.digest.startswith(name.lower())}
    if len(found) != 1 or not name:
        what = "several versions begin" if found else "no version begins"
        raise UsageError(f'{what} with "{name}": newshole versions lists them')
    return next(iter(found.values()))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change after `seconds`: the workers that `took` it, those that `refused`, with what is
    wrong, those that have not answered yet, and those that take rules from elsewhere."""

    seconds: float
    took: tuple[Beat, ...] = ()
    refused: tuple[Beat, ...] = ()
    silent: tuple[Beat, ...] = ()
    elsewhere: tuple[Beat, ...] = ()

    @property
    def is_settled(self) -> bool:
        return not self.silent


async def settled(ledger: Ledger, change: Change, *, patience: float) -> Outcome:
    """What the workers that live make of a change: once all of them have, or after `patience` seconds."""
    clock = asyncio.get_running_loop().time
    started = clock()
    while True:
        outcome = outcome_of(await ledger.workers(), change, clock() - started)
        if outcome.is_settled or outcome.seconds >= patience:
            return outcome
        await asyncio.sleep(LOOK)


def outcome_of(workers: Sequence[Beat], change: Change, seconds: float) -> Outcome:
    """What workers have made of a change so far."""
    took: list[Beat] = []
    refused: list[Beat] = []
    silent: list[Beat] = []
    elsewhere: list[Beat] = []
    for each in workers:
        if isinstance(change.event, Published) and not each.follows:
            elsewhere.append(each)
        elif each.seen < change.number:
            silent.append(each)
        elif not isinstance(change.event, Published) or each.serves == change.event.digest:
            took.append(each)
        else:
            (refused if each.refused == change.event.digest else silent).append(each)
    return Outcome(seconds, tuple(took), tuple(refused), tuple(silent), tuple(elsewhere))
