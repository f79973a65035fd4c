"""Where somebody is in rules that they are typing: the path at the cursor, in text that need not be YAML yet.

A YAML parser gives up at the first thing that is not finished, which is where people are. This reads lines
by their indentation, and what stands in brackets by its commas, and takes up again at the next line that
begins a key: what is wrong in one place does not hide the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]

_KEY: Final = re.compile(r"""(?:"([^"]*)"\s*|'([^']*)'\s*|([^\s#"'\[\]{},&*!|>%@`:][^#:]*)):(?=\s|$)""")
_ANCHOR: Final = re.compile(r"^[&!]\S+\s+")
_FLOW: Final = re.compile(
    r"""(?<!\S)\#.*|"[^"]*"?|'[^']*'?|[{}\[\],]|:(?=[\s,{}\[\]]|$)|(?:[^\s{}\[\],:]|:(?=\S))(?:[^{}\[\],:]|:(?=\S))*"""
)
_COMMENT: Final = re.compile(r"(?:^|\s)#")
DEEPEST: Final = 64
"""Brackets within each other; nobody who writes rules is in more, and a text may be anything."""

_STOPS: Final = frozenset(" \t{}[],:\"'")
"""What ends a word that is typed."""

_DASHES: Final = re.compile(r"\s*(?:- +)*$")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the cursor is: at a key of the mapping at `path`, at its value, or at an entry of a list, which
    may be `either`. What is typed there already begins in the column `begins`, from 1; `is_inline` where it
    is in brackets.
    """

    path: Path
    wants: Literal["key", "value", "either"]
    begins: int
    is_inline: bool


@dataclass(slots=True)
class _Open:
    """A bracket that is open, and the key or the number of what is being written in it."""

    bracket: str
    step: Step | None


@dataclass(slots=True)
class Reading:
    """What has been read of a text: the `words` that stand at paths, and the `keys` of each mapping."""

    words: dict[Path, str] = field(default_factory=dict)
    keys: dict[Path, list[str]] = field(default_factory=dict)
    _above: list[tuple[int, Step]] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _word: str = ""
    _indent: int = 0
    _is_literal: bool = False

    @property
    def path(self) -> Path:
        """Where the reading is."""
        inside = (each.step for each in self._open if each.step is not None)
        return (*(step for _, step in self._above), *inside)

    @property
    def is_literal(self) -> bool:
        """Whether it is in a text below a `|`."""
        return self._is_literal

    @property
    def bracket(self) -> str:
        """The innermost bracket that is open, "" for none."""
        return self._open[-1].bracket if self._open else ""

    @property
    def is_at_key(self) -> bool:
        """Whether a key comes next in the bracket."""
        return bool(self._open) and self._open[-1].step is None

    def read(self, line: str) -> None:
        """Go on by one line."""
        rest = line.lstrip(" ")
        indent = len(line) - len(rest)
        if not rest.strip() or (self._is_literal and indent > self._indent):
            return
        self._is_literal = False
        if self._open and not (indent <= self._indent and _KEY.match(rest)):
            self._inline(rest)
        elif not rest.startswith("#"):
            self._open.clear()
            self.descend(rest, indent)

    def descend(self, rest: str, indent: int) -> None:
        """Go to where a line leads: its dashes, its key, and what stands behind it."""
        while rest.startswith("- ") or rest == "-":
            self._item(indent)
            after = rest[1:].lstrip(" ")
            indent += len(rest) - len(after)
            rest = after
        self.rise(indent)
        if key := _KEY.match(rest):
            self._enter(indent, _name(key))
            rest = rest[key.end() :].strip()
        self._value(_ANCHOR.sub("", rest, count=1), indent)

    def rise(self, indent: int) -> None:
        """Leave everything that is not above a key in this column."""
        while self._above and self._above[-1][0] >= indent:
            self._above.pop()

    def _item(self, indent: int) -> None:
        last = -1
        while self._above and (
            self._above[-1][0] > indent
            or (self._above[-1][0] == indent and isinstance(self._above[-1][1], int))
        ):
            at, step = self._above.pop()
            last = step if at == indent and isinstance(step, int) else last
        self._above.append((indent, last + 1))

    def _enter(self, indent: int, key: str) -> None:
        self.keys.setdefault(self.path, []).append(key)
        self._above.append((indent, key))

    def _value(self, written: str, indent: int) -> None:
        self._indent = indent
        if written.startswith(("{", "[")):
            self._inline(written)
        elif written.startswith(("|", ">")):
            self._is_literal = True
        elif written and not written.startswith("#"):
            self.words[self.path] = _bare(_COMMENT.split(written)[0])

    def _inline(self, written: str) -> None:
        for part in _FLOW.findall(written):
            self._take(part)

    def _take(self, part: str) -> None:
        if part in "{[":
            if len(self._open) == DEEPEST:
                self._open.clear()
            self._open.append(_Open(part, None if part == "{" else 0))
        elif not self._open or part.startswith("#"):
            return
        elif part in "}]":
            self._open.pop()
        elif part == ",":
            last = self._open[-1]
            last.step = last.step + 1 if isinstance(last.step, int) else None
        elif part == ":":
            if self.is_at_key:
                self.keys.setdefault(self.path, []).append(self._word)
                self._open[-1].step = self._word
        else:
            self._word = _bare(part)
            if not self.is_at_key:
                self.words[self.path] = self._word


def read_unfinished(text: str) -> Reading:
    """What a text says, as far as it can be told."""
    reading = Reading()
    for line in lines_of(text):
        reading.read(line)
    return reading


def spot_at(text: str, line: int, column: int) -> Spot | None:
    """Where a cursor is, both from 1; None where nothing of the language stands, as in a comment."""
    lines = [*lines_of(text), ""]
    at = min(line, len(lines)) - 1
    before = lines[at][: column - 1]
    head = before[: len(before) - _typed(before)]
    begins = len(head) + 1
    reading = Reading()
    for each in lines[:at]:
        reading.read(each)
    if _COMMENT.search(head):
        return None
    if reading.bracket or reading.is_literal or not _DASHES.fullmatch(head):
        return _behind(reading, head, begins)
    return _in_margin(reading, head, begins)


def lines_of(text: str) -> list[str]:
    """The lines of a text, as editors count them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _typed(before: str) -> int:
    """How long the word is that a line ends with."""
    return next((n for n, each in enumerate(reversed(before)) if each in _STOPS), len(before))


def _behind(reading: Reading, head: str, begins: int) -> Spot | None:
    """The spot behind a key, or in brackets."""
    reading.read(head.rstrip("\"'"))
    if reading.is_literal:
        return None
    if reading.bracket:
        return Spot(reading.path, "key" if reading.is_at_key else "value", begins, is_inline=True)
    is_value = head.rstrip("\"' ").endswith(":")
    return Spot(reading.path, "value", begins, is_inline=False) if is_value else None


def _in_margin(reading: Reading, head: str, begins: int) -> Spot:
    """The spot at the beginning of a line, which its column decides, or behind dashes."""
    dashed = head.strip()
    if dashed:
        reading.descend(dashed, len(head) - len(head.lstrip(" ")))
    else:
        reading.rise(len(head))
    return Spot(reading.path, "either" if dashed else "key", begins, is_inline=False)


def _name(key: re.Match[str]) -> str:
    return next(each for each in key.groups() if each is not None).strip()


def _bare(word: str) -> str:
    return word.strip().strip("\"'")
