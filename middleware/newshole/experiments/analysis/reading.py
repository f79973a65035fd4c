"""Reading an experiment's events: SQL that SQLite and DuckDB both speak, down to the moments of each arm.

A unit that met two arms is in neither (it is counted, and told); what happened before a unit's first exposure
is not the experiment's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from newshole.experiments.analysis.moments import Moments
from newshole.experiments.events.sinks.sink import Table
from newshole.experiments.metrics import Metric

_HERE: Final = Path(__file__).parent


def _sql(name: str) -> str:
    """A statement beside this module."""
    return (_HERE / f"{name}.sql").read_text(encoding="ascii")


_EXPOSED: Final = ("exposed", "views")
"""The tables that every other statement asks, made once for a span of an experiment; `spans` says which."""

_FOR_WHICH: Final = "create temp table spans as select ? as experiment, ? as since, ? as until"
_UNITS: Final = _sql("units")
_REPORTS: Final = _sql("reports")
_TOLD: Final = _sql("told")
_MOMENTS: Final = _sql("moments")
_DAYS: Final = _sql("days")
_EARLIER: Final = _sql("earlier")
_ANY_EARLIER: Final = "select 1 from events where kind = 'view' and unit <> '' and ms >= ? and ms < ? limit 1"
_LOGGED: Final = _sql("logged")
_DAILY: Final = """
select count(distinct page), count(distinct case when unit <> '' then unit end),
    count(distinct ms - ms % 86400000)
from events where kind = 'view'
"""

DOUBLES: Final = _sql("doubles")
HOURS: Final = _sql("hours")
VERSIONS: Final = _sql("versions")
"""What is asked about the health of a test: exposures, and those of a view that another one tells of; the
hours with exposures; the versions of the rules."""

SKEW: Final = 300_000
"""How many milliseconds an event may be before the exposure of its view: servers' clocks differ."""

_READINGS: Final = {"count": "count(*)", "sum": "sum(value)", "most": "max(value)"}
_DIVISORS: Final = {"view": "count(*) * 1.0", "event": "sum(coalesce(m.times, 0)) * 1.0", "unit": "0.0"}
_RATIO: Final = "coalesce((s.y + (t.y - s.y / nullif(s.x, 0) * t.x) * s.units) / nullif(s.x, 0), 0.0)"
_LINEAR: Final = {"view": _RATIO, "event": _RATIO, "unit": "t.y"}
"""A ratio of two means is, but for a remainder that vanishes, the mean of this over units."""

