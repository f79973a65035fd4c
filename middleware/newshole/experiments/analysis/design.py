"""What an experiment is to show, and how many units that takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from newshole.experiments.analysis.effects import Estimate, mean, ratio
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.planning import Baseline, units_per_arm
from newshole.experiments.metrics import BY_NAME, Metric

ENOUGH: Final = 500
"""Units of control from which the plan is made, at the end of the first day that has them; later days change
nothing of it, so that the intervals stay valid."""

_USUAL: Final = 10_000
"""Units an arm that are planned where nothing can be computed, since the metric is 0 so far."""


@dataclass(frozen=True, slots=True)
class Design:
    """What an experiment is to show: `shares` has each arm's part of the units by its name, control first.

    `planned` is how many units each arm is to get, 0 to have it computed from control's first days;
    `min_effect` the smallest change that matters, as a share of control's value, and `power` the chance to
    find it. `looks` are the shares of the planned units at which it is judged, none where it always is.
    """

    name: str
    shares: Mapping[str, float]
    primary: str
    planned: int
    min_effect: float
    guardrails: tuple[str, ...] = ()
    alpha: float = 0.05
    power: float = 0.8
    looks: tuple[float, ...] = ()
    unit: str = "visitor"
    hypothesis: str = ""

    @property
    def control(self) -> str:
        """The arm that all others are compared with."""
        return next(iter(self.shares))

    @property
    def others(self) -> tuple[str, ...]:
        """The arms that are compared with control."""
        return tuple(self.shares)[1:]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The primary metric, and then the guardrails."""
        return tuple(BY_NAME[name] for name in dict.fromkeys((self.primary, *self.guardrails)))

    @property
    def shared_alpha(self) -> float:
        """What Holm's procedure allows the first of all comparisons: a plan has its power in spite of it."""
        return self.alpha / (len(self.metrics) * len(self.others))

    @property
    def units(self) -> str:
        """What the units are called."""
        return "stories" if self.unit == "page" else "readers"


def estimate(metric: Metric, arm: Moments) -> Estimate:
    """What an arm has in a metric."""
    return mean(arm) if metric.per == "unit" else ratio(arm)


def baseline(metric: Metric, arm: Moments) -> Baseline:
    """What a metric is in an arm, for planning: a ratio's variance is that of one unit's part in it."""
    found = estimate(metric, arm)
    return Baseline(found.value, found.variance * arm.count)


def planned_units(design: Design, control: Mapping[int, Moments]) -> int:
    """How many units each arm is to get: as designed, or as control's first days tell.

    As these tell it there is no planned look before they are over: a plan that still moves would choose its
    own end.
    """
    if design.planned:
        return design.planned
    days = list(control.values())
    first = next((arm for arm in days if arm.count >= ENOUGH), days[-1] if days else Moments())
    found = baseline(BY_NAME[design.primary], first)
    if not found.mean or not found.variance or not design.min_effect:
        return _USUAL
    needed = units_per_arm(
        found,
        design.min_effect,
        power=design.power,
        alpha=design.shared_alpha,
        looks="once" if design.looks else "always",
    )
    return max(needed, math.ceil(ENOUGH / min((1.0, *design.looks))))
