"""Whether the arms have the shares of units that they should: where not, the test is broken and its result
worth nothing.

Sequential, so that it may be looked at all the time (Lindon and Malek 2022, "Anytime-Valid Inference For
Multinomial Count Data", theorem 1): the Bayes factor of a Dirichlet prior about the planned shares against
these, whose inverse is a p-value that holds at every moment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from newshole.experiments.analysis.distributions import chi_square_tail

ALARM: Final = 0.001
"""The p-value below which a test counts as broken."""

_CONCENTRATION: Final = 5_000.0
"""How narrowly the prior expects the shares about the planned ones: it looks for losses of some percent."""


def sequential_p(counts: Sequence[int], shares: Sequence[float]) -> float:
    """The p-value of the planned shares (adding up to 1) at this moment, valid however often one looks."""
    prior = [_CONCENTRATION * share for share in shares]
    units = sum(counts)
    log_factor = math.lgamma(_CONCENTRATION) - math.lgamma(_CONCENTRATION + units)
    for count, share, weight in zip(counts, shares, prior, strict=True):
        log_factor += math.lgamma(weight + count) - math.lgamma(weight) - count * math.log(share)
    return math.exp(min(-log_factor, 0.0))


def fixed_p(counts: Sequence[int], shares: Sequence[float]) -> float:
    """The p-value of Pearson's chi-square test, for one look alone."""
    units = sum(counts)
    if not units:
        return 1.0
    expected = [units * share for share in shares]
    value = sum((count - aim) ** 2 / aim for count, aim in zip(counts, expected, strict=True))
    return chi_square_tail(value, len(counts) - 1)
