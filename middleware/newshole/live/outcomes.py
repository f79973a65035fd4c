"""What workers have made of a change, by what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newshole.live.events import Event, Halted, Published, Staged
from newshole.live.ledger import Beat

if TYPE_CHECKING:
    from newshole.live.publishing import Change


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
