"""What a rules file says, as a tree in which every key and value knows where it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from newshole.errors import Problem

LONGEST: Final = 60
"""Longer words are shortened in messages."""

_ENTRY_NAME = re.compile("[a-z0-9][a-z0-9-]{0,59}")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; `line` and `column` count from 1."""

    file: Path
    line: int
    column: int


class Told:
    """The problems found so far, each once: what stands in an anchor is read at every alias of it.

    What follows from a mistake is none of its own: nothing more is told at a `spoilt` place.
    """

    def __init__(self) -> None:
        self._problems: dict[tuple[Mark, str], Problem] = {}
        self._spoilt: set[Mark] = set()

    def __len__(self) -> int:
        return len(self._problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._problems.values())

    def tell(self, mark: Mark, sentence: str, path: str = "") -> None:
        """Note a mistake at a place, which is `path` of the rules ("layout.gap")."""
        if mark in self._spoilt:
            return
        message = _UNSEEN.sub(_escaped, f"{path}: {sentence}" if path else sentence)
        problem = Problem(mark.file, mark.line, mark.column, message)
        self._problems.setdefault((mark, sentence), problem)

    def spoil(self, mark: Mark) -> None:
        """From here on tell nothing at this place."""
        self._spoilt.add(mark)


class Nothing:
    """Stands for a value that is not written (`key:` with nothing behind it), so that no type takes it."""


NOTHING: Final = Nothing()

Word: TypeAlias = str | int | float | bool | Nothing
Plain: TypeAlias = "Word | list[Plain] | dict[str, Plain]"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One word, number or truth value; `written` is how the file has it, where the value must not be told.

    `first` is where the first character of a text stands whose lines the file has as they are, each of them
    beginning in the same column; None for any other.
    """

    mark: Mark
    value: Word
    written: str | None = None
    first: Mark | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    mark: Mark
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One value under its key; `mark` is the key's."""

    mark: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class Mapped:
    """A mapping, in the order in which it is written."""

    mark: Mark
    entries: Mapping[str, Entry]

    def get(self, key: str) -> Node | None:
        """The value under a key."""
        return self.entries[key].node if key in self.entries else None

    def mapped(self, key: str) -> Mapped | None:
        """The mapping under a key; None where there is none, or something else."""
        node = self.get(key)
        return node if isinstance(node, Mapped) else None

    def word(self, key: str) -> str | None:
        """The text under a key; None where there is none, or something else."""
        node = self.get(key)
        return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None

    def replaced(self, key: str, node: Node) -> Mapped:
        """The same with another value under `key`, which keeps its place and mark."""
        return Mapped(self.mark, {**self.entries, key: Entry(self.entries[key].mark, node)})

    def has_nothing(self, key: str) -> bool:
        """Whether the key is there without a value."""
        return key in self.entries and is_nothing(self.entries[key].node)


Node: TypeAlias = Scalar | Items | Mapped


def is_nothing(node: Node) -> bool:
    """Whether there is no value."""
    return isinstance(node, Scalar) and isinstance(node.value, Nothing)


def plain(node: Node) -> Plain:
    """The tree without its marks."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key: plain(entry.node) for key, entry in node.entries.items()}


def in_words(node: Node) -> str:
    """What is written there, for people: `"often"`, `350`, `a list`."""
    if isinstance(node, Items):
        return "a list" if node.items else "an empty list"
    if isinstance(node, Mapped):
        return "a mapping"
    if isinstance(node.value, Nothing):
        return "nothing"
    if node.written is not None:
        return quoted(node.written)
    if isinstance(node.value, str):
        return quoted(node.value)
    return _shortened(json.dumps(node.value))


def quoted(text: str) -> str:
    """Text in quotes, as it would be written."""
    return json.dumps(_shortened(text), ensure_ascii=False)


def under(path: str, key: str) -> str:
    """The path of a key in what stands at `path`, for people."""
    shown = _shortened(key) or '""'
    return f"{path}.{shown}" if path else shown


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}…"


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def entry_name(node: Node) -> str:
    """What an entry of a list calls itself, where it has a name of one word."""
    name = node.word("name") if isinstance(node, Mapped) else None
    return name if name and _ENTRY_NAME.fullmatch(name) else ""


def walk(node: Node, location: Iterator[str | int]) -> tuple[str, Mark, Node]:
    """The path, mark and value at a location in the tree, as far as the tree goes.

    Steps in round brackets are no part of the tree: they name the form of a value that has several. The
    step "[key]" asks for the mark of the key just passed, in place of its value's.
    """
    path, mark, key_mark = "", node.mark, node.mark
    for step in location:
        if isinstance(node, Mapped) and step in node.entries:
            entry = node.entries[str(step)]
            key_mark, node = entry.mark, entry.node
            path, mark = under(path, str(step)), node.mark
        elif isinstance(node, Items) and isinstance(step, int):
            node = node.items[step]
            path, mark = f"{path}[{entry_name(node) or step}]", node.mark
        elif step == "[key]":
            return path, key_mark, node
        elif not str(step).startswith("("):
            break
    return path, mark, node
