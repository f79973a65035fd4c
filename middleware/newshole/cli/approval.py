"""`newshole approval`: whether what is published needs a second pair of eyes."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from newshole.cli.live import at_ledger, who
from newshole.cli.options.ledger import AuthorOption, LedgerOptions
from newshole.errors import UsageError
from newshole.live.appending import Change
from newshole.live.ledger import Ledger
from newshole.live.publishing import require


def approval(
    word: Annotated[str, typer.Argument(metavar="on|off", hidden=True)],
    where: LedgerOptions,
    author: AuthorOption = None,
) -> None:
    """Require somebody else's approval, or not any more.

    With "on", rules are proposed with "newshole publish --propose" and go into service with "newshole
    approve". Rolling back, halting and the steps of what is staged need nobody else.

    \b
      newshole approval on

    Exit codes: 0 when it is done; 2 when Redis does not answer.
    """
    if word not in ("on", "off"):
        raise UsageError('write "newshole approval on" or "newshole approval off"')

    async def work(ledger: Ledger) -> Change:
        return await require(ledger, word == "on", by=who(author), clock=time.time)

    at_ledger(where, work)
    needed = "needs somebody else's approval" if word == "on" else "needs nobody else's approval"
    typer.echo(f"what is published for {where.name} {needed} from now on")
