"""Every error that newshole raises, under one base."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class NewsholeError(Exception):
    """The base of every error that newshole raises on purpose."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a rules file, where it stands and how to mend it.

    `line` and `column` count from 1, as editors show them.
    """

    file: Path
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class RulesError(NewsholeError):
    """Rules that cannot be used; `problems` holds every mistake, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class UsageError(NewsholeError):
    """Something asked for that cannot be had: a missing file, a refused URL, an unknown device.

    The message is one line: what is wrong, and what to do.
    """
