"""Decisions: for each block and each candidate spot, placed or not, and the rule that decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf

from newshole.plan.bounds import closed_gaps, static_refusals
from newshole.plan.costs import Costs
from newshole.plan.planner import Placement, Plan
from newshole.plan.refusals import Refusals, Table, asked, gathered
from newshole.plan.solver import STEPS
from newshole.plan.spots import Spot
from newshole.plan.survey import counted
from newshole.plan.targets import Copy, every_copy, lacking
from newshole.rules.layout import Limit
from newshole.rules.ruleset import Block, Selected, Stack
from newshole.types import Decision, Reason


def decisions_of(plan: Plan) -> tuple[Decision, ...]:
    """Every decision of a plan, block by block in the rules' order, spot by spot down the page."""
    refusals = Refusals(plan)
    return tuple(
        decision
        for block in plan.considered.rules.blocks
        for decision in _Deciding(plan, block, refusals).decisions()
    )


def asked_for(plan: Plan, block: Block) -> list[Copy]:
    """The copies that a block asks for on this page, with all spots where no bound holds."""
    free = Costs(plan.considered.survey)
    return [copy for rank, each in _variants(plan, block) for copy in every_copy(each, rank, free)]


def _variants(plan: Plan, block: Block) -> list[tuple[int, Block]]:
    """The blocks planned under a block's id, for itself and as a stand-in, with their ranks."""
    return [(rank, each) for rank, each in plan.considered.blocks if each.id == block.id]


def kept_free(plan: Plan) -> dict[int, tuple[Reason, ...]]:
    """The gaps that the layout closes to any block that has no bounds of its own, and why."""
    survey, layout = plan.considered.survey, plan.considered.rules.layout
    mask = closed_gaps(layout, survey)
    closed = (gap for gap in survey.gaps if mask >> gap & 1)
    return {gap: tuple(static_refusals(survey.spots[gap], layout, survey)) for gap in closed}


class _Deciding:
    """What became of one block: `variants` are the blocks planned under its id, `copies` what they ask for
    where no bound holds."""

    def __init__(self, plan: Plan, block: Block, refusals: Refusals) -> None:
        self.plan, self.block, self.considered = plan, block, plan.considered
        self.survey, self.refusals = plan.considered.survey, refusals
        self.variants, self.copies = _variants(plan, block), asked_for(plan, block)
        # A variant none of whose places is on the page has no candidates either: what it lacks says it all.
        self.asking = [each for _, each in self.variants if any(copy.block is each for copy in self.copies)]
        self.placed = {each.spot.index: each for each in plan.placements if each.block.id == block.id}

    def decisions(self) -> Iterator[Decision]:
        """Without a spot where none was looked at, then one for each spot that is a candidate."""
        refused = [*self.refused()]
        if refused:
            yield Decision(self.block.id, None, None, placed=False, reasons=tuple(refused))
        spots = [*self.candidates()]
        indexes = [spot.index for spot in spots]
        against = gathered((each for variant in self.asking for each in self.against(variant)), indexes)
        yield from (self.at(spot, against[spot.index]) for spot in spots)

    def candidates(self) -> Iterable[Spot]:
        """The spots that are looked at, in document order."""
        if not self.variants or self.block.id in self.plan.unmet:
            return ()
        marked = self.survey.outline.markers.get(self.block.id)
        if marked is not None:
            return (spot for spot in self.refusals.spots if spot.offset in marked and spot.stack is None)
        named = {name for each in self.asking for name in _candidates(each)}
        return (spot for spot in self.refusals.spots if spot.stack in named)

    def refused(self) -> Iterator[Reason]:
        """Why the block, or a place that it asks for, was not looked at."""
        block = self.block
        early = self.considered.refused.get(block.id) or self.plan.unmet.get(block.id)
        if early:
            yield from early
        elif not self.variants:
            yield Reason("stand-by", block.path, "a block to stand in for", "none")
        for _, each in self.variants if not early else ():
            lacks = lacking(each, self.survey)
            yield from lacks
            if not lacks and not any(copy.block is each for copy in self.copies):
                yield self.too_short(each)

    def at(self, spot: Spot, against: Iterable[Reason]) -> Decision:
        """The decision at one spot, by what forbids it."""
        block, here = self.block.id, self.placed.get(spot.index)
        if here is not None:
            return Decision(block, spot.index, spot.offset, placed=True, reasons=(self.chosen(here),))
        found = tuple(dict.fromkeys(against)) or (self.second(),)
        return Decision(block, spot.index, spot.offset, placed=False, reasons=found)

    def against(self, variant: Block) -> Iterator[Table]:
        """What forbids spots to this block: whatever else is placed, then for what is."""
        yield from self.refusals.bounds(variant)
        yield self.not_asked(variant)
        yield from self.refusals.rivals(variant)
        yield self.refusals.limits(variant)

    def not_asked(self, variant: Block) -> Table:
        """The spots that no copy asks for, or none of those that there may be."""
        orders: dict[int, int] = {}
        for copy in self.copies:
            if copy.block is variant:
                for spot in copy.costs:
                    orders.setdefault(spot, copy.order[1])
        most, nowhere = variant.own.most, (_not_asked(variant),)
        table: dict[int, Sequence[Reason]] = {
            spot.index: nowhere for spot in self.refusals.spots if spot.index not in orders
        }
        if most is not None:
            reached = self.reached(variant)
            later = (Reason("not-asked", most.path, f"one of the first {most.most} copies", "a later one"),)
            table |= {spot: later for spot, order in orders.items() if order >= reached}
        return table

    def reached(self, variant: Block) -> float:
        """How many of the copies asked for the plan came to; all, where a block may have any number."""
        tried = [copy.order[1] for copy in self.considered.copies if copy.block is variant]
        return max(tried) + 1 if len(tried) == (variant.own.most or Limit("", 0)).most else inf

    def chosen(self, placed: Placement) -> Reason:
        costs = [copy.costs[placed.spot.index] for copy in self.copies if placed.spot.index in copy.costs]
        found = "there" if min(costs, default=0) == 0 else "the best spot left"
        return Reason("placed", asked(placed.block), placed.spot.stack or "the place asked for", found)

    def second(self) -> Reason:
        """Nothing forbids the spot, so the block is better off elsewhere, or the search ended before."""
        path = asked(self.variants[0][1])
        if self.plan.cut:
            return Reason("cut-short", path, f"at most {STEPS} steps", "the search was cut short")
        if self.placed:
            return Reason(
                "farther", path, "the spot nearest to the place asked for", "a nearer one is taken by it"
            )
        return Reason("outranked", f"{self.block.path}.priority", "room beside blocks of higher rank", "none")

    def too_short(self, block: Block) -> Reason:
        found = counted(self.survey.edges.words[-1], "word")
        required = " or ".join(map(str, block.repeat.every)) if block.repeat else "a gap in the story"
        return Reason("no-place", asked(block), required, found)


def _candidates(block: Block) -> Iterator[str | None]:
    """The names of the spots that may be the block's: the stacks that it names, the elements that it selects,
    and None for the gaps of the body where it asks for a place in the text."""
    for place in block.prefer:
        yield place.name if isinstance(place, (Stack, Selected)) else None
    if block.repeat is not None:
        yield None


def _not_asked(block: Block) -> Reason:
    if block.exact:
        return Reason("not-asked", f"{block.path}.exact", "the place itself", "another place")
    return Reason("not-asked", asked(block), "a place in reach", "another place")
