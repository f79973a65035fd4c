"""Refusals: what forbids spots to blocks, worked out for a whole page at once.

Each rule gives a table of the spots that it closes. Most rules close few spots, and most blocks keep the
same ones, so a table is made once, from the spots that a mask names, and shared by all blocks that it is for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from newshole.plan.avoid import avoidances
from newshole.plan.bounds import (
    Nearness,
    closed_gaps,
    every_of,
    gap_of,
    is_stack,
    static_refusals,
    too_near,
)
from newshole.plan.planner import Placement, Plan
from newshole.plan.room import Heights
from newshole.plan.spots import Spot
from newshole.plan.survey import counted
from newshole.rules.layout import Bound, Layout, Limit
from newshole.rules.ruleset import Block, Elsewhere
from newshole.types import Reason

Table: TypeAlias = Mapping[int, Sequence[Reason]]
"""Why spots are closed, by their indexes."""


class Refusals:
    """What forbids the spots of one plan's page to its blocks."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.considered, self.survey = plan, plan.considered, plan.considered.survey
        self.spots = tuple(self.survey.spots)
        self._static: dict[tuple[Layout, bool], Table] = {}
        self._near: dict[tuple[int, tuple[Bound, ...], str, str], Table] = {}
        self._count = Counter(each.block.id for each in plan.placements)
        self._ads = sum(each.block.kind == "ad" for each in plan.placements)
        self._most = plan.considered.most

    def bounds(self, block: Block) -> Iterator[Table]:
        """What forbids spots to the block whatever else is placed."""
        is_ad, layout = block.kind == "ad", self.considered.layout_of(block)
        own = Layout(start=layout.start, end=layout.end, story=layout.story, clear=layout.clear)
        yield self._closed(own, is_ad=False)
        yield self._closed(Layout(gap=layout.gap, ads_apart=layout.ads_apart), is_ad=is_ad)
        gaps = [spot for spot in self.spots if spot.stack is None and spot.position is not None]
        for mask, reason in avoidances(block, self.survey):
            yield {spot.index: (reason,) for spot in gaps if mask >> spot.index & 1}
        for each, there in self.considered.elsewhere:
            for table in self._too_near_to(each, there, layout, is_ad=is_ad):
                yield {at: reasons for at, reasons in table.items() if self.spots[at].stack is None}
        yield from self._banned(block)

    def _closed(self, layout: Layout, *, is_ad: bool) -> Table:
        """What the static bounds close."""
        key = layout, is_ad
        if key not in self._static:
            mask = closed_gaps(layout, self.survey, is_ad=is_ad)
            self._static[key] = {
                spot.index: [*static_refusals(spot, layout, self.survey, is_ad=is_ad)]
                for spot in self._named(mask)
            }
        return self._static[key]

    def _named(self, mask: int) -> Iterator[Spot]:
        return (spot for spot in self.spots if mask >> spot.index & 1)

    def _too_near_to(self, each: Elsewhere, there: Spot, layout: Layout, *, is_ad: bool) -> Iterator[Table]:
        """What is too near to what the browser will add; stacks and selected elements keep nothing to it."""
        if there.position is not None:
            taken = Reason("taken", f"{each.path}.place", "a spot of its own", each.name)
            yield {spot.index: (taken,) for spot in self.spots if spot.offset == there.offset}
        yield self._too_near(there, layout.gap, "gap", each.name)
        if is_ad and each.is_ad:
            yield self._too_near(there, layout.ads_apart, "ads-apart", each.name)

    def _too_near(self, there: Spot, bounds: tuple[Bound, ...], code: str, name: str) -> Table:
        """What is nearer than bounds allow to what stands at a spot."""
        key = there.index, bounds, code, name
        if key not in self._near:
            self._near[key] = {
                spot.index: [
                    replace(each, found=f"{each.found} to {name}")
                    for each in too_near(there, spot, bounds, self.survey, code)
                ]
                for spot in self._named(Nearness(self.survey, bounds).mask(there.index))
            }
        return self._near[key]

    def _banned(self, block: Block) -> Iterator[Table]:
        """Where a proof showed that the block's markup cannot stand."""
        if self.considered.banned:
            required, found = "markup that stands here by itself", "an open element would change it"
            reasons = (Reason("markup", block.path, required, found),)
            banned = self.considered.banned
            yield {spot.index: reasons for spot in self.spots if (block.id, spot.offset) in banned}

    def rivals(self, block: Block) -> Iterator[Table]:
        """What the placed blocks leave no room for."""
        for placed, taken in zip(self.plan.placements, self._taken, strict=True):
            yield taken
            yield from self._near_to(block, placed)
            if reasons := [*_excluded(block, placed.block)]:
                yield dict.fromkeys(range(len(self.spots)), reasons)

    @cached_property
    def _taken(self) -> tuple[Table, ...]:
        """The spots that the placed blocks themselves take."""
        return tuple(map(self._taken_by, self.plan.placements))

    def _taken_by(self, placed: Placement) -> Table:
        if placed.spot.position is None:
            return {}
        reasons = (Reason("taken", asked(placed.block), "a spot of its own", placed.block.id),)
        return {
            spot.index: reasons
            for spot in self.spots
            if spot.offset == placed.spot.offset
            and spot.position is not None
            and not (is_stack(spot) and is_stack(placed.spot))
        }

    def _near_to(self, block: Block, placed: Placement) -> Iterator[Table]:
        layout, other = self.considered.rules.layout, placed.block
        yield self._too_near(placed.spot, gap_of(block, other, layout), "gap", other.id)
        if block.kind == other.kind == "ad":
            yield self._too_near(placed.spot, layout.ads_apart, "ads-apart", other.id)
        # A block keeps `every` to its own copies, not to those with which it stands in for another.
        if block is other:
            yield self._too_near(placed.spot, every_of(block), "gap", other.id)

    def limits(self, block: Block) -> Table:
        """The limits that are reached."""
        layout, is_ad = self.considered.rules.layout, block.kind == "ad"
        first = [*_reached("blocks", layout.blocks, len(self.plan.placements), "block")]
        first += _reached("ads", layout.ads, self._ads, "ad") if is_ad else ()
        dense = [*self._dense(block)] if is_ad else []
        last = [*self._own_limits(block)]
        outside, inside = first + last, first + dense + last
        return {spot.index: inside if spot.position is not None else outside for spot in self.spots}

    def _own_limits(self, block: Block) -> Iterator[Reason]:
        """The block's own limit, and that of the one for which it stands in."""
        own = self._most.get(block.id)
        yield from _reached("max", own, self._count[block.id], "copy")
        if block.own.most is not None and block.own.most != own:
            count = sum(each.block is block for each in self.plan.placements)
            yield from _reached("max", block.own.most, count, "copy")

    def _dense(self, block: Block) -> Iterator[Reason]:
        """The bounds of density that one more ad would break."""
        room = self.considered.room
        heights = room.heights.get(block.id, ())
        for bound, taken, more, most, story in zip(
            room.bounds, self._used, heights, room.most, room.story, strict=False
        ):
            if more and taken + more > most:
                required = f"at most {bound.share:.0%} ads on {bound.device}"
                found = f"{(taken + more) / (taken + more + story):.1%}"
                yield Reason("density", bound.path, required, found)

    @cached_property
    def _used(self) -> Heights:
        """How much of the room the placed ads take."""
        room = self.considered.room
        used = room.used
        for placed in self.plan.placements:
            used = room.with_ad(used, room.heights.get(placed.block.id, ()), placed.spot.index)
        return used


