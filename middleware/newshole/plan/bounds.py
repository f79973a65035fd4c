"""Bounds: where no block may stand, and which spots two blocks may not take together.

A static bound looks at one spot (`start`, `end`, `story`, `clear`). A joint bound looks at two blocks
(`gap`, a repeat's `every`). Distances grow with the text, so what either forbids are runs of spots: the
planner finds them by bisection and keeps them as bit masks over spot indexes, and reasons are worked out
for a single spot when somebody asks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from newshole.page.outline import STACKS
from newshole.plan.spots import Position, Spot, Spots
from newshole.plan.targets import Body, counted
from newshole.rules.ruleset import Bound, Distance, Layout
from newshole.types import Reason


def forbidden_gaps(layout: Layout, body: Body) -> int:
    """The mask of the gaps that a static bound closes to any block, whatever else is placed.

    Stacks are exempt: their bits say nothing.
    """
    if any(_length(body, bound) < bound.distance.amount for bound in layout.story):
        return (1 << len(body.spots)) - 1
    mask = 0
    for above, below in _closed(layout, body):
        if above < below:
            mask |= (1 << below) - (1 << above)
    return mask


def _length(body: Body, bound: Bound) -> int:
    return body.edges.column(bound.distance.measure)[-1]


def _closed(layout: Layout, body: Body) -> Iterator[tuple[int, int]]:
    """The runs of spots that `start`, `end` and `clear` close; some are empty, with their ends swapped."""
    line, headings = body.spots.line, body.units("heading")
    for bound in layout.start:
        yield 0, bisect_left(line.column(bound.distance.measure), bound.distance.amount)
    for bound in layout.end:
        last = _length(body, bound) - bound.distance.amount
        yield bisect_right(line.column(bound.distance.measure), last), len(body.spots)
    for bound in layout.after_heading:
        column, edges = line.column(bound.distance.measure), body.edges.column(bound.distance.measure)
        for heading in headings:
            near = bisect_left(column, edges[heading + 1] + bound.distance.amount)
            yield bisect_right(line.units, heading), near
    for bound in layout.before_heading:
        column, edges = line.column(bound.distance.measure), body.edges.column(bound.distance.measure)
        for heading in headings:
            near = bisect_right(column, edges[heading] - bound.distance.amount)
            yield near, bisect_right(line.units, heading)


def static_refusals(spot: Spot, layout: Layout, body: Body) -> Iterator[Reason]:
    """Every static bound that forbids the spot, in words."""
    if spot.stack is not None or spot.position is None:
        return
    start, here, end = body.edges[0], spot.position, body.edges[-1]
    headings = body.units("heading")
    yield from _short("story", layout.story, start, end)
    yield from _short("start", layout.start, start, here)
    yield from _short("end", layout.end, here, end)
    below = bisect_left(headings, here.units)
    if layout.after_heading and below > 0:
        yield from _short("after-heading", layout.after_heading, body.edges[headings[below - 1] + 1], here)
    if layout.before_heading and below < len(headings):
        yield from _short("before-heading", layout.before_heading, here, body.edges[headings[below]])


def _short(code: str, bounds: tuple[Bound, ...], above: Position, below: Position) -> Iterator[Reason]:
    for bound in bounds:
        if (found := apart(above, below, bound.distance)) < bound.distance.amount:
            yield Reason(code, bound.path, str(bound.distance), in_words(found, bound.distance))


def apart(one: Position, other: Position, distance: Distance) -> int:
    """How far two points of the body are apart, in the distance's measure."""
    return abs(other.measured(distance) - one.measured(distance))


def in_words(found: int, distance: Distance) -> str:
    """A measured distance for people: "2 units"."""
    return counted(found, distance.measure.removesuffix("s"))


def too_near(one: Spot, other: Spot, bounds: tuple[Bound, ...]) -> Iterator[Reason]:
    """Every bound of `gap` that two blocks at these spots would break; `found` is their distance.

    Blocks of the stacks need no gap among themselves, and none is asked for outside the body.
    """
    if one.position is None or other.position is None or (_is_stack(one) and _is_stack(other)):
        return
    if one.offset == other.offset:
        yield Reason("taken", "", "a spot of its own", "another block is there")
    for bound in bounds:
        if (found := apart(one.position, other.position, bound.distance)) < bound.distance.amount:
            yield Reason("gap", bound.path, str(bound.distance), in_words(found, bound.distance))


def _is_stack(spot: Spot) -> bool:
    return spot.stack in STACKS


class Nearness:
    """For a spot, the mask of the spots that are too near to it under `bounds`; worked out when asked for."""

    def __init__(self, spots: Spots, bounds: tuple[Bound, ...]) -> None:
        self._spots = spots
        self._columns = [
            (spots.line.column(bound.distance.measure), bound.distance.amount) for bound in bounds
        ]
        self._masks: dict[int, int] = {}
        self.stacks = spots.named

    def mask(self, index: int) -> int:
        """The spots, as bits, that nothing else may take once something stands at spot `index`."""
        mask = self._masks.get(index)
        if mask is None:
            mask = self._masks[index] = self._run(index) & self._spots.inside if self._is_inside(index) else 0
        return mask

    def _is_inside(self, index: int) -> bool:
        return bool(self._spots.inside >> index & 1)

    def _run(self, index: int) -> int:
        offsets = self._spots.offsets
        above = bisect_left(offsets, offsets[index])
        below = bisect_right(offsets, offsets[index])
        for column, amount in self._columns:
            above = min(above, bisect_right(column, column[index] - amount))
            below = max(below, bisect_left(column, column[index] + amount))
        run = (1 << below) - (1 << above)
        return run & ~self.stacks if self.stacks >> index & 1 else run
