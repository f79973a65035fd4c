"""Money by arm and position, as an ad server reports it by key-values: a table in CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final, NamedTuple

from newshole.errors import Problem, RulesError
from newshole.experiments.analysis.design import Design

COLUMNS: Final = ("nh_arm", "nh_pos", "revenue")
IMPRESSIONS: Final = "impressions"


class Revenue(NamedTuple):
    """What an arm earned at a position; `impressions` is None where the table has no such column."""

    arm: str
    position: str
    amount: float
    impressions: int | None


@dataclass(frozen=True, slots=True)
class _Cells:
    """One line of the table, by its columns."""

    line: int
    by_name: Mapping[str, str]


def read_revenue(text: str, file: Path, design: Design) -> list[Revenue]:
    """The table's rows of one experiment, those of the same arm and position added up.

    `nh_arm` is EXPERIMENT:ARM, or the arm alone; rows of other experiments are left out. The key may stand
    before the value, as in "nh_arm=wide". Columns that are not known are passed over, for ad servers export
    many. Raises RulesError with every mistake.
    """
    lines = list(_lines(text))
    problems = [
        Problem(file, 1, 1, f'needs a column "{name}" in its first line')
        for name in COLUMNS
        if not lines or name not in lines[0].by_name
    ]
    if problems:
        raise RulesError(problems)
    found: dict[tuple[str, str], Revenue] = {}
    for cells in lines:
        arm = _arm(cells.by_name["nh_arm"], design)
        if arm is None:
            continue
        try:
            row = _row(arm, cells.by_name)
        except ValueError as error:
            problems.append(Problem(file, cells.line, 1, str(error)))
            continue
        place = (row.arm, row.position)
        found[place] = _added(found[place], row) if place in found else row
    if problems:
        raise RulesError(problems)
    return sorted(found.values())


def _lines(text: str) -> Iterator[_Cells]:
    written = text.removeprefix("\ufeff").splitlines()
    delimiter = ";" if written and ";" in written[0] else ","
    rows = csv.reader(written, delimiter=delimiter)
    heading = [cell.strip().lower() for cell in next(rows, [])]
    for line, row in enumerate(rows, 2):
        if any(cell.strip() for cell in row):
            cells = [cell.strip() for cell in row] + [""] * len(heading)
            yield _Cells(line, dict(zip(heading, cells, strict=False)))


def _arm(written: str, design: Design) -> str | None:
    experiment, _, arm = written.removeprefix("nh_arm=").rpartition(":")
    return arm if arm in design.shares and experiment in ("", design.name) else None


def _row(arm: str, cells: Mapping[str, str]) -> Revenue:
    impressions = None
    if IMPRESSIONS in cells:
        impressions = int(_number(cells[IMPRESSIONS], IMPRESSIONS))
    return Revenue(
        arm, cells["nh_pos"].removeprefix("nh_pos="), _number(cells["revenue"], "revenue"), impressions
    )


def _number(written: str, column: str) -> float:
    """A number with a point before its decimals. Raises ValueError."""
    try:
        value = float(written.replace(" ", ""))
    except ValueError:
        value = -1.0
    if not isfinite(value) or value < 0:
        raise ValueError(f'expected a number such as 1234.56 in "{column}", found "{written}"')
    return value


def _added(one: Revenue, other: Revenue) -> Revenue:
    impressions = None if one.impressions is None else one.impressions + (other.impressions or 0)
    return one._replace(amount=one.amount + other.amount, impressions=impressions)
