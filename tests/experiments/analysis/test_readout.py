"""The readout of made-up readers whose truth is known, from both kinds of tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from newshole.experiments.analysis.design import Design
from newshole.experiments.analysis.effects import mean, ratio
from newshole.experiments.analysis.moments import Moments
from newshole.experiments.analysis.reading import Span, moments, reports, units
from newshole.experiments.analysis.readout import Readout, read_out
from newshole.experiments.analysis.verdict import verdict
from newshole.experiments.events.row import KINDS, Row, identity
from newshole.experiments.events.sinks.parquet import ParquetSink, ParquetTable
from newshole.experiments.events.sinks.sink import Sink, Table
from newshole.experiments.events.sinks.sqlite import SqliteSink, SqliteTable
from newshole.experiments.metrics import BY_NAME, METRICS

START = 1_800_000_000_000
END = START + 86_400_000
DESIGN = Design(
    "wider-gaps",
    {"control": 0.5, "wide": 0.5},
    "ad_viewable_per_view",
    planned=2_000,
    min_effect=0.05,
    guardrails=("read_through", "ad_density"),
)

Opened = Callable[[list[Row]], Table]


class Truth(NamedTuple):
    """What an arm's readers do: viewable ads a view, the chance to read to the end, which ads are filled."""

    viewable: float = 1.5
    read: float = 0.4
    fill: float = 0.8
    density: float = 0.25


@pytest.fixture(params=["sqlite", pytest.param("parquet", marks=pytest.mark.slow)])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    tables: list[Table] = []

    def made(rows: list[Row]) -> Table:
        path = tmp_path / f"events{len(tables)}"
        sink: Sink = SqliteSink(path) if request.param == "sqlite" else ParquetSink(path)
        with closing(sink):
            sink.write(rows)
        tables.append(SqliteTable(path) if request.param == "sqlite" else ParquetTable(path))
        return tables[-1]

    yield made
    for table in tables:
        table.close()


def happened(kind: str, reader: str, view: int, nth: int, **said: object) -> Row:
    view_id = f"{reader}-{view}"
    at = START + 1000 * view
    return Row(identity(kind, view_id, nth), at, kind, view_id, **said)  # type: ignore[arg-type]


def readers(arm: str, truth: Truth, count: int, *, seed: int = 0, reported: float = 1.0) -> list[Row]:
    """The events of readers with one view or more each."""
    rng = np.random.default_rng((seed, len(arm)))
    rows: list[Row] = []
    for n in range(count):
        unit = f"{arm}-{n}"
        for view in range(int(rng.geometric(0.4))):
            exposure = {"experiment": "wider-gaps", "arm": arm, "unit": unit, "value": truth.density}
            rows.append(happened("exposure", unit, view, 0, **exposure))
            if rng.random() >= reported:
                continue
            rows.append(happened("view", unit, view, 0))
            rows += [
                happened("viewable", unit, view, k, value=1.0) for k in range(rng.poisson(truth.viewable))
            ]
            rows += [happened("depth", unit, view, k, value=d) for k, d in enumerate((0.2, 0.7))]
            if view < 2:
                rows += [happened("fill", unit, view, k, value=float(k < 5 * truth.fill)) for k in range(5)]
            if rng.random() < truth.read:
                rows.append(happened("read", unit, view, 0, value=1.0))
    return rows


def both(control: Truth, wide: Truth, count: int = 2_000) -> list[Row]:
    return readers("control", control, count) + readers("wide", wide, count, seed=1)


def of(table: Table, design: Design = DESIGN) -> Readout:
    return read_out(design, table, START, END)


@pytest.mark.slow
def test_a_larger_effect_is_found_and_told(opened: Opened) -> None:
    found = of(opened(both(Truth(), Truth(viewable=1.9))))
    assert found.is_sound
    assert [each.outcome for each in found.primary] == ["better"]
    assert found.primary[0].interval.low < 1.9 / 1.5 - 1 < found.primary[0].interval.high
    assert verdict(found).startswith("“wide” raises viewable ads per page view by ")
    assert "compared with “control”: an improvement." in verdict(found)


@pytest.mark.slow
def test_without_an_effect_nothing_is_found(opened: Opened) -> None:
    found = of(opened(both(Truth(), Truth())))
    assert [each.outcome for each in found.primary] == ["no-difference"] or found.primary[0].outcome == "open"
    assert found.harmed == ()


@pytest.mark.slow
def test_a_guardrail_that_is_hurt_is_told(opened: Opened) -> None:
    found = of(opened(both(Truth(), Truth(viewable=1.9, read=0.25, density=0.4))))
    assert {each.metric.name for each in found.harmed} >= {"read_through"}
    assert "But “wide” lowers stories read to the end per page view by " in verdict(found)


def test_a_few_readers_leave_it_open(opened: Opened) -> None:
    found = of(opened(both(Truth(), Truth(viewable=1.6), 40)))
    assert found.primary[0].outcome == "open"
    assert "2% of the planned readers are in" in verdict(found)


