"""The files that the demo and its console share, in a folder that lasts as long as they."""

from __future__ import annotations

from pathlib import Path


def archive_in(folder: Path) -> str:
    """The file that the demo's rules are published in."""
    return str(folder / "archive")


def library_in(folder: Path) -> str:
    """The file that the demo's stories are learned to."""
    return str(folder / "library")
