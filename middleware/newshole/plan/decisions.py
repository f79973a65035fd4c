"""Decisions: for each block and each candidate spot, placed or not, and the rule that decided."""

from __future__ import annotations

from collections.abc import Iterator

from newshole.plan.bounds import too_near
from newshole.plan.planner import Placement, Plan
from newshole.plan.solver import STEPS
from newshole.plan.spots import Spot
from newshole.plan.targets import Copy, copies_of, counted
from newshole.rules.ruleset import Block, Bound, Layout, Limit, Stack
from newshole.types import Decision, Reason


def decisions_of(plan: Plan) -> tuple[Decision, ...]:
    """Every decision of a plan, block by block in the rules' order, spot by spot down the page."""
    return tuple(
        decision
        for rank, block in enumerate(plan.considered.rules.blocks)
        for decision in _of_block(plan, block, rank)
    )


def _of_block(plan: Plan, block: Block, rank: int) -> Iterator[Decision]:
    considered = plan.considered
    if block.id in considered.refused:
        yield Decision(block.id, None, None, placed=False, reasons=considered.refused[block.id])
        return
    copies, lacking = copies_of(block, rank, considered.body)
    if lacking:
        yield Decision(block.id, None, None, placed=False, reasons=tuple(lacking))
    elif not copies:
        yield Decision(block.id, None, None, placed=False, reasons=(_too_short(block, plan),))
    marked = considered.body.outline.markers.get(block.id)
    for spot in considered.body.spots:
        if _is_candidate(spot, block) if marked is None else spot.offset in marked and not spot.stack:
            yield _at_spot(plan, block, spot, copies)


def _is_candidate(spot: Spot, block: Block) -> bool:
    """The stacks that the block names, and the gaps of the body where it asks for a place in the text."""
    stacks = {place.name for place in block.prefer if isinstance(place, Stack)}
    if spot.stack is not None:
        return spot.stack in stacks
    return block.repeat is not None or any(not isinstance(place, Stack) for place in block.prefer)


def _at_spot(plan: Plan, block: Block, spot: Spot, copies: list[Copy]) -> Decision:
    here = [placed for placed in plan.placements if placed.block is block and placed.spot.index == spot.index]
    if here:
        return Decision(block.id, spot.index, spot.offset, placed=True, reasons=(_chosen(here[0], copies),))
    reasons = (*_refusals(plan, block, spot, copies), *_rivals(plan, block, spot))
    return Decision(
        block.id, spot.index, spot.offset, placed=False, reasons=reasons or (_second(plan, block),)
    )


def _refusals(plan: Plan, block: Block, spot: Spot, copies: list[Copy]) -> Iterator[Reason]:
    """What forbids the spot to this block, whatever else is placed."""
    yield from plan.considered.forbidden.get(spot.index, ())
    if (block.id, spot.offset) in plan.considered.banned:
        yield Reason(
            "markup", block.path, "markup that stands here by itself", "an open element would change it"
        )
    if copies and not any(spot.index in copy.costs for copy in copies):
        path = f"{block.path}.exact" if block.exact else _asked(block)
        yield Reason(
            "not-asked", path, "the place itself" if block.exact else "a place in reach", "another place"
        )


def _rivals(plan: Plan, block: Block, spot: Spot) -> Iterator[Reason]:
    """The placed blocks that are too near, and the limits that are reached."""
    layout = plan.considered.rules.layout
    for placed in plan.placements:
        for reason in too_near(placed.spot, spot, (*layout.gap, *_own(block, placed))):
            found = f"{reason.found} to {placed.block.id}" if reason.code == "gap" else placed.block.id
            yield Reason(reason.code, reason.bound or _asked(placed.block), reason.required, found)
    yield from _limits(plan, block, layout)


def _own(block: Block, placed: Placement) -> tuple[Bound, ...]:
    if block.repeat is None or placed.block is not block:
        return ()
    return (Bound(block.repeat.path + ".every", block.repeat.every),)


def _limits(plan: Plan, block: Block, layout: Layout) -> Iterator[Reason]:
    ads = sum(placed.block.kind == "ad" for placed in plan.placements)
    if _is_reached(layout.blocks, len(plan.placements)):
        yield _limit("blocks", layout.blocks, "block")
    if block.kind == "ad" and _is_reached(layout.ads, ads):
        yield _limit("ads", layout.ads, "ad")


def _is_reached(limit: Limit | None, found: int) -> bool:
    return limit is not None and found >= limit.most


def _limit(code: str, limit: Limit | None, noun: str) -> Reason:
    most = limit.most if limit else 0
    return Reason(
        code, limit.path if limit else "", f"at most {counted(most, noun)}", f"{counted(most, noun)} placed"
    )


def _chosen(placed: Placement, copies: list[Copy]) -> Reason:
    costs = [copy.costs[placed.spot.index] for copy in copies if placed.spot.index in copy.costs]
    nearest = min(costs, default=0)
    found = "there" if nearest == 0 else "the best spot left"
    return Reason("placed", _asked(placed.block), placed.spot.stack or "the place asked for", found)


def _second(plan: Plan, block: Block) -> Reason:
    """Nothing forbids the spot, so the block is better off elsewhere, or the search ended before."""
    if plan.cut:
        return Reason("cut-short", _asked(block), f"at most {STEPS} steps", "the search was cut short")
    if any(placed.block is block for placed in plan.placements):
        return Reason(
            "farther", _asked(block), "the spot nearest to the place asked for", "a nearer one is taken by it"
        )
    return Reason("outranked", f"{block.path}.priority", "room beside blocks of higher rank", "none")


def _too_short(block: Block, plan: Plan) -> Reason:
    found = counted(plan.considered.body.edges[-1].words, "word")
    required = str(block.repeat.every) if block.repeat else "a gap in the story"
    return Reason("no-place", _asked(block), required, found)


def _asked(block: Block) -> str:
    """The path of the rule that asks for the block's place."""
    if block.prefer:
        return block.prefer[0].path
    return block.repeat.path if block.repeat else block.path
