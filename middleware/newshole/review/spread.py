"""How sure a mean over pages is: the bootstrap, which asks what other samples of such pages would give."""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

ROUNDS: Final = 1_000
"""Samples that are drawn; with more of them the interval's edges move by less than they tell."""

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
    """Means over one number of pages, all by the same samples: drawn once, and fair to compare by."""

    def __init__(self, pages: int) -> None:
        self._pages = pages

    @cached_property
    def _samples(self) -> list[array[int]]:
        chosen, pages = random.Random(SEED), range(self._pages)  # noqa: S311 - statistics, not secrets
        return [array("I", chosen.choices(pages, k=self._pages)) for _ in range(ROUNDS)]

    def mean(self, figures: Sequence[float]) -> Mean:
        """The mean of a figure for each page, and where it would lie in 95 of 100 samples."""
        if len(set(figures)) <= 1:  # what does not vary is certain
            value = float(figures[0]) if figures else 0.0
            return Mean(value, value, value)
        sums = sorted(sum(map(figures.__getitem__, sample)) for sample in self._samples)
        edge = round(ROUNDS * (1 - SHARE) / 2)
        low, high = sums[edge], sums[-edge - 1]
        return Mean(sum(figures) / self._pages, low / self._pages, high / self._pages)
