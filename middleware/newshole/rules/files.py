"""Which files rules are in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from newshole.errors import UsageError
from newshole.rules.extends import EVERYWHERE, Reach, Shelf
from newshole.rules.packs import find_pack, packs
from newshole.rules.tree import Told


def rules_files(rules: str | Path) -> list[Path]:
    """The files of sites; the name of a pack goes before a file that is named so too.

    Raises UsageError where there are none.
    """
    path = find_pack(str(rules)) or Path(rules)
    try:
        files = [path] if path.is_file() else sorted(_in_folder(path)) if path.is_dir() else None
    except OSError as error:
        raise UsageError(f"cannot read the rules in {path}: {error.strerror}") from error
    if files is None:
        raise UsageError(f"no rules at {path}: give a file, a folder or a pack ({', '.join(packs())})")
    if not files:
        raise UsageError(f"no rules in the folder {path}: it holds no .yaml file")
    return files


def _in_folder(path: Path) -> Iterator[Path]:
    """The rules files of a folder; a hidden one is some tool's, or a draft."""
    for file in path.iterdir():
        if file.suffix in (".yaml", ".yml") and not file.name.startswith(".") and file.is_file():
            yield file


def looked_at(rules: str | Path, reach: Reach = EVERYWHERE) -> tuple[Path, ...]:
    """Every file that decides on the rules: those of sites, those that they extend, and where one of these
    was looked for and is not. Raises UsageError where there are no rules.
    """
    shelf = Shelf(Told(), reach)
    for file in rules_files(rules):
        with suppress(OSError):
            shelf.merged(file)
    return tuple(sorted(shelf.looked_at))
