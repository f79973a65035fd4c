"""Where the arms of experiments differ on a page: who sees it there is exposed, in control too.

On most pages an experiment on placement changes nothing, and readers of these would only thin out what it
shows. So the page is composed in each arm of every experiment that is about it, and what is put into it is
compared byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from newshole.composing import Proved, Run
from newshole.rules.experiments import met, swapped
from newshole.rules.ruleset import Rules
from newshole.types import Insertion, Reader, Story

Shows: TypeAlias = Callable[[tuple[int, ...]], tuple[Insertion, ...] | None]
"""What a page shows under these overrides; None where that is not known."""


class Variant(NamedTuple):
    """A page in one arm: what is put into it, or why nothing is."""

    run: Run
    proved: Proved | None
    untouched: str | None


@dataclass(frozen=True, slots=True)
class Exposed:
    """The reader's arm in every experiment that is about a page, and in those whose arms differ there."""

    arms: Mapping[str, str] = field(default_factory=dict)
    exposures: Mapping[str, str] = field(default_factory=dict)


NOBODY: Final = Exposed()


def exposed(
    rules: Rules, seen: tuple[Story, Reader, str], active: tuple[int, ...], shows: Shows
) -> Exposed | None:
    """To which experiments a reader is exposed on a page.

    `seen` are its story, its reader and its address, `active` the overrides that are active for them, and
    `shows` tells what the page shows. Who asked to see an arm is not exposed to it. None where `shows` does
    not know.
    """
    arms = met(rules.experiments, *seen)
    if not arms:
        return NOBODY
    shown = shows(active)
    differing: dict[str, str] = {}
    for each in rules.experiments:
        if each.name not in arms or each.name in seen[1].forced:
            continue
        others = [shows(other) for other in swapped(active, each, arms[each.name])]
        if any(other is None for other in others):
            return None
        if any(other != shown for other in others):
            differing[each.name] = arms[each.name]
    return Exposed(arms, differing)


class Arms:
    """A page that was composed, in all arms of its experiments; in each other one it is composed once.

    `proved` is what was put into it, None where that is nothing.
    """

    def __init__(self, run: Run, proved: Proved | None) -> None:
        self.run = run
        self.shown = () if proved is None else proved.insertions
        self.variants: dict[tuple[int, ...], Variant] = {}

    def shows(self, active: tuple[int, ...]) -> tuple[Insertion, ...]:
        """What the page shows under these overrides."""
        if active == self.run.active:
            return self.shown
        if active not in self.variants:
            self.variants[active] = Variant(*self.run.in_variant(active))
        proved = self.variants[active].proved
        return () if proved is None else proved.insertions

    def exposed(self) -> Exposed:
        """To which experiments the page's reader is exposed."""
        run = self.run
        if not run.bare.experiments or run.looked is None:
            return NOBODY
        return exposed(run.bare, (run.story, run.reader, run.url), run.active, self.shows) or NOBODY
