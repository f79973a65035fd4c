"""The ledger in a file: SQLite, which the workers of one machine share.

    changes   number, site, url, is_word, document     a row for what became of a story, which the next one
                                                       replaces; beside it one for an operator's word
    counts    number, site, at, document

All of it happens in one thread of its own, which waits for the disk and for other workers' writes; the event
loop waits for neither. A transaction that is written stays where a worker is killed.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from newshole.library.ledger import (
    FULL,
    MOST_CHANGES,
    MOST_FORGOTTEN,
    START,
    VIEWS_KEPT,
    Change,
    Count,
    LedgerError,
    LedgerFullError,
    News,
    Position,
    decode_change,
    decode_count,
    encode_change,
    encode_count,
)
from newshole.store.database import Database, open_database

Result = TypeVar("Result")

PATIENCE: Final = 2.0
"""Seconds for which a write waits for those of others."""

MOST_ROWS: Final = 5000
"""Rows that are read at a time."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    url TEXT NOT NULL,
    is_word INTEGER NOT NULL,
    document BLOB NOT NULL,
    UNIQUE (site, url, is_word)
);
CREATE TABLE IF NOT EXISTS counts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL,
    at REAL NOT NULL,
    document BLOB NOT NULL
);
"""
_WRITE: Final = "INSERT OR REPLACE INTO changes (site, url, is_word, document) VALUES (?, ?, ?, ?)"
_WORDS: Final = "SELECT count(*) FROM changes WHERE site = ? AND is_word"
_TRIM: Final = (
    "DELETE FROM changes WHERE site = :site AND NOT is_word AND number <= (SELECT number FROM changes "
    "WHERE site = :site AND NOT is_word ORDER BY number DESC LIMIT 1 OFFSET :most)"
)
_CHANGES: Final = "SELECT number, document FROM changes WHERE site = ? AND number > ? ORDER BY number LIMIT ?"
_COUNTS: Final = "SELECT number, document FROM counts WHERE site = ? AND number > ? ORDER BY number LIMIT ?"
_NAMES: Final = ("changes", "counts")
_LAST: Final = "SELECT name, seq FROM sqlite_sequence"


class SavedLedger:
    """The ledger of the site `name` in a file, which is made when it is first used."""

    def __init__(self, file: str | Path, name: str) -> None:
        self.file, self.name = Path(file), name
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="newshole library")
        connect = partial(
            open_database, tables=_TABLES, patience=PATIENCE, synchronous="NORMAL", is_private=False
        )
        # The file may be another one the next time: a damaged one is moved away.
        self.database = Database(self.file, connect)

    async def tell(self, changes: Iterable[Change]) -> None:
        """Add what became of stories."""
        rows = [(each, document) for each in changes if (document := encode_change(each))]
        await self._do(partial(self._write_changes, rows))

    async def count(self, count: Count) -> None:
        """Add how often stories were read, and let go of what was counted long before."""
        await self._do(partial(self._write_count, count))

    async def news(self, position: tuple[Position, Position] = (START, START)) -> News:
        """What came behind two positions."""
        return await self._do(partial(self._read, position))

    async def close(self) -> None:
        """Close the file."""
        await self._do(self.database.close)

    async def _do(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, done in the file's thread."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(f"{self.file.name}: {error}") from error

    def _write_changes(self, rows: list[tuple[Change, bytes]]) -> None:
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for change, document in rows:
                is_word = change.kind in ("forgotten", "remembered")
                connection.execute(_WRITE, (self.name, change.url, is_word, document))
            connection.execute(_TRIM, {"site": self.name, "most": MOST_CHANGES})
            if connection.execute(_WORDS, (self.name,)).fetchone()[0] > MOST_FORGOTTEN:
                raise LedgerFullError(FULL)

    def _write_count(self, count: Count) -> None:
        with self.database.transaction() as connection:
            row = (self.name, count.at, encode_count(count))
            connection.execute("INSERT INTO counts (site, at, document) VALUES (?, ?, ?)", row)
            connection.execute("DELETE FROM counts WHERE at < ?", (count.at - VIEWS_KEPT,))

    def _read(self, position: tuple[Position, Position]) -> News:
        found = []
        with self.database.transaction() as connection:
            numbers = dict(connection.execute(_LAST).fetchall())
            for table, query, (after, _) in zip(_NAMES, (_CHANGES, _COUNTS), position, strict=True):
                # A file that is not as far is another one.
                behind = after if after <= numbers.get(table, 0) else 0
                found.append(connection.execute(query, (self.name, behind, MOST_ROWS)).fetchall())
        changed, counted = found
        return News(
            tuple(filter(None, (decode_change(document) for _, document in changed))),
            tuple(filter(None, (decode_count(document) for _, document in counted))),
            (_last(changed, position[0]), _last(counted, position[1])),
        )


def _last(rows: list[tuple[int, bytes]], before: Position) -> Position:
    return (rows[-1][0], 0) if rows else before
