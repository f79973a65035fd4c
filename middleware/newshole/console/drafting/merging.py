"""Three texts into one, line by line: what two people made of the same beginning.

Where only one of them changed something, that is taken. Where both did, at the same lines or right beside
them, it is a conflict, which nobody but they can decide. Nothing is thrown away before that: the pieces of a
merge hold all three texts whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple, TypeAlias

from newshole.console.drafting.aligning import Lines

Choice: TypeAlias = Literal["theirs", "mine", "both"]
CHOICES: Final[tuple[Choice, ...]] = ("theirs", "mine", "both")


@dataclass(frozen=True, slots=True)
class Piece:
    """The same part of three texts: as it was, as one made it, and as the other did."""

    base: str
    theirs: str
    mine: str

    @property
    def is_conflict(self) -> bool:
        """Whether both changed it, in different ways."""
        return self.theirs != self.mine and self.base not in (self.theirs, self.mine)

    @property
    def merged(self) -> str:
        """What comes of it by itself; of a conflict, mine."""
        return self.theirs if self.mine == self.base else self.mine

    def chosen(self, choice: Choice) -> str:
        """What comes of it by somebody's choice."""
        if choice == "both":
            return _ended(self.theirs, before=self.mine) + self.mine
        return self.theirs if choice == "theirs" else self.mine


@dataclass(frozen=True, slots=True)
class FileMerge:
    """One file of two versions; a side `is_gone` that deleted it or never had it."""

    path: str
    pieces: tuple[Piece, ...]
    theirs_gone: bool = False
    mine_gone: bool = False

    @property
    def conflicts(self) -> tuple[Piece, ...]:
        """What has to be decided, down the file."""
        return tuple(each for each in self.pieces if each.is_conflict)

    @property
    def has_theirs(self) -> bool:
        """Whether it takes something that mine does not have."""
        return any(each.merged != each.mine for each in self.pieces) or bool(self.conflicts)


class _Match(NamedTuple):
    """Lines that are the same in all three texts: where they begin in each, and how many."""

    base: int
    theirs: int
    mine: int
    size: int


def merge(base: str, theirs: str, mine: str) -> tuple[Piece, ...]:
    """The pieces of three texts, in order; each text is the same pieces put together."""
    lines = tuple(each.splitlines(keepends=True) for each in (base, theirs, mine))
    end = _Match(len(lines[0]), len(lines[1]), len(lines[2]), 0)
    return tuple(_pieces(lines, [_Match(0, 0, 0, 0), *_matches(*lines), end]))


def merge_files(
    base: Mapping[str, str], theirs: Mapping[str, str], mine: Mapping[str, str]
) -> tuple[FileMerge, ...]:
    """Every file of two versions that is in either, by its path."""
    return tuple(
        FileMerge(
            path,
            merge(base.get(path, ""), theirs.get(path, ""), mine.get(path, "")),
            path not in theirs,
            path not in mine,
        )
        for path in sorted(theirs.keys() | mine.keys())
    )


def settled(file: FileMerge, decided: Sequence[str]) -> str | None:
    """The text of a file once its conflicts are decided, each by the text that stands there; None where the
    file is gone, as it is where a side deleted it and nothing is left."""
    rest = iter(decided)
    text = "".join(next(rest) if each.is_conflict else each.merged for each in file.pieces)
    return None if not text and (file.theirs_gone or file.mine_gone) else text


def _matches(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> Iterator[_Match]:
    """The runs of lines that neither side changed."""
    left, right = _blocks(base, theirs), _blocks(base, mine)
    while left and right:
        (at, in_theirs, size), (other, in_mine, length) = left[0], right[0]
        start, end = max(at, other), min(at + size, other + length)
        if start < end:
            yield _Match(start, in_theirs + start - at, in_mine + start - other, end - start)
        (left if at + size < other + length else right).pop(0)


def _blocks(base: Sequence[str], other: Sequence[str]) -> list[tuple[int, int, int]]:
    matcher = Lines(base, other)
    return [(each.a, each.b, each.size) for each in matcher.get_matching_blocks() if each.size]


def _pieces(lines: tuple[list[str], ...], edges: Sequence[_Match]) -> Iterator[Piece]:
    for before, after in pairwise(edges):
        starts = [at + before.size for at in before[:3]]
        texts = ["".join(text[start:end]) for text, start, end in zip(lines, starts, after[:3], strict=True)]
        if any(texts):
            yield Piece(*texts)
        if after.size:
            same = "".join(lines[0][after.base : after.base + after.size])
            yield Piece(same, same, same)


def _ended(text: str, *, before: str) -> str:
    """A text whose last line is ended, where another one follows."""
    return text + "\n" if text and before and not text.endswith("\n") else text
