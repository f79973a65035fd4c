"""`newshole log`: who did what to a site, when and why."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from newshole.cli.live import at_ledger, shown
from newshole.cli.options.ledger import LedgerOptions
from newshole.cli.options.pages import JsonOption
from newshole.cli.terminal import printable
from newshole.errors import UsageError
from newshole.live.audit import Audit
from newshole.live.ledger import Ledger
from newshole.live.timeline import Happening, Sought, read_timeline, record


def log(
    where: LedgerOptions,
    by: Annotated[
        str, typer.Option("--by", metavar="WHO", help="What they did alone.", show_default=False)
    ] = "",
    what: Annotated[
        str, typer.Option("--what", metavar="WORD", help="One kind of thing alone.", show_default=False)
    ] = "",
    day: Annotated[
        str, typer.Option("--day", metavar="DATE", help="One day alone: 2026-11-28.", show_default=False)
    ] = "",
    text: Annotated[
        str, typer.Option("--text", metavar="TEXT", help="What says so alone.", show_default=False)
    ] = "",
    is_json_asked: JsonOption = False,
) -> None:
    """Tell who did what, when and why.

    Versions, switches and what was done in the console, the newest first. Entries that are damaged, or are
    not there any more, are told in their place. With --json every one is a line for itself.

    \b
      newshole log --day 2026-11-28
      newshole log --by anna --what publish --json

    Exit codes: 0 when it is told; 1 when an entry is damaged or missing; 2 when Redis does not answer.
    """
    _check_day(day)
    happened = at_ledger(where, _happened)
    found = _chosen(happened, Sought(by, what, day, text))
    if is_json_asked:
        for each in found:
            typer.echo(json.dumps(record(each), ensure_ascii=False))
    elif not found:
        typer.echo(f"nothing of that happened to {where.name} yet")
    else:
        from newshole.cli.tables import Screen

        Screen().table(("when", "by", "what", "on", "until", "why"), [_row(each) for each in found])
    if not all(each.is_sound for each in happened):
        raise typer.Exit(1)


def _check_day(day: str) -> None:
    """Raises UsageError where it is none."""
    try:
        date.fromisoformat(day or "2026-11-28")
    except ValueError:
        raise UsageError(f'no day: "{day}"; write it as 2026-11-28') from None


async def _happened(ledger: Ledger) -> list[Happening]:
    return await read_timeline(ledger, Audit(ledger))


def _chosen(happened: list[Happening], sought: Sought) -> list[Happening]:
    """What is looked for, days being those of the clocks here."""
    return [
        each
        for each in happened
        if sought.fits(each, datetime.fromtimestamp(each.at).astimezone().tzinfo or UTC)
    ]


def _row(happening: Happening) -> tuple[str, ...]:
    return (
        shown(happening.at or None),
        *map(printable, (happening.by, happening.what, happening.on)),
        shown(happening.until),
        printable(happening.why),
    )
