"""Targets: where a block's rules ask for it, and how far every spot is from there.

A block may ask for several **copies** (a list of `nth`, a `repeat`); each copy has its own targets, one
for every place that it may prefer, and competes for spots by itself. The **cost** of a spot for a copy
is its distance from the target: words, plus `UNIT_COST` for every unit passed where the target is the
edge of a unit, so that pictures count as well as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, TypeAlias

from newshole.page.outline import Outline
from newshole.plan.spots import Position, Spot
from newshole.rules.ruleset import Anchor, At, Block, Distance, Place, Repeat, Stack
from newshole.types import Reason

UNIT_COST: Final = 10
"""What it costs to move a block past one unit, in words."""

MOST_COPIES: Final = 50
"""The most copies that one repeat makes on a page, whatever its rules say."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the body that a rule asks for.

    `between` is True at the edge of a unit, False for a point counted into the text, which mostly lies
    inside a unit. With `before`, only spots less than that much behind the point will do (a repeat).
    """

    position: Position
    between: bool
    before: Distance | None = None


Target: TypeAlias = Point | Spot
"""A point of the body, or the spot of a named stack."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a block: `costs` maps the indexes of the spots it may take to their distance.

    `order` is the block's rank in the rules and then the copy's own: it settles every tie.
    """

    block: Block
    order: tuple[int, int]
    costs: dict[int, int]


@dataclass(frozen=True, slots=True)
class Body:
    """A page's spots and the edges of its units: `edges[n]` is the point right before unit n.

    `headings` holds the numbers of the units that are headings.
    """

    outline: Outline
    spots: tuple[Spot, ...]
    edges: tuple[Position, ...]
    headings: tuple[int, ...]

    @classmethod
    def of(cls, outline: Outline, spots: tuple[Spot, ...]) -> Body:
        edges, paragraphs, words = [Position(0, 0, 0)], 0, 0
        for n, unit in enumerate(outline.units, 1):
            paragraphs += unit.kind == "paragraph"
            words += unit.words
            edges.append(Position(n, paragraphs, words))
        headings = (n for n, unit in enumerate(outline.units) if unit.kind == "heading")
        return cls(outline, spots, tuple(edges), tuple(headings))

    def point(self, distance: Distance) -> Point | None:
        """The point at a distance from the body's start; None beyond its end."""
        edge = next((each for each in self.edges if each.measured(distance) >= distance.amount), None)
        if edge is None:
            return None
        if distance.measure != "words" or edge.words == distance.amount:
            return Point(edge, between=distance.measure != "words")
        inside = self.edges[edge.units - 1]
        return Point(Position(inside.units, inside.paragraphs, distance.amount), between=False)

    def units(self, kind: str) -> list[int]:
        """The numbers of the units of a kind; of all for "unit"."""
        return [n for n, unit in enumerate(self.outline.units) if kind in ("unit", unit.kind)]


def copies_of(block: Block, rank: int, body: Body) -> tuple[list[Copy], list[Reason]]:
    """The block's copies on this page, and for each place that the page lacks, what it lacks."""
    asked = [list(_targets(place, body)) for place in block.prefer]
    lacking = [_lacking(place, body) for place, found in zip(block.prefer, asked, strict=True) if not found]
    wanted = [[target for target in targets if target is not None] for targets in zip_longest(*asked)]
    if block.repeat is not None:
        first = wanted[0][0] if wanted else None
        wanted += [[point] for point in _repeated(block.repeat, first, body)]
    copies = [Copy(block, (rank, n), _costs(block, targets, body)) for n, targets in enumerate(wanted)]
    return [copy for copy in copies if copy.costs], lacking


def _targets(place: Place, body: Body) -> Iterator[Target]:
    if isinstance(place, Stack):
        yield from (spot for spot in body.spots if spot.stack == place.name)
    elif isinstance(place, Anchor):
        units = body.units(place.kind)
        for nth in place.nth:
            index = nth - 1 if nth > 0 else len(units) + nth
            if 0 <= index < len(units):
                yield Point(body.edges[units[index] + (place.side == "after")], between=True)
    elif (point := body.point(_distance_of(place, body))) is not None:
        yield point


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
        yield Point(point.position, point.between, before=every)


def _costs(block: Block, targets: list[Target], body: Body) -> dict[int, int]:
    """What each spot costs that the copy may take.

    A preferred place itself costs its rank in the list, and all other spots cost more than those: the
    first place that works wins, then the distance from what was asked.
    """
    stacks = {target.index: rank for rank, target in enumerate(targets) if isinstance(target, Spot)}
    if len(stacks) == len(targets):
        return stacks
    far = {
        spot.index: distances
        for spot in body.spots
        if (distances := [_how_far(spot, target) for target in targets]) != [None] * len(targets)
    }
    nearest = [_nearest(target, rank, far) for rank, target in enumerate(targets)]
    costs: dict[int, int] = {}
    for index, distances in far.items():
        there = [
            rank
            for rank, distance in enumerate(distances)
            if distance is not None and distance == nearest[rank]
        ]
        if there:
            costs[index] = there[0] + (distances[there[0]] or 0) * (not block.exact)
        elif not block.exact:
            costs[index] = len(targets) + min(distance for distance in distances if distance is not None)
    return costs


def _nearest(target: Target, rank: int, far: dict[int, list[int | None]]) -> int:
    """How far a spot may be from the target and still be there: 0, or the least for a point in the text."""
    if isinstance(target, Spot) or target.between:
        return 0
    return min((each for distances in far.values() if (each := distances[rank]) is not None), default=0)


def _how_far(spot: Spot, target: Target) -> int | None:
    """The spot's distance from the target in words; None where it will not do."""
    if isinstance(target, Spot):
        return 0 if spot is target else None
    if spot.stack is not None or spot.position is None:
        return None
    if target.before is not None:
        ahead = spot.position.measured(target.before) - target.position.measured(target.before)
        if not 0 <= ahead < target.before.amount:
            return None
    words = abs(spot.position.words - target.position.words)
    return words + UNIT_COST * abs(spot.position.units - target.position.units) * target.between


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
