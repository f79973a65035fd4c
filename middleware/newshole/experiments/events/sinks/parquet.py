"""A folder of Parquet files, one a day and batch, written and asked by DuckDB: for hundreds of millions.

A file is written under another name and then renamed, so none is ever read half. Its name comes of what is in
it: a batch that comes again overwrites itself, and what two batches have in common is told apart when asked.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import duckdb

from newshole.experiments.events.row import Row

_SHAPE: Final = json.dumps(
    [
        {
            "id": "VARCHAR", "ms": "BIGINT", "kind": "VARCHAR", "view_id": "VARCHAR", "experiment": "VARCHAR",
            "arm": "VARCHAR", "unit": "VARCHAR", "page": "VARCHAR", "block": "VARCHAR", "position": "BIGINT",
            "value": "DOUBLE", "rules": "VARCHAR", "attributes": "VARCHAR",
        }
    ]
)  # fmt: skip
"""The columns of a file, as DuckDB reads them out of JSON."""


_FETCHED: Final = 10_000
"""Rows that are taken out of DuckDB at a time."""

_BATCH: Final = "create or replace temp table batch as select unnest(from_json(?, ?), recursive := true)"
_EVENTS: Final = """
create view events as
select * exclude (day) from read_parquet({files}, hive_partitioning = true)
qualify row_number() over (partition by id) = 1
"""
"""What two batches have in common is the same in both."""


class ParquetSink:
    """Rows in a folder, which is made where it is not there. Raises duckdb.Error and OSError."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._engine = duckdb.connect()

    def write(self, rows: Sequence[Row]) -> None:
        once = {row.id: row for row in rows}
        for day, own in groupby(sorted(once.values(), key=lambda row: (row.ms, row.id)), key=_day):
            self._write_day(day, list(own))

    def _write_day(self, day: str, rows: list[Row]) -> None:
        folder = self._folder / f"day={day}"
        folder.mkdir(exist_ok=True)
        name = hashlib.blake2b("".join(row.id for row in rows).encode(), digest_size=12).hexdigest()
        new = folder / f"{name}.new"
        listed = json.dumps([_columns(row) for row in rows])
        self._engine.execute(_BATCH, [listed, _SHAPE])
        self._engine.execute(f"copy batch to {_quoted(new)} (format parquet, compression zstd)")
        _sync(new)
        new.rename(new.with_suffix(".parquet"))
        _sync(folder)

    def forget(self, before: int) -> None:
        """Drop the rows of the days before that of a moment, in milliseconds since 1970."""
        for folder in self._folder.glob("day=*"):
            if folder.name < f"day={_date(before)}":
                for each in folder.iterdir():
                    each.unlink()
                folder.rmdir()

    def close(self) -> None:
        self._engine.close()


class ParquetTable:
    """The rows of a folder, to be asked. Raises duckdb.Error, also where there are no rows at all."""

    def __init__(self, folder: Path) -> None:
        self._engine = duckdb.connect()
        files = _quoted(folder / "day=*" / "*.parquet")
        self._engine.execute(_EVENTS.format(files=files))

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._engine.execute(sql, list(parameters)).fetchall()

    def each(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        answer = self._engine.execute(sql, list(parameters))
        while rows := answer.fetchmany(_FETCHED):
            yield from rows

    def close(self) -> None:
        self._engine.close()


def _columns(row: Row) -> dict[str, object]:
    return {**asdict(row), "attributes": json.dumps(row.attributes, sort_keys=True)}


def _day(row: Row) -> str:
    return _date(row.ms)


def _date(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def _quoted(path: Path) -> str:
    """A path as a string of SQL, where no parameter may stand."""
    text = str(path).replace("'", "''")
    return f"'{text}'"


def _sync(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