def gathered(tables: Iterable[Table], spots: Iterable[int]) -> dict[int, list[Reason]]:
    """The reasons of all tables for some spots, in the tables' order."""
    found: dict[int, list[Reason]] = {spot: [] for spot in spots}
    for table in tables:
        for spot, reasons in table.items():
            if spot in found:
                found[spot] += reasons
    return found


def asked(block: Block) -> str:
    """The path of the rule that asks for the block's place."""
    if block.prefer:
        return block.prefer[0].path
    return block.repeat.path if block.repeat else block.path


def _excluded(block: Block, other: Block) -> Iterator[Reason]:
    if block.id == other.id:
        return
    for one, two in ((block, other), (other, block)):
        named = [name for name in one.own.excludes if name in (two.id, two.kind)]
        if named:
            yield Reason("excludes", f"{one.path}.excludes", f"no {named[0]} beside {one.id}", other.id)
    if block.own.group is not None and block.own.group == other.own.group:
        yield Reason("group", f"{block.path}.group", f"one of the group {block.own.group}", other.id)


def _reached(code: str, limit: Limit | None, found: int, noun: str) -> Iterator[Reason]:
    if limit is not None and found >= limit.most:
        most = f"{limit.most} copies" if noun == "copy" and limit.most != 1 else counted(limit.most, noun)
        yield Reason(code, limit.path, f"at most {most}", f"{most} placed")
