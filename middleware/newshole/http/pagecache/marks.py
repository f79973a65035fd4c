"""Which pages were purged, as far as a worker knows.

Purges are marks in an order that all workers see alike: each has a position in the log. A page carries the
position that was known when it was asked for, so a mark behind that position is of a moment at which the page
may have been on its way already, and the page is gone. No clock is compared with another.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from newshole.http.pagecache.tags import EVERYTHING, WIDTH

Position: TypeAlias = tuple[int, int]

START: Final[Position] = (0, 0)

MOST_MARKS: Final = 65_536
"""Marks that are remembered; pages that are older than the one forgotten last are taken for purged."""

BATCH: Final = 256
"""Marks in one value of the log."""

_VERSION: Final = b"\x01"


class Marks:
    """The marks of purges; `version` rises with each, and `floor` is the position before which nothing is
    known."""

    def __init__(self) -> None:
        self.seen = self.floor = START
        self.version = 0
        self._hard: dict[bytes, Position] = {}
        self._soft: dict[bytes, tuple[Position, float]] = {}

    def add(self, marks: Iterable[bytes], position: Position, *, soft: bool, now: float) -> None:
        """Learn of a purge at a position, heard of at a moment."""
        for mark in marks:
            if soft:
                self._soft.pop(mark, None)
                self._soft[mark] = (position, now)
            else:
                self._hard.pop(mark, None)
                self._hard[mark] = position
        self.reach(position)
        self._forget()

    def reach(self, position: Position) -> None:
        """Go on to a position; what is asked for from now on is behind it."""
        self.seen = max(self.seen, position)
        self.version += 1

    def begin(self, position: Position) -> None:
        """Take a log up at its first position: what lies before it is not known."""
        self.floor = max(self.floor, position)
        self.version += 1

    def has_purged(self, marks: Iterable[bytes], seen: Position) -> bool:
        """Whether a page with these marks, asked for at a position, is gone."""
        if seen < self.floor or self._hard.get(EVERYTHING, START) > seen:
            return True
        return any(self._hard.get(mark, START) > seen for mark in marks)

    def softened(self, marks: Iterable[bytes], seen: Position) -> float | None:
        """The first moment since which such a page is stale, None where no soft purge met it."""
        found = (self._soft.get(mark, (START, 0.0)) for mark in (EVERYTHING, *marks))
        return min((at for position, at in found if position > seen), default=None)

    def _forget(self) -> None:
        while len(self._hard) > MOST_MARKS:
            oldest = next(iter(self._hard))
            self.floor = max(self.floor, self._hard.pop(oldest))
        while len(self._soft) > MOST_MARKS:
            oldest = next(iter(self._soft))
            self.floor = max(self.floor, self._soft.pop(oldest)[0])


def write_marks(marks: Iterable[bytes], *, soft: bool) -> list[bytes]:
    """The values of the log for these marks."""
    every = sorted(set(marks))
    parts = [every[at : at + BATCH] for at in range(0, len(every), BATCH)]
    return [_VERSION + (b"s" if soft else b"h") + b"".join(part) for part in parts]


def read_marks(value: bytes) -> tuple[list[bytes], bool] | None:
    """The marks of a value and whether they are soft; None for what `write_marks` did not make."""
    version, kind, rest = value[:1], value[1:2], value[2:]
    if version != _VERSION or kind not in (b"s", b"h") or len(rest) % WIDTH:
        return None
    return [rest[at : at + WIDTH] for at in range(0, len(rest), WIDTH)], kind == b"s"
