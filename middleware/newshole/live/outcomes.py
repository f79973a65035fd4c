"""What workers have made of a change, by what they say of themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from newshole.live.appending import Change
from newshole.live.entries import Event, Halted, Published, Staged
from newshole.live.ledger import Beat, Ledger

LOOK: Final = 0.1
"""Seconds from one look at the workers to the next."""


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


def outcome_of(workers: Sequence[Beat], change: Change, seconds: float) -> Outcome:
    """What workers have made of a change so far."""
    took: list[Beat] = []
    refused: list[Beat] = []
    silent: list[Beat] = []
    elsewhere: list[Beat] = []
    event = change.event
    version = event.digest if isinstance(event, Published | Staged) else None
    for each in workers:
        if version is not None and not each.follows:
            elsewhere.append(each)
        elif each.seen < change.number:
            silent.append(each)
        elif _has_taken(each, event):
            took.append(each)
        else:
            (refused if version is not None and each.refused == version else silent).append(each)
    return Outcome(seconds, tuple(took), tuple(refused), tuple(silent), tuple(elsewhere))


def _has_taken(worker: Beat, event: Event) -> bool:
    """Whether a worker that has seen an event does as it says."""
    if isinstance(event, Published):
        return worker.serves == event.digest
    if isinstance(event, Staged):
        return (worker.staged, worker.share) == (event.digest, event.share)
    return True


async def settled(ledger: Ledger, change: Change, *, patience: float) -> Outcome:
    """What the workers that live make of a change: once all of them have, or after `patience` seconds."""
    clock = asyncio.get_running_loop().time
    started = clock()
    while True:
        outcome = outcome_of(await ledger.workers(), change, clock() - started)
        if outcome.is_settled or outcome.seconds >= patience:
            return outcome
        await asyncio.sleep(LOOK)


def deed(event: Event, version: str, *, is_one: bool) -> str:
    """What the workers do that took a change, or the one that did: that they serve a `version`, as the reader
    knows it, have halted or have switched something."""
    serve, have = ("serves", "has") if is_one else ("serve", "have")
    match event:
        case Published():
            return f"{serve} {version}"
        case Staged(share=share):
            return f"{serve} {version} for {share:g}%"
        case Halted():
            return f"{have} halted it"
        case _:
            return f"{have} switched"
