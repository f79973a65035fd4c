"""Targets: where a block's rules ask for it.

A block may ask for several **copies** (a list of `nth`, a `repeat`); each copy has its own targets, one
for every place that it may prefer, and competes for spots by itself.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise, zip_longest
from typing import Final, NamedTuple

from newshole.page.selected import Found, Wanted
from newshole.plan.costs import Costs, Point, Target, Wish
from newshole.plan.spots import Position
from newshole.plan.survey import Measured, Survey, counted
from newshole.rules.layout import Distance
from newshole.rules.ruleset import Anchor, At, Between, Block, Place, Repeat, Selected, Stack
from newshole.types import Reason

_EDGES: Final = ("units", "paragraphs", "of")
"""Measures whose distances lead to the edge of a unit, and not into its text."""

MOST_COPIES: Final = 50
"""The most copies that one repeat makes on a page, whatever its rules say."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a block: `costs` maps the indexes of the spots it may take to their distance.

    `order` is the block's rank in the rules and then the copy's own: it settles every tie. Copies that
    ask for the same share their costs.
    """

    block: Block
    order: tuple[int, int]
    costs: Mapping[int, int]


def copies_at(block: Block, rank: int, costs: Costs) -> Iterator[Copy]:
    """The block's copies that have a spot at these costs, at most as many as it may have."""
    return islice(every_copy(block, rank, costs), None if block.own.most is None else block.own.most.most)


def every_copy(block: Block, rank: int, costs: Costs) -> Iterator[Copy]:
    """All copies that the block asks for, however few of them it may have."""
    for n, wish in enumerate(wishes(block, costs.survey)):
        if at := costs.of(wish):
            yield Copy(block, (rank, n), at)


def lacking(block: Block, survey: Survey) -> list[Reason]:
    """For each place that the page lacks, what it lacks."""
    if block.id in survey.outline.markers:
        return []
    return [_lacking(place, survey) for place in block.prefer if not [*_targets(place, survey)]]


def wishes(block: Block, survey: Survey) -> list[Wish]:
    """What each copy of a block asks for: where the page itself does, or else where its rules do."""
    if marked := survey.outline.markers.get(block.id):
        at = {survey.spots.offsets[gap]: gap for gap in reversed(survey.gaps)}
        return [Wish((at[offset],), exact=True) for offset in marked[:MOST_COPIES]]
    asked = [_targets(place, survey) for place in block.prefer]
    found = [
        Wish(tuple(target for target in targets if target is not None), block.exact)
        for targets in zip_longest(*asked)
    ]
    if block.repeat is not None:
        first = found[0].targets[0] if found else None
        found += [Wish((point,), block.exact) for point in _repeated(block.repeat, first, survey)]
    return found


def target_of(place: Place, survey: Survey) -> Target | None:
    """The first target of a place, None where the page lacks it."""
    return next(iter(_targets(place, survey)), None)


def _targets(place: Place, survey: Survey) -> Iterable[Target]:
    if isinstance(place, Stack):
        return [n for n, name in enumerate(survey.spots.stacks) if name == place.name]
    if isinstance(place, Selected):
        return [survey.spots.index(offset, place.name) for offset in _found(place, survey).offsets]
    if isinstance(place, Anchor):
        return [Point(survey.edges[edge], between=True) for edge in _edges(place, survey)]
    if isinstance(place, Between):
        return _between(place, survey)
    position = _point(place, survey)
    if position is None:
        return ()
    return (Point(position, between=_leads_to_edge(place.distance)),)


def _found(place: Selected, survey: Survey) -> Found:
    """What was found on the page of the elements that a place selects."""
    return survey.outline.selected.get(Wanted(place.selector, place.where, place.nth), Found(0))


def _leads_to_edge(distance: tuple[Distance, ...]) -> bool:
    """Whether a distance leads to the edge of a unit, and not into its text."""
    return bool(distance) and distance[0].measure in _EDGES


def _between(place: Between, survey: Survey) -> Iterator[Point]:
    words, total = survey.spots.line.words, survey.outline.words
    low, middle, high = (
        round(total * percent / 100) for percent in (place.low, (place.low + place.high) / 2, place.high)
    )
    position = survey.point(Distance(middle, "words"))
    within = bisect_left(words, low), bisect_left(words, high + 1)
    if position is not None and any(within[0] <= gap < within[1] for gap in survey.gaps):
        yield Point(position, between=False, within=within)


