"""The readout of an experiment: is the test sound, and what do its arms change? In numbers and in a sentence.

Health comes first. A test that is broken has no winner, whatever its numbers say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from newshole.experiments.analysis import mismatch
from newshole.experiments.analysis.effects import Estimate, Interval, lift, mean, ratio
from newshole.experiments.analysis.families import holm
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.reading import Span, Units, moments, seen_views, units
from newshole.experiments.analysis.sequences import always_valid, always_valid_p
from newshole.experiments.events.sinks.sink import Table
from newshole.experiments.metrics import BY_NAME, Metric

Outcome: TypeAlias = Literal["better", "worse", "no-difference", "open"]


@dataclass(frozen=True, slots=True)
class Design:
    """What an experiment is to show: `shares` has each arm's part of the units by its name, control first.

    `planned` is how many units each arm is to get, `min_effect` the smallest change that matters, as a share
    of control's value.
    """

    name: str
    shares: Mapping[str, float]
    primary: str
    planned: int
    min_effect: float
    guardrails: tuple[str, ...] = ()
    alpha: float = 0.05

    @property
    def control(self) -> str:
        """The arm that all others are compared with."""
        return next(iter(self.shares))

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The primary metric, and then the guardrails."""
        return tuple(BY_NAME[name] for name in (self.primary, *self.guardrails))


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be right with a test: `code` names it, `said` tells people what was found."""

    code: str
    is_right: bool
    said: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm against control in one metric: the lift, its always-valid interval, and what that comes to.

    `p` is that of all comparisons of the readout together (Holm).
    """

    metric: Metric
    arm: str
    control_value: float
    arm_value: float
    lift: Estimate
    interval: Interval
    p: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Readout:
    """All that is known of an experiment at a moment; `progress` is the share of the planned units that the
    smallest arm has."""

    design: Design
    units: Units
    checks: tuple[Check, ...]
    comparisons: tuple[Comparison, ...]
    progress: float

    @property
    def is_sound(self) -> bool:
        """Whether every check is right."""
        return all(check.is_right for check in self.checks)

    @property
    def primary(self) -> tuple[Comparison, ...]:
        """The comparisons in the primary metric, one for each arm but control."""
        return tuple(each for each in self.comparisons if each.metric.name == self.design.primary)

    @property
    def harmed(self) -> tuple[Comparison, ...]:
        """The comparisons in which an arm is worse in a guardrail."""
        return tuple(
            each
            for each in self.comparisons
            if each.metric.name != self.design.primary and each.outcome == "worse"
        )


def read_out(design: Design, table: Table, since: int, until: int) -> Readout:
    """The readout of the events from `since` up to `until`, in milliseconds since 1970."""
    span = Span(design.name, since, until)
    found = units(table, span)
    smallest = min(found.by_arm.get(arm, 0) for arm in design.shares)
    progress = smallest / design.planned if design.planned else 0.0
    checks = tuple(_checks(design, found, seen_views(table, span)))
    measured = {metric.name: moments(table, span, metric) for metric in design.metrics}
    return Readout(design, found, checks, tuple(_comparisons(design, measured, progress)), progress)


def _checks(design: Design, found: Units, seen: Mapping[str, tuple[int, int]]) -> Iterator[Check]:
    counts = [found.by_arm.get(arm, 0) for arm in design.shares]
    p = mismatch.sequential_p(counts, list(design.shares.values()))
    told = ", ".join(f"{count:,} in {arm}" for arm, count in zip(design.shares, counts, strict=True))
    yield Check("shares", p >= mismatch.ALARM, f"{told} (p = {p:.2g})")
    total = sum(counts) + found.crossed
    yield Check(
        "crossed",
        found.crossed <= 0.001 * total,
        f"{found.crossed:,} of {total:,} met more than one arm and are left out",
    )
    yield _reported(design, seen)


def _reported(design: Design, seen: Mapping[str, tuple[int, int]]) -> Check:
    """Whether browsers report as many of each arm's views: a script that breaks in one arm would not."""
    views = [seen.get(arm, (0, 0)) for arm in design.shares]
    shares = [view / max(sum(view for view, _ in views), 1) for view, _ in views]
    told = ", ".join(
        f"{reported / view:.1%} of {arm}"
        for arm, (view, reported) in zip(design.shares, views, strict=True)
        if view
    )
    is_told = all(shares) and any(reported for _, reported in views)
    p = mismatch.fixed_p([reported for _, reported in views], shares) if is_told else 1.0
    return Check("reported", p >= mismatch.ALARM, f"browsers reported {told or 'nothing yet'}")


def _comparisons(
    design: Design, measured: Mapping[str, Mapping[str, Moments]], progress: float
) -> Iterator[Comparison]:
    pairs = [(metric, arm) for metric in design.metrics for arm in list(design.shares)[1:]]
    estimates = [
        (
            _estimate(metric, measured[metric.name].get(design.control, Moments())),
            _estimate(metric, measured[metric.name].get(arm, Moments())),
        )
        for metric, arm in pairs
    ]
    lifts = [lift(control, arm) for control, arm in estimates]
    raised = holm([always_valid_p(each, progress, design.alpha) for each in lifts])
    for (metric, name), (control, arm), change, p in zip(pairs, estimates, lifts, raised, strict=True):
        interval = always_valid(change, progress, design.alpha)
        outcome = _outcome(metric, interval, p, design)
        yield Comparison(metric, name, control.value, arm.value, change, interval, p, outcome)


def _estimate(metric: Metric, arm: Moments) -> Estimate:
    return ratio(arm) if metric.per == "view" else mean(arm)


def _outcome(metric: Metric, interval: Interval, p: float, design: Design) -> Outcome:
    """What an interval comes to: a change is told where all comparisons together allow it, and that there is
    none that matters where the interval holds none."""
    if interval.excludes(0) and p < design.alpha:
        return "better" if (interval.low > 0) is metric.is_more_better else "worse"
    if -design.min_effect < interval.low and interval.high < design.min_effect:
        return "no-difference"
    return "open"
