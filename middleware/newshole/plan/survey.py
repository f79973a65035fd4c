"""A survey of a page's story: its spots and the edges of its units, measured in every way that rules ask for.

What a distance means on this page is told by columns: how much stands before each edge of a unit, and before
each spot. The text's own measures are there from the start; pixels, screens and elements counted by CSS are
worked out when a rule asks. Where one layout serves every device, a distance in pixels holds on each of them,
so it is measured more than once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Final, NamedTuple, TypeAlias

from newshole.page.outline import Outline
from newshole.page.screen import Metrics
from newshole.plan.spots import Line, Position, Spots
from newshole.rules.layout import Bound, Distance
from newshole.types import DEVICES

METRICS: Final = Metrics()

OWN_AD: Final = "ad"
OWN_PROMO: Final = "promo"
"""The kinds of units that are the site's own blocks."""

Scale: TypeAlias = tuple[str, str]
"""A way to measure: "units", "paragraphs", "words", ("px", device) or ("of", selector)."""


class Measured(NamedTuple):
    """A distance on this page: what stands before each unit's edge and each spot, and how much is asked."""

    scale: Scale
    edges: Sequence[int]
    spots: Sequence[int]
    amount: int


@dataclass(frozen=True, slots=True)
class Survey:
    """A page's spots and the edges of its units: `edges[n]` is the point right before unit n.

    `gaps` holds the indexes of the spots that are gaps, `kinds` the numbers of the units of each kind.
    `devices` are those that the plan is for, `metrics` what their screens measure.
    """

    outline: Outline
    spots: Spots
    edges: Line
    gaps: Sequence[int]
    kinds: Mapping[str, Sequence[int]]
    devices: tuple[str, ...] = DEVICES
    metrics: Metrics = METRICS
    columns: dict[Scale, tuple[Sequence[int], Sequence[int]]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        outline: Outline,
        devices: tuple[str, ...] = DEVICES,
        metrics: Metrics = METRICS,
        *,
        least: int = 0,
    ) -> Survey:
        """The survey of a page; a paragraph of fewer words than `least` does not count as one."""
        spots, kinds = Spots.of(outline), defaultdict[str, list[int]](list)
        for n, unit in enumerate(outline.units):
            if unit.kind != "paragraph" or unit.words >= least:
                kinds[unit.kind].append(n)
        words = accumulate([unit.words for unit in outline.units], initial=0)
        counts = [unit.kind == "paragraph" and unit.words >= least for unit in outline.units]
        paragraphs = tuple(accumulate(counts, initial=0))
        edges = Line(range(len(outline.units) + 1), paragraphs, tuple(words))
        if least:
            line = spots.line
            counted_there = tuple(paragraphs[units] for units in line.units)
            spots = replace(spots, line=replace(line, paragraphs=counted_there))
        gaps = [n for n, name in enumerate(spots.stacks) if name is None]
        made = cls(outline, spots, edges, gaps, kinds, devices, metrics)
        for name in ("units", "paragraphs", "words"):
            made.columns[name, ""] = (getattr(edges, name), getattr(spots.line, name))
        return made

    def units(self, kind: str) -> Sequence[int]:
        """The numbers of the units of a kind; of all for "unit"."""
        return range(len(self.outline.units)) if kind == "unit" else self.kinds.get(kind, ())

    @property
    def own(self) -> list[int]:
        """The numbers of the units that are the site's own blocks."""
        return sorted([*self.units(OWN_AD), *self.units(OWN_PROMO)])

    def measured(self, distance: Distance) -> Iterator[Measured]:
        """The distance in every way in which it must hold: once, or once a device; not at all where it is for
        another one."""
        if distance.device is not None and distance.device not in self.devices:
            return
        if distance.measure in ("px", "screens"):
            for device in self.devices if distance.device is None else (distance.device,):
                screen = self._screen(device) if distance.measure == "screens" else 1
                yield self._measured(("px", device), round(distance.amount * screen))
        elif distance.measure == "of":
            yield self._measured(("of", distance.selector), int(distance.amount))
        else:
            yield self._measured((distance.measure, ""), int(distance.amount))

    def _screen(self, device: str) -> int:
        """The height of a device's screen in CSS pixels."""
        return (self.metrics.mobile if device == "mobile" else self.metrics.desktop).height

    def _measured(self, scale: Scale, amount: int) -> Measured:
        return Measured(scale, *self.column(scale), amount)

    def column(self, scale: Scale) -> tuple[Sequence[int], Sequence[int]]:
        """What stands before each unit's edge, and before each spot."""
        found = self.columns.get(scale)
        if found is None:
            measure, name = scale
            edges = self._pixels(DEVICES.index(name)) if measure == "px" else self._counted(name)
            found = self.columns[scale] = (edges, [edges[unit] for unit in self.spots.line.units])
        return found

    def _pixels(self, device: int) -> list[int]:
        return list(accumulate([unit.heights[device] for unit in self.outline.units], initial=0))

    def _counted(self, selector: str) -> list[int]:
        """How many elements that a selector names start before each edge."""
        starts = sorted(start for start, _ in self.outline.spans.get(selector, ()))
        units, (start, end) = self.outline.units, self.outline.body
        first = bisect_left(starts, start)
        counts = [bisect_left(starts, unit.start) - first for unit in units]
        return [*counts, bisect_left(starts, end) - first]

    def in_words(self, found: int, measured: Measured, distance: Distance) -> str:
        """What was found, as the rule would say it: "2 units", "0.4 screens on mobile"."""
        measure, name = measured.scale
        if measure == "of":
            return f'{found} of "{name}"'
        if measure != "px":
            return counted(found, measure.removesuffix("s"))
        on = f" on {name}" if distance.device is None and len(self.devices) > 1 else ""
        if distance.measure == "screens":
            return f"{found / self._screen(name):.1f} screens{on}"
        return f"{found} px{on}"

    def short(self, bound: Bound, above: int, below: int) -> str | None:
        """Whether two edges of units are nearer than the bound asks for: how far they are, in words."""
        for each in self.measured(bound.distance):
            found = each.edges[below] - each.edges[above]
            if found < each.amount:
                return self.in_words(found, each, bound.distance)
        return None

    def reach(self, bounds: Sequence[Bound], first: int, last: int) -> Iterator[tuple[int, int]]:
        """The runs of spots that are nearer than a bound to what stands from edge `first` to edge `last`."""
        for bound in bounds:
            for each in self.measured(bound.distance):
                yield self.run(each, first, last)

    def run(self, measured: Measured, first: int, last: int) -> tuple[int, int]:
        """The spots that are nearer than a distance to what stands from edge `first` to edge `last`."""
        column, amount = measured.spots, measured.amount
        above = bisect_right(column, measured.edges[first] - amount)
        return above, bisect_left(column, measured.edges[last] + amount)

    def point(self, distance: Distance) -> Position | None:
        """The point of the text at a distance from the body's start; None beyond its end.

        Where devices differ, it is the first one's.
        """
        measured = next(self.measured(distance), None)
        return None if measured is None else self.at(measured, measured.amount)

    def at(self, measured: Measured, amount: int) -> Position | None:
        """The point of the text with so much before it, in a measure; None beyond the body's end."""
        column = measured.edges
        edge = bisect_left(column, amount)
        if edge == len(column):
            return None
        if column[edge] == amount or measured.scale[0] not in ("words", "px"):
            return self.edges[edge]
        inside, words = self.edges[edge - 1], self.edges.words
        part = (amount - column[edge - 1]) / (column[edge] - column[edge - 1])
        return inside._replace(words=inside.words + round(part * (words[edge] - inside.words)))

    def before(self, measured: Measured, position: Position) -> int:
        """What stands before a point of the text, in a measure."""
        column, words, unit = measured.edges, self.edges.words, position.units
        if measured.scale[0] == "words":
            return position.words
        if measured.scale[0] != "px" or position.words <= words[unit]:
            return column[unit]
        part = (position.words - words[unit]) / (words[unit + 1] - words[unit])
        return column[unit] + round(part * (column[unit + 1] - column[unit]))


def counted(amount: int, noun: str) -> str:
    """A number with its noun: "1 unit", "3 units"."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"
