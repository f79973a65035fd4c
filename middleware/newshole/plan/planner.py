"""The planner: outline, rules and what is refused in, one joint plan out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from newshole.page.outline import Outline
from newshole.plan.avoid import avoided_gaps
from newshole.plan.bounds import Nearness, closed_gaps
from newshole.plan.costs import Costs, Point
from newshole.plan.rivals import Rivals
from newshole.plan.room import Room
from newshole.plan.solver import solve
from newshole.plan.spots import Spot
from newshole.plan.standins import planned
from newshole.plan.survey import Survey
from newshole.plan.targets import Copy, copies_at, target_of
from newshole.rules.layout import Layout, Limit
from newshole.rules.ruleset import Block, Elsewhere, Rules
from newshole.types import DEVICES, Reason

Refused = Mapping[str, tuple[Reason, ...]]


@dataclass(frozen=True, slots=True)
class Placement:
    """One copy of a block at a spot; `ordinal` counts the block's copies on the page from 1."""

    block: Block
    spot: Spot
    ordinal: int


@dataclass(frozen=True, slots=True)
class Considered:
    """All that a plan was made from, kept so that decisions can be worked out when somebody asks.

    `blocks` are those that were planned, with their ranks; `refused` says for the others why no spot was
    looked at. `banned` holds the spots where a proof showed that the block's markup cannot stand, `elsewhere`
    what the browser will add and at which spot.
    """

    rules: Rules
    survey: Survey
    blocks: tuple[tuple[int, Block], ...]
    copies: tuple[Copy, ...]
    refused: Refused
    banned: frozenset[tuple[str, int]]
    elsewhere: tuple[tuple[Elsewhere, Spot], ...]
    room: Room

    @property
    def most(self) -> dict[str, Limit]:
        """The limits of blocks, by their ids, whatever asks for them."""
        return {block.id: block.own.most for block in self.rules.blocks if block.own.most is not None}

    def layout_of(self, block: Block) -> Layout:
        """The bounds that hold for a block."""
        return block.own.over(self.rules.layout)


@dataclass(frozen=True, slots=True)
class Plan:
    """The chosen placements in document order; `cut` where the search ran out of steps.

    `unmet` says of blocks that had a place but not what they need beside them.
    """

    placements: tuple[Placement, ...]
    considered: Considered = field(repr=False)
    cut: bool = False
    unmet: Refused = field(default_factory=dict)


def make_plan(
    outline: Outline,
    rules: Rules,
    refused: Refused,
    banned: Collection[tuple[str, int]] = (),
    *,
    devices: tuple[str, ...] = DEVICES,
    heights: Mapping[str, tuple[int, int]] | None = None,
) -> Plan:
    """Place every block of `rules` that is not `refused`; `banned` holds (block id, offset) pairs.

    The plan is for `devices`; `heights` are those of ads by block id, in CSS pixels, mobile and desktop.
    """
    considered = _consider(outline, rules, refused, frozenset(banned), devices, heights or {})
    unmet: dict[str, tuple[Reason, ...]] = {}
    while True:
        plan = _solved(considered, unmet)
        lacking = dict(_lacking(plan))
        if not lacking:
            return plan
        unmet |= lacking


def _solved(considered: Considered, unmet: dict[str, tuple[Reason, ...]]) -> Plan:
    rules, survey = considered.rules, considered.survey
    copies = [copy for copy in considered.copies if copy.block.id not in unmet]
    rivals = Rivals(list({id(copy.block): copy.block for copy in copies}.values()), rules.layout, survey)
    solution = solve(copies, rivals, rules.layout, considered.room)
    taken = sorted(
        (spot, copy.order, n)
        for n, (copy, spot) in enumerate(zip(copies, solution.spots, strict=True))
        if spot is not None
    )
    ordinals: Counter[str] = Counter()
    placements = []
    for spot, _, n in taken:
        block = copies[n].block
        ordinals[block.id] += 1
        placements.append(Placement(block, survey.spots[spot], ordinals[block.id]))
    return Plan(tuple(placements), considered, solution.cut, dict(unmet))


def _lacking(plan: Plan) -> Iterator[tuple[str, tuple[Reason, ...]]]:
    """The placed blocks whose `needs` are not on the page."""
    present = {name for each in plan.placements for name in (each.block.id, each.block.kind)}
    for block in {each.block.id: each.block for each in plan.placements}.values():
        absent = [name for name in block.own.needs if name not in present]
        if absent:
            found = f"no {' and no '.join(absent)}"
            reason = Reason("needs", f"{block.path}.needs", f"{' and '.join(absent)} on the page", found)
            yield block.id, (reason,)


