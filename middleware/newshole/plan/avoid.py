"""What one block stays away from: things and texts near a spot, and elements it must or must not stand in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_

from newshole.plan.bounds import mask_of
from newshole.plan.costs import Run
from newshole.plan.survey import Survey
from newshole.rules.layout import Avoid
from newshole.rules.patterns import compiled
from newshole.rules.ruleset import Block
from newshole.types import Reason


def avoided_gaps(block: Block, survey: Survey) -> int:
    """The mask of the gaps that the block avoids."""
    return reduce(or_, (mask for mask, _ in avoidances(block, survey)), 0)


def avoidances(block: Block, survey: Survey) -> Iterator[tuple[int, Reason]]:
    """The masks of the gaps that the block avoids, and why, in words."""
    own, every = block.own, (1 << len(survey.spots)) - 1
    for avoid in own.avoid:
        near = mask_of(_near(avoid, survey))
        found = "none is near" if avoid.is_wanted else "one is near"
        yield every & ~near if avoid.is_wanted else near, Reason("avoid", avoid.path, str(avoid), found)
    if own.inside is not None:
        reason = Reason("inside", f"{block.path}.inside", f"in {own.inside}", "outside of it")
        yield every & ~_within(own.inside, survey), reason
    if own.not_inside is not None:
        reason = Reason("inside", f"{block.path}.not_inside", f"not in {own.not_inside}", "inside one")
        yield _within(own.not_inside, survey), reason


def _near(avoid: Avoid, survey: Survey) -> Iterator[Run]:
    """The runs of spots that are near to what an entry names."""
    for unit in _named(avoid, survey):
        for distance in avoid.within:
            for each in survey.measured(distance):
                yield survey.run(each, unit, unit + 1)


def _named(avoid: Avoid, survey: Survey) -> Iterator[int]:
    """The units that an entry names."""
    if avoid.text:
        pattern = compiled(avoid.text)
        yield from (n for n, text in enumerate(survey.outline.texts) if pattern.search(text))
    else:
        yield from (unit for kind in avoid.near for unit in survey.units(kind))


def _within(selector: str, survey: Survey) -> int:
    """The spots that stand in an element that a selector names."""
    mask = 0
    for start, end in survey.outline.spans.get(selector, ()):
        for index, offset in enumerate(survey.spots.offsets):
            if start < offset < end:
                mask |= 1 << index
    return mask
