"""`newshole versions`: what was published, when, by whom and why; and every file of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from newshole.cli.live import at_ledger, shown
from newshole.cli.options.ledger import LedgerOptions
from newshole.cli.options.pages import JsonOption
from newshole.cli.rollouts import in_share
from newshole.cli.terminal import printable
from newshole.errors import UsageError
from newshole.live.appending import read_log
from newshole.live.entries import Planned, Proposed, Published, Staged, State
from newshole.live.ledger import Ledger
from newshole.live.source import Source, SourceError, unpack
from newshole.live.staging.deciding import known_digest, suspension

SHOW = "show"


def versions(
    where: LedgerOptions,
    word: Annotated[str | None, typer.Argument(metavar="show", hidden=True)] = None,
    version: Annotated[str | None, typer.Argument(metavar="VERSION", hidden=True)] = None,
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

    The newest stands first, and a star marks the one in service. Above them stand "~" what is staged and "?"
    what is planned or proposed. "show VERSION" prints every file of one,
    named by the beginning of its digest, and with -o writes them as they were published.

    \b
      newshole versions --redis redis://localhost:6379/0
      newshole versions show 1b2c3d4e
      newshole versions show 1b2c3d4e -o old-rules/

    Exit codes: 0 when it is told; 2 when there is no such version or Redis does not answer.
    """
    if word is None:
        _list(where, is_json_asked=is_json_asked)
        return
    if word != SHOW or version is None:
        raise UsageError('write "newshole versions", or "newshole versions show VERSION"')
    wanted: str = version

    async def read(ledger: Ledger) -> tuple[Published, Source]:
        _, state = await read_log(ledger)
        found = _version(state, known_digest(state, wanted))
        try:
            return found, await ledger.source(found.digest)
        except SourceError as error:
            raise UsageError(f"{found.digest[:8]} cannot be shown: {error}") from error

    found, source = at_ledger(where, read)
    if out is not None:
        _write(source, Path(out))
    elif is_json_asked:
        from newshole.cli.tables import write_json

        write_json({**record(found), "entry": source.entry, "files": dict(source.files)})
    else:
        _show(found, source)


def _version(state: State, digest: str) -> Published:
    """When a version was published last; one that never was as it was staged, planned or proposed."""
    published = [each for each in state.versions if each.digest == digest]
    if published:
        return published[-1]
    others: list[Proposed | Planned | Staged] = [*state.proposed, *state.planned]
    others += [] if state.staged is None else [state.staged]
    found = next((each for each in others if each.digest == digest), None)
    return Published(digest, 0.0) if found is None else Published(digest, found.at, found.by, found.note)


def _list(where: LedgerOptions, *, is_json_asked: bool) -> None:
    async def read(ledger: Ledger) -> State:
        return (await read_log(ledger))[1]

    state = at_ledger(where, read)
    from newshole.cli.tables import Screen, write_json

    newest_first = state.versions[::-1]
    if is_json_asked:
        write_json([record(each) | {"current": each is state.version} for each in newest_first])
    elif not (newest_first or state.proposed or state.planned):
        typer.echo(f"nothing was published for {where.name} yet")
    else:
        rows = [*_to_come(state)]
        rows += [(_marked(each, state), shown(each.at), each.by, _note(each)) for each in newest_first]
        Screen().table(("  version", "published", "by", "note"), rows)


def _to_come(state: State) -> Iterator[tuple[str, str, str, str]]:
    """The rows of what is not in service everywhere, or not yet."""
    for each in state.proposed:
        yield f"? {each.digest[:8]}", "", each.by, f"proposed: {each.note}".rstrip(": ")
    for plan in state.planned:
        is_suspended = suspension(plan, state, time.time()) is not None
        told = "planned, and suspended" if is_suspended else f"planned for {shown(plan.due)}"
        yield f"? {plan.digest[:8]}", "", plan.by, f"{told}: {plan.note}".rstrip(": ")
    staged = state.staged
    if staged is not None:
        told = f"staged for {in_share(staged)}"
        yield f"~ {staged.digest[:8]}", shown(staged.at), staged.by, f"{told}: {staged.note}".rstrip(": ")


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