def _edges(place: Anchor, survey: Survey) -> Iterator[int]:
    units = survey.units(place.kind)
    for nth in place.nth:
        index = nth - 1 if nth > 0 else len(units) + nth
        if 0 <= index < len(units):
            yield units[index] + (place.side == "after")


def _point(place: At, survey: Survey) -> Position | None:
    if not place.distance:
        return survey.point(Distance(round(survey.outline.words * (place.percent or 0) / 100), "words"))
    return next(filter(None, map(survey.point, place.distance)), None)


def _repeated(repeat: Repeat, first: Target | None, survey: Survey) -> Iterator[Point]:
    """Points one `every` apart: from `from` on, or behind the first copy, or one `every` into the body.

    A copy may stand at its point or before the next one. Where devices differ, each point is that of the
    device on which it comes last, for on all of them copies are to be so far apart.
    """
    ways = [each for distance in repeat.every for each in survey.measured(distance)]
    if not ways or not all(each.amount for each in ways):
        return
    most = min(repeat.most or MOST_COPIES, MOST_COPIES)
    steps = _steps(ways, _begin(repeat, first, ways, survey), survey)
    ahead: Iterator[_Step | None] = chain(islice(steps, most + 1), (None,))
    for here, after in islice(pairwise(ahead), most):
        if here is not None:
            within = here.spot, len(survey.spots) if after is None else after.spot
            yield Point(here.position, between=here.between, within=within)


class _Step(NamedTuple):
    """A point that a repeat comes to, the edge of a unit or not, and the first spot from there on."""

    position: Position
    between: bool
    spot: int


def _steps(ways: Sequence[Measured], amounts: list[int], survey: Survey) -> Iterator[_Step]:
    """Points in steps of a distance, the first at these amounts of each of its measures, each next one
    counted from the first gap at the one before: a copy stands no earlier than there."""
    while True:
        points = [survey.at(way, amount) for way, amount in zip(ways, amounts, strict=True)]
        reached = [each for each in points if each is not None]
        if len(reached) < len(points):
            return
        position = max(reached)
        first = max(bisect_left(way.spots, amount) for way, amount in zip(ways, amounts, strict=True))
        between = ways[reached.index(position)].scale[0] in _EDGES
        gap = bisect_left(survey.gaps, first)
        if gap == len(survey.gaps):
            return
        yield _Step(position, between, first)
        amounts = [way.spots[survey.gaps[gap]] + way.amount for way in ways]


def _begin(repeat: Repeat, first: Target | None, ways: Sequence[Measured], survey: Survey) -> list[int]:
    """How far into the body the first of a repeat's copies is asked for, in each measure of `every`."""
    if repeat.start:
        start = next(filter(None, map(survey.point, repeat.start)), None)
        return [each.edges[-1] + 1 if start is None else survey.before(each, start) for each in ways]
    place = first.position if isinstance(first, Point) else None
    return [each.amount + (0 if place is None else survey.before(each, place)) for each in ways]


def _lacking(place: Place, survey: Survey) -> Reason:
    if isinstance(place, Stack):
        return Reason("no-place", place.path, place.name, "no such place on this page")
    if isinstance(place, Selected):
        selected = _found(place, survey)
        why = f": {selected.lacking}" if selected.lacking else ""
        return Reason("no-place", place.path, place.name, counted(selected.count, "element") + why)
    if isinstance(place, Anchor):
        asked = ", ".join(map(str, place.nth))
        found = counted(len(survey.units(place.kind)), place.kind)
        return Reason("no-place", place.path, f"{place.kind} {asked}", found)
    if isinstance(place, Between):
        return Reason("no-place", place.path, f"{place.low:g}% to {place.high:g}%", "no gap there")
    distance = place.distance[0] if place.distance else Distance(0, "words")
    measured = next(survey.measured(distance), None)
    found = "0 words" if measured is None else survey.in_words(measured.edges[-1], measured, distance)
    return Reason("no-place", place.path, str(distance), found)
