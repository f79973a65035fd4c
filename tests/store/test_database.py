"""SQLite files that the processes of one machine share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from newshole.store.database import Database, open_database

TABLES = "CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY);"


def test_a_private_file_is_made_with_its_folder_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "state" / "kept.db"
    with closing(open_database(file, TABLES, patience=1.0, synchronous="FULL")) as database:
        database.execute("INSERT INTO kept VALUES (1)")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("is_trimmed", [True, False])
def test_only_a_trimmed_file_gives_room_back_to_the_disk(tmp_path: Path, is_trimmed: bool) -> None:
    file = tmp_path / "kept.db"
    made = open_database(file, TABLES, patience=1.0, synchronous="NORMAL", is_trimmed=is_trimmed)
    with closing(made) as database:
        database.executemany("INSERT INTO kept VALUES (?)", ((n,) for n in range(20_000)))
        database.execute("DELETE FROM kept")
        database.commit()
        before = database.execute("PRAGMA page_count").fetchone()
        database.execute("PRAGMA incremental_vacuum").fetchall()
        assert (database.execute("PRAGMA page_count").fetchone() < before) is is_trimmed


def test_a_file_that_is_no_database_is_not_left_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def recorded(file: Path, *, timeout: float, check_same_thread: bool) -> sqlite3.Connection:
        opened.append(connect(file, timeout=timeout, check_same_thread=check_same_thread))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", recorded)
    file = tmp_path / "text.db"
    file.write_text("no database, but text of some length\n" * 40)
    with pytest.raises(sqlite3.DatabaseError):
        open_database(file, TABLES, patience=1.0, synchronous="FULL")
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    connect = partial(open_database, tables=TABLES, patience=1.0, synchronous="NORMAL")
    database = Database(tmp_path / "kept.db", connect)
    yield database
    database.close()


def add(database: Database, number: int) -> None:
    with database.transaction() as connection:
        connection.execute("INSERT INTO kept VALUES (?)", (number,))


def numbers(database: Database) -> list[int]:
    with database.transaction() as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY number")]


def test_a_transaction_that_fails_leaves_nothing_and_the_next_one_is_as_good_as_any(
    database: Database,
) -> None:
    add(database, 1)
    with pytest.raises(sqlite3.IntegrityError), database.transaction() as connection:
        connection.executemany("INSERT INTO kept VALUES (?)", [(2,), (1,)])
    add(database, 3)
    assert numbers(database) == [1, 3]


def test_a_file_that_was_closed_is_opened_again(database: Database) -> None:
    add(database, 1)
    database.close()
    assert numbers(database) == [1]


def test_a_file_that_was_taken_away_is_made_anew(database: Database) -> None:
    add(database, 1)
    for file in database.file.parent.glob("kept.db*"):
        file.unlink()
    assert numbers(database) == []
    add(database, 2)
    assert numbers(database) == [2]
