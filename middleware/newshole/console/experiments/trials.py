"""The experiments that are in service, in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from newshole.console.blocks.summary import place_in_words
from newshole.console.experiments.steering import State, state_of
from newshole.experiments.metrics import BY_NAME
from newshole.review.designs import design_of
from newshole.rules.experiments import Experiment
from newshole.rules.ruleset import Rules
from newshole.rules.tree import Plain

STATES: Final[Mapping[State, str]] = {"coming": "not begun", "running": "running", "ended": "ended"}

UNITS: Final = {"visitor": "readers", "edge": "readers that the edge assigns", "page": "pages"}

_ORDER: Final[tuple[State, ...]] = ("running", "coming", "ended")


@dataclass(frozen=True, slots=True)
class Trial:
    """One experiment of the rules in service, the `rules` that it stands in, and whether it runs."""

    rules: Rules
    experiment: Experiment
    state: State

    @property
    def moments(self) -> str:
        """From when until when, as the rules write it; "" where they do not."""
        written = self.experiment.written
        named = ((word, written.get(key)) for word, key in (("from", "from"), ("until", "until")))
        told = " ".join(f"{word} {moment}" for word, moment in named if moment is not None)
        return f"{told} ({self.rules.timezone})" if told else ""

    @property
    def primary(self) -> str:
        """What decides, in words."""
        return BY_NAME[design_of(self.experiment).primary].label

    @property
    def units(self) -> str:
        """What is assigned to arms, in words."""
        return UNITS[self.experiment.unit]

    def arms(self) -> Iterator[tuple[str, str, list[str]]]:
        """Each arm with its share, and what it changes of the rules."""
        for arm, share in design_of(self.experiment).shares.items():
            yield arm, f"{share:.0%}", list(_changes(self.experiment.written["arms"][arm]))


def _changes(arm: Mapping[str, Any] | None) -> Iterator[str]:
    written = arm or {}
    for path, value in (written.get("set") or {}).items():
        yield _set(path, value)
    for word, key in (("without", "drop"), ("without all blocks but", "only")):
        if named := written.get(key):
            yield f"{word} {', '.join(named) if isinstance(named, list) else named}"


def trials(rules: Iterable[Rules], now: datetime) -> list[Trial]:
    """Every experiment of some rules, those that run first."""
    found = [Trial(own, each, state_of(each, now)) for own in rules for each in own.experiments]
    return sorted(found, key=lambda each: _ORDER.index(each.state))


def _set(path: str, value: Plain) -> str:
    """What becomes of one key of the rules."""
    match path.split("."):
        case ["blocks", block, "place"]:
            return f"{block}: {place_in_words({'place': value})}"
    written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"{path} becomes {written}"
