"""`newshole simulate`: what a test is going to need, and whether this site's traffic can be tested at all."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from newshole.cli.options.pages import NEWSPAPER, JsonOption, RulesOption
from newshole.cli.report import found
from newshole.errors import UsageError
from newshole.site import Site

if TYPE_CHECKING:
    from newshole.experiments.analysis.design import Design
    from newshole.experiments.analysis.needs import Needs
    from newshole.experiments.analysis.rehearsal import Rehearsal, Unit

FEWEST: Final = 100
"""Units below which nothing can be learned from what was logged."""


def simulate(
    experiment: Annotated[str, typer.Argument(metavar="EXPERIMENT", hidden=True)],
    rules: RulesOption = NEWSPAPER,
    events: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Where the sink keeps events.  [default: made-up readers]",
            show_default=False,
        ),
    ] = None,
    runs: Annotated[int, typer.Option(metavar="N", min=20, max=100_000, help="How many tests to run.")] = 200,
    units: Annotated[
        int, typer.Option(metavar="N", min=FEWEST, max=1_000_000, help="Units in each of them, at most.")
    ] = 2_000,
    looks: Annotated[
        int, typer.Option(metavar="N", min=1, max=1_000, help="How often each of them is looked at.")
    ] = 50,
    seed: Annotated[int, typer.Option(metavar="N", help="Another one gives other runs.")] = 1,
    is_json_asked: JsonOption = False,
) -> None:
    """Rehearse an experiment, and say what it takes.

    Nothing changes in the rehearsal: units that were logged, or made-up readers, are assigned to the arms
    again and again as the experiment does it, and each time the primary metric is looked at. What is found is
    false, so it should be in 5 of 100 tests at most. The units and days that the plan needs come from the
    same traffic.

    \b
      newshole simulate wider-gaps --rules site-rules/
      newshole simulate wider-gaps --rules site-rules/ --events events.db --runs 1000

    Exit codes: 0 when it is told; 1 when the rules are wrong; 2 when there is no such experiment, or no
    events.
    """
    from newshole.experiments.analysis.needs import needs
    from newshole.experiments.analysis.rehearsal import made_up, rehearse
    from newshole.review.designs import design_of

    asked = found(Site.load(rules), experiment)
    design = design_of(asked)
    own, a_day = (made_up(units, seed), None) if events is None else _logged(events, design, units)
    rehearsal = rehearse(design, asked.allocation, own, runs=runs, looks=looks, seed=seed)
    needed = needs(design, own, None if a_day is None else a_day * asked.traffic)
    if is_json_asked:
        from newshole.cli.tables import write_json

        write_json(_record(design, rehearsal, needed, events))
    else:
        from newshole.cli.simulations import show_simulation

        show_simulation(design, rehearsal, needed, is_logged=events is not None)


def _logged(events: str, design: Design, most: int) -> tuple[list[Unit], float]:
    from newshole.experiments.analysis.reading import logged_units, units_a_day
    from newshole.experiments.events.sinks.places import open_table
    from newshole.experiments.metrics import BY_NAME

    of_pages = design.unit == "page"
    with closing(open_table(Path(events))) as table:
        own = logged_units(table, BY_NAME[design.primary], most, of_pages=of_pages)
        if len(own) < FEWEST:
            message = f"{events} has page views of {len(own)} {design.units}, of {FEWEST} that are needed"
            raise UsageError(f"{message}: leave out --events")
        return own, units_a_day(table, of_pages=of_pages)


def _record(design: Design, rehearsal: Rehearsal, needed: Needs | None, events: str | None) -> dict[str, Any]:
    return {
        "experiment": design.name,
        "metric": design.primary,
        "traffic": "made-up" if events is None else "logged",
        "rehearsal": asdict(rehearsal),
        "needs": None if needed is None else asdict(needed),
    }
