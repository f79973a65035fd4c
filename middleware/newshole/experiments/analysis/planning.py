"""How many units a test takes to see an effect, and for how long it has to run.

Normal approximations, the usual ones: n = (z(alpha/2) + z(power))² × variance / effect², where looking all
the time puts the reach of its interval in the place of z(alpha/2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from newshole.experiments.analysis.distributions import NORMAL
from newshole.experiments.analysis.sequences import reach

Looks: TypeAlias = Literal["always", "once"]


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a metric is without the experiment: its mean over units, and their variance."""

    mean: float
    variance: float


def units_per_arm(
    baseline: Baseline, min_effect: float, *, power: float = 0.8, alpha: float = 0.05, looks: Looks = "always"
) -> int:
    """The units that each of two arms of equal size needs to show an effect of `min_effect`, a share of the
    mean, with a chance of `power`, where the result is looked at all the time or once at the end.

    Raises ValueError where the mean or the effect is 0.
    """
    effect = baseline.mean * min_effect
    if not effect:
        raise ValueError("no number of units shows an effect of nothing")
    factor = (_first(looks, alpha) + NORMAL.inv_cdf(power)) ** 2
    return math.ceil(2 * baseline.variance * factor / effect**2)


def smallest_effect(
    baseline: Baseline, units: int, *, power: float = 0.8, alpha: float = 0.05, looks: Looks = "always"
) -> float:
    """The smallest effect, as a share of the mean, that so many units in each of two arms show with a chance
    of `power`."""
    error = math.sqrt(2 * baseline.variance / units)
    return (_first(looks, alpha) + NORMAL.inv_cdf(power)) * error / abs(baseline.mean)


def cost_of_looking(*, power: float = 0.8, alpha: float = 0.05) -> float:
    """How many times the units a test takes at most, for being looked at all the time: 1.92 as a rule. Where
    the effect is larger than planned it ends much earlier."""
    ratio = (_first("always", alpha) + NORMAL.inv_cdf(power)) / (
        _first("once", alpha) + NORMAL.inv_cdf(power)
    )
    return ratio**2


def days(units_needed: int, units_a_day: float) -> int:
    """Whole weeks, in days, since readers differ by weekday; `units_a_day` come new into each arm."""
    return 7 * max(1, math.ceil(units_needed / units_a_day / 7))


def _first(looks: Looks, alpha: float) -> float:
    return reach(1.0, alpha) if looks == "always" else NORMAL.inv_cdf(1 - alpha / 2)
