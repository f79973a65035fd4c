"""Rivals: what one placed block takes from the others, for the solver.

Most blocks keep the layout's gap and nothing else, so what they may still take is one mask for all of them.
Blocks that repeat, or have a gap of their own, have a **lane**: a mask that holds for them alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from newshole.plan.bounds import Nearness, every_of
from newshole.plan.survey import Survey
from newshole.rules.layout import Layout
from newshole.rules.ruleset import Block


@dataclass(frozen=True, slots=True)
class Lane:
    """What holds for one block alone: its own `gap` in the place of the layout's, and `every` between its
    copies."""

    gap: Nearness | None
    every: Nearness | None


class Taken(NamedTuple):
    """Masks of the spots that are taken: for most blocks, for all ads beside that, and for each lane."""

    most: int
    ads: int
    lanes: tuple[int, ...]


class Rivals:
    """How the blocks of one plan stand in each other's way."""

    def __init__(self, blocks: Sequence[Block], layout: Layout, survey: Survey) -> None:
        self.gap = Nearness(survey, layout.gap)
        self.ads_apart = Nearness(survey, layout.ads_apart) if layout.ads_apart else None
        special = [each for each in blocks if each.repeat is not None or each.own.gap is not None]
        self.lane_of = {id(block): n for n, block in enumerate(special)}
        self.lanes = [
            Lane(
                None if block.own.gap is None else Nearness(survey, block.own.gap),
                None if block.repeat is None else Nearness(survey, every_of(block)),
            )
            for block in special
        ]
        # What any two blocks keep between them at the least.
        self.least = Nearness(survey, ()) if any(each.own.gap is not None for each in special) else self.gap
        self._gapped = [n for n, lane in enumerate(self.lanes) if lane.gap is not None]
        self.nothing = Taken(0, 0, (0,) * len(self.lanes))

    def closed(self, taken: Taken, lane: int | None, *, is_ad: bool) -> int:
        """The spots that a copy may not take any more."""
        closed = taken.most
        if lane is not None:
            closed = taken.lanes[lane] if self.lanes[lane].gap else closed | taken.lanes[lane]
        return closed | taken.ads if is_ad else closed

    def place(self, taken: Taken, spot: int, lane: int | None, *, is_ad: bool) -> Taken:
        """What is taken once a copy stands at a spot."""
        own = None if lane is None else self.lanes[lane]
        gap = own.gap if own is not None and own.gap is not None else self.gap
        ads = taken.ads | self.ads_apart.mask(spot) if is_ad and self.ads_apart is not None else taken.ads
        if own is None and not self._gapped:
            return Taken(taken.most | gap.mask(spot), ads, taken.lanes)
        lanes = [*taken.lanes]
        for n in self._gapped:
            lanes[n] |= self._near(n).mask(spot)
            if gap is not self.gap:
                lanes[n] |= gap.mask(spot)
        if lane is not None and own is not None and own.every is not None:
            lanes[lane] |= own.every.mask(spot)
        return Taken(taken.most | gap.mask(spot), ads, tuple(lanes))

    def _near(self, lane: int) -> Nearness:
        return self.lanes[lane].gap or self.gap


def bars(blocks: Sequence[Block]) -> list[int]:
    """For each block the mask of those that cannot stand beside it, by `excludes` or a common `group`."""
    masks = [0] * len(blocks)
    choosy = [n for n, each in enumerate(blocks) if each.own.excludes or each.own.group is not None]
    for n in choosy:
        for m, other in enumerate(blocks):
            if blocks[n].id != other.id and (_excludes(blocks[n], other) or _is_of_group(blocks[n], other)):
                masks[n] |= 1 << m
                masks[m] |= 1 << n
    return masks


def _excludes(one: Block, other: Block) -> bool:
    return other.id in one.own.excludes or other.kind in one.own.excludes


def _is_of_group(one: Block, other: Block) -> bool:
    return one.own.group is not None and one.own.group == other.own.group