def _consider(
    outline: Outline,
    rules: Rules,
    refused: Refused,
    banned: frozenset[tuple[str, int]],
    devices: tuple[str, ...],
    heights: Mapping[str, tuple[int, int]],
) -> Considered:
    survey = Survey.of(outline, devices, rules.metrics, least=rules.paragraph_words)
    blocks = tuple(planned(rules, refused))
    elsewhere = tuple(_elsewhere(rules, survey))
    closing = _Closing(survey, rules.layout, elsewhere)
    copies = tuple(
        allowed
        for rank, block in blocks
        for copy in copies_at(block, rank, closing.costs(block))
        if (allowed := _allowed(copy, banned, survey) if banned else copy).costs
    )
    if len(blocks) > len({block.id for _, block in blocks}):
        copies = _at_most(copies, {block.id: block.own.most for block in rules.blocks})
    there = [each.heights for each, spot in elsewhere if each.is_ad and spot.position is not None]
    ads = {block.id: heights[block.id] for _, block in blocks if block.kind == "ad" and block.id in heights}
    room = Room.of(rules.layout.density, survey, ads, there)
    return Considered(rules, survey, blocks, copies, refused, banned, elsewhere, room)


def _elsewhere(rules: Rules, survey: Survey) -> Iterator[tuple[Elsewhere, Spot]]:
    """What the browser will add, and the spot that is nearest to where."""
    costs = Costs(survey)
    for each in rules.elsewhere:
        target = target_of(each.place, survey)
        if isinstance(target, Point) and survey.gaps:
            gaps = costs.distances(target)
            yield each, survey.spots[min(gaps, key=gaps.__getitem__)]
        elif isinstance(target, int):
            yield each, survey.spots[target]


def _at_most(copies: tuple[Copy, ...], limits: Mapping[str, Limit | None]) -> tuple[Copy, ...]:
    """The copies without those that a block has beyond its limit where it stands in for others as well: of
    the highest rank come first."""
    kept: Counter[str] = Counter()
    found = []
    for copy in sorted(copies, key=lambda each: (not each.block.required, -each.block.priority, each.order)):
        limit = limits.get(copy.block.id)
        kept[copy.block.id] += 1
        if limit is None or kept[copy.block.id] <= limit.most:
            found.append(copy)
    return tuple(sorted(found, key=lambda each: each.order))


class _Closing:
    """The costs of spots for blocks, without those closed to them; blocks that are alike share them."""

    def __init__(self, survey: Survey, layout: Layout, elsewhere: tuple[tuple[Elsewhere, Spot], ...]) -> None:
        self.survey, self.layout, self.elsewhere = survey, layout, elsewhere
        self._costs: dict[int, Costs] = {}
        self._masks: dict[tuple[object, bool], int] = {}

    def costs(self, block: Block) -> Costs:
        own = block.own
        is_ad = block.kind == "ad"
        key = (own.gap, own.start, own.end, own.story, own.clear), is_ad
        mask = self._masks.get(key)
        if mask is None:
            mask = self._masks[key] = self._closed(own.over(self.layout), is_ad=is_ad)
        if own.avoid or own.inside or own.not_inside:
            mask |= avoided_gaps(block, self.survey)
        if mask not in self._costs:
            self._costs[mask] = Costs(self.survey, mask)
        return self._costs[mask]

    def _closed(self, layout: Layout, *, is_ad: bool) -> int:
        mask = closed_gaps(layout, self.survey, is_ad=is_ad)
        for each, spot in self.elsewhere:
            mask |= Nearness(self.survey, layout.gap).mask(spot.index)
            if is_ad and each.is_ad:
                mask |= Nearness(self.survey, layout.ads_apart).mask(spot.index)
        return mask


def _allowed(copy: Copy, banned: frozenset[tuple[str, int]], survey: Survey) -> Copy:
    """The copy without the spots that a proof forbade to its block."""
    offsets, name = survey.spots.offsets, copy.block.id
    costs = {spot: cost for spot, cost in copy.costs.items() if (name, offsets[spot]) not in banned}
    return Copy(copy.block, copy.order, costs)
