"""What happened to a site, in one line of time: the log of versions and switches, and the audit beside it.

An entry that is damaged, and a number that nobody has, stand where they are missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal, TypeAlias

from newshole.live.audit import Act, Audit
from newshole.live.entries import (
    WHOLE,
    Declined,
    Event,
    Halted,
    OfVersion,
    Planned,
    Proposed,
    Published,
    Required,
    Staged,
    TurnedOff,
    TurnedOn,
    Unplanned,
    target_in_words,
    target_of,
)
from newshole.live.ledger import Ledger

Book: TypeAlias = Literal["log", "audit"]

_Part: TypeAlias = tuple[str, str, str, str, float | None]

DAMAGED: Final = "damaged"
MISSING: Final = "missing"

OPERATOR: Final = "operator"
"""The role of whoever uses the command line, which knows no other ones."""

VIA: Final = {OPERATOR: "command line"}
"""Where people of a role do things, but for the console."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened: `what` is a word such as "publish", `on` what it was done to, `why` as they
    said. `at` counts seconds from 1970, and so does `until`, which is when it ends or is to be done, None
    where nothing is said of that. It is entry `number` of `book`."""

    at: float
    by: str
    what: str
    on: str
    why: str
    book: Book
    number: int
    role: str = ""
    via: str = ""
    peer: str = ""
    until: float | None = None

    @property
    def is_sound(self) -> bool:
        """Whether its entry is there as it was written."""
        return self.what not in (DAMAGED, MISSING)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in a time line; "" stands for everything. `day` is an ISO date, of the clocks of
    whoever looks; `text` is found anywhere, whatever its case."""

    by: str = ""
    what: str = ""
    day: str = ""
    text: str = ""

    def fits(self, happening: Happening, zone: tzinfo = UTC) -> bool:
        """Whether a happening is looked for."""
        day = datetime.fromtimestamp(happening.at, zone).date().isoformat()
        words = f"{happening.by} {happening.what} {happening.on} {happening.why}".casefold()
        return (
            self.by in ("", happening.by)
            and self.what in ("", happening.what)
            and self.day in ("", day)
            and self.text.strip().casefold() in words
        )


async def read_timeline(ledger: Ledger, audit: Audit) -> list[Happening]:
    """All that happened, the newest first. Raises StoreError."""
    entries = {each.number: each.event for each in await ledger.entries()}
    noted = {each.number: each.act for each in await audit.read()}
    found = [*_numbered("log", entries), *_numbered("audit", noted)]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _numbered(book: Book, kept: dict[int, Event | None] | dict[int, Act | None]) -> Iterator[Happening]:
    """One book in the order of its numbers; what cannot be read has the time of the entry before."""
    at = 0.0
    for number in range(1, max(kept, default=0) + 1):
        entry = kept.get(number)
        if entry is not None:
            at = entry.at
            yield from _told(entry, number)
        else:
            what = DAMAGED if number in kept else MISSING
            yield Happening(at, "", what, f"entry {number} of the {book}", "", book, number)


def _told(entry: Event | Act, number: int) -> Iterable[Happening]:
    if isinstance(entry, Act):
        yield Happening(
            *(entry.at, entry.by, entry.what, entry.on, entry.why, "audit", number),
            *(entry.role, entry.via, entry.peer),
        )
        return
    via = VIA.get(entry.role, "console" if entry.role else "")
    for by, what, on, why, until in _parts(entry):
        yield Happening(entry.at, by, what, on, why, "log", number, entry.role, via, until=until)


def _parts(event: Event) -> Iterable[_Part]:
    """Who did what on what and why, and until when, of an event of the log."""
    match event:
        case TurnedOff():
            return [
                (each.by, "switch-off", target_in_words(target_of(each)), each.reason, each.until)
                for each in event.switches
            ]
        case TurnedOn(targets):
            return [(event.by, "switch-on", target_in_words(each), event.reason, None) for each in targets]
        case Required(approval):
            return [(event.by, "approval", "asked for" if approval else "not asked for any more", "", None)]
        case _:
            return [_of_version(event)]


def _of_version(event: OfVersion) -> _Part:
    name = event.digest[:8]
    match event:
        case Published():
            what = "roll-back" if event.rollback else "publish"
            proposed = f", proposed by {event.proposed_by}" if event.proposed_by else ""
            return event.by, what, name + proposed, event.note, None
        case Staged():
            what = "hold" if event.is_held else "stage"
            return event.by, what, f"{name}, {share_of(event)}{_steps(event)}", event.note, None
        case Halted():
            by = "newshole" if event.is_automatic else event.by
            return by, "halt", name, event.reason, None
        case Planned():
            return event.by, "schedule", f"{name}, {share_of(event)}", event.note, event.due
        case Unplanned():
            return event.by, "unschedule", name, event.reason, None
        case Proposed():
            return event.by, "propose", f"{name}, {share_of(event)}", event.note, event.due
        case Declined():
            return event.by, "decline", name, event.reason, None


def share_of(event: Staged | Planned | Proposed) -> str:
    """How much of a site a version is for, in words: "10% of pages"."""
    units = "pages" if event.unit == "url" else "readers"
    return "for everybody" if event.share >= WHOLE else f"{event.share:g}% of {units}"


def _steps(staged: Staged) -> str:
    """The shares to come of what is not held."""
    steps = ", ".join(f"{each.share:g}%" for each in staged.ramp)
    return f", then {steps}" if steps and not staged.is_held else ""


def record(happening: Happening) -> dict[str, object]:
    """A happening for JSON, as `audit.jsonl` and `newshole log --json` have it."""
    return {
        "at": _moment(happening.at),
        "by": happening.by,
        "what": happening.what,
        "on": happening.on,
        "why": happening.why,
        "until": None if happening.until is None else _moment(happening.until),
        "role": happening.role,
        "via": happening.via,
        "peer": happening.peer,
        "book": happening.book,
        "number": happening.number,
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
