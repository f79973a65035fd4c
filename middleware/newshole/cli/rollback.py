"""`newshole rollback`: a version that was in service once, in service again."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from newshole.cli.live import at_ledger, read_caches, who
from newshole.cli.options.ledger import AuthorOption, FollowingOptions, LedgerOptions, NoteOption
from newshole.cli.rollouts import tell_change
from newshole.cli.terminal import tell
from newshole.errors import UsageError
from newshole.live.appending import ConflictError
from newshole.live.ledger import Ledger
from newshole.live.publishing import roll_back
from newshole.live.source import SourceError


def rollback(
    where: LedgerOptions,
    following: FollowingOptions,
    version: Annotated[str | None, typer.Argument(metavar="VERSION", hidden=True)] = None,
    author: AuthorOption = None,
    note: NoteOption = "",
) -> None:
    """Put a version back into service that was there before.

    VERSION is the beginning of its digest, as "newshole versions" shows it; without one it is the version
    that the one in service has replaced. What is in service now stays among the versions.

    \b
      newshole rollback --redis redis://localhost:6379/0
      newshole rollback 1b2c3d4e --note "the ads were too many"

    Exit codes: 0 when every worker serves it; 1 when a worker refuses or does not answer, somebody else
    published at the same time, or a cache is not purged; 2 when there is no such version or Redis does not
    answer.
    """
    read_caches(following.caches)

    async def work(ledger: Ledger) -> bool:
        before = await ledger.workers()
        try:
            change = await roll_back(ledger, version, by=who(author), note=note, clock=time.time)
        except ConflictError as error:
            tell(str(error))
            return False
        except SourceError as error:
            raise UsageError(f"that version cannot be put back: {error}") from error
        if change is None:
            typer.echo(f"{version} of {where.name} is in service already")
            return True
        return await tell_change(ledger, change, before, set(), following)

    raise typer.Exit(0 if at_ledger(where, work) else 1)
