"""Targets: where a block's rules ask for it, and how far every spot is from there.

A block may ask for several **copies** (a list of `nth`, a `repeat`); each copy has its own targets, one
for every place that it may prefer, and competes for spots by itself. The **cost** of a spot for a copy
is its distance from the target: words, plus `UNIT_COST` for every unit passed where the target is the
edge of a unit, so that pictures count as well as text. Many blocks ask for the same places, so costs are
worked out once for all that do.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import Final, NamedTuple, TypeAlias

from newshole.page.outline import Outline
from newshole.plan.spots import Line, Position, Spots
from newshole.rules.ruleset import Anchor, At, Block, Distance, Place, Repeat, Stack
from newshole.types import Reason

UNIT_COST: Final = 10
"""What it costs to move a block past one unit, in words."""

MOST_COPIES: Final = 50
"""The most copies that one repeat makes on a page, whatever its rules say."""


class Point(NamedTuple):
    """A point of the body that a rule asks for.

    `between` is True at the edge of a unit, False for a point counted into the text, which mostly lies
    inside a unit.
    """

    position: Position
    between: bool


Target: TypeAlias = Point | int
"""A point of the body, or the index of the spot of a named stack or a marker."""


class Wish(NamedTuple):
    """What one copy asks for, the first target before the next.

    `exact` lets it stand at a target only. With `before`, only spots less than that much behind its
    point will do (a repeat).
    """

    targets: tuple[Target, ...]
    exact: bool
    before: Distance | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a block: `costs` maps the indexes of the spots it may take to their distance.

    `order` is the block's rank in the rules and then the copy's own: it settles every tie. Copies that
    ask for the same share their costs.
    """

    block: Block
    order: tuple[int, int]
    costs: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Body:
    """A page's spots and the edges of its units: `edges[n]` is the point right before unit n.

    `gaps` holds the indexes of the spots that are gaps, `kinds` the numbers of the units of each kind.
    """

    outline: Outline
    spots: Spots
    edges: Line
    gaps: Sequence[int]
    kinds: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, outline: Outline) -> Body:
        spots, kinds = Spots.of(outline), defaultdict[str, list[int]](list)
        for n, unit in enumerate(outline.units):
            kinds[unit.kind].append(n)
        words = accumulate([unit.words for unit in outline.units], initial=0)
        paragraphs = accumulate([unit.kind == "paragraph" for unit in outline.units], initial=0)
        edges = Line(range(len(outline.units) + 1), tuple(paragraphs), tuple(words))
        return cls(outline, spots, edges, [n for n, name in enumerate(spots.stacks) if name is None], kinds)

    def units(self, kind: str) -> Sequence[int]:
        """The numbers of the units of a kind; of all for "unit"."""
        return range(len(self.outline.units)) if kind == "unit" else self.kinds.get(kind, ())

    def point(self, distance: Distance) -> Point | None:
        """The point at a distance from the body's start; None beyond its end."""
        column = self.edges.column(distance.measure)
        edge = bisect_left(column, distance.amount)
        if edge == len(column):
            return None
        if distance.measure != "words" or column[edge] == distance.amount:
            return Point(self.edges[edge], between=distance.measure != "words")
        inside = self.edges[edge - 1]
        return Point(Position(inside.units, inside.paragraphs, distance.amount), between=False)

    def reach(self, gaps: Sequence[int], point: Point, before: Distance | None) -> tuple[int, int]:
        """Which of `gaps` stand at a point or less than `before` behind it, from and to; all for None."""
        if before is None:
            return 0, len(gaps)
        column, here = self.spots.line.column(before.measure), point.position.measured(before)
        first, last = bisect_left(column, here), bisect_left(column, here + before.amount)
        return bisect_left(gaps, first), bisect_left(gaps, last)

    def least(self, point: Point, before: Distance | None) -> int:
        """How far a gap may be from a point and still be there: 0, or the least for a point in the text."""
        if point.between:
            return 0
        words, here = self.spots.line.words, point.position.words
        first, last = self.reach(self.gaps, point, before)
        below = bisect_left(self.gaps, here, first, last, key=words.__getitem__)
        beside = self.gaps[max(below - 1, first) : min(below + 1, last)]
        return min((abs(words[gap] - here) for gap in beside), default=0)


