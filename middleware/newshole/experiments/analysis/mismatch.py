"""Whether the arms have the shares of units that they should: where not, the test is broken and its result
worth nothing.

Sequential, so that it may be looked at all the time (Lindon and Malek 2022, "Anytime-Valid Inference For
Multinomial Count Data", theorem 1): the Bayes factor of Dirichlet priors about the planned shares against
these, whose inverse is a p-value that holds at every moment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

ALARM: Final = 0.001
"""The p-value below which a test counts as broken."""

_CONCENTRATIONS: Final = (50.0, 500.0, 5_000.0)
"""How narrowly a prior expects the shares about the planned ones. The widest finds a quarter lost among some
hundred units, the narrowest some percent among many; the mean of their Bayes factors is one too."""


def sequential_p(counts: Sequence[float], shares: Sequence[float]) -> float:
    """The p-value of the planned shares (adding up to 1) at this moment, valid however often one looks."""
    logs = [_log_factor(counts, shares, each) for each in _CONCENTRATIONS]
    highest = max(logs)
    log_mean = highest + math.log(sum(math.exp(each - highest) for each in logs) / len(logs))
    return math.exp(min(-log_mean, 0.0))


def _log_factor(counts: Sequence[float], shares: Sequence[float], concentration: float) -> float:
    """The logarithm of the Bayes factor against the planned shares."""
    log_factor = math.lgamma(concentration) - math.lgamma(concentration + sum(counts))
    for count, share in zip(counts, shares, strict=True):
        weight = concentration * share
        log_factor += math.lgamma(weight + count) - math.lgamma(weight) - count * math.log(share)
    return log_factor
