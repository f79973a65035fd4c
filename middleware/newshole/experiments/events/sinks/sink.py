"""What a sink is: the one thing to write for another warehouse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from newshole.experiments.events.row import Row


class Sink(Protocol):
    """Keeps rows. Once `write` returns they are on the disk, or wherever they are kept: only then is the
    stream told, or the segment deleted, that they came from. So the same rows may come again, and `write`
    keeps those with one id once. It is used by one thread at a time.
    """

    def write(self, rows: Sequence[Row]) -> None:
        """Keep rows durably. Raises whatever its library does; the rows come again later then."""

    def forget(self, before: int) -> None:
        """Drop the rows of before a moment, in milliseconds since 1970."""

    def join(self, before: int) -> None:
        """Make the rows of the days before that of a moment quick to read, where that takes any doing."""

    def close(self) -> None:
        """Let go of files and connections."""


class Table(Protocol):
    """Answers SQL over a table `events`, whose columns are the fields of `Row`, each id once; `attributes`
    are JSON. `happened` has the same rows and `has_unit`, with keys in the places of `view_id` and `unit`
    that may be shorter. Temporary tables may be made beside it, which are gone when it is closed.
    """

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of an answer; `?` in the statement stands for a parameter."""

    def each(self, sql: str, parameters: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """The same row by row, for answers that are too large to have at once; ask nothing else meanwhile."""

    def close(self) -> None:
        """Let go of files and connections."""