class Costs:
    """What spots cost for a wish, without those that a mask says are `closed`.

    A target itself costs its rank among the wish's targets, and all other spots cost more than those: the
    first place that works wins, then the distance from what was asked.
    """

    def __init__(self, body: Body, closed: int = 0) -> None:
        line = body.spots.line
        self.body = body
        self._gaps = [gap for gap in body.gaps if not closed >> gap & 1] if closed else body.gaps
        self._closed = closed & ~body.spots.named
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
                each: rank
                for rank, each in ranked
                if not isinstance(each, Point) and not self._closed >> each & 1
            }
        return costs

    def _of_gaps(self, wish: Wish, points: list[tuple[int, Point]]) -> dict[int, int]:
        first, last = self.body.reach(self._gaps, points[0][1], wish.before)
        gaps, columns = self._gaps[first:last], [self._distances(point, first, last) for _, point in points]
        costs: dict[int, int] = {}
        if not wish.exact:
            nearest = columns[0] if len(columns) == 1 else map(min, *columns)
            beyond = len(wish.targets)
            costs = dict(zip(gaps, [beyond + far for far in nearest], strict=True))
        for (rank, point), column in zip(reversed(points), reversed(columns), strict=True):
            least = self.body.least(point, wish.before)
            for gap in gaps[_run_of(least, column)]:
                costs[gap] = rank if wish.exact else rank + least
        return costs

    def _distances(self, point: Point, first: int, last: int) -> list[int]:
        """How far gaps are from a point: neither words nor units fall, so both differ the same way."""
        if point.between:
            way = point.position.words + UNIT_COST * point.position.units
            return [abs(each - way) for each in self._ways[first:last]]
        words = point.position.words
        return [abs(each - words) for each in self._words[first:last]]


def _run_of(distance: int, column: list[int]) -> slice:
    """Where a distance stands in a column that falls to the target and rises behind it."""
    if distance not in column:
        return slice(0)
    first = column.index(distance)
    return slice(first, first + column.count(distance))


def copies_of(block: Block, rank: int, body: Body) -> tuple[list[Copy], list[Reason]]:
    """The block's copies on this page, and for each place that the page lacks, what it lacks."""
    prefer = () if block.id in body.outline.markers else block.prefer
    lacking = [_lacking(place, body) for place in prefer if not [*_targets(place, body)]]
    return [*copies_at(block, rank, Costs(body))], lacking


def copies_at(block: Block, rank: int, costs: Costs) -> Iterator[Copy]:
    """The block's copies that have a spot at these costs."""
    for n, wish in enumerate(_wishes(block, costs.body)):
        if at := costs.of(wish):
            yield Copy(block, (rank, n), at)


def _wishes(block: Block, body: Body) -> list[Wish]:
    if marked := body.outline.markers.get(block.id):
        # The page's own word goes before the rules' place.
        at = {body.spots.offsets[gap]: gap for gap in reversed(body.gaps)}
        return [Wish((at[offset],), exact=True) for offset in marked[:MOST_COPIES]]
    asked = [_targets(place, body) for place in block.prefer]
    wishes = [
        Wish(tuple(target for target in targets if target is not None), block.exact)
        for targets in zip_longest(*asked)
    ]
    if block.repeat is not None:
        first = wishes[0].targets[0] if wishes else None
        every = block.repeat.every
        wishes += [Wish((point,), block.exact, every) for point in _repeated(block.repeat, first, body)]
    return wishes


def _targets(place: Place, body: Body) -> Iterable[Target]:
    if isinstance(place, Stack):
        return [n for n, name in enumerate(body.spots.stacks) if name == place.name]
    if isinstance(place, Anchor):
        return [Point(body.edges[edge], between=True) for edge in _edges(place, body)]
    point = body.point(_distance_of(place, body))
    return () if point is None else (point,)


def _edges(place: Anchor, body: Body) -> Iterator[int]:
    units = body.units(place.kind)
    for nth in place.nth:
        index = nth - 1 if nth > 0 else len(units) + nth
        if 0 <= index < len(units):
            yield units[index] + (place.side == "after")


def _distance_of(place: At, body: Body) -> Distance:
    if place.distance is not None:
        return place.distance
    return Distance(round(body.outline.words * (place.percent or 0) / 100), "words")


def _repeated(repeat: Repeat, first: Target | None, body: Body) -> Iterator[Point]:
    """Points one `every` apart: from `from` on, or behind the first copy, or one `every` into the body."""
    every = repeat.every
    if repeat.start is not None:
        start = body.point(repeat.start)
        amount = start.position.measured(every) if start else body.edges[-1].measured(every) + 1
    else:
        amount = every.amount + (first.position.measured(every) if isinstance(first, Point) else 0)
    for n in range(min(repeat.most or MOST_COPIES, MOST_COPIES)):
        point = body.point(Distance(amount + n * every.amount, every.measure))
        if point is None:
            return
        yield point


def _lacking(place: Place, body: Body) -> Reason:
    if isinstance(place, Stack):
        return Reason("no-place", place.path, place.name, "no such place on this page")
    if isinstance(place, Anchor):
        asked = ", ".join(map(str, place.nth))
        return Reason(
            "no-place", place.path, f"{place.kind} {asked}", counted(len(body.units(place.kind)), place.kind)
        )
    measure = place.distance.measure if place.distance else "words"
    found = body.edges[-1].measured(Distance(0, measure))
    return Reason("no-place", place.path, str(place.distance), counted(found, measure.removesuffix("s")))


def counted(amount: int, noun: str) -> str:
    """A number with its noun: "1 unit", "3 units"."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"
