"""The readout of events where they are kept, from the first exposure to the last."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from newshole.errors import UsageError
from newshole.experiments.analysis.design import Design
from newshole.experiments.analysis.reading import extent
from newshole.experiments.analysis.readout import Readout, read_out
from newshole.experiments.events.sinks.places import open_table


def readout_at(
    design: Design, events: Path, *, since: int | None = None, until: int | None = None
) -> Readout:
    """The readout of the events at a path; moments are milliseconds since 1970, the first and the last where
    they are not given. Raises UsageError where there are no exposures."""
    with closing(open_table(events)) as table:
        known = extent(table, design.name)
        if known is None:
            raise UsageError(f'{events} has no exposures of "{design.name}": see that its sink runs')
        first, last = known
        if since is not None and since > last:
            raise UsageError(f'{events} has no exposures of "{design.name}" since it began')
        return read_out(
            design, table, first if since is None else since, last + 1 if until is None else until
        )
