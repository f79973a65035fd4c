"""Where the arms of experiments differ on a page: who sees it there is exposed, in control too.

On most pages an experiment on placement changes nothing, and readers of these would only thin out what it
shows. So the page is composed in each arm of every experiment that is about it, and what is put into it is
compared byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias

from newshole.blocks import ad_heights
from newshole.composing import Proved, Run, Untouched
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
class Measured:
    """What the events of a page say of it: the section of its story, the reader's device, and which share of
    the story ads are, estimated. `at` is the first offset at which any arm puts something, None for nowhere;
    `has_script` is false for a page that takes no script of ours."""

    section: str
    device: str
    density: float
    at: int | None
    has_script: bool = True


@dataclass(frozen=True, slots=True)
class Exposed:
    """The reader's arm in every experiment that is about a page, and in those whose arms differ there.

    `instead` says of the latter in words what other arms would have shown. `page` is None where the site is
    not measured, and for who asked to see an arm.
    """

    arms: Mapping[str, str] = field(default_factory=dict)
    exposures: Mapping[str, str] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)
    page: Measured | None = None

    def moved(self, move: Callable[[int], int]) -> Exposed:
        """The same where offsets are counted otherwise."""
        if self.page is None or self.page.at is None:
            return self
        return replace(self, page=replace(self.page, at=move(self.page.at)))


NOBODY: Final = Exposed()

_PIXELS_A_WORD: Final = {"mobile": 3.4, "desktop": 1.8}
"""Of columns of 45 and 90 characters a line, whose lines are 26 pixels high."""


def exposed(
    rules: Rules, seen: tuple[Story, Reader, str], active: tuple[int, ...], shows: Shows
) -> Exposed | None:
    """To which experiments a reader is exposed on a page.

    `seen` are its story, its reader and its address, `active` the overrides that are active for them, and
    `shows` tells what the page shows. Who asked to see an arm is not exposed to it. None where `shows` does
    not know.
    """
    if not rules.is_measured:
        return NOBODY
    arms = met(rules.experiments, *seen)
    shown = shows(active) or ()
    differing: dict[str, str] = {}
    instead: dict[str, str] = {}
    first = [each.offset for each in shown[:1]]
    for each in rules.experiments:
        if each.name not in arms or each.name in seen[1].forced:
            continue
        found = [(arm, shows(other)) for arm, other in swapped(active, each, arms[each.name])]
        others = [(arm, other) for arm, other in found if other is not None]
        if len(others) < len(found):
            return None
        if any(other != shown for _, other in others):
            differing[each.name] = arms[each.name]
            instead[each.name] = "; ".join(f"{arm}: {_in_words(other)}" for arm, other in others)
            first += [insertion.offset for _, other in others for insertion in other[:1]]
    page = None if seen[1].forced else _measured(rules, seen, active, shown, min(first, default=None))
    return Exposed(arms, differing, instead, page)


def _in_words(shown: Iterable[Insertion]) -> str:
    """How many copies of which blocks are shown: "inline-ad 3, related 1"."""
    counts = Counter(each.block for each in shown)
    return ", ".join(f"{block} {count}" for block, count in counts.items()) or "nothing"


def _measured(
    rules: Rules,
    seen: tuple[Story, Reader, str],
    active: tuple[int, ...],
    shown: Iterable[Insertion],
    first: int | None,
) -> Measured:
    story, reader, _ = seen
    heights = ad_heights(rules.under(active))
    column = 0 if reader.device == "mobile" else 1
    ads = sum(heights[each.block][column] for each in shown if each.block in heights)
    text = story.words * _PIXELS_A_WORD.get(reader.device, _PIXELS_A_WORD["desktop"])
    density = round(ads / (ads + text), 3) if ads else 0.0
    return Measured(story.section, reader.device, density, first, story.amp is None)


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
            self.variants[active] = _in_variant(self.run, active)
        proved = self.variants[active].proved
        return () if proved is None else proved.insertions

    def exposed(self) -> Exposed:
        """To which experiments the page's reader is exposed: to none where the page is left for a fault."""
        run = self.run
        if not run.bare.is_measured or run.looked is None or run.has_failed:
            return NOBODY
        return exposed(run.bare, (run.story, run.reader, run.url), run.active, self.shows) or NOBODY


def _in_variant(run: Run, active: tuple[int, ...]) -> Variant:
    """A page that was read, under other overrides."""
    assert run.parts is not None  # noqa: S101 - for the type checker: it was read
    other = copy(run)
    other.plan, other.tried = None, {}
    try:
        return Variant(other, other.arranged(*run.parts, active), None)
    except Untouched as left:
        return Variant(other, None, str(left))
