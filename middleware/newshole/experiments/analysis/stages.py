"""Tests that are looked at a few times, at planned shares of their units: nearly as narrow as one look.

Bounds that spend alpha as O'Brien and Fleming's do (Lan and DeMets 1983), two-sided. The chance of crossing
at each look is integrated from look to look (Armitage, McPherson and Rowe 1969), with Simpson's rule.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from newshole.experiments.analysis.distributions import NORMAL

_POINTS: Final = 400
"""Intervals of the integration, even; the bounds are right to about five digits."""

_LEVELS: Final = (1e-6, 1e-5, 1e-4, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.3, 0.99)

_HIGHEST: Final = 12.0
"""A bound that nothing crosses, in standard errors."""


def spent(progress: float, alpha: float = 0.05) -> float:
    """The part of alpha that may be spent up to this share of the planned units."""
    if progress <= 0:
        return 0.0
    # Each side spends its half.
    return 4 * NORMAL.cdf(-NORMAL.inv_cdf(1 - alpha / 4) / math.sqrt(min(progress, 1.0)))


def bounds(looks: Sequence[float], alpha: float = 0.05) -> list[float]:
    """The bound at each look, in standard errors; `looks` are rising shares of the planned units, up to 1."""
    found: list[float] = []
    density: Callable[[float], float] | None = None
    before, paid = 0.0, 0.0
    for at in looks:
        step = math.sqrt(at - before)
        grid = _grid(found[-1] * math.sqrt(before)) if found else []
        weights = [each * density(b) for b, each in grid] if density else []
        places = [b for b, _ in grid]
        allowed = spent(at, alpha) - paid
        found.append(_bound(places, weights, step, at, allowed))
        density = _density(places, weights, step)
        before, paid = at, spent(at, alpha)
    return found


def stage_p(z: float, looks: tuple[float, ...]) -> float:
    """The p-value at the last of these looks of an estimate `z` standard errors from 0, where the test went
    on at those before: the least alpha whose bound it crosses, between 1e-6 and 1, to some percent of it."""
    levels = _levels(looks)
    above = next((n for n, (bound, _) in enumerate(levels) if bound <= z), None)
    if above is None:
        return 1.0
    if above == 0:
        return _LEVELS[0]
    (high, log_low), (low, log_high) = levels[above - 1], levels[above]
    # The logarithm of a normal tail goes about with the square of its bound.
    part = (high**2 - z**2) / (high**2 - low**2)
    return math.exp(log_low + part * (log_high - log_low))


@cache
def _levels(looks: tuple[float, ...]) -> list[tuple[float, float]]:
    """The bound at the last look for each level of alpha, and the logarithm of that."""
    return [(bounds(looks, alpha)[-1], math.log(alpha)) for alpha in _LEVELS]


def _bound(
    places: Sequence[float], weights: Sequence[float], step: float, at: float, allowed: float
) -> float:
    """The bound that what has not crossed yet crosses now with the chance that is `allowed`."""

    def crossing(bound: float) -> float:
        edge = bound * math.sqrt(at)
        if not places:
            return 2 * NORMAL.cdf(-bound)
        return sum(
            weight * (NORMAL.cdf((b - edge) / step) + NORMAL.cdf((-edge - b) / step))
            for b, weight in zip(places, weights, strict=True)
        )

    low, high = 0.0, _HIGHEST
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if crossing(middle) > allowed else (low, middle)
    return (low + high) / 2


def _density(places: Sequence[float], weights: Sequence[float], step: float) -> Callable[[float], float]:
    """How likely the sum stands at a place now, having crossed nothing before."""
    scale = 1 / (step * math.sqrt(2 * math.pi))

    def density(b: float) -> float:
        if not places:
            return scale * math.exp(-((b / step) ** 2) / 2)
        return scale * sum(
            weight * math.exp(-(((b - a) / step) ** 2) / 2) for a, weight in zip(places, weights, strict=True)
        )

    return density


def _grid(edge: float) -> list[tuple[float, float]]:
    """Places from -edge to edge with their weights in Simpson's rule."""
    width = 2 * edge / _POINTS
    factor = [1, *([4, 2] * (_POINTS // 2 - 1)), 4, 1]
    return [(-edge + n * width, each * width / 3) for n, each in enumerate(factor)]
