"""`newshole decline`: what was proposed or planned, turned down."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from newshole.cli.live import at_ledger, who
from newshole.cli.options.ledger import AuthorOption, LedgerOptions
from newshole.live.appending import Change, read_log
from newshole.live.ledger import Ledger
from newshole.live.publishing import decline as decline_version
from newshole.live.publishing import unplan


def decline(
    version: Annotated[str, typer.Argument(metavar="VERSION", hidden=True)],
    where: LedgerOptions,
    author: AuthorOption = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why not.")] = "",
) -> None:
    """Decline what was proposed, or drop what is planned.

    VERSION is the beginning of its digest, as "newshole stage" shows it.

    \b
      newshole decline 1b2c3d4e --reason "not before the election"

    Exit codes: 0 when it is done; 2 when nothing of the kind is proposed or planned or Redis does not answer.
    """

    async def work(ledger: Ledger) -> Change:
        _, state = await read_log(ledger)
        is_planned = any(each.digest.startswith(version.lower()) for each in state.planned)
        drop = unplan if is_planned else decline_version
        return await drop(ledger, version, by=who(author), reason=reason, clock=time.time)

    at_ledger(where, work)
    typer.echo(f"{version} of {where.name} is not published")
