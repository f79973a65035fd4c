"""What `newshole check` says of files that somebody writes, and where in them something is written."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from newshole.blocks.labels import label_reminders
from newshole.blocks.unspoken import unspoken
from newshole.errors import NewsholeError, Problem, RulesError
from newshole.live.source import Source, load_site, unpack
from newshole.rules.costs import costs, reminders
from newshole.rules.environment import Taken
from newshole.rules.extends import Reach, Shelf
from newshole.rules.files import looked_at, rules_files
from newshole.rules.packs import find_pack, packs
from newshole.rules.ruleset import Rules
from newshole.rules.tree import Items, Mapped, Mark, Node, Told, entry_name

_INDEX: Final = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Checked:
    """Files that were checked: every problem, and where there is none, what each site costs and asks for
    elsewhere."""

    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


def check_source(source: Source, known: frozenset[Taken]) -> Checked:
    """What is wrong with files that take from the environment what is `known`, all of it, and what else there
    is to know; it may take a moment."""
    try:
        rules = load_site(source, known).rules
    except RulesError as error:
        return Checked(tuple(_in_pack(each) if each.file.is_absolute() else each for each in error.problems))
    except (NewsholeError, OSError) as error:
        return Checked((Problem(Path(_some_file(source)), 1, 1, str(error)),))
    notes = dict.fromkeys(note for each in rules for note in _notes(each, alone=len(rules) == 1))
    return Checked(
        (), tuple(notes), tuple(dict.fromkeys(block.id for each in rules for block in each.blocks))
    )


def _in_pack(problem: Problem) -> Problem:
    """A problem of a pack, under the pack's name."""
    return replace(problem, file=Path(problem.file.stem))


def _notes(rules: Rules, *, alone: bool) -> Iterator[str]:
    for line in (*costs(rules), *reminders(rules), *label_reminders(rules), *unspoken(rules)):
        yield line if alone else f"{rules.site}: {line}"


def _some_file(source: Source) -> str:
    return source.entry if source.entry in source.files else next(iter(sorted(source.files)), source.entry)


def packs_of(source: Source) -> Mapping[str, str]:
    """The packs that files extend by name, each with its text."""
    with tempfile.TemporaryDirectory(prefix="newshole-") as name:
        folder = Path(name).absolute()
        needed: tuple[Path, ...] = ()
        with suppress(NewsholeError, OSError):
            needed = looked_at(unpack(source, folder), Reach(folder, frozenset()))
    known = {name: file for name in packs() if (file := find_pack(name))}
    return {name: file.read_text(encoding="utf-8") for name, file in known.items() if file in needed}


def place_of(source: Source, path: str) -> tuple[str, int, int] | None:
    """Where in the files the rule at a path such as `layout.gap[0]` is written: the file, or the name of a
    pack, the line and the column; as near to it as there is something. None where nothing of it is there."""
    with tempfile.TemporaryDirectory(prefix="newshole-") as name:
        folder = Path(name).absolute()
        mark = None
        with suppress(NewsholeError, OSError):
            mark = next(_marks(unpack(source, folder), path, folder), None)
        if mark is None:
            return None
        file = mark.file
        shown = file.relative_to(folder).as_posix() if file.is_relative_to(folder) else file.stem
        return shown, mark.line, mark.column


def _marks(rules: Path, path: str, folder: Path) -> Iterator[Mark]:
    shelf = Shelf(Told(), Reach(folder, frozenset()))
    for file in rules_files(rules):
        merged = shelf.merged(file)
        mark = _mark(merged.tree, path) if merged else None
        if mark is not None:
            yield mark


def _mark(node: Node, path: str) -> Mark | None:
    """Where the rule at a path is written, as far as the tree goes; keys may hold dots themselves."""
    mark: Mark | None = None
    while path:
        if isinstance(node, Mapped):
            fitting = [key for key in node.entries if f"{path}.".startswith((f"{key}.", f"{key}["))]
            if not fitting:
                break
            key = max(fitting, key=len)
            mark, node, path = node.entries[key].mark, node.entries[key].node, path[len(key) :].lstrip(".")
        else:
            found = _INDEX.match(path)
            item = _item(node, found[1]) if found and isinstance(node, Items) else None
            if found is None or item is None:
                break
            mark, node, path = item.mark, item, path[found.end() :].lstrip(".")
    return mark


def _item(items: Items, name: str) -> Node | None:
    """The entry of a list that has a name, or a number."""
    named = (each for each in items.items if entry_name(each) == name)
    by_number = int(name) if name.isdecimal() else len(items.items)
    numbered = items.items[by_number] if by_number < len(items.items) else None
    return next(named, numbered)
