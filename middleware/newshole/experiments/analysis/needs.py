"""What a test needs on the traffic that a site has: units, days, and what it can see in some weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from newshole.experiments.analysis.design import Design, baseline
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.planning import (
    Baseline,
    Looks,
    cost_of_looking,
    days,
    smallest_effect,
    units_per_arm,
)
from newshole.experiments.analysis.rehearsal import Unit
from newshole.experiments.metrics import BY_NAME

WEEKS: Final = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Needs:
    """The metric's `mean`; the units an arm needs where it is looked at always (`always`) and once (`once`).

    Where it is known how many units come in a day: the days for the smallest arm, and for some numbers of
    weeks the smallest change that can be seen. `cost` is what looking always costs, in units for a unit.
    """

    mean: float
    always: int
    once: int
    cost: float
    days: int | None = None
    seen: tuple[tuple[int, float], ...] = ()


def needs(design: Design, units: Sequence[Unit], a_day: float | None) -> Needs | None:
    """What a test needs, None where its metric is 0 in all of the traffic.

    `a_day` is how many units come new into the test on a day; it is taken that they keep coming.
    """
    found = baseline(BY_NAME[design.primary], Moments.of((y, x) for _, y, x in units))
    if not found.mean or not found.variance:
        return None
    looks: Looks = "once" if design.looks else "always"
    always, once = _units(design, found, "always"), _units(design, found, "once")
    cost = cost_of_looking(power=design.power, alpha=design.shared_alpha)
    if not a_day:
        return Needs(found.mean, always, once, cost)
    smallest = a_day * min(design.shares.values())
    seen = tuple((weeks, _seen(design, found, 7 * weeks * smallest, looks)) for weeks in WEEKS)
    needed = always if looks == "always" else once
    return Needs(found.mean, always, once, cost, days(needed, smallest), seen)


def _units(design: Design, found: Baseline, looks: Looks) -> int:
    return units_per_arm(found, design.min_effect, power=design.power, alpha=design.shared_alpha, looks=looks)


def _seen(design: Design, found: Baseline, units: float, looks: Looks) -> float:
    count = max(1, round(units))
    return smallest_effect(found, count, power=design.power, alpha=design.shared_alpha, looks=looks)
