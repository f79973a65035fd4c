"""The archive in a file: what happens to the file while it is open."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from newshole.store import StoreError
from newshole.store.saved import SavedArchive

Check = Callable[[SavedArchive], Awaitable[None]]


def run(file: Path, check: Check) -> None:
    """Run a check on an archive that is open and has one entry."""

    async def checked() -> None:
        archive = SavedArchive(file, patience=0.1)
        await archive.add(b"log", b"1", b"first")
        try:
            await check(archive)
        finally:
            await archive.close()

    asyncio.run(checked())


async def written(file: Path, value: bytes) -> None:
    other = SavedArchive(file)
    await other.add(b"log", b"1", value)
    await other.close()


def remove(file: Path) -> None:
    """Remove a file with those beside it in which SQLite has what is new."""
    for each in file.parent.glob(f"{file.name}*"):
        each.unlink()


def test_a_file_that_was_put_back_from_a_backup_is_the_one_that_counts(tmp_path: Path) -> None:
    async def check(archive: SavedArchive) -> None:
        await written(tmp_path / "backup", b"restored")
        remove(archive.file)
        (tmp_path / "backup").replace(archive.file)
        assert await archive.read(b"log", b"1") == (b"restored",)
        assert await archive.add(b"log", b"2", b"second")
        await written(archive.file, b"not again")
        assert await archive.entries(b"log") == {b"1": b"restored", b"2": b"second"}

    run(tmp_path / "archive", check)


def test_where_the_file_was_removed_a_new_one_is_begun_that_others_see(tmp_path: Path) -> None:
    async def check(archive: SavedArchive) -> None:
        remove(archive.file)
        await written(archive.file, b"anew")
        assert await archive.entries(b"log") == {b"1": b"anew"}

    run(tmp_path / "archive", check)


def test_what_somebody_else_holds_is_read_and_not_waited_for_long(tmp_path: Path) -> None:
    async def check(archive: SavedArchive) -> None:
        with closing(sqlite3.connect(archive.file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert await archive.read(b"log", b"1") == (b"first",)
            with pytest.raises(StoreError, match="locked"):
                await archive.add(b"log", b"2", b"second")
        assert await archive.add(b"log", b"2", b"second")

    run(tmp_path / "archive", check)


def test_a_disk_that_is_full_is_an_error_and_no_half_an_entry(tmp_path: Path) -> None:
    async def check(archive: SavedArchive) -> None:
        with archive.database.transaction() as database:  # no disk is filled for a test
            (pages,) = database.execute("PRAGMA page_count").fetchone()
            database.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match="full"):
            await archive.add(b"log", b"2", b"x" * 100_000)
        assert await archive.entries(b"log") == {b"1": b"first"}
        assert await archive.add(b"log", b"2", b"second")

    run(tmp_path / "archive", check)
