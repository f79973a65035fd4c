"""`newshole publish`: rules into service, in every worker at once."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from newshole.cli.live import at_ledger, read_caches, warn_of_eviction, who
from newshole.cli.options.ledger import (
    AuthorOption,
    FollowingOptions,
    LedgerOptions,
    NoteOption,
    RolloutOptions,
)
from newshole.cli.rollouts import read_rollout, tell_change
from newshole.cli.terminal import printable, tell
from newshole.errors import RulesError, UsageError
from newshole.live.appending import ConflictError, read_log
from newshole.live.ledger import Ledger
from newshole.live.publishing import ApprovalNeededError
from newshole.live.source import SourceError, gather, load_site
from newshole.live.staging.rollout import begin
from newshole.rules.compile import load
from newshole.rules.continuity import broken_experiments
from newshole.rules.ruleset import Rules


def publish(
    rules: Annotated[str, typer.Argument(metavar="RULES", hidden=True)],
    where: LedgerOptions,
    following: FollowingOptions,
    rollout: RolloutOptions,
    author: AuthorOption = None,
    note: NoteOption = "",
    is_forced: Annotated[
        bool, typer.Option("--break-experiments", help="Publish also what breaks experiments that run.")
    ] = False,
) -> None:
    """Publish rules: put them into service in every worker.

    RULES are a rules file, a folder of them, or a pack's name. They are checked as by "newshole check", and
    every file of theirs becomes one version. Workers that are started with rules="published" read it in the
    background and go over to it between two requests. The command waits until all have, and purges the
    caches in front then. Versions are kept for good: see "newshole versions" and "newshole rollback". What
    would move readers of a running experiment from one arm to another is not published.

    With --share they serve a part of the pages first, beside the version in service, and with --ramp ever
    more: see "newshole stage". With --at that is done later, and with --propose once somebody approves it.

    \b
      newshole publish site-rules/ --note "one ad less"
      newshole publish site-rules/ --ramp 10,50,100 --every 30m
      newshole publish site-rules/ --at 2026-12-01T06:00 --zone Europe/Berlin

    Exit codes: 0 when every worker serves it; 1 when the rules are wrong or break an experiment, they need
    somebody's approval, a worker refuses or does not answer, somebody else published at the same time, or a
    cache is not purged; 2 when there are no such rules or Redis does not answer.
    """
    read_caches(following.caches)
    load(rules)
    source = gather(rules)
    ready = load_site(source).rules
    sites = {each.site for each in ready}
    wanted = read_rollout(rollout, ready, note)

    async def work(ledger: Ledger) -> bool:
        await warn_of_eviction(ledger)
        broken = [] if is_forced else broken_experiments(await _in_service(ledger), ready)
        if broken:
            for line in broken:
                typer.echo(printable(line))
            tell("nothing is published; --break-experiments does it all the same")
            return False
        before = await ledger.workers()
        try:
            change = await begin(ledger, source, wanted, by=who(author), clock=time.time)
        except (ApprovalNeededError, ConflictError) as error:
            tell(f"{error}, with --propose" if isinstance(error, ApprovalNeededError) else str(error))
            return False
        if change is None:
            typer.echo(f"{source.digest[:8]} of {where.name} is in service already")
            return True
        return await tell_change(ledger, change, before, sites, following)

    raise typer.Exit(0 if at_ledger(where, work) else 1)


async def _in_service(ledger: Ledger) -> tuple[Rules, ...]:
    """The rules of the version in service; none where there is no version, or none that can be read here."""
    _, state = await read_log(ledger)
    if state.version is None:
        return ()
    try:
        return load_site(await ledger.source(state.version.digest)).rules
    except (SourceError, RulesError, UsageError, OSError) as error:
        tell(f"the version in service cannot be read here, so its experiments are not compared: {error}")
        return ()
