"""A line of the last minutes, as the points of an SVG polyline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 240
HEIGHT: Final = 40


@dataclass(frozen=True, slots=True)
class Sparkline:
    """`points` of a polyline in a box of `WIDTH` by `HEIGHT`, and the `area` under it as a polygon's, both ""
    where there is not enough to draw. `most` is its highest value, `last` the newest."""

    points: str
    area: str
    most: float
    last: float


def sparkline(values: Sequence[float], *, room: int) -> Sparkline:
    """The line of some values, the newest at the right end, of a box that has `room` for so many."""
    most, last = max(values, default=0.0), values[-1] if values else 0.0
    if len(values) < 2:
        return Sparkline("", "", most, last)
    step = WIDTH / (room - 1)
    first = WIDTH - step * (len(values) - 1)
    height = HEIGHT - 4
    spots = [
        (first + step * n, HEIGHT - 2 - (height * value / most if most else 0))
        for n, value in enumerate(values)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    area = f"{first:.1f},{HEIGHT} {points} {WIDTH},{HEIGHT}"
    return Sparkline(points, area, most, last)
