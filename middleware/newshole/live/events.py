"""What happens to the rules of a site in production, as records of a log that is only ever added to.

Whoever follows the log comes to the same state: the version in service, and what is switched off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from newshole.types import Switch

Target: TypeAlias = tuple[str, str]
"""What of a switch says what it is for: its `what` and its `name`."""


@dataclass(frozen=True, slots=True)
class Published:
    """A version of the rules went into service: `digest` is that of its files, `replaced` that of the version
    before, "" for none. `at` counts seconds from 1970. A `rollback` was in service once before."""

    digest: str
    at: float
    by: str = ""
    note: str = ""
    replaced: str = ""
    rollback: bool = False
    event: Literal["published"] = "published"


@dataclass(frozen=True, slots=True)
class TurnedOff:
    """Something was switched off."""

    switches: tuple[Switch, ...]
    at: float
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
    event: Literal["on"] = "on"


Event: TypeAlias = Published | TurnedOff | TurnedOn


@dataclass(frozen=True, slots=True)
class State:
    """What a log comes to: the newest version, and what is off (what has expired too)."""

    version: Published | None = None
    switches: tuple[Switch, ...] = ()
    versions: tuple[Published, ...] = field(default=(), repr=False)


NOTHING_SAID = State()


def target_of(switch: Switch) -> Target:
    """What a switch is for."""
    return switch.what, switch.name


def after(state: State, event: Event) -> State:
    """The state after one more event."""
    if isinstance(event, Published):
        return replace(state, version=event, versions=(*state.versions, event))
    touched = frozenset(event.targets)
    kept = tuple(each for each in state.switches if target_of(each) not in touched)
    added = event.switches if isinstance(event, TurnedOff) else ()
    return replace(state, switches=kept + added)


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
