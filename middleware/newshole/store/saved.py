"""A file as an archive: for the workers, the console and the commands of one machine, where no Redis is.

It is an SQLite database. A field is written by one `INSERT OR IGNORE`, so that it is one step, whoever else
writes; every question has a thread of its own, and waits for others no longer than a step of Redis may take.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from newshole.store.database import open_database
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
        self.file, self._patience, self._clock = Path(file), patience, clock
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._opened_as: tuple[int, int] | None = None

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
        await asyncio.to_thread(self._close)

    async def _ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._answer, question)

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._lock, self._opened() as database:
                return question(database)
        except (sqlite3.Error, OSError) as error:
            self._close()
            raise StoreError(f"{type(error).__name__}: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        """The database, within which one question is one transaction. One whose file was taken away, or put
        back from a backup, is let go of: others see what is there now."""
        if self._database is not None and self._identity() != self._opened_as:
            self._database.close()
            self._database = None
        if self._database is None:
            self._database = open_database(self.file, _TABLES, patience=self._patience, synchronous="FULL")
            self._opened_as = self._identity()
        return self._database

    def _identity(self) -> tuple[int, int] | None:
        """Which file it is, whatever is called so later; None where there is none."""
        try:
            found = self.file.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _close(self) -> None:
        with self._lock:
            database, self._database = self._database, None
        if database is not None:
            database.close()
