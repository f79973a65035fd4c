"""`newshole approve`: what somebody else has proposed, done."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from newshole.cli.live import at_ledger, read_caches, who
from newshole.cli.options.ledger import AuthorOption, FollowingOptions, LedgerOptions
from newshole.cli.rollouts import tell_change
from newshole.cli.terminal import tell
from newshole.errors import UsageError
from newshole.live.appending import ConflictError
from newshole.live.ledger import Ledger
from newshole.live.publishing import ApprovalNeededError
from newshole.live.publishing import approve as approve_version
from newshole.live.source import SourceError


def approve(
    version: Annotated[str, typer.Argument(metavar="VERSION", hidden=True)],
    where: LedgerOptions,
    following: FollowingOptions,
    author: AuthorOption = None,
) -> None:
    """Approve what somebody else has proposed.

    It is published, staged or planned, as they proposed it. VERSION is the beginning of its digest, as
    "newshole stage" shows it; "newshole versions show VERSION" prints its files. Who proposed it cannot
    approve it.

    \b
      newshole approve 1b2c3d4e --author bo

    Exit codes: 0 when it is done; 1 when it needs somebody else, another version was published since it was
    proposed, a worker refuses or does not answer, or a cache is not purged; 2 when nothing of the kind is
    proposed or Redis does not answer.
    """
    read_caches(following.caches)

    async def work(ledger: Ledger) -> bool:
        before = await ledger.workers()
        try:
            change = await approve_version(ledger, version, by=who(author), clock=time.time)
        except (ApprovalNeededError, ConflictError) as error:
            tell(str(error))
            return False
        except SourceError as error:
            raise UsageError(f"that version cannot be published: {error}") from error
        return await tell_change(ledger, change, before, set(), following)

    raise typer.Exit(0 if at_ledger(where, work) else 1)
