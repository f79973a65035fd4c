"""Nearest misses: of a block that is not placed, the place that came closest, and what it wants there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from math import inf
from types import MappingProxyType
from typing import Final

from newshole.plan.decisions import asked_for
from newshole.plan.planner import Plan
from newshole.rules.ruleset import Block
from newshole.types import Decision, Reason

_AMOUNT = re.compile(r"(?:at (?:most|least) )?(\d+(?:\.\d+)?)")
_NO_COSTS: Final[Mapping[int, int]] = MappingProxyType({})


def nearest_miss(
    decisions: Iterable[Decision], block: str, costs: Mapping[int, int] = _NO_COSTS
) -> Decision | None:
    """The refusal of `block` that came closest to a place; None where nothing refuses it.

    Fewer reasons are closer than more, then what lacks less, each measured by what it requires; ties fall to
    the gap nearer to what was asked, and to the earlier one. `costs` says how far each gap is from that: gaps
    that are not in it are out of the block's reach, and count only where none is in it. A refusal before any
    place was looked at is closest where there is no other in reach.
    """

    def closeness(decision: Decision) -> tuple[bool, int, float, float, int]:
        if decision.gap is None:
            return (False, len(decision.reasons), inf, inf, -1)
        lack = sum(map(shortfall, decision.reasons))
        cost = costs.get(decision.gap, inf)
        return (decision.gap not in costs, len(decision.reasons), lack, cost, decision.gap)

    refused = [each for each in decisions if each.block == block and not each.placed]
    within = [each for each in refused if each.gap is not None and each.gap in costs]
    return min(within or refused, key=closeness, default=None)


def shortfall(reason: Reason) -> float:
    """What is lacking of what a reason requires, as a share of it; 1 where that is no amount."""
    required, found = _AMOUNT.match(reason.required), _AMOUNT.match(reason.found)
    if required is None or found is None:
        return 1.0
    wanted, got = float(required[1]), float(found[1])
    # What is found to reach a limit already lacks a whole place, not nothing.
    return abs(wanted - got) / max(wanted, got) if wanted != got else 1.0


def reach_of(plan: Plan, block: Block) -> tuple[int, dict[int, int]]:
    """How many copies a block asks for on this page, and how far each spot in their reach is from there."""
    copies = asked_for(plan, block)
    costs: dict[int, int] = {}
    for copy in copies:
        for spot, cost in copy.costs.items():
            costs[spot] = min(cost, costs.get(spot, cost))
    counts = Counter(id(copy.block) for copy in copies)
    most = {id(copy.block): copy.block.own.most for copy in copies}
    asked = sum(
        count if (limit := most[each]) is None else min(count, limit.most) for each, count in counts.items()
    )
    return asked, costs
