"""A file as an archive: for the workers, the console and the commands of one machine, where no Redis is.

It is an SQLite database. A field is written by one `INSERT OR IGNORE`, so that it is one step, whoever else
writes; every question has a thread of its own, and waits for others no longer than a step of Redis may take.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from newshole.store.database import Database, open_database
from newshole.store.protocol import StoreError

T = TypeVar("T")

PATIENCE: Final = 1.0
"""Seconds that a question waits for others that write."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS fields (
    name BLOB NOT NULL, field BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (name, field)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS passing (name BLOB PRIMARY KEY, value BLOB NOT NULL, until REAL NOT NULL);
"""


class SavedArchive:
    """An archive in a file, which is made when it is first asked, readable by its owner alone."""

    def __init__(
        self, file: str | Path, *, patience: float = PATIENCE, clock: Callable[[], float] = time.time
    ) -> None:
        self.file, self._clock = Path(file), clock
        connect = partial(open_database, tables=_TABLES, patience=patience, synchronous="FULL")
        self.database = Database(self.file, connect)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.file)!r})"

    async def get(self, key: bytes) -> bytes | None:
        """What was put under a key and has not expired."""

        def found(database: sqlite3.Connection) -> bytes | None:
            row = database.execute("SELECT value, until FROM passing WHERE name = ?", (key,)).fetchone()
            return bytes(row[0]) if row is not None and self._clock() < row[1] else None

        return await self._ask(found)

    async def put(self, key: bytes, value: bytes, *, ttl: float) -> None:
        """Keep a value for `ttl` seconds at most."""
        now = self._clock()

        def kept(database: sqlite3.Connection) -> None:
            database.execute("DELETE FROM passing WHERE until <= ?", (now,))
            database.execute("REPLACE INTO passing VALUES (?, ?, ?)", (key, value, now + ttl))

        await self._ask(kept)

    async def add(self, name: bytes, field: bytes, value: bytes) -> bool:
        """Keep a value where there is none yet; whether it was kept."""
        row = (name, field, value)
        asked = "INSERT OR IGNORE INTO fields VALUES (?, ?, ?)"
        return await self._ask(lambda database: database.execute(asked, row).rowcount == 1)

    async def read(self, name: bytes, *fields: bytes) -> tuple[bytes | None, ...]:
        """What is kept in these fields, None for each that is free."""

        def found(database: sqlite3.Connection) -> tuple[bytes | None, ...]:
            marks = ", ".join("?" * len(fields))
            asked = f"SELECT field, value FROM fields WHERE name = ? AND field IN ({marks})"  # noqa: S608 - marks alone
            kept = {bytes(field): bytes(value) for field, value in database.execute(asked, (name, *fields))}
            return tuple(map(kept.get, fields))

        return await self._ask(found)

    async def entries(self, name: bytes) -> dict[bytes, bytes]:
        """Every field of a name."""
        asked = "SELECT field, value FROM fields WHERE name = ?"
        return await self._ask(
            lambda database: {bytes(field): bytes(value) for field, value in database.execute(asked, (name,))}
        )

    async def drop(self, name: bytes, field: bytes) -> None:
        """Free a field."""
        asked = "DELETE FROM fields WHERE name = ? AND field = ?"
        await self._ask(lambda database: database.execute(asked, (name, field)))

    async def close(self) -> None:
        """Close the file; asking again opens it again."""
        await asyncio.to_thread(self.database.close)

    async def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._answer, question)

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self.database.transaction() as database:
                return question(database)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"{type(error).__name__}: {error}") from error
