"""Bounds: where no block may stand, and which spots two blocks may not take together.

A static bound looks at one spot (`start`, `end`, `story`, `clear`, what the site or the browser has there
already). A joint bound looks at two blocks (`gap`, `ads_apart`, a repeat's `every`). Distances grow with the
text, so what either forbids are runs of spots: the planner finds them by bisection and keeps them as bit
masks over spot indexes, and reasons are worked out for a single spot when somebody asks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from newshole.page.outline import STACKS, Unit
from newshole.plan.costs import Run
from newshole.plan.spots import Spot
from newshole.plan.survey import OWN_AD, OWN_PROMO, Survey
from newshole.rules.layout import Bound, Clear, Layout
from newshole.rules.ruleset import Block
from newshole.types import Reason

_NO_TEXT: Final = frozenset(("image", "video", "embed", OWN_AD, OWN_PROMO))


def closed_gaps(layout: Layout, survey: Survey, *, is_ad: bool = False) -> int:
    """The mask of the gaps that a static bound closes to a block, whatever else is placed.

    Stacks are exempt: their bits say nothing.
    """
    last = len(survey.outline.units)
    if any(survey.short(bound, 0, last) is not None for bound in layout.story):
        return (1 << len(survey.spots)) - 1
    return mask_of(_closed(layout, survey, is_ad=is_ad))


def mask_of(runs: Iterable[Run]) -> int:
    """The spots of all runs, as bits; a run whose ends are swapped is empty."""
    mask = 0
    for first, last in runs:
        if first < last:
            mask |= (1 << last) - (1 << first)
    return mask


def _closed(layout: Layout, survey: Survey, *, is_ad: bool) -> Iterator[Run]:
    """The runs of spots that are closed; some are empty, with their ends swapped."""
    for bound in layout.start:
        for each in survey.measured(bound.distance):
            yield 0, bisect_left(each.spots, each.amount)
    for bound in layout.end:
        for each in survey.measured(bound.distance):
            yield bisect_right(each.spots, each.edges[-1] - each.amount), len(survey.spots)
    for clear in layout.clear:
        yield from _around(clear, survey)
    for bounds, units in _beside(layout, survey, is_ad=is_ad):
        for unit in units:
            yield from survey.reach(bounds, unit, unit + 1)


def _around(clear: Clear, survey: Survey) -> Iterator[Run]:
    """The runs above and below every unit of a kind."""
    line, units = survey.spots.line, _things(clear.kind, survey)
    for bound in clear.after if units else ():
        for each in survey.measured(bound.distance):
            for unit in units:
                near = bisect_left(each.spots, each.edges[unit + 1] + each.amount)
                yield bisect_right(line.units, unit), near
    for bound in clear.before if units else ():
        for each in survey.measured(bound.distance):
            for unit in units:
                near = bisect_right(each.spots, each.edges[unit] - each.amount)
                yield near, bisect_right(line.units, unit)


def _things(kind: str, survey: Survey) -> Sequence[int]:
    """The units that room is kept around: an empty paragraph between text and text is none."""
    found, units = survey.units(kind), survey.outline.units
    if kind != "other":
        return found
    return [
        each
        for each in found
        if units[each].words
        or any(map(_is_no_text, (*units[max(each - 1, 0) : each], *units[each + 1 : each + 2])))
    ]


def _is_no_text(unit: Unit) -> bool:
    return unit.kind in _NO_TEXT or (unit.kind == "other" and unit.words > 0)


def _beside(
    layout: Layout, survey: Survey, *, is_ad: bool
) -> Iterator[tuple[Sequence[Bound], Sequence[int]]]:
    """The bounds to keep to the site's own blocks in the story, and the units that are those."""
    yield layout.gap, survey.own
    if is_ad:
        yield layout.ads_apart, survey.units(OWN_AD)


