"""What differs between the files of two versions or drafts, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, Literal, TypeAlias

from newshole.console.drafting.aligning import Lines

AROUND: Final = 3
"""Lines that are shown around those that differ."""

What: TypeAlias = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line with its number before and after, None where it is not there."""

    before: int | None
    after: int | None
    text: str

    @property
    def mark(self) -> str:
        """What became of it: "-" where it is gone, "+" where it is new, " " where it stayed."""
        return "+" if self.before is None else "-" if self.after is None else " "


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that stand together: a `left` and a `right` one in each row, either may be None."""

    rows: tuple[tuple[Line | None, Line | None], ...]

    @property
    def lines(self) -> Iterator[Line]:
        """The lines one beneath the other: what is gone before what has come."""
        pending: list[Line] = []
        for left, right in self.rows:
            if left is not None and left is right:
                yield from pending
                pending = []
                yield left
                continue
            if left is not None:
                yield left
            pending += [] if right is None else [right]
        yield from pending


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file that differs, and how many lines came and went."""

    path: str
    what: What
    hunks: tuple[Hunk, ...]
    came: int
    went: int


def file_diffs(before: Mapping[str, str], after: Mapping[str, str]) -> list[FileDiff]:
    """The files that differ, by their paths."""
    paths = sorted({*before, *after})
    return [
        _diff(path, before.get(path), after.get(path))
        for path in paths
        if before.get(path) != after.get(path)
    ]


def _diff(path: str, before: str | None, after: str | None) -> FileDiff:
    what: What = "added" if before is None else "removed" if after is None else "changed"
    old, new = (before or "").splitlines(), (after or "").splitlines()
    hunks = tuple(_hunks(old, new))
    lines = [line for hunk in hunks for line in hunk.lines]
    came, went = (sum(line.mark == mark for line in lines) for mark in "+-")
    return FileDiff(path, what, hunks, came, went)


def _hunks(old: Sequence[str], new: Sequence[str]) -> Iterator[Hunk]:
    for group in Lines(old, new).get_grouped_opcodes(AROUND):
        rows: list[tuple[Line | None, Line | None]] = []
        for tag, a, b, c, d in group:
            if tag == "equal":
                same = [Line(a + n + 1, c + n + 1, text) for n, text in enumerate(old[a:b])]
                rows += [(line, line) for line in same]
                continue
            gone = [Line(a + n + 1, None, text) for n, text in enumerate(old[a:b])]
            come = [Line(None, c + n + 1, text) for n, text in enumerate(new[c:d])]
            rows += zip_longest(gone, come)
        yield Hunk(tuple(rows))
