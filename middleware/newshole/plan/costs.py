"""Costs: how far every spot is from where a copy's rules ask for it.

The cost of a spot is its distance from the target: words, plus `UNIT_COST` for every unit passed where the
target is the edge of a unit, so that pictures count as well as text. Many blocks ask for the same places, so
costs are worked out once for all that do.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from newshole.plan.spots import Position
from newshole.plan.survey import Survey

UNIT_COST: Final = 10
"""What it costs to move a block past one unit, in words."""

Run: TypeAlias = tuple[int, int]
"""Spots from one index up to another one."""


class Point(NamedTuple):
    """A point of the body that a rule asks for.

    `between` is True at the edge of a unit, False for a point counted into the text, which mostly lies
    inside a unit. `within` is the run of spots that will do for it, None for any.
    """

    position: Position
    between: bool
    within: Run | None = None


Target: TypeAlias = Point | int
"""A point of the body, or the index of the spot of a named stack, a selected element or a mark."""


class Wish(NamedTuple):
    """What one copy asks for, the first target before the next; `exact` lets it stand at a target only."""

    targets: tuple[Target, ...]
    exact: bool


class Costs:
    """What spots cost for a wish, without those that a mask says are `closed`.

    A target itself costs its rank among the wish's targets, and all other spots cost more than those: the
    first place that works wins, then the distance from what was asked.
    """

    def __init__(self, survey: Survey, closed: int = 0) -> None:
        line = survey.spots.line
        self.survey, self.closed = survey, closed
        self._gaps = [gap for gap in survey.gaps if not closed >> gap & 1] if closed else survey.gaps
        self._words = [line.words[gap] for gap in self._gaps]
        self._ways = [line.words[gap] + UNIT_COST * line.units[gap] for gap in self._gaps]
        self._known: dict[Wish, Mapping[int, int]] = {}

    def of(self, wish: Wish) -> Mapping[int, int]:
        """Spot indexes to costs."""
        costs = self._known.get(wish)
        if costs is None:
            costs = self._known[wish] = self._worked_out(wish)
        return costs

    def _worked_out(self, wish: Wish) -> Mapping[int, int]:
        points = [(rank, each) for rank, each in enumerate(wish.targets) if isinstance(each, Point)]
        costs = self._of_gaps(wish, points) if points else {}
        if len(points) < len(wish.targets):
            ranked = reversed([*enumerate(wish.targets)])
            costs |= {
                each: rank for rank, each in ranked if not isinstance(each, Point) and self._is_open(each)
            }
        return costs

    def _is_open(self, spot: int) -> bool:
        """Whether a spot that was asked for is no gap, or one that is not closed."""
        return not self.closed >> spot & 1 or self.survey.spots.stacks[spot] is not None

    def _of_gaps(self, wish: Wish, points: list[tuple[int, Point]]) -> dict[int, int]:
        columns = [self.distances(point) for _, point in points]
        costs: dict[int, int] = {}
        if not wish.exact:
            beyond = len(wish.targets)
            for column in columns:
                for gap, far in column.items():
                    known = costs.get(gap)
                    if known is None or beyond + far < known:
                        costs[gap] = beyond + far
        for (rank, point), column in zip(reversed(points), reversed(columns), strict=True):
            least = self._least(point)
            for gap, far in column.items():
                if far == least:
                    costs[gap] = rank if wish.exact else rank + least
        return costs

    def distances(self, point: Point) -> dict[int, int]:
        """How far the gaps that will do are from a point."""
        first, last = self._reach(self._gaps, point)
        gaps = self._gaps[first:last]
        if point.between:
            way = point.position.words + UNIT_COST * point.position.units
            return dict(zip(gaps, [abs(each - way) for each in self._ways[first:last]], strict=True))
        words = point.position.words
        return dict(zip(gaps, [abs(each - words) for each in self._words[first:last]], strict=True))

    def _reach(self, gaps: Sequence[int], point: Point) -> Run:
        """Which of `gaps` will do for a point, from and to."""
        if point.within is None:
            return 0, len(gaps)
        first, last = point.within
        return bisect_left(gaps, first), bisect_left(gaps, last)

    def _least(self, point: Point) -> int:
        """How far a gap may be from a point and still be there: 0, or the least for a point in the text."""
        if point.between:
            return 0
        survey, here = self.survey, point.position.words
        words = survey.spots.line.words
        first, last = self._reach(survey.gaps, point)
        below = bisect_left(survey.gaps, here, first, last, key=words.__getitem__)
        beside = survey.gaps[max(below - 1, first) : min(below + 1, last)]
        return min((abs(words[gap] - here) for gap in beside), default=0)
