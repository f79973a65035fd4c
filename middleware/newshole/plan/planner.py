"""The planner: outline, rules and what is refused in, one joint plan out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from newshole.page.outline import Outline
from newshole.plan.bounds import Nearness, forbidden_gaps, static_refusals
from newshole.plan.solver import every_bound, solve
from newshole.plan.spots import Spot
from newshole.plan.targets import Body, Copy, Costs, copies_at
from newshole.rules.ruleset import Block, Rules
from newshole.types import Reason


@dataclass(frozen=True, slots=True)
class Placement:
    """One copy of a block at a spot; `ordinal` counts the block's copies on the page from 1."""

    block: Block
    spot: Spot
    ordinal: int


@dataclass(frozen=True)
class Considered:
    """All that a plan was made from, kept so that decisions can be worked out when somebody asks.

    `refused` says for a block why no spot was looked at; `banned` holds the spots where a proof showed
    that the block's markup cannot stand.
    """

    rules: Rules
    body: Body
    copies: tuple[Copy, ...]
    refused: Mapping[str, tuple[Reason, ...]]
    banned: frozenset[tuple[str, int]]

    @cached_property
    def forbidden(self) -> Mapping[int, tuple[Reason, ...]]:
        """For each spot that the layout forbids to any block, why."""
        body, layout = self.body, self.rules.layout
        mask = forbidden_gaps(layout, body)
        closed = (gap for gap in body.gaps if mask >> gap & 1)
        return {gap: tuple(static_refusals(body.spots[gap], layout, body)) for gap in closed}


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
    copies, spots = considered.copies, considered.body.spots
    repeating = {copy.block.id: copy.block for copy in copies if copy.block.repeat is not None}
    near = {name: Nearness(spots, every_bound(block)) for name, block in repeating.items()}
    solution = solve(copies, near, Nearness(spots, rules.layout.gap), rules.layout)
    taken = sorted(
        (spot, copy.order, copy.block)
        for copy, spot in zip(copies, solution.spots, strict=True)
        if spot is not None
    )
    ordinals: Counter[str] = Counter()
    placements = []
    for spot, _, block in taken:
        ordinals[block.id] += 1
        placements.append(Placement(block, spots[spot], ordinals[block.id]))
    return Plan(tuple(placements), considered, solution.cut)


def _consider(
    outline: Outline,
    rules: Rules,
    refused: Mapping[str, tuple[Reason, ...]],
    banned: frozenset[tuple[str, int]],
) -> Considered:
    body = Body.of(outline)
    costs = Costs(body, forbidden_gaps(rules.layout, body))
    copies = tuple(
        allowed
        for rank, block in enumerate(rules.blocks)
        if block.id not in refused
        for copy in copies_at(block, rank, costs)
        if (allowed := _allowed(copy, banned, body) if banned else copy).costs
    )
    return Considered(rules, body, copies, refused, banned)


def _allowed(copy: Copy, banned: frozenset[tuple[str, int]], body: Body) -> Copy:
    """The copy without the spots that a proof forbade to its block."""
    offsets, name = body.spots.offsets, copy.block.id
    costs = {spot: cost for spot, cost in copy.costs.items() if (name, offsets[spot]) not in banned}
    return Copy(copy.block, copy.order, costs)
