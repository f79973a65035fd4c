"""How sure a mean over pages is: the bootstrap, which asks what other samples of such pages would give."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 2_000
"""Samples that are drawn; the interval's edges move by less than they tell with more of them."""

SEED: Final = 20_240_719
"""Fixed, so that the same pages give the same interval each time."""

SHARE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over pages with its 95 % interval."""

    value: float
    low: float
    high: float


class Bootstrap:
    """Means over one number of pages, all by the same samples, so that figures can be compared."""

    def __init__(self, pages: int) -> None:
        self._pages = pages
        self._chosen = random.Random(SEED)  # noqa: S311 - statistics, not secrets

    def mean(self, figures: Sequence[float]) -> Mean:
        """The mean of a figure for each page, and where it would lie in 95 of 100 samples."""
        count = self._pages
        if count == 0:
            return Mean(0.0, 0.0, 0.0)
        value = sum(figures) / count
        present = [figure for figure in figures if figure]
        if not present or len(set(figures)) == 1:
            return Mean(value, value, value)
        self._chosen.seed(SEED)
        sums = sorted(sum(self._chosen.choices(figures, k=count)) for _ in range(ROUNDS))
        edge = round(ROUNDS * (1 - SHARE) / 2)
        return Mean(value, sums[edge] / count, sums[-edge - 1] / count)
