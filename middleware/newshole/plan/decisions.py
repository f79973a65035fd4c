"""Decisions: for each block and each candidate spot, placed or not, and the rule that decided."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from newshole.plan.avoid import avoidances
from newshole.plan.bounds import closed_gaps, static_refusals, too_near
from newshole.plan.costs import Costs
from newshole.plan.planner import Placement, Plan
from newshole.plan.refusals import limits, rivals
from newshole.plan.solver import STEPS
from newshole.plan.spots import Spot
from newshole.plan.survey import counted
from newshole.plan.targets import Copy, every_copy, lacking
from newshole.rules.layout import Layout, Limit
from newshole.rules.ruleset import Block, Elsewhere, Selected, Stack
from newshole.types import Decision, Reason


def decisions_of(plan: Plan) -> tuple[Decision, ...]:
    """Every decision of a plan, block by block in the rules' order, spot by spot down the page."""
    return tuple(
        decision for block in plan.considered.rules.blocks for decision in _Deciding(plan, block).decisions()
    )


def asked_for(plan: Plan, block: Block) -> list[Copy]:
    """The copies that a block asks for on this page, with all spots where no bound holds."""
    return _Deciding(plan, block).copies


def kept_free(plan: Plan) -> dict[int, tuple[Reason, ...]]:
    """The gaps that the layout closes to any block that has no bounds of its own, and why."""
    survey, layout = plan.considered.survey, plan.considered.rules.layout
    mask = closed_gaps(layout, survey)
    closed = (gap for gap in survey.gaps if mask >> gap & 1)
    return {gap: tuple(static_refusals(survey.spots[gap], layout, survey)) for gap in closed}


class _Deciding:
    """What became of one block: `variants` are the blocks planned under its id, for itself and as a stand-in,
    `copies` what they ask for where no bound holds."""

    def __init__(self, plan: Plan, block: Block) -> None:
        self.plan, self.block, self.considered = plan, block, plan.considered
        self.survey = plan.considered.survey
        self.variants = [(rank, each) for rank, each in self.considered.blocks if each.id == block.id]
        free = Costs(self.survey)
        self.copies = [copy for rank, each in self.variants for copy in every_copy(each, rank, free)]
        # A variant none of whose places is on the page has no candidates either: what it lacks says it all.
        self.asking = [each for _, each in self.variants if any(copy.block is each for copy in self.copies)]
        self.placed = [each for each in plan.placements if each.block.id == block.id]

    def decisions(self) -> Iterator[Decision]:
        """Without a spot where none was looked at, then one for each spot that is a candidate."""
        refused = [*self.refused()]
        if refused:
            yield Decision(self.block.id, None, None, placed=False, reasons=tuple(refused))
        if self.variants and self.block.id not in self.plan.unmet:
            marked = self.survey.outline.markers.get(self.block.id)
            for spot in self.survey.spots:
                if (
                    any(_is_candidate(spot, each) for each in self.asking)
                    if marked is None
                    else spot.offset in marked and spot.stack is None
                ):
                    yield self.at(spot)

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

    def at(self, spot: Spot) -> Decision:
        """The decision at one spot."""
        block = self.block.id
        here = next((each for each in self.placed if each.spot.index == spot.index), None)
        if here is not None:
            return Decision(block, spot.index, spot.offset, placed=True, reasons=(self.chosen(here),))
        reasons = dict.fromkeys(each for variant in self.asking for each in self.against(variant, spot))
        found = tuple(reasons) or (self.second(),)
        return Decision(block, spot.index, spot.offset, placed=False, reasons=found)

    def against(self, variant: Block, spot: Spot) -> Iterator[Reason]:
        """What forbids the spot to this block: whatever else is placed, then for what is."""
        considered, is_ad = self.considered, variant.kind == "ad"
        layout = considered.layout_of(variant)
        yield from static_refusals(spot, layout, self.survey, is_ad=is_ad)
        yield from avoidances(variant, spot, self.survey)
        for each, there in considered.elsewhere if spot.stack is None else ():
            yield from self.too_near_to(each, there, spot, layout, is_ad=is_ad)
        if (variant.id, spot.offset) in considered.banned:
            required, found = "markup that stands here by itself", "an open element would change it"
            yield Reason("markup", variant.path, required, found)
        asking = [copy for copy in self.copies if copy.block is variant and spot.index in copy.costs]
        if not asking:
            yield _not_asked(variant)
        elif variant.own.most is not None and asking[0].order[1] >= self.reached(variant):
            most = variant.own.most
            yield Reason("not-asked", most.path, f"one of the first {most.most} copies", "a later one")
        yield from rivals(self.plan, variant, spot)
        yield from limits(self.plan, variant, spot)

    def reached(self, variant: Block) -> float:
        """How many of the copies asked for the plan came to; all, where a block may have any number."""
        tried = [copy.order[1] for copy in self.considered.copies if copy.block is variant]
        return max(tried) + 1 if len(tried) == (variant.own.most or Limit("", 0)).most else inf

    def too_near_to(
        self, each: Elsewhere, there: Spot, spot: Spot, layout: Layout, *, is_ad: bool
    ) -> Iterator[Reason]:
        """What a gap lacks to what the browser will add; stacks and selected elements keep nothing to it."""
        if there.position is not None and there.offset == spot.offset:
            yield Reason("taken", f"{each.path}.place", "a spot of its own", each.name)
        apart = layout.ads_apart if is_ad and each.is_ad else ()
        for code, bounds in (("gap", layout.gap), ("ads-apart", apart)):
            for reason in too_near(there, spot, bounds, self.survey, code):
                yield Reason(code, reason.bound, reason.required, f"{reason.found} to {each.name}")

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


def _is_candidate(spot: Spot, block: Block) -> bool:
    """The stacks that the block names, the elements that it selects, and the gaps of the body where it asks
    for a place in the text."""
    stacks = {place.name for place in block.prefer if isinstance(place, (Stack, Selected))}
    if spot.stack is not None:
        return spot.stack in stacks
    return block.repeat is not None or any(not isinstance(place, (Stack, Selected)) for place in block.prefer)


def _not_asked(block: Block) -> Reason:
    if block.exact:
        return Reason("not-asked", f"{block.path}.exact", "the place itself", "another place")
    return Reason("not-asked", asked(block), "a place in reach", "another place")


def asked(block: Block) -> str:
    """The path of the rule that asks for the block's place."""
    if block.prefer:
        return block.prefer[0].path
    return block.repeat.path if block.repeat else block.path
