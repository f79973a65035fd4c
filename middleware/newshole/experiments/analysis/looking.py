"""When a test is judged, and what it looked like on each day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from newshole.experiments.analysis.design import Design, estimate
from newshole.experiments.analysis.effects import UNKNOWN, Estimate, Interval, Lift
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.sequences import always_valid, always_valid_p
from newshole.experiments.analysis.stages import bounds, stage_p
from newshole.experiments.metrics import BY_NAME

DAY: Final = 86_400_000

ByDay = Mapping[str, Mapping[int, Moments]]
"""The moments of each arm at the end of each day."""


class Point(NamedTuple):
    """An arm against control in the primary metric at the end of a day, by the day's first millisecond."""

    day: int
    arm: str
    progress: float
    lift: float
    interval: Interval


class Judging(NamedTuple):
    """How a test is judged by what is known before `until`: at any time where `looks` is None, else with the
    bound of the last of these looks, each the share of the planned units that was there."""

    until: int
    progress: float
    looks: tuple[float, ...] | None = None

    def interval(self, estimate: Estimate | Lift, alpha: float) -> Interval:
        """The interval for an estimate, valid for this way of looking."""
        if self.looks is None:
            return always_valid(estimate, self.progress, alpha)
        if not self.looks:
            return UNKNOWN
        if len(self.looks) == 1 and self.looks[0] >= 1:
            return estimate.interval(alpha)
        return estimate.within(bounds(self.looks, alpha)[-1])

    def p_value(self, estimate: Estimate | Lift, alpha: float) -> float:
        """The p-value that goes with the interval, 1 before the first look."""
        if self.looks is None:
            return always_valid_p(estimate, self.progress, alpha)
        if not self.looks:
            return 1.0
        if len(self.looks) == 1 and self.looks[0] >= 1:
            return estimate.p_value()
        return stage_p(estimate.score, self.looks)


def judging(design: Design, by_day: ByDay, planned: int, until: int) -> Judging:
    """How a test is judged now: what comes after a planned look waits for the next one."""
    progress = _progress_by_day(design, by_day, planned)
    last = max(progress.values(), default=0.0)
    if not design.looks:
        return Judging(until, last)
    reached: dict[int, float] = {}
    for look in design.looks:
        day = next((day for day, share in progress.items() if share >= look), None)
        if day is not None:
            reached[day] = 1.0 if look == design.looks[-1] else min(progress[day], 0.999)
    end = min(until, max(reached) + DAY) if reached else until
    return Judging(end, last, tuple(dict.fromkeys(reached.values())))


def trend(design: Design, by_day: ByDay, planned: int) -> Iterator[Point]:
    """The primary metric on every day, with intervals that are valid on all days together."""
    metric = BY_NAME[design.primary]
    progress = _progress_by_day(design, by_day, planned)
    latest: dict[str, Moments] = {}
    for day, share in progress.items():
        latest |= {arm: found[day] for arm, found in by_day.items() if day in found}
        control = estimate(metric, latest.get(design.control, Moments()))
        for arm in design.others:
            change = Lift(control, estimate(metric, latest.get(arm, Moments())))
            yield Point(day, arm, share, change.value, always_valid(change, share, design.alpha))


def _progress_by_day(design: Design, by_day: ByDay, planned: int) -> dict[int, float]:
    """The share of the planned units that the smallest arm had at the end of each day."""
    counts = dict.fromkeys(design.shares, 0)
    progress: dict[int, float] = {}
    for day in sorted({day for found in by_day.values() for day in found}):
        counts |= {arm: by_day[arm][day].count for arm in counts if day in by_day.get(arm, {})}
        progress[day] = min(counts.values()) / planned
    return progress
