"""`newshole switches`: what is off now, since when, by whom and why."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from newshole.cli.live import at_ledger, shown
from newshole.cli.options.ledger import LedgerOptions
from newshole.cli.options.pages import JsonOption
from newshole.errors import UsageError
from newshole.live.appending import read_log
from newshole.live.ledger import Ledger
from newshole.live.switch_file import read_switches
from newshole.rules.switches import in_force
from newshole.types import Switch


def switches(
    where: LedgerOptions,
    file: Annotated[
        str | None,
        typer.Option("--switches", metavar="FILE", help="A switch file, to read it too.", show_default=False),
    ] = None,
    is_json_asked: JsonOption = False,
) -> None:
    """List what is switched off now.

    Switches that have expired are left out. With --switches the file is checked too: a mistake in it is
    printed with its place.

    \b
      newshole switches --redis redis://localhost:6379/0
      newshole switches --switches /etc/newshole/switches.yaml

    Exit codes: 0 when it is told; 1 when the switch file is wrong; 2 when Redis does not answer or the file
    cannot be read.
    """
    if not where.address and file is None:
        raise UsageError("whose? give --redis URL or --archive FILE, or --switches FILE, or both")
    found: list[tuple[str, Switch]] = []
    if file is not None:
        if not Path(file).exists():  # workers wait for theirs, for it may come later
            raise UsageError(f"there is no switch file {file}: name the one that workers are started with")
        found += [("file", each) for each in read_switches(Path(file))]
    if where.address:
        found += [("log" if where.archive else "redis", each) for each in at_ledger(where, _off)]
    off = [(source, each) for source, each in found if in_force((each,), time.time())]
    from newshole.cli.tables import Screen, write_json

    if is_json_asked:
        write_json([_record(each) | {"source": source} for source, each in off])
    elif not off:
        typer.echo("nothing is switched off")
    else:
        heads = ("off", "which", "since", "until", "by", "reason", "source")
        Screen().table(
            heads,
            [
                (each.what, each.name, shown(each.since), shown(each.until), each.by, each.reason, source)
                for source, each in off
            ],
        )


async def _off(ledger: Ledger) -> tuple[Switch, ...]:
    return (await read_log(ledger))[1].switches


def _record(switch: Switch) -> dict[str, object]:
    since, until = datetime.fromtimestamp(switch.since, UTC), switch.until
    ends = None if until is None else datetime.fromtimestamp(until, UTC)
    return asdict(switch) | {"since": since, "until": ends}
