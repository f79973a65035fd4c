"""`newshole demo --traffic`: readers who are made up, with an effect that is known, and what the analysis of
their events says."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from newshole.experiments.analysis.design import Design
    from newshole.experiments.analysis.readout import Readout
    from newshole.rules.experiments import Experiment

READERS: Final = 3000
SEED: Final = 11


def tell_traffic(readers: int, events: Path | None) -> None:
    """Simulate, and print what was found beside what is true; the events stay where `events` is a file."""
    from newshole.demo.traffic import DAYS, EFFECT, RULES, simulate
    from newshole.experiments.analysis.readout import read_out
    from newshole.experiments.events.sinks.sqlite import SqliteSink, SqliteTable
    from newshole.site import Site

    with tempfile.TemporaryDirectory() as folder:
        file = events or Path(folder) / "events.db"
        typer.echo(f"{readers:,} readers of {DAYS} days, who ask for pages and send events …")
        sink, until = SqliteSink(file), time.time()
        taken = simulate(Path(folder) / "segments", sink, readers=readers, seed=SEED, until=until)
        sink.close()
        typer.echo(f"{taken.rows:,} rows of events came of it.")
        table, end = SqliteTable(file), int(until * 1000) + 1
        for experiment in Site.load(RULES).rules[0].experiments:
            true = EFFECT if experiment.name == "later-ads" else 0.0
            typer.echo("\n".join(("", *_told(read_out(design_of(experiment), table, 0, end), true))))
        table.close()
    if events is not None:
        typer.echo(f"\nThe events are in {events}.")


def design_of(experiment: Experiment) -> Design:
    """What an experiment of the rules is to show."""
    from newshole.experiments.analysis.design import Design

    return Design(
        experiment.name,
        dict(zip(experiment.arms, experiment.weights, strict=True)),
        experiment.primary,
        planned=0,
        min_effect=experiment.min_effect,
        guardrails=experiment.guardrails,
        power=experiment.power,
        hypothesis=experiment.hypothesis,
    )


def _told(found: Readout, true: float) -> Iterator[str]:
    """A readout, verdict first, beside what is true."""
    from newshole.experiments.analysis.verdict import verdict

    yield f"{found.design.name}: {found.design.hypothesis}"
    yield f"  {verdict(found)}"
    yield f"  True in this simulation: {true:+.0%} {found.primary[0].metric.label}."
    for each in found.comparisons:
        told = f"{each.lift.value:+.1%} ({each.interval.low:+.1%} to {each.interval.high:+.1%})"
        yield f"    {each.metric.label:<32} {each.arm:<8} {told}"
    yield from (f"    {'✓' if check.is_right else '✗'} {check.said}" for check in found.checks)
