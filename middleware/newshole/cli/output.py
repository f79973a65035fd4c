"""Where a command writes its result: standard output, or a file that is whole or not changed at all."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from newshole.errors import UsageError


def write(result: bytes, out: str | None) -> None:
    """Write to the file `out`, or to standard output where it is None. Raises UsageError where it cannot."""
    if out is None or out == "-":
        sys.stdout.buffer.write(result)
        sys.stdout.buffer.flush()
        return
    path = Path(out).resolve()  # through links, so that a link stays one
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(result)  # a device or a pipe; a folder says so
        else:
            _replace(path, result)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}; name another file with -o") from error


@contextmanager
def opened(out: str | None) -> Iterator[TextIO]:
    """A text file to be written piece by piece, standard output where `out` is None; it is whole in the end,
    or not changed at all. Raises UsageError where it cannot be written."""
    if out is None or out == "-":
        yield sys.stdout
        return
    path = Path(out).resolve()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            yield file
        beside.chmod(_mode(path))
        beside.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}; name another file with -o") from error
    finally:
        beside.unlink(missing_ok=True)


def _replace(path: Path, result: bytes) -> None:
    """Write beside the file and move it there, so that nobody ever sees half of it."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(result)
        Path(beside).chmod(_mode(path))
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or those that a new one gets here."""
    if path.exists():
        return path.stat().st_mode & 0o7777
    mask = os.umask(0o077)
    os.umask(mask)
    return 0o666 & ~mask
