"""`newshole resume`: a plan that is suspended, taken up again once somebody has looked at what it changes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

import typer

from newshole.cli.live import at_ledger, read_caches, shown, who
from newshole.cli.options.ledger import AtOption, AuthorOption, FollowingOptions, LedgerOptions, ZoneOption
from newshole.cli.rollouts import read_due, tell_change
from newshole.cli.terminal import printable, tell
from newshole.console.drafting.comparing import file_diffs
from newshole.errors import UsageError
from newshole.live.appending import ConflictError, read_log
from newshole.live.entries import Planned, State
from newshole.live.ledger import Ledger
from newshole.live.publishing import resume as resume_plan
from newshole.live.source import Source, SourceError, load_site
from newshole.live.staging.deciding import known_digest, named, suspension


def resume(
    where: LedgerOptions,
    following: FollowingOptions,
    version: Annotated[str, typer.Argument(metavar="VERSION", hidden=True)],
    on: Annotated[
        str,
        typer.Option("--on", metavar="VERSION", help="Do it in the place of this one.", show_default=False),
    ] = "",
    at: AtOption = None,
    zone: ZoneOption = None,
    author: AuthorOption = None,
) -> None:
    """Take up a plan that is suspended.

    VERSION is the beginning of its digest, as "newshole stage" shows it. Without --on it is told why it is
    suspended and what it would change of the version in service, and nothing is done. With --on, which names
    that one, it is done: at MOMENT, at its own one if that is still to come, else at once. Where somebody
    else has to approve what is published, it is proposed.

    \b
      newshole resume 1b2c3d4e
      newshole resume 1b2c3d4e --on 7f3a2c41

    Exit codes: 0 when it is told or done; 1 when another version than that is in service, a worker refuses or
    does not answer, or a cache is not purged; 2 when no such plan is suspended or Redis does not answer.
    """
    read_caches(following.caches)

    async def work(ledger: Ledger) -> bool:
        _, state = await read_log(ledger)
        planned = named(state.planned, version, "planned")
        ready = await _source(ledger, planned.digest)
        if at is None:
            due = planned.due if planned.due > time.time() else None
        else:
            due = read_due(at, zone, load_site(ready).rules)
        if not on and state.serves:
            before = await _source(ledger, state.serves)
            for line in _look(planned, state, before, ready, due):
                typer.echo(printable(line))
            return True
        workers = await ledger.workers()
        seen = known_digest(state, on) if on else ""
        try:
            change = await resume_plan(ledger, version, on=seen, due=due, by=who(author), clock=time.time)
        except ConflictError as error:
            tell(str(error))
            return False
        return await tell_change(ledger, change, workers, set(), following)

    raise typer.Exit(0 if at_ledger(where, work) else 1)


async def _source(ledger: Ledger, digest: str) -> Source:
    try:
        return await ledger.source(digest)
    except SourceError as error:
        raise UsageError(f"version {digest[:8]} cannot be read: {error}") from error


def _look(planned: Planned, state: State, before: Source, ready: Source, due: float | None) -> Iterator[str]:
    """What somebody looks at before a plan is taken up again."""
    reason = suspension(planned, state, time.time())
    name, serves = planned.digest[:8], state.serves[:8]
    yield f"the plan for {name} is {f'suspended: {reason}' if reason else 'not suspended'}"
    yield f"{name} differs from {serves}, which is in service:"
    for file in file_diffs(before.files, ready.files):
        yield f"--- {file.path}"
        for hunk in file.hunks:
            yield from (f"{line.mark} {line.text}" for line in hunk.lines)
    when = f"at {shown(due)}" if due is not None else "at once"
    yield f"newshole resume {name} --on {serves} does it {when}"
