"""SQLite files that the processes of one machine share: one that writes keeps nobody from reading."""

from __future__ import annotations

import sqlite3
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
