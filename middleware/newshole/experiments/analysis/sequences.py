"""Intervals that are right at all moments together, so that anyone may look at any time and stop.

An asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, "Time-uniform central
limit theory and asymptotic confidence sequences", Annals of Statistics, theorem 2.2): with a normal mixture
the truth stays inside at every moment from a first one on with a probability of 1 - alpha. The mixture is
tuned to be narrowest when `progress`, the share of the units that were planned, is 1 (section 2.4 there).
"""

from __future__ import annotations

import math
from functools import cache

from newshole.experiments.analysis.effects import UNKNOWN, Estimate, Interval, Lift


def always_valid(estimate: Estimate | Lift, progress: float, alpha: float = 0.05) -> Interval:
    """The interval for an estimate at any moment; everything where nothing is known yet."""
    return estimate.within(reach(progress, alpha)) if progress > 0 else UNKNOWN


def reach(progress: float, alpha: float = 0.05) -> float:
    """Half the width of the interval, in standard errors: 3.03 at a progress of 1, for an alpha of 5%, where
    a single look would have 1.96."""
    information = _tuned(alpha) * progress
    return math.sqrt(2 * (1 + 1 / information) * math.log(math.sqrt(information + 1) / alpha))


def always_valid_p(estimate: Estimate | Lift, progress: float, planned_alpha: float = 0.05) -> float:
    """The least alpha at which the interval excludes 0, the mixture tuned for `planned_alpha`.

    It may rise again as units come; the least one so far is valid too.
    """
    if progress <= 0:
        return 1.0
    information = _tuned(planned_alpha) * progress
    log_p = math.log(information + 1) / 2 - estimate.score**2 * information / (2 * (information + 1))
    return math.exp(min(log_p, 0.0))


@cache
def _tuned(alpha: float) -> float:
    """The weight of the mixture that makes the interval narrowest at the planned number of units.

    With r = t * rho², the squared width has its minimum where r - log(r + 1) = -2 log(alpha); the paper has
    that root as the lower branch of Lambert's W.
    """
    aim = -2 * math.log(alpha)
    root = aim + math.log(aim + 1)
    for _ in range(50):
        root -= (root - math.log(root + 1) - aim) / (1 - 1 / (root + 1))
    return root
