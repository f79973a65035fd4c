"""The readout of an experiment: is the test sound, and what do its arms change? In numbers and in a sentence.

Health comes first. A test that is broken has no winner, whatever its numbers say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from newshole.experiments.analysis.design import Design, estimate, planned_units
from newshole.experiments.analysis.effects import Estimate, Interval, adjusted, lift, within_arms
from newshole.experiments.analysis.families import holm
from newshole.experiments.analysis.health import Check, Known, checks
from newshole.experiments.analysis.looking import Judging, Point, judging, trend
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.reading import (
    Placement,
    Span,
    Units,
    earlier_moments,
    happenings,
    moments,
    moments_by_day,
    placements,
    seen_views,
    units,
)
from newshole.experiments.events.sinks.sink import Table
from newshole.experiments.metrics import BY_NAME, Metric

Outcome: TypeAlias = Literal["better", "worse", "no-difference", "open", "broken"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against control in one metric: the lift, its interval, and what that comes to.

    `p` is that of all comparisons of the readout together (Holm). `saved` is the share of the variance that
    earlier views of the same units explain, which is taken off (CUPED).
    """

    metric: Metric
    arm: str
    control_value: float
    arm_value: float
    lift: Estimate
    interval: Interval
    p: float
    outcome: Outcome
    saved: float = 0.0


@dataclass(frozen=True, slots=True)
class Readout:
    """All that is known of an experiment at a moment.

    `views` are those of each arm; `planned` is how many units each is to get, `judging` how it is judged.
    """

    design: Design
    span: Span
    units: Units
    views: Mapping[str, int]
    checks: tuple[Check, ...]
    comparisons: tuple[Comparison, ...]
    planned: int
    judging: Judging
    trend: tuple[Point, ...]
    placements: tuple[Placement, ...]

    @property
    def progress(self) -> float:
        """The share of the planned units that the smallest arm has."""
        return self.judging.progress

    @property
    def is_sound(self) -> bool:
        """Whether every check is right that a test cannot do without."""
        return all(check.is_right or not check.breaks for check in self.checks)

    @property
    def primary(self) -> tuple[Comparison, ...]:
        """The comparisons in the primary metric, one for each arm but control."""
        return tuple(each for each in self.comparisons if each.metric.name == self.design.primary)

    @property
    def guardrails(self) -> tuple[Comparison, ...]:
        """The comparisons in all other metrics."""
        return tuple(each for each in self.comparisons if each.metric.name != self.design.primary)

    @property
    def harmed(self) -> tuple[Comparison, ...]:
        """The comparisons in which an arm is worse in a guardrail."""
        return tuple(each for each in self.guardrails if each.outcome == "worse")


def read_out(design: Design, table: Table, since: int, until: int) -> Readout:
    """The readout of the events from `since` up to `until`, in milliseconds since 1970."""
    span = Span(design.name, since, until)
    happened = happenings(table, span)
    known = Known(units(table, span), happened, seen_views(table, span, happened))
    health = tuple(checks(design, table, span, known))
    is_sound = all(check.is_right or not check.breaks for check in health)
    by_day = moments_by_day(table, span, BY_NAME[design.primary])
    planned = planned_units(design, by_day.get(design.control, {}))
    judged = judging(design, by_day, planned, until)
    latest = {arm: list(days.values())[-1] for arm, days in by_day.items()}
    judged_span = Span(design.name, since, judged.until)
    sums = {
        each.name: _sums(
            table, judged_span, each, latest if each.name == design.primary and judged_span == span else None
        )
        for each in design.metrics
    }
    return Readout(
        design,
        span,
        known.units,
        {arm: views for arm, (views, _) in known.seen.items()},
        health,
        tuple(_comparisons(design, sums, judged, is_sound=is_sound)),
        planned,
        judged,
        tuple(trend(design, by_day, planned)),
        tuple(placements(happened)),
    )


@dataclass(frozen=True, slots=True)
class _Sums:
    """What a metric is in each arm, and the share of its variance that earlier views explain."""

    by_arm: Mapping[str, Estimate]
    saved: float = 0.0


def _sums(table: Table, span: Span, metric: Metric, known: Mapping[str, Moments] | None) -> _Sums:
    """What a metric is, its moments read unless they are known."""
    found_now = moments(table, span, metric) if known is None else known
    plain = {arm: estimate(metric, found) for arm, found in found_now.items()}
    before = earlier_moments(table, span, metric)
    together = within_arms(*before.values())
    # What is the same for every unit differs by rounding alone.
    if not together.xx or together.yy <= 1e-12 * together.count * together.y**2:
        return _Sums(plain)
    explained = together.xy**2 / (together.xx * together.yy)
    return _Sums({arm: adjusted(found, together) for arm, found in before.items()}, explained)


def _comparisons(
    design: Design, sums: Mapping[str, _Sums], judged: Judging, *, is_sound: bool
) -> Iterator[Comparison]:
    nothing = Estimate(0.0, 0.0)
    pairs = [
        (metric, arm, own.by_arm.get(design.control, nothing), own.by_arm.get(arm, nothing))
        for metric in design.metrics
        for own in (sums[metric.name],)
        for arm in design.others
    ]
    lifts = [lift(control, arm) for _, _, control, arm in pairs]
    raised = holm([judged.p_value(each, design.alpha) for each in lifts])
    for (metric, name, control, arm), change, p in zip(pairs, lifts, raised, strict=True):
        interval = judged.interval(change, design.alpha)
        outcome = _outcome(metric, interval, p, design) if is_sound else "broken"
        saved = sums[metric.name].saved
        yield Comparison(metric, name, control.value, arm.value, change, interval, p, outcome, saved)


def _outcome(metric: Metric, interval: Interval, p: float, design: Design) -> Outcome:
    """What an interval comes to: a change is told where all comparisons together allow it, and that there is
    none that matters where the interval holds none."""
    if interval.excludes(0) and p < design.alpha:
        return "better" if (interval.low > 0) is metric.is_more_better else "worse"
    if -design.min_effect < interval.low and interval.high < design.min_effect:
        return "no-difference"
    return "open"
