"""The slots of a composed page, and how much of its story they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newshole.blocks.room import ad_room
from newshole.page.outline import Outline, Unit
from newshole.plan.naming import where
from newshole.plan.planner import Plan
from newshole.rules.kinds.ad import Ad
from newshole.rules.ruleset import Block
from newshole.types import DEVICES

SITE_ADS = frozenset(("ad",))
"""Kinds of units that are the site's own ads."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One placed copy of a block: its number among the block's copies, its offset, its place in words."""

    block: str
    kind: str
    ordinal: int
    offset: int
    where: str


def slots_of(plan: Plan) -> tuple[Slot, ...]:
    """The slots of a plan, down the page."""
    outline = plan.considered.survey.outline
    return tuple(
        Slot(each.block.id, each.block.kind, each.ordinal, each.spot.offset, where(each.spot, outline))
        for each in plan.placements
    )


def density(outline: Outline, placed: Sequence[Block], device: str) -> float | None:
    """The share of the story's height that ads take, those of the site among them; None where no height of
    a unit is known. `placed` are the blocks that stand inside the story."""
    heights = [_height(unit, device) for unit in outline.units]
    if sum(heights) <= 0:
        return None
    own = sum(height for unit, height in zip(outline.units, heights, strict=True) if unit.kind in SITE_ADS)
    ours = sum(_room(block, device) for block in placed)
    return (own + ours) / (sum(heights) + ours)


def plan_density(plan: Plan, device: str) -> float | None:
    """The density of a page by its plan."""
    inside = [each.block for each in plan.placements if each.spot.position is not None]
    return density(plan.considered.survey.outline, inside, device)


def _height(unit: Unit, device: str) -> float:
    return float(unit.heights[DEVICES.index(device)])


def _room(block: Block, device: str) -> int:
    """What an ad keeps free on a device."""
    if not isinstance(block.options, Ad):
        return 0
    room = ad_room(block.options)
    return room.mobile if device == "mobile" else room.desktop
