"""What one block stays away from: things and texts near a spot, and elements it must or must not stand in."""

from __future__ import annotations

from collections.abc import Iterator

from newshole.plan.bounds import mask_of
from newshole.plan.costs import Run
from newshole.plan.spots import Spot
from newshole.plan.survey import Survey
from newshole.rules.layout import Avoid
from newshole.rules.patterns import compiled
from newshole.rules.ruleset import Block
from newshole.types import Reason


def avoided_gaps(block: Block, survey: Survey) -> int:
    """The mask of the gaps that the block avoids."""
    own, every = block.own, (1 << len(survey.spots)) - 1
    mask = 0
    for avoid in own.avoid:
        near = mask_of(_near(avoid, survey))
        mask |= every & ~near if avoid.is_wanted else near
    if own.inside is not None:
        mask |= every & ~_within(own.inside, survey)
    if own.not_inside is not None:
        mask |= _within(own.not_inside, survey)
    return mask


def avoidances(block: Block, spot: Spot, survey: Survey) -> Iterator[Reason]:
    """Why the block avoids a gap, in words."""
    if spot.stack is not None or spot.position is None or not _avoids(block):
        return
    own = block.own
    for avoid in own.avoid:
        is_near = bool(mask_of(_near(avoid, survey)) >> spot.index & 1)
        if is_near != avoid.is_wanted:
            yield Reason(
                "avoid", avoid.path, str(avoid), "none is near" if avoid.is_wanted else "one is near"
            )
    for key, selector, is_wrong in (("inside", own.inside, False), ("not_inside", own.not_inside, True)):
        if selector is not None and bool(_within(selector, survey) >> spot.index & 1) is is_wrong:
            found = "inside one" if is_wrong else "outside of it"
            yield Reason("inside", f"{block.path}.{key}", f"{'not ' if is_wrong else ''}in {selector}", found)


def _avoids(block: Block) -> bool:
    own = block.own
    return bool(own.avoid or own.inside is not None or own.not_inside is not None)


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
