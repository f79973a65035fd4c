"""The files that the demo and its console share, in a folder that lasts as long as they."""

from __future__ import annotations

from pathlib import Path


def archive_in(folder: Path) -> str:
    """The file that the demo's rules are published in."""
    return str(folder / "archive")


def journal_in(folder: Path) -> str:
    """The file that keeps what the demo's readers got when."""
    return str(folder / "journal")


def library_in(folder: Path) -> str:
    """The file that the demo's stories are learned to."""
    return str(folder / "library")


def events_in(folder: Path) -> str:
    """The folder that the events of the demo's readers are written to at first."""
    return str(folder / "events")


def warehouse_in(folder: Path) -> Path:
    """The SQLite file that they are brought to, and read from by the console."""
    return folder / "events.db"
