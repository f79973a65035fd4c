"""`newshole versions`: what was published, when, by whom and why; and every file of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from newshole.cli.live import DEFAULT_NAME, ArchiveOption, NameOption, RedisOption, at_ledger, shown
from newshole.cli.options import JsonOption
from newshole.cli.terminal import printable
from newshole.errors import UsageError
from newshole.live.events import Published, State
from newshole.live.ledger import Ledger
from newshole.live.publishing import named_version, read_log
from newshole.live.source import Source, SourceError, unpack

SHOW = "show"


def versions(
    word: Annotated[str | None, typer.Argument(metavar="show", hidden=True)] = None,
    version: Annotated[str | None, typer.Argument(metavar="VERSION", hidden=True)] = None,
    redis: RedisOption = None,
    archive: ArchiveOption = None,
    name: NameOption = DEFAULT_NAME,
    out: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FOLDER",
            help="Write the files of VERSION there, into a folder that is new or empty.",
            show_default=False,
        ),
    ] = None,
    is_json_asked: JsonOption = False,
) -> None:
    """List the versions that were published, or show one.

    The newest stands first, and a star marks the one in service. "show VERSION" prints every file of one,
    named by the beginning of its digest, and with -o writes them as they were published.

    \b
      newshole versions --redis redis://localhost:6379/0
      newshole versions show 1b2c3d4e
      newshole versions show 1b2c3d4e -o old-rules/

    Exit codes: 0 when it is told; 2 when there is no such version or Redis does not answer.
    """
    if word is None:
        _list(archive or redis, name, is_json_asked=is_json_asked)
        return
    if word != SHOW or version is None:
        raise UsageError('write "newshole versions", or "newshole versions show VERSION"')
    wanted: str = version

    async def read(ledger: Ledger) -> tuple[Published, Source]:
        _, state = await read_log(ledger)
        found = named_version(state, wanted)
        try:
            return found, await ledger.source(found.digest)
        except SourceError as error:
            raise UsageError(f"{found.digest[:8]} cannot be shown: {error}") from error

    found, source = at_ledger(archive or redis, name, read)
    if out is not None:
        _write(source, Path(out))
    elif is_json_asked:
        from newshole.cli.tables import write_json

        write_json({**record(found), "entry": source.entry, "files": dict(source.files)})
    else:
        _show(found, source)


def _list(address: str | None, name: str, *, is_json_asked: bool) -> None:
    async def read(ledger: Ledger) -> State:
        return (await read_log(ledger))[1]

    state = at_ledger(address, name, read)
    from newshole.cli.tables import Screen, write_json

    newest_first = state.versions[::-1]
    if is_json_asked:
        write_json([record(each) | {"current": each is state.version} for each in newest_first])
    elif not newest_first:
        typer.echo(f"nothing was published for {name} yet")
    else:
        rows = [(_marked(each, state), shown(each.at), each.by, _note(each)) for each in newest_first]
        Screen().table(("  version", "published", "by", "note"), rows)


def record(version: Published) -> dict[str, Any]:
    """A version for JSON."""
    return {
        "version": version.digest,
        "at": datetime.fromtimestamp(version.at, UTC),
        "by": version.by,
        "note": version.note,
        "replaced": version.replaced or None,
        "rollback": version.rollback,
    }


def _marked(version: Published, state: State) -> str:
    return f"{'*' if version is state.version else ' '} {version.digest[:8]}"


def _note(version: Published) -> str:
    return ", ".join(filter(None, ("rolled back" if version.rollback else "", version.note)))


def _show(found: Published, source: Source) -> None:
    typer.echo(printable(f"{found.digest}  {shown(found.at)}  {found.by}  {_note(found)}".rstrip()))
    for path, text in sorted(source.files.items()):
        typer.echo(f"\n--- {printable(path)}")
        for line in text.splitlines():
            typer.echo(printable(line.replace("\t", "    ")))


def _write(source: Source, folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already: name a folder with -o that is new or empty")
    try:
        rules = unpack(source, folder)
    except SourceError as error:
        raise UsageError(str(error)) from error
    typer.echo(f"{rules}: {len(source.files)} {'file' if len(source.files) == 1 else 'files'}")
