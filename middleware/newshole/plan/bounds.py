"""Bounds: where no block may stand, and which spots two blocks may not take together.

A static bound looks at one spot (`start`, `end`, `story`, `clear`). A joint bound looks at two blocks
(`gap`, a repeat's `every`): distances grow with the text, so the spots too near to one are a run
around it, kept as a bit mask over spot indexes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from newshole.plan.spots import Position, Spot
from newshole.plan.targets import Body, counted
from newshole.rules.ruleset import Bound, Distance, Layout
from newshole.types import Reason


def static_refusals(spot: Spot, layout: Layout, body: Body) -> Iterator[Reason]:
    """Every bound that forbids the spot to any block, whatever else is placed. Stacks are exempt."""
    if spot.stack is not None or spot.position is None:
        return
    start, here, end = body.edges[0], spot.position, body.edges[-1]
    yield from _short("story", layout.story, start, end)
    yield from _short("start", layout.start, start, here)
    yield from _short("end", layout.end, here, end)
    below = bisect_left(body.headings, here.units)
    if layout.after_heading and below > 0:
        yield from _short(
            "after-heading", layout.after_heading, body.edges[body.headings[below - 1] + 1], here
        )
    if layout.before_heading and below < len(body.headings):
        yield from _short("before-heading", layout.before_heading, here, body.edges[body.headings[below]])


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
    if one.position is None or other.position is None or (one.stack and other.stack):
        return
    if one is other or one.offset == other.offset:
        yield Reason("taken", "", "a spot of its own", "another block is there")
    for bound in bounds:
        if (found := apart(one.position, other.position, bound.distance)) < bound.distance.amount:
            yield Reason("gap", bound.path, str(bound.distance), in_words(found, bound.distance))


class Nearness:
    """For a spot, the mask of the spots that are too near to it under `bounds`; worked out when asked for.

    Distances grow from spot to spot, so the search goes outward from one and stops where all is well.
    """

    def __init__(self, spots: tuple[Spot, ...], bounds: tuple[Bound, ...]) -> None:
        self._spots = spots
        self._measured = [
            (
                bound.distance.amount,
                [spot.position.measured(bound.distance) if spot.position else 0 for spot in spots],
            )
            for bound in bounds
        ]
        self._masks: dict[int, int] = {}
        self.stacks = sum(1 << spot.index for spot in spots if spot.stack)

    def mask(self, index: int) -> int:
        """The spots, as bits, that nothing else may take once something stands at spot `index`."""
        if index not in self._masks:
            below, above = range(index - 1, -1, -1), range(index, len(self._spots))
            self._masks[index] = self._run(index, below) | self._run(index, above)
        return self._masks[index]

    def _run(self, index: int, others: range) -> int:
        one, mask = self._spots[index], 0
        if one.position is None:
            return mask
        for other in others:
            spot = self._spots[other]
            if spot.position is None or (one.stack and spot.stack):
                continue
            if not self._is_near(index, other):
                break
            mask |= 1 << other
        return mask

    def _is_near(self, one: int, other: int) -> bool:
        if self._spots[one].offset == self._spots[other].offset:
            return True
        return any(abs(at[one] - at[other]) < amount for amount, at in self._measured)
