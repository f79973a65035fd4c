"""Student's t, which the standard library lacks; the normal distribution is `statistics.NormalDist`.

It comes from the incomplete beta function (NIST Digital Library of Mathematical Functions, 8.17; the
continued fraction by the modified method of Lentz), to about 13 digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from statistics import NormalDist
from typing import Final

NORMAL: Final = NormalDist()

_TINY: Final = 1e-300
_CLOSE: Final = 1e-16
_MOST_STEPS: Final = 10_000


def t_tail(t: float, freedom: float) -> float:
    """The probability that |T| exceeds |t|, for Student's t with `freedom` degrees of freedom."""
    if math.isinf(freedom):
        return 2 * NORMAL.cdf(-abs(t))
    return _half_beta(freedom / 2, freedom / (freedom + t * t), t * t / (freedom + t * t))


def t_bound(tail: float, freedom: float) -> float:
    """The t that |T| exceeds with the probability `tail`, between 0 and 1."""
    if math.isinf(freedom):
        return NORMAL.inv_cdf(1 - tail / 2)
    high = 1.0
    while t_tail(high, freedom) > tail:
        high *= 2
    return _crossing(lambda t: t_tail(t, freedom) - tail, 0.0, high)


def _half_beta(a: float, x: float, rest: float) -> float:
    """The regularised incomplete beta function I_x(a, 1/2), DLMF 8.17.22; `rest` is 1 - x, to all digits."""
    if x <= 0 or rest <= 0:
        return float(rest <= 0)
    log_x = math.log(x) if x < 0.5 else math.log1p(-rest)
    log_front = _log_gamma_step(a) - math.log(math.pi) / 2 + a * log_x + math.log(rest) / 2
    if x > (a + 1) / (a + 2.5):
        return 1 - 2 * math.exp(log_front) / _continued(_beta_terms(0.5, a, rest))
    return math.exp(log_front) / a / _continued(_beta_terms(a, 0.5, x))


def _log_gamma_step(a: float) -> float:
    """log Γ(a + 1/2) - log Γ(a): for large a by its series, for both are large then and alike."""
    if a < 50:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    return math.log(a) / 2 - 1 / (8 * a) + 1 / (192 * a**3) - 1 / (640 * a**5)


def _beta_terms(a: float, b: float, x: float) -> Iterator[tuple[float, float]]:
    yield 1.0, 1.0
    for m in range(_MOST_STEPS):
        if m:
            yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1.0
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0


def _continued(terms: Iterator[tuple[float, float]]) -> float:
    """b0 + a1/(b1 + a2/(b2 + …)) of the pairs (a, b), of which the first gives b0 alone."""
    _, value = next(terms)
    c, d = value, 0.0
    for a, b in terms:
        d = 1 / (b + a * d or _TINY)
        c = b + a / c or _TINY
        step = c * d
        value *= step
        if abs(step - 1) < _CLOSE * 4:
            break
    return value


def _crossing(rise: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is zero, by halving: 200 halvings are as close as floats come."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if rise(middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
