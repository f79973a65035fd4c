"""`newshole publish`: rules into service, in every worker at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated

import typer

from newshole.cli.live import (
    DEFAULT_NAME,
    WAIT,
    ArchiveOption,
    AuthorOption,
    CdnOption,
    NameOption,
    NoteOption,
    RedisOption,
    WaitOption,
    at_ledger,
    check_caches,
    purge_touched,
    tell_outcome,
    warn_of_eviction,
    who,
)
from newshole.cli.terminal import printable, tell
from newshole.errors import RulesError, UsageError
from newshole.live.events import Published
from newshole.live.ledger import Beat, Ledger
from newshole.live.publishing import Change, ConflictError, read_log, settled
from newshole.live.publishing import publish as publish_source
from newshole.live.purging import sites_of
from newshole.live.source import SourceError, check_whole, gather, load_site
from newshole.rules.compile import load
from newshole.rules.continuity import broken_experiments
from newshole.rules.ruleset import Rules


def publish(
    rules: Annotated[str, typer.Argument(metavar="RULES", hidden=True)],
    redis: RedisOption = None,
    archive: ArchiveOption = None,
    name: NameOption = DEFAULT_NAME,
    author: AuthorOption = None,
    note: NoteOption = "",
    wait: WaitOption = WAIT,
    caches: CdnOption = None,
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

    \b
      newshole publish site-rules/ --note "one ad less"

    Exit codes: 0 when every worker serves it; 1 when the rules are wrong or break an experiment, a worker
    refuses or does not answer, somebody else published at the same time, or a cache is not purged; 2 when
    there are no such rules or Redis does not answer.
    """
    check_caches(caches)
    load(rules)
    source = gather(rules)
    check_whole(source)
    ready = load_site(source).rules
    sites = {each.site for each in ready}

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
            change = await publish_source(ledger, source, by=who(author), note=note, clock=time.time)
        except ConflictError as error:
            tell(str(error))
            return False
        if change is None:
            typer.echo(f"{source.digest[:8]} of {name} is in service already")
            return True
        return await tell_published(ledger, change, before, sites, wait=wait, caches=caches)

    raise typer.Exit(0 if at_ledger(archive or redis, name, work) else 1)


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


async def tell_published(
    ledger: Ledger,
    change: Change,
    before: Sequence[Beat],
    sites: set[str],
    *,
    wait: float,
    caches: list[str] | None,
) -> bool:
    """Say what came of a version of these sites, and purge what it changes; whether all went well.

    `before` are the workers as they were before it.
    """
    event = change.event
    assert isinstance(event, Published)  # noqa: S101 - for the type checker: it was just published
    replaced = f", in the place of {event.replaced[:8]}" if event.replaced else ""
    typer.echo(f"{event.digest[:8]} of {ledger.name} is published{replaced}")
    outcome = await settled(ledger, change, patience=wait)
    is_taken = tell_outcome(change, outcome)
    is_purged = await purge_touched(event, before, sites | sites_of(before), caches)
    return is_taken and is_purged
