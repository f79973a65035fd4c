"""`newshole events`: brings events from the workers' disks to where they are kept, and gives them out."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from newshole.cli.options.ledger import RedisOption
from newshole.cli.output import opened
from newshole.cli.terminal import tell
from newshole.errors import UsageError
from newshole.store import StoreError

if TYPE_CHECKING:
    from newshole.experiments.events.sinks.sink import Sink
    from newshole.store.queue import RedisQueue

WORDS: Final = "sink, ship or export"
KEPT_DAYS: Final = 400
_DAY: Final = 86_400.0


def events(
    word: Annotated[str, typer.Argument(metavar="WORD", hidden=True)],
    segments: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="The folder that workers write events to.", show_default=False),
    ] = None,
    redis: RedisOption = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Where rows are kept: a .db file of SQLite, or a folder for Parquet.",
            show_default=False,
        ),
    ] = None,
    keep: Annotated[int, typer.Option(metavar="DAYS", min=1, help="Drop rows that are older.")] = KEPT_DAYS,
    once: Annotated[bool, typer.Option("--once", help="Do what is there to do, and end.")] = False,
    origin: Annotated[
        str | None,
        typer.Option("--from", metavar="PATH", help="Where rows are kept, to export.", show_default=False),
    ] = None,
    shape: Annotated[
        str, typer.Option("--as", metavar="csv|jsonl|parquet|growthbook|eppo", help="What to export.")
    ] = "csv",
    experiment: Annotated[
        str, typer.Option(metavar="NAME", help="Export this experiment alone.", show_default=False)
    ] = "",
    out: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="OUT", help="Write to this file, or folder.", show_default=False
        ),
    ] = None,
) -> None:
    """Bring events to where they are kept, or export them.

    "sink" takes them from the Redis that workers bring them to, or from the folder of --segments, and writes
    them to --to; each is kept once, whatever is killed or comes twice. "ship" brings a folder's segments to
    Redis, where workers do not do it. "export" writes rows as a table, as JSON lines, as Parquet, or the
    exposures in the columns that GrowthBook and Eppo read. SIGTERM or Ctrl-C ends sink and ship.

    \b
      newshole events sink --redis redis://localhost:6379/0 --to events/
      newshole events sink --segments segments/ --to events.db --once
      newshole events ship --segments segments/ --redis redis://localhost:6379/0
      newshole events export --from events.db --as growthbook -o exposures.csv

    Exit codes: 0 when it is done or was ended; 2 when what was asked for cannot be had.
    """
    if word == "sink":
        _sink(segments, redis, to, keep, once=once)
    elif word == "ship":
        _ship(segments, redis, once=once)
    elif word == "export":
        _export(origin, shape, experiment, out)
    else:
        raise UsageError(f'write "newshole events", and {WORDS}')


def _sink(segments: str | None, redis: str | None, to: str | None, keep: int, *, once: bool) -> None:
    from newshole.experiments.events.rounds import OfFolder, OfQueue, Sinking, Source
    from newshole.experiments.events.sinks.places import open_sink

    if to is None:
        raise UsageError("where are rows to be kept? give --to PATH: a .db file, or a folder")
    if segments is None and redis is None:
        raise UsageError("where do rows come from? give --redis URL, or --segments FOLDER")
    _tell_missing(segments)

    async def run(sink: Sink) -> None:
        queue = None if segments is not None else _queue(redis)
        source: Source = (
            OfQueue(queue, sink, os.urandom(8).hex().encode())
            if queue is not None
            else OfFolder(Path(segments or ""), sink)
        )
        sinking = Sinking(source, sink, keep * _DAY, tell)
        try:
            await (_once(sinking.drain) if once else _until_ended(sinking.turn))
            sinking.say(0)
        finally:
            if queue is not None:
                await queue.close()

    try:
        with closing(open_sink(Path(to))) as sink:
            asyncio.run(run(sink))
    except _failures() as error:
        raise UsageError(
            f"{to} cannot be written ({error}): nothing is lost, mend that and try again"
        ) from error


def _ship(segments: str | None, redis: str | None, *, once: bool) -> None:
    from newshole.experiments.events.shipping import Shipper

    if segments is None or redis is None:
        raise UsageError("from where to where? give --segments FOLDER and --redis URL")
    _tell_missing(segments)
    folder = Path(segments)

    async def run() -> None:
        queue = _queue(redis)
        shipper = Shipper(folder, queue)
        try:
            await (_once(shipper.ship) if once else _until_ended(shipper.ship))
        finally:
            await queue.close()

    asyncio.run(run())


def _tell_missing(segments: str | None) -> None:
    """Workers make their folder with the first event, so that it is not there may be right."""
    if segments is not None and not Path(segments).is_dir():
        tell(f"there is no folder {segments} yet: workers that are started with --events make it")


def _queue(redis: str | None) -> RedisQueue:
    from newshole.experiments.events.shipping import KEY
    from newshole.store.queue import open_queue

    return open_queue(redis or "", KEY)


async def _once(work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except StoreError as error:
        raise UsageError(f"Redis does not do it ({error}): see that it runs, and try again") from error
    except TimeoutError as error:
        raise UsageError(f"{error}: end it first, or leave it to that") from error


async def _until_ended(turn: Callable[[], Awaitable[object]]) -> None:
    from newshole.experiments.events.rounds import rounds

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await rounds(turn, stop, (StoreError, *_failures()), tell)


def _failures() -> tuple[type[Exception], ...]:
    """What a full disk or a table that is in use raises."""
    try:
        import duckdb
    except ImportError:
        return (OSError, sqlite3.Error)
    return (OSError, sqlite3.Error, duckdb.Error)


def _export(origin: str | None, shape: str, experiment: str, out: str | None) -> None:
    from newshole.experiments.events.exporting import SHAPES, copy, export
    from newshole.experiments.events.sinks.places import open_sink, open_table

    if origin is None:
        raise UsageError("which rows? give --from PATH, where a sink keeps them")
    if shape not in SHAPES:
        raise UsageError(f'unknown form "{shape}": give --as {", ".join(SHAPES[:-1])} or {SHAPES[-1]}')
    with closing(open_table(Path(origin))) as table:
        if shape == "parquet":
            with closing(open_sink(_folder(out))) as sink:
                count = copy(table, experiment, sink)
        else:
            with opened(out) as file:
                count = export(table, shape, experiment, file)
    tell(f"{count:,} rows exported")


def _folder(out: str | None) -> Path:
    if out is None or (Path(out).exists() and (not Path(out).is_dir() or any(Path(out).iterdir()))):
        raise UsageError("Parquet goes into a folder: name one with -o that is new or empty")
    return Path(out)