EARLIER: Final = 28 * 86_400_000
"""How long before an experiment a unit's views tell of it, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Span:
    """The events of one experiment from `since` up to `until`, in milliseconds since 1970."""

    experiment: str
    since: int
    until: int

    @property
    def asked(self) -> tuple[str, int, int]:
        """What stands for the question marks of `exposed.sql`, and of `views.sql`."""
        return self.experiment, self.since, self.until


@dataclass(frozen=True, slots=True)
class Units:
    """How many units met each arm alone, and how many met several."""

    by_arm: Mapping[str, int]
    crossed: int


def expose(table: Table, span: Span) -> Table:
    """The table with the exposed units and views of a span in it, beside the events."""
    table.ask("create temp table if not exists spans (experiment text, since bigint, until bigint)")
    if table.ask("select * from spans") != [span.asked]:
        for name in (*_EXPOSED, "spans"):
            table.ask(f"drop table if exists {name}")
        for name in _EXPOSED:
            table.ask(_sql(name), span.asked)
        table.ask(_FOR_WHICH, span.asked)
    return table


def units(table: Table, span: Span) -> Units:
    """The units of an experiment."""
    found = expose(table, span).ask(_UNITS)
    alone = {arm: count for arm, arms, count in found if arms == 1}
    return Units(alone, sum(count for _, arms, count in found if arms > 1))


def extent(table: Table, experiment: str) -> tuple[int, int] | None:
    """The moments of the first and the last exposure of an experiment; None where there is none."""
    ((first, last),) = table.ask(
        "select min(ms), max(ms) from events where kind = 'exposure' and experiment = ?", (experiment,)
    )
    return None if first is None else (int(first), int(last))


class Happening(NamedTuple):
    """How many `times` something happened on the views of an arm, and how many of these were too `early`;
    `arms` is 1 for units that met this arm alone."""

    arm: str
    arms: int
    kind: str
    block: str
    position: int
    times: int
    early: int


def happenings(table: Table, span: Span) -> list[Happening]:
    """What happened on the exposed views, by arm, kind, block and copy."""
    return [Happening(*row) for row in expose(table, span).ask(_TOLD, (SKEW,))]


def reports(table: Table, span: Span) -> dict[str, Moments]:
    """The moments over the units of each arm: x the views that were exposed, y those of them that a browser
    reported."""
    found = expose(table, span).ask(_REPORTS)
    return {arm: Moments.of_sums([float(each) for each in sums]) for arm, *sums in found}


def moments(table: Table, span: Span, metric: Metric) -> dict[str, Moments]:
    """The moments of a metric over the units of each arm: y what is measured, x what it is divided by."""
    found = expose(table, span).ask(_of(_MOMENTS, metric), _asked(span, metric))
    return {arm: Moments(count, *map(float, rest)) for arm, count, *rest in found}


def earlier_moments(table: Table, span: Span, metric: Metric) -> dict[str, Moments]:
    """The same with x the views of a unit in the time before the experiment, and y such that its mean is the
    estimate of the metric: what `adjusted` asks for. Empty where no earlier view was logged.

    Where a span begins in the middle of the experiment, what is earlier ends where the experiment began:
    later views are what its arms may have changed.
    """
    first, _ = extent(table, span.experiment) or (span.since, span.until)
    begin = min(span.since, first)
    before = (begin - EARLIER, begin)
    if not table.ask(_ANY_EARLIER, before):
        return {}
    found = expose(table, span).ask(_of(_EARLIER, metric), (*_asked(span, metric), *before))
    return {arm: Moments(count, *map(float, rest)) for arm, count, *rest in found}


def moments_by_day(table: Table, span: Span, metric: Metric) -> dict[str, dict[int, Moments]]:
    """The moments of each arm at the end of each day on which it was seen, by the day's first millisecond.

    A unit that met two arms at any time is in none of the days.
    """
    sums: dict[str, list[float]] = {}
    by_day: dict[str, dict[int, Moments]] = {}
    for arm, day, *new in expose(table, span).ask(_of(_DAYS, metric), _asked(span, metric)):
        before = sums.get(arm, [0.0] * 6)
        sums[arm] = [have + float(more) for have, more in zip(before, new, strict=True)]
        by_day.setdefault(arm, {})[int(day)] = Moments.of_sums(sums[arm])
    return by_day


def logged_units(
    table: Table, metric: Metric, most: int, *, of_pages: bool = False
) -> list[tuple[str, float, float]]:
    """Units as they were logged, whatever they were shown, at most so many: the id of each, what was measured
    of it, and what that is divided by. For rehearsals and plans, before there is an experiment.

    The units are readers, or pages; where there are more, by the ends of their ids, which tell nothing of how
    often they come. Those who come first in a log are those who come most.
    """
    sql = _LOGGED.format(
        reading=_READINGS[metric.reading], divisor=_DIVISORS[metric.per], unit="page" if of_pages else "unit"
    )
    kind = "view" if metric.kind == "exposure" else metric.kind
    return [(unit, float(y), float(x)) for unit, y, x in table.ask(sql, (kind, most))]


def units_a_day(table: Table, *, of_pages: bool = False) -> float:
    """How many units came new on a day, of the days that were logged."""
    ((pages, readers, days),) = table.ask(_DAILY)
    return (pages if of_pages else readers) / days if days else 0.0


class Placement(NamedTuple):
    """A copy of a block in an arm: how often it was viewable, and clicked."""

    arm: str
    block: str
    position: int
    viewable: int
    clicks: int


def placements(happened: Iterable[Happening]) -> list[Placement]:
    """What readers met of each block, by position and arm."""
    found: dict[tuple[str, int, str], list[int]] = {}
    for each in happened:
        if each.kind in ("viewable", "click") and each.arms == 1:
            counts = found.setdefault((each.block, each.position, each.arm), [0, 0])
            counts[each.kind == "click"] += each.times
    return [Placement(arm, block, position, *counts) for (block, position, arm), counts in found.items()]


def _of(sql: str, metric: Metric) -> str:
    return sql.format(
        reading=_READINGS[metric.reading],
        divisor=_DIVISORS[metric.per],
        linear=_LINEAR[metric.per],
        of_experiment="and experiment = ?" if metric.kind == "exposure" else "",
    )


def _asked(span: Span, metric: Metric) -> tuple[object, ...]:
    """What stands for the question marks of `measured`."""
    return (metric.kind, span.experiment) if metric.kind == "exposure" else (metric.kind,)