@pytest.mark.slow
def test_a_test_that_loses_readers_of_one_arm_has_no_winner(opened: Opened) -> None:
    rows = readers("control", Truth(), 2_000) + readers("wide", Truth(viewable=1.9), 1_600, seed=1)
    found = of(opened(rows))
    assert [check.code for check in found.checks if not check.is_right] == ["shares"]
    assert verdict(found).startswith(
        "This test is broken, so it has no winner. The arms do not have the shares"
    )
    assert "raises" not in verdict(found)


def test_readers_who_met_both_arms_are_in_neither(opened: Opened) -> None:
    rows = both(Truth(), Truth(), 1_000)
    crossed = [
        happened("exposure", f"control-{n}", 50, 0, experiment="wider-gaps", arm="wide", unit=f"control-{n}")
        for n in range(20)
    ]
    table = opened(rows + crossed)
    found = units(table, Span("wider-gaps", START, END))
    assert (found.by_arm, found.crossed) == ({"control": 980, "wide": 1_000}, 20)
    assert [check.code for check in of(table).checks if not check.is_right] == ["crossed"]


def test_browsers_that_report_less_of_one_arm_are_noticed(opened: Opened) -> None:
    rows = readers("control", Truth(), 2_000) + readers("wide", Truth(), 2_000, seed=1, reported=0.8)
    assert [check.code for check in of(opened(rows)).checks if not check.is_right] == ["reported"]


def test_readers_whose_browsers_report_nothing_are_chance_in_either_arm(opened: Opened) -> None:
    """A few readers of very many views are no broken script, though they are many views."""
    rows = both(Truth(), Truth(), 1_000)
    silent = [
        happened(
            "exposure", f"wide-{n}", 1_000 + view, 0, experiment="wider-gaps", arm="wide", unit=f"wide-{n}"
        )
        for n in range(4)
        for view in range(300)
    ]
    assert all(check.is_right for check in of(opened(rows + silent)).checks if check.code == "reported")


def test_a_script_that_reports_nothing_in_one_arm_is_noticed(opened: Opened) -> None:
    rows = readers("control", Truth(), 300) + readers("wide", Truth(), 300, seed=1, reported=0.0)
    assert [check.code for check in of(opened(rows)).checks if not check.is_right] == ["reported"]


def test_other_times_and_other_experiments_do_not_count(opened: Opened) -> None:
    rows = both(Truth(), Truth(), 200)
    apart = [
        Row(identity(name, n), ms, "exposure", f"{name}{n}", experiment, "wide", f"{name}{n}")
        for name, ms, experiment in (
            ("other", START, "other"), ("early", START - 1, "wider-gaps"), ("late", END, "wider-gaps")
        )
        for n in range(50)
    ]  # fmt: skip
    found = units(opened(rows + apart), Span("wider-gaps", START, END))
    assert found.by_arm == {"control": 200, "wide": 200}


def test_moments_are_those_of_the_readers(opened: Opened) -> None:
    rows = both(Truth(), Truth(viewable=2.0), 150)
    table, span = opened(rows), Span("wider-gaps", START, END)
    by_unit: dict[str, list[float]] = {}
    for row in rows:
        unit = row.view_id.rpartition("-")[0]
        at = by_unit.setdefault(unit, [0.0, 0.0])
        at[0] += row.kind == "viewable"
        at[1] += row.kind == "exposure"
    for arm, found in moments(table, span, BY_NAME["ad_viewable_per_view"]).items():
        want = Moments.of((y, x) for unit, (y, x) in by_unit.items() if unit.startswith(f"{arm}-"))
        assert found.count == want.count == 150
        for name in ("y", "x", "yy", "xx", "xy"):
            assert getattr(found, name) == pytest.approx(getattr(want, name), rel=1e-9)
        assert ratio(found).error > 0


def test_every_metric_can_be_read(opened: Opened) -> None:
    table, span = opened(both(Truth(), Truth(), 100)), Span("wider-gaps", START, END)
    for metric in METRICS:
        assert metric.kind in KINDS
        assert set(moments(table, span, metric)) == {"control", "wide"}
    assert ratio(moments(table, span, BY_NAME["scroll_depth"])["wide"]).value == pytest.approx(0.7)
    assert ratio(moments(table, span, BY_NAME["ad_density"])["wide"]).value == pytest.approx(0.25)
    assert ratio(moments(table, span, BY_NAME["fill"])["wide"]).value == pytest.approx(0.8)
    assert mean(moments(table, span, BY_NAME["views_per_unit"])["wide"]).value == pytest.approx(2.5, abs=0.6)


def test_views_of_which_browsers_reported_are_counted(opened: Opened) -> None:
    table = opened(readers("control", Truth(), 400, reported=0.5))
    found = reports(table, Span("wider-gaps", START, END))["control"]
    assert found.count == 400
    assert found.y / found.x == pytest.approx(0.5, abs=0.06)


def test_nobody_yet_is_no_error(opened: Opened) -> None:
    found = of(opened([Row(identity("o", 1), START, "exposure", "o", "other", "control", "o")]))
    assert found.is_sound
    assert found.progress == 0
    assert math.isinf(found.primary[0].interval.high)
    assert verdict(found) == (
        "Not known yet whether “wide” changes viewable ads per page view: 0% of the planned readers are in."
    )
