"""What became of each block: where it was placed, or how near it came."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from newshole.plan.decisions import costs_of
from newshole.site import Composition
from newshole.types import Decision


@dataclass(frozen=True, slots=True)
class Fate:
    """One block: the decisions that placed it, or the nearest miss where there is none."""

    block: str
    kind: str
    placed: tuple[Decision, ...]
    miss: Decision | None


def fates(composition: Composition) -> tuple[Fate, ...]:
    """The fate of every block, in the rules' order; none where the page was left before it was planned."""
    plan = composition.plan
    if plan is None:
        return ()
    found = []
    for block in plan.considered.rules.blocks:
        own = [each for each in composition.decisions if each.block == block.id]
        placed = tuple(each for each in own if each.placed)
        miss = None if placed else _nearest(own, costs_of(plan, block))
        found.append(Fate(block.id, block.kind, placed, miss))
    return tuple(found)


def _nearest(refused: list[Decision], costs: dict[int, int]) -> Decision | None:
    """The refusal at the spot nearest to what was asked; one that came before any spot goes first."""

    def distance(decision: Decision) -> float:
        return -1 if decision.gap is None else costs.get(decision.gap, inf)

    return min(refused, key=distance, default=None)
