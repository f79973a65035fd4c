"""What the commands share that change a running site: where it is, who does it, what came of it."""

from __future__ import annotations

import asyncio
import getpass
import re
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeVar

import typer

from newshole.cdn.named import named_caches
from newshole.cli.options.ledger import LedgerOptions
from newshole.cli.terminal import printable, tell
from newshole.errors import UsageError
from newshole.live import purging
from newshole.live.appending import Change
from newshole.live.entries import Published, Staged
from newshole.live.ledger import Beat, Ledger
from newshole.live.outcomes import Outcome, deed
from newshole.live.staging.deciding import UnknownVersionError
from newshole.live.timeline import OPERATOR
from newshole.rules.moments import read_moment
from newshole.secrets import read_secret
from newshole.store import StoreError

if TYPE_CHECKING:
    from newshole.cdn.targets import Target
    from newshole.store.protocol import Archive

Result = TypeVar("Result")

_LENGTH = re.compile(r"([1-9][0-9]{0,5}) ?(s|m|h|d)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def at_ledger(where: LedgerOptions, work: Callable[[Ledger], Awaitable[Result]]) -> Result:
    """What `work` makes of the log of a site. Raises UsageError where it cannot be asked."""
    archive = _archive(where)

    async def run() -> Result:
        try:
            return await work(Ledger(archive, where.name, read_secret().encode(), role=OPERATOR))
        except UnknownVersionError as error:
            raise UsageError(f"{error}: newshole versions lists them") from error
        except StoreError as error:
            told = f"Redis does not do it ({error}): see that it runs, and try again"
            if where.archive:
                told = (
                    f"{where.archive} cannot be used ({error}): name the file that workers are started with"
                )
            raise UsageError(told) from error
        finally:
            await archive.close()

    return asyncio.run(run())


def _archive(where: LedgerOptions) -> Archive:
    from newshole.store.archive import open_redis_archive
    from newshole.store.saved import SavedArchive

    if where.archive:
        return SavedArchive(where.archive)
    if where.redis:
        return open_redis_archive(where.redis)
    raise UsageError(
        "which Redis? give --redis URL, or --archive FILE: the one that the workers are started with"
    )


def who(author: str | None) -> str:
    """Who does it: as they say, or as they are logged in."""
    if author:
        return author
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return ""


def seconds(written: str) -> float:
    """A length of time such as "2h", in seconds. Raises UsageError where it is none."""
    match = _LENGTH.fullmatch(written.strip())
    if match is None:
        raise UsageError(f'no length of time: "{written}"; write 90s, 30m, 2h or 3d')
    return float(match[1]) * _SECONDS[match[2]]


def moment(written: str) -> float:
    """A moment such as "2026-11-28T20:00", of the clocks here where it has no offset, in seconds from 1970.

    Raises UsageError where it is none.
    """
    return read_moment(written, None).timestamp()


def shown(at: float | None) -> str:
    """A moment as the clocks here show it."""
    return "" if at is None else f"{datetime.fromtimestamp(at, UTC).astimezone():%Y-%m-%d %H:%M}"


def tell_outcome(change: Change, outcome: Outcome) -> bool:
    """Say what workers made of a change; whether all of them took it."""
    event = change.event
    asked = [*outcome.took, *outcome.refused, *outcome.silent]
    if asked:
        is_one = len(asked) == 1
        done = deed(event, event.digest[:8] if isinstance(event, Published | Staged) else "", is_one=is_one)
        workers = "worker" if is_one else "workers"
        typer.echo(f"{len(outcome.took)} of {len(asked)} {workers} {done} after {outcome.seconds:.1f} s")
    else:
        typer.echo("no worker is running: those that start from now on take it")
    for each in outcome.refused:
        tell(f"{_named(each)} refuses it: {each.problem}")
    for each in outcome.silent:
        tell(f"{_named(each)} has not answered yet")
    if outcome.elsewhere:
        typer.echo(f"{len(outcome.elsewhere)} more take their rules from files")
    return not outcome.refused and not outcome.silent


def _named(worker: Beat) -> str:
    return f"{worker.host}, process {worker.pid},"


async def purge_touched(
    ledger: Ledger,
    change: Change,
    workers: Iterable[Beat],
    caches: list[str] | None,
    *,
    sites: Iterable[str] = (),
) -> bool:
    """Purge what a change touches from the caches in front, if there are any, and say so; whether all did it.

    `workers` are those that served before it, `sites` the names of what they are to serve.
    """
    is_purged = True
    targets = read_caches(caches)
    async for each in purging.purge_touched(ledger, change, workers, targets, sites=sites):
        done = "purged of pages that were on their way" if each.is_late else "purged"
        if each.problem is None:
            typer.echo(printable(f"{each.cache}: {done}"))
        else:
            is_purged = False
            tell(f"{each.cache}: not {done}: {each.problem}; newshole purge tries it again")
    return is_purged


async def warn_of_eviction(ledger: Ledger) -> None:
    """Tell where Redis may throw away what is published and switched."""
    from newshole.store.archive import RedisArchive

    archive = ledger.archive
    try:
        evicts = isinstance(archive, RedisArchive) and await archive.evicts()
    except StoreError:
        return
    if evicts:
        tell(
            "this Redis may evict what is published and switched (maxmemory-policy allkeys-…): "
            "set volatile-lru"
        )


def read_caches(caches: list[str] | None) -> tuple[Target, ...]:
    """The caches that a command names, else those of the environment. Raises UsageError where one is wrong,
    so it is called before anything is changed."""
    from newshole.cdn.targets import read_targets

    return read_targets(named_caches(caches or None))
