"""Where rows are kept, by the path that is told: a file of SQLite, or a folder of Parquet files."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from newshole.errors import UsageError
from newshole.experiments.events.sinks.sink import Sink, Table
from newshole.experiments.events.sinks.sqlite import SqliteSink, SqliteTable

SUFFIXES: Final = (".db", ".sqlite", ".sqlite3")
"""How the name of a file of SQLite ends; every other path is a folder."""


def open_sink(path: Path) -> Sink:
    """The sink at a path, which is made where there is none. Raises UsageError where it cannot be."""
    if path.suffix in SUFFIXES:
        return SqliteSink(path)
    _need_duckdb()
    from newshole.experiments.events.sinks.parquet import ParquetSink

    return ParquetSink(path)


def open_table(path: Path) -> Table:
    """The rows at a path, to be asked. Raises UsageError where there are none."""
    if path.suffix in SUFFIXES:
        if not path.is_file():
            raise UsageError(f'no events in {path}: write them there with "newshole events sink --to {path}"')
        try:
            return SqliteTable(path)
        except sqlite3.Error as error:
            raise UsageError(f"no events can be read in {path} ({error}): name a file of the sink") from error
    if not any(path.glob("day=*/*.parquet")):
        raise UsageError(f'no events in {path}: write them there with "newshole events sink --to {path}"')
    _need_duckdb()
    from newshole.experiments.events.sinks.parquet import ParquetTable

    return ParquetTable(path)


def _need_duckdb() -> None:
    try:
        import duckdb  # noqa: F401 - asked whether it is there
    except ImportError as error:
        raise UsageError(
            "a folder of Parquet files needs DuckDB: pip install 'newshole[warehouse]', or name a file that "
            "ends in .db for SQLite"
        ) from error
