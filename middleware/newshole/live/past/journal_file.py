"""The file of the journal: SQLite, which the workers of one machine share.

    served   number, at, address, query, document    a row for what changed at an address
    pages    digest, at, size, body                   the site's own bytes, compressed, once for all rows

Rows go after 30 days; so do the bytes that no row is left of, and those served longest ago where all of them
are over the bound.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final

from newshole.live.past.served import DAY, Served, decode, encode, last_of_each
from newshole.store.database import Database, open_database

PATIENCE: Final = 5.0
"""Seconds for which a write waits for those of others."""

KEPT: Final = 30 * DAY
"""Seconds for which a row is kept."""

MOST_ROWS: Final = 1_000_000
MOST_BYTES: Final = 512 * 1024 * 1024
"""Bytes of all pages, compressed, that are kept."""

LARGEST: Final = 8 * 1024 * 1024
"""Bytes of the largest page that is read back."""

LOOKED_AT: Final = 2000
"""Rows of an address and a query that are looked at, the newest first."""

NAME: Final = "journal.db"

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS served (
    number INTEGER PRIMARY KEY, at REAL NOT NULL, address TEXT NOT NULL, query TEXT NOT NULL,
    page TEXT NOT NULL, document BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS served_by_address ON served (address, query, at);
CREATE INDEX IF NOT EXISTS served_by_time ON served (at);
CREATE INDEX IF NOT EXISTS served_by_page ON served (page);
CREATE TABLE IF NOT EXISTS pages (
    digest TEXT PRIMARY KEY, at REAL NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pages_by_time ON pages (at);
"""
_ROWS: Final = """
SELECT document FROM served WHERE address = ? AND query = ? AND at <= ?
ORDER BY at DESC, number DESC LIMIT ?
"""
_BEYOND: Final = """
DELETE FROM served WHERE number <= (SELECT number FROM served ORDER BY number DESC LIMIT 1 OFFSET ?)
"""
_ORPHANS: Final = """
DELETE FROM pages WHERE NOT EXISTS (SELECT 1 FROM served WHERE served.page = pages.digest)
"""


class JournalFile:
    """A journal at a path; a folder stands for a file in it. It is made when it is first written, readable by
    its owner alone. Every method may raise sqlite3.Error and OSError."""

    def __init__(self, path: str | Path, *, most_bytes: int = MOST_BYTES, most_rows: int = MOST_ROWS) -> None:
        path = Path(path)
        self.file = path / NAME if path.is_dir() else path
        self.most_bytes, self.most_rows = most_bytes, most_rows
        connect = partial(
            open_database, tables=_TABLES, patience=PATIENCE, synchronous="NORMAL", is_trimmed=True
        )
        self.database = Database(self.file, connect)

    def write(self, rows: Iterable[tuple[Served, bytes | None]]) -> list[Served]:
        """Add rows, with the site's own bytes where they may be kept; those that were new to the file."""
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            return [served for served, body in rows if _added(connection, served, body)]

    def lookup(self, address: str, query: str, at: float, device: str | None = None) -> list[Served]:
        """What readers of an address got at a moment: for each kind of them the last row before it, the
        newest first; those over a day older than that one are left out.

        Where rules did not look at the device, a row counts for every one. Where nothing is known of a query,
        what was served without one counts.
        """
        with self.database.transaction() as connection:
            for each in dict.fromkeys((query, "")):
                found = _rows(connection, (address, each, at, LOOKED_AT))
                if rows := [*last_of_each(found, device)]:
                    return rows
        return []

    def page(self, digest: str) -> bytes | None:
        """The site's own bytes; None where they are not kept, or not any more."""
        with self.database.transaction() as connection:
            row = connection.execute("SELECT body FROM pages WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            return None
        inflate = zlib.decompressobj()
        body = inflate.decompress(row[0], LARGEST)
        return body if inflate.eof else None

    def prune(self, now: float) -> None:
        """Let go of what is too old, and of pages beyond the bound, those longest not served first."""
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM served WHERE at < ?", (now - KEPT,))
            connection.execute(_BEYOND, (self.most_rows,))
            connection.execute(_ORPHANS)
            (size,) = connection.execute("SELECT coalesce(sum(size), 0) FROM pages").fetchone()
            by_age = connection.execute("SELECT digest, size FROM pages ORDER BY at").fetchall()
            for digest, own in by_age if size > self.most_bytes else ():
                if size <= self.most_bytes:
                    break
                connection.execute("DELETE FROM pages WHERE digest = ?", (digest,))
                size -= own
        with self.database.transaction() as connection:
            connection.execute("PRAGMA incremental_vacuum").fetchall()

    def close(self) -> None:
        """Close the file; asking again opens it again."""
        self.database.close()


def _rows(connection: sqlite3.Connection, asked: tuple[str, str, float, int]) -> list[Served]:
    """So many rows of an address and a query before a moment, the newest first."""
    found = connection.execute(_ROWS, asked).fetchall()
    return [row for (document,) in found if (row := decode(document)) is not None]


def _is_same(last: Served, served: Served) -> bool:
    """Whether a row would tell nothing new; clocks of workers differ, and are set back."""
    return served.tells_no_more_than(last) and last.page == served.page and abs(served.at - last.at) < DAY


def _added(connection: sqlite3.Connection, served: Served, body: bytes | None) -> bool:
    """Whether a row was new: another worker may have written the same a moment ago."""
    rows = _rows(connection, (served.address, served.query, served.at + DAY, 20))
    last = next((row for row in rows if row.key == served.key), None)
    if last is not None and _is_same(last, served):
        return False
    connection.execute(
        "INSERT INTO served (at, address, query, page, document) VALUES (?, ?, ?, ?, ?)",
        (served.at, served.address, served.query, served.page, encode(served)),
    )
    known = connection.execute("UPDATE pages SET at = ? WHERE digest = ?", (served.at, served.page)).rowcount
    if body is not None and not known:
        packed = zlib.compress(body, 6)
        kept = (served.page, served.at, len(packed), packed)
        connection.execute("INSERT OR IGNORE INTO pages VALUES (?, ?, ?, ?)", kept)
    return True
