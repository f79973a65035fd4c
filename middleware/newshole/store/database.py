"""SQLite files that the processes of one machine share: one that writes keeps nobody from reading."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

Synchronous: TypeAlias = Literal["NORMAL", "FULL"]
"""Whether a power cut may take the last transactions with it: it may, or may not. A killed process loses
none."""


def open_database(
    file: Path,
    tables: str,
    *,
    patience: float,
    synchronous: Synchronous,
    is_private: bool = True,
    is_trimmed: bool = False,
) -> sqlite3.Connection:
    """A file with its `tables`, made where it is not there; a write waits `patience` seconds for those of
    others. One that `is_private` is made with its folder, and readable by its owner alone; one that
    `is_trimmed` gives room back to the disk by `PRAGMA incremental_vacuum`.

    It may be used by one thread at a time. Raises sqlite3.Error and OSError, and leaves nothing open then.
    """
    if is_private:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    database = sqlite3.connect(file, timeout=patience, check_same_thread=False)
    try:
        if is_trimmed:  # before anything is written, or it stays without effect
            database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA synchronous = {synchronous}")
        database.executescript(tables)
    except BaseException:
        database.close()
        raise
    return database


class Database:
    """A file that `connect` opens when it is first used, and again where that failed or another one took its
    place: others see what is there now. Threads use it one after the other."""

    def __init__(self, file: Path, connect: Callable[[Path], sqlite3.Connection]) -> None:
        self.file, self._connect = file, connect
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None
        self._opened_as: tuple[int, int] | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one transaction. Raises sqlite3.Error and OSError, and begins anew then."""
        with self._lock:
            try:
                with self._connection() as connection:
                    yield connection
            except (sqlite3.Error, OSError):
                self._let_go()
                raise

    def close(self) -> None:
        """Close the file; using it again opens it again."""
        with self._lock:
            self._let_go()

    def _connection(self) -> sqlite3.Connection:
        if self._opened_as is None or self._identity() != self._opened_as:
            self._let_go()
        if self._opened is None:
            # Before it is opened, so that one that is put in its place meanwhile is seen the next time.
            before = self._identity()
            self._opened = self._connect(self.file)
            self._opened_as = before or self._identity()
        return self._opened

    def _identity(self) -> tuple[int, int] | None:
        """Which file it is, whatever is called so later; None where there is none."""
        try:
            found = self.file.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _let_go(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