def static_refusals(spot: Spot, layout: Layout, survey: Survey, *, is_ad: bool = False) -> Iterator[Reason]:
    """Every static bound that forbids the spot, in words."""
    if spot.stack is not None or spot.position is None:
        return
    here, last = spot.position.units, len(survey.outline.units)
    yield from _short("story", layout.story, survey, 0, last)
    yield from _short("start", layout.start, survey, 0, here)
    yield from _short("end", layout.end, survey, here, last)
    for clear in layout.clear:
        units = _things(clear.kind, survey)
        below = bisect_left(units, here)
        if below > 0:
            yield from _short(f"after-{clear.kind}", clear.after, survey, units[below - 1] + 1, here)
        if below < len(units):
            yield from _short(f"before-{clear.kind}", clear.before, survey, here, units[below])
    for bounds, units in _beside(layout, survey, is_ad=is_ad):
        yield from _too_near_to_own(bounds, units, survey, here)


def _too_near_to_own(
    bounds: Sequence[Bound], units: Sequence[int], survey: Survey, here: int
) -> Iterator[Reason]:
    """The bounds that the nearest of the site's own blocks, above and below, breaks."""
    below = bisect_left(units, here)
    for unit in units[max(below - 1, 0) : below + 1]:
        above, under = (unit + 1, here) if unit < here else (here, unit)
        for reason in _short("existing", bounds, survey, above, under):
            kind = survey.outline.units[unit].kind
            yield Reason(
                reason.code, reason.bound, reason.required, f"{reason.found} to the site's own {kind}"
            )


def _short(code: str, bounds: Sequence[Bound], survey: Survey, above: int, below: int) -> Iterator[Reason]:
    for bound in bounds:
        found = survey.short(bound, above, below)
        if found is not None:
            yield Reason(code, bound.path, str(bound.distance), found)


def gap_of(one: Block, other: Block, layout: Layout) -> tuple[Bound, ...]:
    """What two blocks keep between them: a block's own gap goes in the place of the layout's."""
    own = [each.own.gap for each in (one, other) if each.own.gap is not None]
    return tuple(dict.fromkeys(bound for gap in own for bound in gap)) if own else layout.gap


def every_of(block: Block) -> tuple[Bound, ...]:
    """The distance that copies of a repeating block keep from each other."""
    repeat = block.repeat
    return () if repeat is None else tuple(Bound(f"{repeat.path}.every", each) for each in repeat.every)


def too_near(
    one: Spot, other: Spot, bounds: Sequence[Bound], survey: Survey, code: str = "gap"
) -> Iterator[Reason]:
    """Every joint bound that two blocks at these spots would break; `found` is their distance.

    Blocks of the stacks need no gap among themselves, and none is asked for outside the body.
    """
    if one.position is None or other.position is None or (is_stack(one) and is_stack(other)):
        return
    for bound in bounds:
        for each in survey.measured(bound.distance):
            apart = abs(each.spots[one.index] - each.spots[other.index])
            if apart < each.amount:
                found = survey.in_words(apart, each, bound.distance)
                yield Reason(code, bound.path, str(bound.distance), found)
                break


def is_stack(spot: Spot) -> bool:
    """Whether a spot is a named stack, which takes any number of blocks."""
    return spot.stack in STACKS


class Nearness:
    """For a spot, the mask of the spots that are too near to it under `bounds`; worked out when asked for."""

    def __init__(self, survey: Survey, bounds: Iterable[Bound]) -> None:
        self._spots = survey.spots
        self._measured = [each for bound in bounds for each in survey.measured(bound.distance)]
        self._masks: dict[int, int] = {}
        self.stacks, self.spots = survey.spots.named, len(survey.spots)

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
        for _, _, column, amount in self._measured:
            above = min(above, bisect_right(column, column[index] - amount))
            below = max(below, bisect_left(column, column[index] + amount))
        run = (1 << below) - (1 << above)
        return run & ~self.stacks if self.stacks >> index & 1 else run
