"""What became of each block: where it was placed, or how near it came."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from newshole.plan.misses import nearest_miss, reach_of
from newshole.site import Composition
from newshole.types import Decision


@dataclass(frozen=True, slots=True)
class Fate:
    """One block: the decisions that placed it, or the nearest miss where there is none; `asked` is how many
    copies its rules ask for on this page."""

    block: str
    kind: str
    asked: int
    placed: tuple[Decision, ...]
    miss: Decision | None


def fates(composition: Composition) -> tuple[Fate, ...]:
    """The fate of every block, in the rules' order; none where the page was left before it was planned."""
    plan = composition.plan
    if plan is None:
        return ()
    decisions = defaultdict[str, list[Decision]](list)
    for each in composition.decisions:
        decisions[each.block].append(each)
    found = []
    for block in plan.considered.rules.blocks:
        own = decisions[block.id]
        placed = tuple(each for each in own if each.placed)
        asked, costs = reach_of(plan, block)
        miss = None if placed else nearest_miss(own, block.id, costs)
        found.append(Fate(block.id, block.kind, asked, placed, miss))
    return tuple(found)
