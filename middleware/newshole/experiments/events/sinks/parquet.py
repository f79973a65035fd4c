"""A folder of Parquet files, some a day, written and asked by DuckDB: for hundreds of millions.

    day=2026-12-01/all.parquet    every row of a day that is over, each once, joined from its parts
    day=2026-12-02/3f….parquet    parts: a batch each, named by what is in it

A file is written under another name and then renamed, so none is ever read half, and a batch that comes again
overwrites itself. `all.parquet` takes the place of the one before in one step, and only then do the parts go
that are in it. Whoever reads takes of parts what is in no `all.parquet`, so it is right at every moment, also
where joining was killed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
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
_READ: Final = "select * exclude (day) from read_parquet({files}, hive_partitioning = true)"
_ONCE: Final = "qualify row_number() over (partition by id) = 1"
_NOT_IN: Final = " where id not in (select id from read_parquet({files}))"
_ORDER: Final = " order by kind, experiment, unit"
"""Queries look at some kinds and one experiment, and so read a part of a file."""

_HAPPENED: Final = """
create view happened as
select * replace (hash(view_id) as view_id, hash(unit) as unit), unit <> '' as has_unit from events
"""
"""Numbers of 64 bits are joined several times as fast as the texts; of 10 million views two have the same in
one of 400,000 tests."""

_ALL: Final = "all.parquet"
_AROUND: Final = 8
"""Days before and after a row's own in which it may come again: events are taken for as long."""


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

    def join(self, before: int) -> None:
        """Join the parts of the days before that of a moment, the oldest first."""
        for folder in sorted(self._folder.glob("day=*")):
            if folder.name < f"day={_date(before)}" and (parts := _parts(folder)):
                self._join(folder, parts)

    def _join(self, folder: Path, parts: list[Path]) -> None:
        """What is sent again a day later may be in another day's file."""
        day = datetime.strptime(folder.name, "day=%Y-%m-%d").replace(tzinfo=UTC)
        around = [day + timedelta(days=n) for n in range(-_AROUND, _AROUND + 1) if n]
        beside = [self._folder / f"day={each.date()}" / _ALL for each in around]
        others = [path for path in beside if path.exists()]
        joined = folder / _ALL
        sources = [*parts, *([joined] if joined.exists() else [])]
        query = _READ.format(files=_listed(sources)) + (
            _NOT_IN.format(files=_listed(others)) if others else ""
        )
        new = folder / "all.new"
        copied = f"copy ({query} {_ONCE}{_ORDER}) to {_quoted(new)} (format parquet, compression zstd)"
        self._engine.execute(copied)
        _sync(new)
        new.rename(joined)
        _sync(folder)
        for part in parts:
            part.unlink(missing_ok=True)

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
        whole = sorted(folder.glob(f"day=*/{_ALL}"))
        parts = [part for day in sorted(folder.glob("day=*")) for part in _parts(day)]
        if not whole and not parts:
            raise duckdb.IOException(f"no files in {folder}")
        newest = ""
        if parts:
            apart = _NOT_IN.format(files=_listed(whole)) if whole else ""
            new = _READ.format(files=_listed(parts)) + apart
            # Once and for all, since every question would ask for it again.
            self._engine.execute(f"create temp table newest as {new} {_ONCE}")
            newest = "select * from newest"
        known = _READ.format(files=_listed(whole)) if whole else ""
        self._engine.execute(f"create view events as {' union all '.join(filter(None, (known, newest)))}")
        self._engine.execute(_HAPPENED)

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._engine.execute(sql, list(parameters)).fetchall()

    def each(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        answer = self._engine.execute(sql, list(parameters))
        while rows := answer.fetchmany(_FETCHED):
            yield from rows

    def close(self) -> None:
        self._engine.close()


def _parts(folder: Path) -> list[Path]:
    """The files of a day that are not joined yet."""
    return sorted(path for path in folder.glob("*.parquet") if path.name != _ALL)


def _listed(paths: Sequence[Path]) -> str:
    return f"[{', '.join(map(_quoted, paths))}]"


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
