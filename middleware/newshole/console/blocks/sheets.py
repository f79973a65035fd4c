"""The rules files of sites as forms need them: what one says itself, and what it comes to with all that it
extends and with the defaults of its blocks."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from newshole.errors import UsageError
from newshole.live.source import Source, unpack
from newshole.rules.editing.edits import Change, Put, edited, tree_of, value_at
from newshole.rules.editing.sheet import Steps
from newshole.rules.extends import Reach, Shelf, with_defaults
from newshole.rules.files import rules_files
from newshole.rules.tree import Plain, Told, plain


@dataclass(frozen=True, slots=True)
class RulesFile:
    """One site's file: its name, its text, what it says itself (`own`), and what holds in the end (`whole`)
    with all that it extends."""

    name: str
    text: str
    own: Mapping[str, Plain]
    whole: Mapping[str, Plain]

    @property
    def blocks(self) -> dict[str, dict[str, Plain]]:
        """Its blocks by their ids, in their order, with what they have by default."""
        return {block: each for block, each in mapped(self.whole, "blocks").items() if isinstance(each, dict)}

    @property
    def zone(self) -> str:
        """The time zone of its clocks."""
        zone = self.whole.get("timezone")
        return zone if isinstance(zone, str) else "UTC"

    def is_own(self, *path: str) -> bool:
        """Whether the file itself says something at a path."""
        return value_at(dict(self.own), path) is not None


def mapped(tree: Mapping[str, Plain], key: str) -> dict[str, Plain]:
    """The mapping under a key; an empty one where there is none."""
    return _mapping(tree.get(key, {}))


def sheets_of(source: Source) -> dict[str, RulesFile]:
    """The files of sites by their names, in the order in which they serve.

    Raises EditError where one cannot be read, UsageError where there are none, OSError.
    """
    with tempfile.TemporaryDirectory(prefix="newshole-") as name:
        folder = Path(name).absolute()
        files = rules_files(unpack(source, folder))
        return {(each := _sheet(file, folder)).name: each for file in files}


def chosen(sheets: Mapping[str, RulesFile], name: str) -> RulesFile:
    """One of the files, the first for "". Raises UsageError."""
    sheet = sheets.get(name) or (next(iter(sheets.values())) if not name else None)
    if sheet is None:
        raise UsageError(f"there is no rules file {name} any more: choose another one")
    return sheet


def _sheet(file: Path, folder: Path) -> RulesFile:
    text = file.read_bytes().decode()
    own = tree_of(text)
    # What comes from the environment may be a secret: none of it is filled in.
    merged = Shelf(Told(), Reach(folder, frozenset())).merged(file)
    whole = plain(with_defaults(merged.tree)) if merged else {}
    name = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.name
    return RulesFile(name, text, _mapping(own), _mapping(whole))


def _mapping(tree: Plain) -> dict[str, Plain]:
    return tree if isinstance(tree, dict) else {}


def with_text(source: Source, name: str, text: str) -> Source:
    """The files with another text in one of them."""
    return replace(source, files={**source.files, name: text})


def with_changes(source: Source, sheet: RulesFile, changes: list[Change], gone: list[Steps]) -> Source:
    """The files with changes in one, in which nothing is at the paths that are `gone`: what another file has
    there is taken away too. Raises EditError."""
    made = with_text(source, sheet.name, edited(sheet.text, changes))
    if not gone:
        return made
    again = chosen(sheets_of(made), sheet.name)
    left: list[Change] = [Put(path, None) for path in gone if value_at(dict(again.whole), path) is not None]
    return made if not left else with_text(made, sheet.name, edited(again.text, left))
