"""The copies as the solver sees them: in the order of their tiers, each with what lies behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Final

from newshole.plan.room import Room
from newshole.plan.targets import Copy
from newshole.rules.ruleset import Block

_FIELD: Final = 48
"""Bits of a field of a score: no page has as many words that a tier's total cost could outgrow them."""


class Options:
    """The spots that a copy may take, from the cheapest on; shared by copies of equal costs."""

    __slots__ = ("costs", "least", "mask", "spots")

    def __init__(self, costs: Mapping[int, int]) -> None:
        self.costs = costs
        self.spots = sorted(sorted(costs), key=costs.__getitem__)
        self.least = costs[self.spots[0]]
        self.mask = sum(map((1).__lshift__, costs))


@dataclass(slots=True)
class Asking:
    """One copy in the search; `paid` and `left_out` are what a unit of cost and its absence add to a score.

    `bit` is its block in masks of blocks, `bars` those that cannot be on the page with it, `heights` what an
    ad takes of the room. `twin` is the depth of the copy before it that is just like it, None for none.
    `ideal` is the least score of all copies behind it; its `tier` begins again at
    depth `stop`.
    """

    lane: int | None
    is_ad: bool
    options: Options
    paid: int
    left_out: int
    bit: int
    bars: int
    heights: tuple[int, ...]
    tier: int
    stop: int
    twin: int | None = None
    ideal: int = 0


@dataclass(frozen=True, slots=True)
class Tier:
    """All copies of one tier: how many, up to which depth, how many of them ads, and `costs[n]` of the n
    cheapest."""

    count: int
    stop: int
    ads: int
    costs: Sequence[int]
    paid: int
    left_out: int

    def score(self, most: int) -> int:
        """The least that the tier adds to a score when so many of its copies may come."""
        return (self.count - most) * self.left_out + self.costs[most] * self.paid


def tiers_of(
    copies: Sequence[Copy],
    lane_of: Mapping[int, int],
    blocks: Sequence[Block],
    bars: Sequence[int],
    room: Room,
) -> tuple[list[Asking], list[Tier]]:
    """The copies, which are in the order of their tiers, as the search asks for them."""
    ranks = {id(block): n for n, block in enumerate(blocks)}
    known: dict[int, Options] = {}
    groups = [list(each) for _, each in groupby(copies, key=_tier)]
    asked: list[Asking] = []
    tiers: list[Tier] = []
    for tier, group in enumerate(groups):
        paid = 1 << 2 * _FIELD * (len(groups) - 1 - tier)
        stop = len(asked) + len(group)
        twins: dict[tuple[int, bool, tuple[int, ...]], int] = {}
        for copy in group:
            options = known.get(id(copy.costs))
            if options is None:
                options = known[id(copy.costs)] = Options(copy.costs)
            block, rank = copy.block, ranks[id(copy.block)]
            is_ad = block.kind == "ad"
            heights = room.heights.get(block.id, ()) if is_ad else ()
            lane, left_out = lane_of.get(id(block)), paid << _FIELD
            likeness, twin = (id(copy.costs), is_ad, heights), None
            if lane is None and not bars[rank]:
                twin, twins[likeness] = twins.get(likeness), len(asked)
            asked.append(
                Asking(lane, is_ad, options, paid, left_out, 1 << rank, bars[rank], heights, tier, stop, twin)
            )
        own = asked[stop - len(group) :]
        costs = [0, *accumulate(sorted(each.options.least for each in own))]
        tiers.append(Tier(len(own), stop, sum(each.is_ad for each in own), costs, paid, paid << _FIELD))
    ideal = 0
    for each in reversed(asked):
        each.ideal = ideal
        ideal += each.options.least * each.paid
    return asked, tiers


def _tier(copy: Copy) -> tuple[bool, int]:
    return copy.block.required, copy.block.priority


class Rest:
    """What is free for the copies of a tier, added from the last one upward, while nothing else is taken.

    `costs` holds the least cost of each that has a spot. `sums[n]` says of the last n copies how many have
    one, how many of those are ads, how many of these have one in the body only, how many of all have none but
    in the body's gaps, and the mask of the spots of these.
    """

    __slots__ = ("costs", "sums")

    def __init__(self) -> None:
        self.costs: list[int] = []
        self.sums: list[tuple[int, int, int, int, int]] = [(0, 0, 0, 0, 0)]

    def add(self, copy: Asking, free: int, stacks: int, inside: int) -> None:
        """Count one more copy, for which the spots of the mask `free` are left."""
        count, ads, inner, bodies, spots = self.sums[-1]
        if free:
            options = copy.options
            self.costs.append(options.costs[next(spot for spot in options.spots if free >> spot & 1)])
            count, ads = count + 1, ads + copy.is_ad
            inner += copy.is_ad and not free & ~inside
            if not free & stacks:
                bodies, spots = bodies + 1, spots | free
        self.sums.append((count, ads, inner, bodies, spots))
