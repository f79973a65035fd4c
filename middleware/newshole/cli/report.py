"""`newshole report`: what came of an experiment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from newshole.cli.options.pages import NEWSPAPER, JsonOption, RulesOption
from newshole.cli.output import write
from newshole.errors import UsageError
from newshole.rules.experiments import Experiment
from newshole.rules.moments import read_moment
from newshole.site import Site

if TYPE_CHECKING:
    from newshole.experiments.analysis.design import Design
    from newshole.experiments.analysis.readout import Readout
    from newshole.experiments.analysis.revenue import Revenue


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What is read beside the events."""

    PANEL: ClassVar[str] = "What is read"

    since: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT", help="Only exposures from then on.  [default: its `from`]", show_default=False
        ),
    ] = None
    until: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT", help="Only exposures before then.  [default: the last]", show_default=False
        ),
    ] = None
    units: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=0,
            help="The units planned for each arm.  [default: computed from the first days]",
            show_default=False,
        ),
    ] = 0
    revenue: Annotated[
        str | None,
        typer.Option(
            metavar="CSV", help="An ad server's report: columns nh_arm, nh_pos, revenue.", show_default=False
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class FileOptions:
    """The files that are written instead."""

    PANEL: ClassVar[str] = "Files, in the place of the screen"

    html: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write it with pictures, as one page of HTML.", show_default=False),
    ] = None
    csv: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the metrics as a table.", show_default=False)
    ] = None


def report(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT", hidden=True)],
    events: Annotated[
        str, typer.Option("--events", metavar="PATH", help="Where the sink keeps events.", show_default=False)
    ],
    asked: ReadOptions,
    files: FileOptions,
    rules: RulesOption = NEWSPAPER,
    is_json_asked: JsonOption = False,
) -> None:
    """Show what came of an experiment.

    A verdict comes first, then whether the test is sound, then what its arms changed. EXPERIMENT is its name
    in the rules. The intervals are valid however often one looks; a test that is
    broken shows no winner.

    \b
      newshole report wider-gaps --rules site-rules/ --events events.db
      newshole report wider-gaps --rules site-rules/ --events events/ --html r.html

    Exit codes: 0 when it is told; 1 when the rules or the revenue are wrong, or the test is broken; 2 when
    there is no such experiment, or no events.
    """
    from newshole.review.designs import began, design_of

    site = Site.load(rules)
    tested = found(site, experiment)
    design = design_of(tested, planned=asked.units)
    earned = [] if asked.revenue is None else _revenue(asked.revenue, design)
    begin = began(site.rules, tested) if asked.since is None else _moment(asked.since)
    until = None if asked.until is None else _moment(asked.until)
    readout = read(design, Path(events), begin, until)
    _write_files(readout, earned, files)
    if is_json_asked:
        from newshole.cli.tables import write_json
        from newshole.experiments.reporting.document import record

        write_json(record(readout, earned))
    elif files.html is None and files.csv is None:
        from newshole.cli.reports import show_report

        show_report(readout, earned)
    if not readout.is_sound:
        raise typer.Exit(1)


def found(site: Site, name: str) -> Experiment:
    """The experiment of a name. Raises UsageError where there is none."""
    experiments = {each.name: each for rules in site.rules for each in rules.experiments}
    if name not in experiments:
        known = f"there are {', '.join(experiments)}" if experiments else "the rules have none"
        raise UsageError(f'no experiment "{name}": {known}')
    return experiments[name]


def read(design: Design, events: Path, since: int | None, until: int | None) -> Readout:
    """The readout of the events at a path, see `readout_at`. Raises UsageError where there are none."""
    from newshole.experiments.analysis.warehouse import readout_at

    return readout_at(design, events, since=since, until=until)


def _moment(written: str) -> int:
    """A moment in milliseconds since 1970; a date is its beginning, in UTC as the report's days."""
    return int(read_moment(written, UTC).timestamp() * 1000)


def _revenue(file: str, design: Design) -> list[Revenue]:
    from newshole.experiments.analysis.revenue import read_revenue

    try:
        text = Path(file).read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UsageError(f"cannot read the revenue in {file}: {why}; give a CSV file") from error
    return read_revenue(text, Path(file), design)


def _write_files(readout: Readout, revenue: list[Revenue], files: FileOptions) -> None:
    if files.html is not None:
        from newshole.experiments.reporting.page import page

        write(page(readout, revenue).encode(), files.html)
    if files.csv is not None:
        from newshole.experiments.reporting.document import table

        write(table(readout).encode(), files.csv)
