"""What is kept of an arm's units: how many, and the moments of one pair of numbers a unit.

Two such records add up to that of all their units, so workers, days and shards are merged in any order
(Chan, Golub and LeVeque 1983; for the products Bennett et al. 2009).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moments:
    """Of units with a pair of numbers (y, x): their `count`, both means, and the sums of the squared and
    multiplied differences from these (`yy`, `xx`, `xy`)."""

    count: int = 0
    y: float = 0.0
    x: float = 0.0
    yy: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    @classmethod
    def of(cls, pairs: Iterable[tuple[float, float]]) -> Moments:
        """The moments of these units (Welford 1962)."""
        count, mean_y, mean_x, yy, xx, xy = 0, 0.0, 0.0, 0.0, 0.0, 0.0
        for y, x in pairs:
            count += 1
            off_y, off_x = y - mean_y, x - mean_x
            mean_y += off_y / count
            mean_x += off_x / count
            yy += off_y * (y - mean_y)
            xx += off_x * (x - mean_x)
            xy += off_y * (x - mean_x)
        return cls(count, mean_y, mean_x, yy, xx, xy)

    @classmethod
    def of_sums(cls, sums: Sequence[float]) -> Moments:
        """The moments out of a count, and the sums of y, x, y², x² and yx.

        For small numbers such as readers' views and clicks, where nothing cancels that matters.
        """
        count, y, x, yy, xx, xy = sums
        if not count:
            return cls()
        own = yy - y * y / count, xx - x * x / count
        return cls(round(count), y / count, x / count, *own, xy - y * x / count)

    def __add__(self, other: Moments) -> Moments:
        count = self.count + other.count
        if not self.count or not other.count:
            return self if self.count else other
        off_y, off_x = other.y - self.y, other.x - self.x
        weight = self.count * other.count / count
        return Moments(
            count,
            self.y + off_y * other.count / count,
            self.x + off_x * other.count / count,
            self.yy + other.yy + off_y * off_y * weight,
            self.xx + other.xx + off_x * off_x * weight,
            self.xy + other.xy + off_y * off_x * weight,
        )

    @property
    def variance_y(self) -> float:
        """The sample variance of y, 0 for fewer than two units; so below."""
        return self._over_freedom(self.yy)

    @property
    def variance_x(self) -> float:
        return self._over_freedom(self.xx)

    @property
    def covariance(self) -> float:
        return self._over_freedom(self.xy)

    def _over_freedom(self, total: float) -> float:
        return total / (self.count - 1) if self.count > 1 else 0.0
