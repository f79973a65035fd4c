"""Segments: files that a worker appends records to before a response ends, one record a line.

    w-4711-000001.open ──full, or old──► w-4711-000001.ready ──shipped──► gone
          │ its writer dies
          └──────────► found by its lock, which nobody holds any more

A record is one `write` to a file: once that returns, a worker that is killed has lost nothing, for the bytes
are the system's. (A machine that loses its power may lose what it had not written to its disk yet.) What a
disk has no room for is refused and counted, and the next record begins on a line of its own.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

OPEN: Final = ".open"
READY: Final = ".ready"
_NEW: Final = ".new"

SEGMENT_BYTES: Final = 4 * 1024 * 1024
SEGMENT_SECONDS: Final = 5.0
"""How large and how old a segment grows before it is ready to be shipped; older where many wait."""

MOST_BYTES: Final = 1024 * 1024 * 1024
"""What the segments of one folder may take, of all its workers together; then records are refused."""

_BLOCK: Final = 4096
"""Bytes that the smallest file takes on a disk."""

_HURRY: Final = 100
"""Segments that wait for each second that a new one may grow old: looking at them all stays cheap, and while
nobody takes them a site of few readers does not fill a disk with small files."""

_AGAIN: Final = 5.0
"""Seconds for which a folder that refused a record is left alone."""


@dataclass(slots=True)
class Tally:
    """What became of records: `kept` on the disk, `lost` for want of room or for an error."""

    kept: int = 0
    lost: int = 0


@dataclass(slots=True)
class _Segment:
    """The file that is written to."""

    path: Path
    descriptor: int
    until: float
    size: int = 0
    is_torn: bool = False


@dataclass(slots=True)
class Segments:
    """The segments of one worker in a folder; it never raises, and waits for the disk at most.

    `clock` counts seconds, from whenever.
    """

    folder: Path
    most: int = MOST_BYTES
    clock: Callable[[], float] = time.monotonic
    tally: Tally = field(default_factory=Tally)
    _number: int = 0
    _segment: _Segment | None = None
    _closed_until: float = 0.0

    def append(self, record: bytes) -> bool:
        """Keep a record, which holds no line feed; false where it is lost."""
        try:
            is_kept = self._append(record)
        except OSError:
            is_kept = False
            self._closed_until = self.clock() + _AGAIN
            self._drop()
        self.tally.kept += is_kept
        self.tally.lost += not is_kept
        return is_kept

    def rotate(self) -> None:
        """Make what is written ready to be shipped, if it is old enough; to be called now and then."""
        segment = self._segment
        if segment is not None and self.clock() >= segment.until:
            self.close()

    def close(self) -> None:
        """Make what is written ready to be shipped."""
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            if segment.size:
                segment.path.rename(segment.path.with_suffix(READY))
            else:
                segment.path.unlink()
        except OSError:
            pass  # whoever ships finds it by its lock, which goes with the descriptor
        finally:
            os.close(segment.descriptor)

    def _append(self, record: bytes) -> bool:
        segment = self._segment
        if segment is None or self._is_full(segment):
            self.close()
            if self.clock() < self._closed_until:
                return False
            segment = self._segment = self._opened()
            if segment is None:
                return False
        line = (b"\n" if segment.is_torn else b"") + record + b"\n"
        written = os.write(segment.descriptor, line)
        segment.size += written
        segment.is_torn = written < len(line)
        return not segment.is_torn

    def _is_full(self, segment: _Segment) -> bool:
        return segment.size >= SEGMENT_BYTES or self.clock() >= segment.until

    def _opened(self) -> _Segment | None:
        """A new segment, locked as long as this process lives; None where the folder is full."""
        self.folder.mkdir(parents=True, exist_ok=True)
        waiting = [*_files(self.folder, READY), *_files(self.folder, OPEN)]
        if sum(map(_room, waiting)) >= self.most:
            self._closed_until = self.clock() + _AGAIN
            return None
        self._number += 1
        new = self.folder / f"w-{os.getpid()}-{time.time_ns():x}-{self._number:06}{_NEW}"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # It has its lock before anyone can take it for abandoned.
            path = new.rename(new.with_suffix(OPEN))
        except OSError:
            os.close(descriptor)
            raise
        return _Segment(path, descriptor, self.clock() + max(SEGMENT_SECONDS, len(waiting) / _HURRY))

    def _drop(self) -> None:
        """Let go of a segment that cannot be written to; what it holds is shipped."""
        try:
            self.close()
        except OSError:
            self._segment = None


def ready(folder: Path) -> list[Path]:
    """The segments that nobody writes to any more, the oldest first."""
    found = [*_files(folder, READY), *(path for path in _files(folder, OPEN) if _is_abandoned(path))]
    return sorted(found, key=lambda path: path.name.split("-")[2:])


def records(segment: Path) -> Iterator[bytes]:
    """The records of a segment in order, without a last one that has no end. Raises OSError."""
    with segment.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n") and line != b"\n":
                yield line[:-1]


def _files(folder: Path, suffix: str) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix == suffix]
    except FileNotFoundError:
        return []


def _room(path: Path) -> int:
    """The bytes that a segment takes; none where somebody has just taken it."""
    try:
        return max(path.stat().st_size, _BLOCK)
    except FileNotFoundError:
        return 0


def _is_abandoned(path: Path) -> bool:
    """Whether the worker that wrote a segment is gone: with it went its lock."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
