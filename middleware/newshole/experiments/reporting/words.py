"""Figures of a readout as people read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import isfinite
from typing import Final

from newshole.experiments.analysis.effects import Interval
from newshole.experiments.analysis.readout import Comparison, Readout
from newshole.experiments.metrics import Metric

OUTCOMES: Final = {
    "better": "better",
    "worse": "worse",
    "no-difference": "no difference that matters",
    "open": "not known yet",
    "broken": "test broken",
}

CHECKS: Final = {
    "shares": "Shares of the arms",
    "arms": "Arms of the rules",
    "crossed": "One arm each",
    "reported": "Reports of browsers",
    "doubles": "Counted once",
    "gaps": "No gaps in time",
    "clocks": "Clocks agree",
    "versions": "Rules unchanged",
}

_SHARES: Final = ("scroll_depth", "read_through", "ad_density")


def value(metric: Metric, number: float) -> str:
    """What an arm has in a metric."""
    return f"{number:.1%}" if metric.name in _SHARES else f"{number:,.3f}"


def change(lift: float) -> str:
    """A lift, with its sign."""
    return f"{lift:+.1%}"


def span_of(interval: Interval) -> str:
    """An interval, or that it is not known."""
    if not isfinite(interval.low) or not isfinite(interval.high):
        return "not known yet"
    return f"{interval.low:+.1%} to {interval.high:+.1%}"


def name_of(found: Comparison, readout: Readout) -> str:
    """What a comparison is about: the metric, and the arm where there are several."""
    label = found.metric.label[0].upper() + found.metric.label[1:]
    return f"{label} ({found.arm})" if len(readout.design.others) > 1 else label


def moment(ms: int) -> datetime:
    """A moment in milliseconds since 1970, in UTC as the report's days."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def day(ms: int) -> str:
    """The day of a moment, in UTC."""
    return f"{moment(ms):%Y-%m-%d}"


def period(readout: Readout) -> str:
    """From the first day to the last."""
    return f"{day(readout.span.since)} to {day(readout.span.until - 1)}"


def method(readout: Readout) -> Iterator[str]:
    """How it was judged, in a sentence each, for whoever wants to know."""
    design, units = readout.design, readout.design.units
    yield _looking(readout)
    yield (
        f"Each interval holds with a confidence of {1 - design.alpha:.0%}; a winner is called only where all "
        "metrics together allow it (Holm)."
    )
    planned = f"{readout.planned:,} {units} an arm{_why(readout)}"
    yield f"Planned for {planned}; {readout.progress:.0%} of them are in."
    saved = max((each.saved for each in readout.comparisons), default=0.0)
    if saved >= 0.005:
        yield (
            f"Adjusted for what the same {units} read before the test, which takes up to {saved:.0%} off the "
            "variance (CUPED)."
        )
    told = "; ".join(f"{name_of(each, readout).lower()} {_p(each.p)}" for each in readout.comparisons)
    yield f"p-values, adjusted for the number of metrics: {told}."
    yield f"What is compared are {units}, never single page views, whose readers come again."


def _why(readout: Readout) -> str:
    """What so many units are for, where the plan and control's first days say it."""
    if readout.design.planned or not any(each.control_value for each in readout.primary):
        return ""
    effect, power = readout.design.min_effect, readout.design.power
    return f", to find a change of {effect:.1%} with a chance of {power:.0%}"


def _p(value: float) -> str:
    return "below 0.0001" if value < 0.0001 else f"{value:.2g}"


def _looking(readout: Readout) -> str:
    design, judged = readout.design, readout.judging
    if judged.looks is None:
        return "Intervals are valid at any moment, however often one looks and whenever one stops."
    if not judged.looks:
        first = f"{design.looks[0]:.0%} of the {design.units}"
        return f"The first look is planned at {first}: nothing is said before."
    last = day(judged.until - 1)
    if len(design.looks) == 1:
        return f"Judged once, by what was known at the end of {last}, as planned; later days do not count."
    return f"Judged at planned look {len(judged.looks)} of {len(design.looks)}, by what was known on {last}."
