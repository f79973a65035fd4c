"""What placed blocks keep from another one: distances, exclusions, and the limits of the page."""

from __future__ import annotations

from collections.abc import Iterator

from newshole.plan.bounds import every_of, gap_of, is_stack, too_near
from newshole.plan.planner import Placement, Plan
from newshole.plan.spots import Spot
from newshole.plan.survey import counted
from newshole.rules.layout import Bound, Limit
from newshole.rules.ruleset import Block
from newshole.types import Reason


def rivals(plan: Plan, block: Block, spot: Spot) -> Iterator[Reason]:
    """The placed blocks that leave no room for the block at a spot."""
    for placed in plan.placements:
        yield from _near(plan, block, spot, placed)
        yield from _excluded(block, placed.block)


def _near(plan: Plan, block: Block, spot: Spot, placed: Placement) -> Iterator[Reason]:
    survey, layout, other = plan.considered.survey, plan.considered.rules.layout, placed.block
    is_inside = spot.position is not None and placed.spot.position is not None
    if is_inside and spot.offset == placed.spot.offset and not (is_stack(spot) and is_stack(placed.spot)):
        path = other.prefer[0].path if other.prefer else other.repeat.path if other.repeat else other.path
        yield Reason("taken", path, "a spot of its own", other.id)
    bounds: list[tuple[str, tuple[Bound, ...]]] = [("gap", gap_of(block, other, layout))]
    if block.kind == other.kind == "ad":
        bounds.append(("ads-apart", layout.ads_apart))
    # A block keeps `every` to its own copies, not to those with which it stands in for another.
    if block is other:
        bounds.append(("gap", every_of(block)))
    for code, each in bounds:
        for reason in too_near(placed.spot, spot, each, survey, code):
            yield Reason(code, reason.bound, reason.required, f"{reason.found} to {other.id}")


def _excluded(block: Block, other: Block) -> Iterator[Reason]:
    if block.id == other.id:
        return
    for one, two in ((block, other), (other, block)):
        named = [name for name in one.own.excludes if name in (two.id, two.kind)]
        if named:
            yield Reason("excludes", f"{one.path}.excludes", f"no {named[0]} beside {one.id}", other.id)
    if block.own.group is not None and block.own.group == other.own.group:
        yield Reason("group", f"{block.path}.group", f"one of the group {block.own.group}", other.id)


def limits(plan: Plan, block: Block, spot: Spot) -> Iterator[Reason]:
    """The limits that are reached."""
    layout = plan.considered.rules.layout
    ads = sum(placed.block.kind == "ad" for placed in plan.placements)
    yield from _reached("blocks", layout.blocks, len(plan.placements), "block")
    if block.kind == "ad":
        yield from _reached("ads", layout.ads, ads, "ad")
        if spot.position is not None:
            yield from _dense(plan, block)
    yield from _most(plan, block)


def _most(plan: Plan, block: Block) -> Iterator[Reason]:
    """The block's own limit, and that of the one for which it stands in."""
    placed = [each.block for each in plan.placements if each.block.id == block.id]
    own = plan.considered.most.get(block.id)
    yield from _reached("max", own, len(placed), "copy")
    if block.own.most is not None and block.own.most != own:
        yield from _reached("max", block.own.most, sum(each is block for each in placed), "copy")


def _reached(code: str, limit: Limit | None, found: int, noun: str) -> Iterator[Reason]:
    if limit is not None and found >= limit.most:
        most = f"{limit.most} copies" if noun == "copy" and limit.most != 1 else counted(limit.most, noun)
        yield Reason(code, limit.path, f"at most {most}", f"{most} placed")


def _dense(plan: Plan, block: Block) -> Iterator[Reason]:
    """The bounds of density that one more ad would break."""
    room = plan.considered.room
    used = room.used
    for placed in plan.placements:
        used = room.with_ad(used, room.heights.get(placed.block.id, ()), placed.spot.index)
    heights = room.heights.get(block.id, ())
    for bound, taken, more, most, story in zip(
        room.bounds, used, heights, room.most, room.story, strict=False
    ):
        if more and taken + more > most:
            required = f"at most {bound.share:.0%} ads on {bound.device}"
            found = f"{(taken + more) / (taken + more + story):.1%}"
            yield Reason("density", bound.path, required, found)
