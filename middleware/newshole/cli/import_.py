"""`newshole import`: the settings of another program as rules."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from newshole.cli.options.pages import JsonOption, OutOption
from newshole.cli.output import write
from newshole.cli.terminal import tell
from newshole.errors import UsageError

if TYPE_CHECKING:
    from newshole.importing.ad_inserter import Imported

_FORMATS: Final = ("ad-inserter",)


def _known(name: str) -> str:
    if name not in _FORMATS:
        raise UsageError(f'nothing is known of "{name}": give {" or ".join(_FORMATS)}')
    return name


def import_(
    of: Annotated[str, typer.Argument(metavar="FORMAT", hidden=True, callback=_known)],  # noqa: ARG001 - just one
    export: Annotated[str, typer.Argument(metavar="EXPORT", hidden=True)],
    out: OutOption = None,
    is_json_asked: JsonOption = False,
) -> None:
    """Make rules of the settings of another program.

    FORMAT is ad-inserter, the plugin of WordPress, free or Pro. EXPORT is a file with the text of its
    "Export settings", of all blocks or of one, or - for standard input. Nothing in it is run. Comments in
    the rules name, block by block, what is not as it was, why, and what to do; a block that cannot be
    carried over is a comment itself, with its code. The rules are checked; how many blocks there are is told
    on standard error.

    \b
      newshole import ad-inserter export.txt -o rules.yaml
      newshole import ad-inserter export.txt --json

    Exit codes: 0 when the rules are written; 1 when newshole check says something of them; 2 when the export
    cannot be read.
    """
    from newshole.importing.ad_inserter import import_ad_inserter

    imported = import_ad_inserter(_read(export))
    if is_json_asked:
        from newshole.cli.tables import write_json

        if out is not None:
            write(imported.rules.encode(), out)
        write_json(_report(imported, export, with_rules=out is None))
    else:
        write(imported.rules.encode(), out)
    for line in _told(imported):
        tell(line)
    raise typer.Exit(1 if imported.problems else 0)


def _read(export: str) -> bytes:
    """The bytes of the export. Raises UsageError where there are none."""
    try:
        return sys.stdin.buffer.read() if export == "-" else Path(export).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {export}: {error.strerror}; give the file of an export") from error


def _told(imported: Imported) -> Iterator[str]:
    """What is said on standard error: how many blocks, those that lost something, and what the check says."""
    counts = ", ".join(
        f"{imported.count(outcome)} {words}"
        for outcome, words in (("whole", "carried over whole"), ("partly", "in part"), ("off", "not"))
    )
    yield f"{len(imported.drafts)} blocks: {counts}; {len(imported.empty)} without a code left out"
    for draft in imported.drafts:
        reasons = [*draft.off, *draft.notes]
        if reasons:
            options = ", ".join(dict.fromkeys(each.option for each in reasons))
            yield f"  {draft.id}: {'not carried over' if draft.off else 'in part'}: {options}"
    if imported.problems:
        yield from map(str, imported.problems)
    else:
        yield "newshole check: ok"


def _report(imported: Imported, export: str, *, with_rules: bool) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "export": export,
        "version": imported.version,
        "counts": {
            "blocks": len(imported.drafts),
            **{outcome: imported.count(outcome) for outcome in ("whole", "partly", "off")},
            "empty": len(imported.empty),
        },
        "general": [asdict(each) for each in imported.general],
        "blocks": [
            {
                "number": draft.number,
                "name": draft.name,
                "id": draft.id,
                "outcome": draft.outcome,
                "off": [asdict(each) for each in draft.off],
                "lost": [asdict(each) for each in draft.notes],
            }
            for draft in imported.drafts
        ],
        "empty": list(imported.empty),
        "problems": list(map(str, imported.problems)),
        **({"rules": imported.rules} if with_rules else {}),
    }
