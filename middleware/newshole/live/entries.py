"""What happens to the rules of a site in production, as records of a log that is only ever added to.

Whoever follows the log comes to the same state: the version in service, the one that is staged for a share of
the pages beside it, what is planned and proposed, and what is switched off. Each event tells the `role` of
whose deed it is, "" for what newshole does by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Final, Literal, TypeAlias, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from newshole.types import Switch

_Told = TypeVar("_Told", "Planned", "Proposed")

Target: TypeAlias = tuple[str, str]
"""What of a switch says what it is for: its `what` and its `name`."""


Unit: TypeAlias = Literal["url", "reader"]
"""What a share is a share of: addresses of pages, or readers."""

WHOLE: Final = 100.0
"""The share, in percent, of a version that is in service everywhere."""


@dataclass(frozen=True, slots=True)
class Published:
    """A version of the rules went into service: `digest` is that of its files, `replaced` that of the version
    before, "" for none. `at` counts seconds from 1970. A `rollback` was in service once before. What was
    approved has been `proposed_by` somebody."""

    digest: str
    at: float
    by: str = ""
    note: str = ""
    replaced: str = ""
    rollback: bool = False
    proposed_by: str = ""
    role: str = ""
    event: Literal["published"] = "published"


@dataclass(frozen=True, slots=True)
class Step:
    """A further step of what is staged: its `share` in percent, and `after` how many seconds it is taken."""

    share: float
    after: float


@dataclass(frozen=True, slots=True)
class Staged:
    """A version serves a `share`, in percent, of the addresses or readers, and the one in service, which is
    `replaced`, the rest; or it serves another share than before. `ramp` are the steps to come, each so many
    seconds after the one before; one of 100 puts the version into service."""

    digest: str
    at: float
    by: str
    note: str
    share: float
    unit: Unit
    replaced: str
    ramp: tuple[Step, ...] = ()
    proposed_by: str = ""
    is_held: bool = False
    role: str = ""
    event: Literal["staged"] = "staged"


@dataclass(frozen=True, slots=True)
class Halted:
    """What was staged serves nothing any more; `is_automatic` where the workers have ended it."""

    digest: str
    at: float
    by: str
    reason: str
    is_automatic: bool = False
    role: str = ""
    event: Literal["halted"] = "halted"


@dataclass(frozen=True, slots=True)
class Planned:
    """A version is to be published, or staged, at the moment `due`, in the place of the one `on` which it was
    planned. It `is_suspended` where another one went into service before that."""

    digest: str
    at: float
    by: str
    note: str
    due: float
    on: str
    share: float = WHOLE
    unit: Unit = "url"
    ramp: tuple[Step, ...] = ()
    proposed_by: str = ""
    is_suspended: bool = False
    role: str = ""
    event: Literal["planned"] = "planned"


@dataclass(frozen=True, slots=True)
class Unplanned:
    """What was planned is not to be done."""

    digest: str
    at: float
    by: str
    reason: str
    role: str = ""
    event: Literal["unplanned"] = "unplanned"


@dataclass(frozen=True, slots=True)
class Proposed:
    """Somebody asks for a version to be published, staged or, where there is a moment `due`, planned."""

    digest: str
    at: float
    by: str
    note: str
    replaced: str
    share: float = WHOLE
    unit: Unit = "url"
    ramp: tuple[Step, ...] = ()
    due: float | None = None
    role: str = ""
    event: Literal["proposed"] = "proposed"


@dataclass(frozen=True, slots=True)
class Declined:
    """What was proposed is not to be done."""

    digest: str
    at: float
    by: str
    reason: str
    role: str = ""
    event: Literal["declined"] = "declined"


@dataclass(frozen=True, slots=True)
class Required:
    """From now on somebody else has to approve what is to be published, or nobody has to."""

    approval: bool
    at: float
    by: str
    role: str = ""
    event: Literal["required"] = "required"


@dataclass(frozen=True, slots=True)
class TurnedOff:
    """Something was switched off."""

    switches: tuple[Switch, ...]
    at: float
    role: str = ""
    event: Literal["off"] = "off"

    @property
    def targets(self) -> tuple[Target, ...]:
        return tuple(map(target_of, self.switches))


@dataclass(frozen=True, slots=True)
class TurnedOn:
    """What was off is on again."""

    targets: tuple[Target, ...]
    at: float
    by: str = ""
    reason: str = ""
    role: str = ""
    event: Literal["on"] = "on"


OfVersion: TypeAlias = Published | Staged | Halted | Planned | Unplanned | Proposed | Declined
"""What tells of one version, by its digest."""

Event: TypeAlias = OfVersion | Required | TurnedOff | TurnedOn


@dataclass(frozen=True, slots=True)
class State:
    """What a log comes to: the newest version, and what is off (what has expired too).

    `staged` is what serves a part beside it, `halted` how that ended last, unless something was staged or
    published since. `planned` and `proposed` are in the order in which they were.
    """

    version: Published | None = None
    switches: tuple[Switch, ...] = ()
    versions: tuple[Published, ...] = field(default=(), repr=False)
    staged: Staged | None = None
    halted: Halted | None = None
    planned: tuple[Planned, ...] = ()
    proposed: tuple[Proposed, ...] = ()
    needs_approval: bool = False

    @property
    def serves(self) -> str:
        """The digest of the version in service, "" for none."""
        return "" if self.version is None else self.version.digest

    @property
    def served(self) -> tuple[object, ...]:
        """Which versions serve what: the same as long as no page goes over from one to another."""
        staged = self.staged
        return self.serves, *(() if staged is None else (staged.digest, staged.share, staged.unit))


NOTHING_SAID = State()


def target_of(switch: Switch) -> Target:
    """What a switch is for."""
    return switch.what, switch.name


def target_in_words(target: Target) -> str:
    """What a switch is for, for people: "block leaderboard", "all"."""
    return " ".join(filter(None, target))


def after(state: State, event: Event) -> State:
    """The state after one more event."""
    match event:
        case TurnedOff() | TurnedOn():
            return _switched(state, event)
        case Required(approval):
            return replace(state, needs_approval=approval)
        case Published():
            return _published(state, event)
        case Staged():
            return _staged(state, event)
        case Halted():
            is_meant = state.staged is not None and state.staged.digest == event.digest
            return replace(state, staged=None, halted=event) if is_meant else state
        case Planned():
            left = _without(state, event.digest)
            return replace(left, planned=(*left.planned, event))
        case Proposed():
            return replace(state, proposed=(*_others(state.proposed, event.digest), event))
        case Unplanned(digest):
            return replace(state, planned=_others(state.planned, digest))
        case Declined(digest):
            return replace(state, proposed=_others(state.proposed, digest))


def _switched(state: State, event: TurnedOff | TurnedOn) -> State:
    touched = frozenset(event.targets)
    kept = tuple(each for each in state.switches if target_of(each) not in touched)
    added = event.switches if isinstance(event, TurnedOff) else ()
    return replace(state, switches=kept + added)


def _published(state: State, event: Published) -> State:
    left = _without(state, event.digest)
    return replace(
        left,
        version=event,
        versions=(*state.versions, event),
        staged=None,
        halted=None,
        planned=tuple(replace(each, is_suspended=True) for each in left.planned),
    )


def _staged(state: State, event: Staged) -> State:
    """What was to stand beside another version than the one in service stands beside none."""
    if event.replaced != state.serves or not state.serves:
        return state
    return replace(_without(state, event.digest), staged=event, halted=None)


def _without(state: State, digest: str) -> State:
    """The state where a version is neither planned nor proposed, for more has been done."""
    planned, proposed = _others(state.planned, digest), _others(state.proposed, digest)
    return replace(state, planned=planned, proposed=proposed)


def _others(told: tuple[_Told, ...], digest: str) -> tuple[_Told, ...]:
    return tuple(each for each in told if each.digest != digest)


def folded(events: Iterable[Event]) -> State:
    """The state after all events, in order."""
    state = NOTHING_SAID
    for event in events:
        state = after(state, event)
    return state


@cache
def _events() -> TypeAdapter[Event]:
    """Made when it is first needed, which is after the start."""
    return TypeAdapter(Annotated[Event, Field(discriminator="event")])


def encode(event: Event) -> bytes:
    """An event as a JSON document."""
    return _events().dump_json(event)


def decode(document: bytes) -> Event | None:
    """The event of a JSON document; None for all else, such as an event that a later version knows."""
    try:
        return _events().validate_json(document, strict=True)
    except ValidationError:
        return None
