"""What a slot is worth, by block and position, as an ad server exports it: a table in CSV."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

from newshole.errors import Problem, RulesError
from newshole.rules.written import meant_or_known

COLUMNS: Final = ("block", "position", "value")
CURRENCY: Final = "currency"
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Values:
    """The worth of a slot's views by the thousand: by block and number of the copy, None for any copy.

    `currency` is empty where the table names none.
    """

    by_place: Mapping[tuple[str, int | None], float]
    currency: str = ""

    def of(self, block: str, ordinal: int) -> float:
        """What a copy is worth; a block without a value is worth nothing."""
        own = self.by_place.get((block, ordinal))
        return self.by_place.get((block, None), 0.0) if own is None else own

    @property
    def blocks(self) -> frozenset[str]:
        return frozenset(block for block, _ in self.by_place)


def read_values(text: str, file: Path, blocks: Collection[str]) -> Values:
    """The values in a table. Raises RulesError with every mistake; `blocks` are those that there are."""
    lines = text.removeprefix("\ufeff").splitlines()
    delimiter = ";" if lines and ";" in lines[0] else ","
    rows = [*csv.reader(lines, delimiter=delimiter)]
    heading = [cell.strip().lower() for cell in rows[0]] if rows else []
    problems = [*_heading_problems(heading, file)]
    if problems:
        raise RulesError(problems)
    reading = _Reading(file, heading, frozenset(blocks), is_comma_decimal=delimiter == ";")
    for line, row in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in row):
            reading.read(line, row)
    if not reading.found and not reading.problems:
        reading.tell(1, 0, [], "expected a row for a block at least, found none")
    if reading.problems:
        raise RulesError(reading.problems)
    return Values(reading.found, reading.currency)


def _heading_problems(heading: list[str], file: Path) -> Iterator[Problem]:
    for name in COLUMNS:
        if name not in heading:
            yield Problem(file, 1, 1, f'needs a column "{name}" in its first line')
    known = (*COLUMNS, CURRENCY)
    for n, name in enumerate(heading):
        if name not in known:
            hint = meant_or_known(name, list(known))
            yield Problem(file, 1, _column(heading, n), f'unknown column "{name}"{hint}')


def _column(row: list[str], n: int) -> int:
    """Where a cell begins, as an editor counts."""
    return 1 + sum(len(cell) + 1 for cell in row[:n])


class _Reading:
    """The rows that were read, and what is wrong with the others."""

    def __init__(
        self, file: Path, heading: list[str], blocks: frozenset[str], *, is_comma_decimal: bool
    ) -> None:
        self.file, self.heading, self.blocks = file, heading, blocks
        self.is_comma_decimal = is_comma_decimal
        self.found: dict[tuple[str, int | None], float] = {}
        self.currency = ""
        self.problems: list[Problem] = []

    def tell(self, line: int, cell: int, row: list[str], sentence: str) -> None:
        self.problems.append(Problem(self.file, line, _column(row, cell), sentence))

    def read(self, line: int, row: list[str]) -> None:
        """One row: every mistake in it is told."""
        if len(row) != len(self.heading):
            self.tell(line, 0, row, f"expected {len(self.heading)} columns, found {len(row)}")
            return
        cells = {name: (n, row[n].strip()) for n, name in enumerate(self.heading)}
        before = len(self.problems)
        self._check_block(line, row, *cells["block"])
        position = self._position(line, row, *cells["position"])
        value = self._value(line, row, *cells["value"])
        if CURRENCY in cells:
            self._check_currency(line, row, *cells[CURRENCY])
        place = (cells["block"][1], position)
        if place in self.found:
            self.tell(line, 0, row, f'a second value for block "{place[0]}", position {position or ANY}')
        if len(self.problems) == before:
            self.found[place] = value

    def _check_block(self, line: int, row: list[str], n: int, block: str) -> None:
        if block not in self.blocks:
            self.tell(line, n, row, f'unknown block "{block}"{meant_or_known(block, sorted(self.blocks))}')

    def _position(self, line: int, row: list[str], n: int, written: str) -> int | None:
        if written == ANY:
            return None
        if written.isascii() and written.isdigit() and int(written) > 0:
            return int(written)
        self.tell(line, n, row, f'expected the number of a copy, from 1, or "{ANY}", found "{written}"')
        return None

    def _value(self, line: int, row: list[str], n: int, written: str) -> float:
        try:
            value = float(written.replace(",", ".") if self.is_comma_decimal else written)
        except ValueError:
            value = -1.0
        if not isfinite(value) or value < 0:
            self.tell(line, n, row, f'expected a value per 1,000 views such as "2.40", found "{written}"')
        return value

    def _check_currency(self, line: int, row: list[str], n: int, currency: str) -> None:
        self.currency = self.currency or currency
        if currency != self.currency:
            self.tell(line, n, row, f'expected one currency, {self.currency}, found "{currency}"')
