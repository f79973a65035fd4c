"""The whole way, from pages to a verdict: readers who are made up, with an effect that is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole.cli.traffic import READERS, SEED, tell_traffic
from newshole.demo.traffic import EFFECT, RULES, simulate
from newshole.experiments.analysis.readout import Readout, read_out
from newshole.experiments.assignment import assigned
from newshole.experiments.events.sinks.sqlite import SqliteSink, SqliteTable
from newshole.review.designs import design_of
from newshole.site import Site

UNTIL = 1_790_000_000.0


def readouts(folder: Path, readers: int) -> dict[str, Readout]:
    """What the events of so many readers say of each experiment."""
    sink = SqliteSink(folder / "events.db")
    simulate(folder / "segments", sink, readers=readers, seed=SEED, until=UNTIL)
    sink.close()
    table = SqliteTable(folder / "events.db")
    experiments = Site.load(RULES).rules[0].experiments
    found = {each.name: read_out(design_of(each), table, 0, int(UNTIL * 1000) + 1) for each in experiments}
    table.close()
    return found


def met(readers: int) -> dict[str, int]:
    """How many of so many readers are in an arm of each experiment."""
    return {
        each.name: sum(assigned(each.allocation, str(reader)) is not None for reader in range(readers))
        for each in Site.load(RULES).rules[0].experiments
    }


@pytest.mark.slow
def test_the_analysis_finds_the_effect_and_nothing_where_there_is_none(tmp_path: Path) -> None:
    found = readouts(tmp_path, READERS)
    (later,) = found["later-ads"].primary
    assert all(each.is_sound for each in found.values())
    assert later.outcome == "better"
    assert later.interval.low < EFFECT < later.interval.high
    assert all(each.outcome in ("open", "no-difference") for each in found["short-label"].comparisons)


def test_all_who_were_shown_an_arm_are_counted_and_their_browsers_reported(tmp_path: Path) -> None:
    found = readouts(tmp_path, 150)
    assert {name: sum(each.units.by_arm.values()) for name, each in found.items()} == met(150)
    assert all(each.units.crossed == 0 and each.is_sound for each in found.values())
    assert not list((tmp_path / "segments").glob("*.ready"))


def test_it_prints_the_report_of_each_experiment_beside_what_is_true(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_traffic(60, tmp_path / "events.db")
    said = capsys.readouterr().out
    assert [said.count(f"True in this simulation: {true} ") for true in ("+30%", "+0%")] == [1, 1]
    assert "later-ads" in said
    assert (tmp_path / "events.db").exists()
