"""`newshole demo --traffic`: readers who are made up, with an effect that is known, and the report of it."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Final

import typer

READERS: Final = 3000
SEED: Final = 11


def tell_traffic(readers: int, keep: Path | None) -> None:
    """Simulate, and print what is reported beside what is true; the events stay where `keep` is a file."""
    from newshole.demo.traffic import DAYS, simulate
    from newshole.experiments.events.sinks.sqlite import SqliteSink

    with tempfile.TemporaryDirectory() as folder:
        file = keep or Path(folder) / "events.db"
        typer.echo(f"{readers:,} readers of {DAYS} days, who ask for pages and send events …")
        sink = SqliteSink(file)
        taken = simulate(Path(folder) / "segments", sink, readers=readers, seed=SEED, until=time.time())
        sink.close()
        typer.echo(f"{taken.rows:,} rows of events came of it.\n")
        _report(file)
    if keep is not None:
        typer.echo(f"The events are in {keep}.")


def _report(file: Path) -> None:
    """What `newshole report` says of each experiment, beside what is true."""
    from newshole.cli.report import read
    from newshole.cli.reports import show_report
    from newshole.demo.traffic import EFFECTS, RULES
    from newshole.review.designs import design_of
    from newshole.site import Site

    for experiment in Site.load(RULES).rules[0].experiments:
        readout = read(design_of(experiment), file, None, None)
        show_report(readout, [])
        label = readout.primary[0].metric.label
        typer.echo(f"\nTrue in this simulation: {EFFECTS[experiment.name]:+.0%} {label}.\n")
