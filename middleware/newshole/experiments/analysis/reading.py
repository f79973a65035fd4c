"""Reading an experiment's events: SQL that SQLite and DuckDB both speak, down to the moments of each arm.

A unit that met two arms is in neither (it is counted, and told); what happened before a unit's first exposure
is not the experiment's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from newshole.experiments.analysis.moments import Moments
from newshole.experiments.events.sinks.sink import Table
from newshole.experiments.metrics import Metric

_HERE: Final = Path(__file__).parent


def _sql(name: str) -> str:
    """A statement beside this module, behind what all of them begin with."""
    return "".join((_HERE / each).read_text(encoding="ascii") for each in ("exposed.sql", f"{name}.sql"))


_UNITS: Final = _sql("units")
_SEEN: Final = _sql("seen")
_MOMENTS: Final = _sql("moments")
_READINGS: Final = {"count": "count(*)", "sum": "sum(value)", "most": "max(value)"}
_DIVISORS: Final = {"view": "count(*) * 1.0", "unit": "0.0"}


@dataclass(frozen=True, slots=True)
class Span:
    """The events of one experiment from `since` up to `until`, in milliseconds since 1970."""

    experiment: str
    since: int
    until: int

    @property
    def asked(self) -> tuple[object, ...]:
        """What stands for the question marks of `exposed.sql`."""
        return (self.experiment, self.since, self.until) * 2


@dataclass(frozen=True, slots=True)
class Units:
    """How many units met each arm alone, and how many met several."""

    by_arm: Mapping[str, int]
    crossed: int


def units(table: Table, span: Span) -> Units:
    """The units of an experiment."""
    found = table.ask(_UNITS, span.asked)
    alone = {arm: count for arm, arms, count in found if arms == 1}
    return Units(alone, sum(count for _, arms, count in found if arms > 1))


def seen_views(table: Table, span: Span) -> dict[str, tuple[int, int]]:
    """Of each arm, the views that were exposed, and those of them that a browser reported."""
    return {arm: (views, seen) for arm, views, seen in table.ask(_SEEN, span.asked)}


def moments(table: Table, span: Span, metric: Metric) -> dict[str, Moments]:
    """The moments of a metric over the units of each arm: y what is measured, x what it is divided by."""
    is_own = metric.kind == "exposure"
    sql = _MOMENTS.format(
        reading=_READINGS[metric.reading],
        divisor=_DIVISORS[metric.per],
        of_experiment="and experiment = ?" if is_own else "",
    )
    asked = (*span.asked, metric.kind, *((span.experiment,) if is_own else ()))
    return {arm: Moments(count, *map(float, rest)) for arm, count, *rest in table.ask(sql, asked)}
