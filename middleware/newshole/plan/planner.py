"""The planner: outline, story, reader and rules in, one joint plan out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from newshole.page.outline import Outline
from newshole.plan.bounds import Nearness, static_refusals
from newshole.plan.solver import every_bound, solve
from newshole.plan.spots import Spot, spots_of
from newshole.plan.targets import Body, Copy, copies_of
from newshole.rules.ruleset import Block, Rules
from newshole.types import Reason


@dataclass(frozen=True, slots=True)
class Placement:
    """One copy of a block at a spot; `ordinal` counts the block's copies on the page from 1."""

    block: Block
    spot: Spot
    ordinal: int


@dataclass(frozen=True, slots=True)
class Considered:
    """All that a plan was made from, kept so that decisions can be worked out when somebody asks.

    `refused` says for a block why no spot was looked at; `lacking` what places the page lacks; `banned`
    the spots where a proof showed that the block's markup cannot stand.
    """

    rules: Rules
    body: Body
    copies: tuple[Copy, ...]
    refused: Mapping[str, tuple[Reason, ...]]
    lacking: Mapping[str, tuple[Reason, ...]]
    forbidden: Mapping[int, tuple[Reason, ...]]
    banned: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The chosen placements in document order; `cut` where the search ran out of steps."""

    placements: tuple[Placement, ...]
    considered: Considered = field(repr=False)
    cut: bool = False


def make_plan(
    outline: Outline,
    rules: Rules,
    refused: Mapping[str, tuple[Reason, ...]],
    banned: Collection[tuple[str, int]] = (),
) -> Plan:
    """Place every block of `rules` that is not `refused`; `banned` holds (block id, offset) pairs."""
    considered = _consider(outline, rules, refused, frozenset(banned))
    copies = considered.copies
    shared = Nearness(considered.body.spots, rules.layout.gap)
    near = {
        copy.block.id: Nearness(considered.body.spots, bound)
        for copy in copies
        if (bound := every_bound(copy))
    }
    solution = solve(copies, near, shared, rules.layout)
    taken = sorted(
        (spot, copy.order, copy)
        for copy, spot in zip(copies, solution.spots, strict=True)
        if spot is not None
    )
    ordinals: dict[str, int] = {}
    placements = []
    for spot, _, copy in taken:
        ordinal = ordinals[copy.block.id] = ordinals.get(copy.block.id, 0) + 1
        placements.append(Placement(copy.block, considered.body.spots[spot], ordinal))
    return Plan(tuple(placements), considered, solution.cut)


def _consider(
    outline: Outline,
    rules: Rules,
    refused: Mapping[str, tuple[Reason, ...]],
    banned: frozenset[tuple[str, int]],
) -> Considered:
    body = Body.of(outline, spots_of(outline))
    forbidden = {
        spot.index: reasons
        for spot in body.spots
        if (reasons := tuple(static_refusals(spot, rules.layout, body)))
    }
    copies: list[Copy] = []
    lacking: dict[str, tuple[Reason, ...]] = {}
    for rank, block in enumerate(rules.blocks):
        if block.id not in refused:
            wanted, missing = copies_of(block, rank, body)
            lacking[block.id] = tuple(missing)
            copies += [
                allowed for copy in wanted if (allowed := _allowed(copy, forbidden, banned, body)).costs
            ]
    return Considered(rules, body, tuple(copies), refused, lacking, forbidden, banned)


def _allowed(copy: Copy, forbidden: Collection[int], banned: frozenset[tuple[str, int]], body: Body) -> Copy:
    """The copy without the spots that it cannot have."""
    costs = {
        spot: cost
        for spot, cost in copy.costs.items()
        if spot not in forbidden and (copy.block.id, body.spots[spot].offset) not in banned
    }
    return Copy(copy.block, copy.order, costs)
