"""A SQLite file: for one machine, and some millions of events."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

from newshole.experiments.events.row import Row
from newshole.store.database import open_database

_SCHEMA: Final = """
create table if not exists events (
    id text primary key, ms integer not null, kind text not null, view_id text not null,
    experiment text not null, arm text not null, unit text not null, page text not null,
    block text not null, position integer not null, value real not null, rules text not null,
    attributes text not null
) without rowid;
create index if not exists events_by_experiment on events (experiment, kind, unit);
create index if not exists events_by_view on events (view_id, kind);
create index if not exists events_by_time on events (ms);
"""
_INSERT: Final = "insert or ignore into events values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PATIENCE: Final = 30.0


class SqliteSink:
    """Rows in a file, which is made where it is not there. Raises sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = open_database(path, _SCHEMA, patience=_PATIENCE, synchronous="FULL", is_private=False)

    def write(self, rows: Sequence[Row]) -> None:
        with self._file:
            self._file.executemany(_INSERT, map(_values, rows))

    def forget(self, before: int) -> None:
        with self._file:
            self._file.execute("delete from events where ms < ?", (before,))

    def join(self, before: int) -> None:
        """Nothing: an index finds every row."""

    def close(self) -> None:
        self._file.close()


class SqliteTable:
    """The rows of a file, to be asked. Raises sqlite3.Error, also where there is no such file."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE)
        self._file.execute("create temp view happened as select *, unit <> '' as has_unit from events")

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._file.execute(sql, tuple(parameters)).fetchall()

    def each(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        yield from self._file.execute(sql, tuple(parameters))

    def close(self) -> None:
        self._file.close()


def _values(row: Row) -> tuple[object, ...]:
    *others, attributes = astuple(row)
    return (*others, json.dumps(attributes, sort_keys=True))
