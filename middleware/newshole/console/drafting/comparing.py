"""Two texts of rules beside each other, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, TypeAlias

from newshole.console.aligning import Lines

CONTEXT: Final = 3
"""Unchanged lines that are shown around a change."""

Numbered: TypeAlias = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A line before and after, each with its number from 1; None where there is none on that side."""

    before: Numbered | None
    after: Numbered | None

    @property
    def is_same(self) -> bool:
        """Whether nothing was changed here."""
        return self.before is not None and self.after is not None and self.before[1] == self.after[1]


@dataclass(frozen=True, slots=True)
class FileDifference:
    """A file that differs: its runs of rows, and how many lines came and went."""

    path: str
    runs: tuple[tuple[Row, ...], ...]
    added: int
    removed: int
    is_new: bool
    is_gone: bool


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FileDifference, ...]:
    """The files that differ, by their paths."""
    paths = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return tuple(_difference(path, before.get(path), after.get(path)) for path in paths)


def _difference(path: str, before: str | None, after: str | None) -> FileDifference:
    old, new = (before or "").splitlines(), (after or "").splitlines()
    groups = Lines(old, new).get_grouped_opcodes(CONTEXT)
    runs = tuple(tuple(row for _, *span in group for row in _rows(old, new, *span)) for group in groups)
    rows = [row for run in runs for row in run if not row.is_same]
    return FileDifference(
        path,
        runs,
        sum(row.after is not None for row in rows),
        sum(row.before is not None for row in rows),
        before is None,
        after is None,
    )


def _rows(old: Sequence[str], new: Sequence[str], i1: int, i2: int, j1: int, j2: int) -> Iterator[Row]:
    left = [(number + 1, old[number]) for number in range(i1, i2)]
    right = [(number + 1, new[number]) for number in range(j1, j2)]
    for before, after in zip_longest(left, right):
        yield Row(before, after)
