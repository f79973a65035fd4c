"""What may be shown on a terminal, and where."""

from __future__ import annotations

import logging
import os
import socket
import sys
import traceback
import unicodedata
from pathlib import Path
from typing import Final

_KEPT: Final = frozenset("\u200c\u200d\u200e\u200f")
"""Joiners and direction marks, which scripts need and which change nothing but the text around them."""

_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def printable(text: str) -> str:
    """The text on one line, with escapes in the place of what could steer a terminal or reverse its text."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(letter) for letter in text)


def tell(message: str, *, prefix: str = "newshole: ") -> None:
    """Say something on standard error, in one line."""
    print(prefix + printable(message), file=sys.stderr)


def in_words(error: BaseException) -> str:
    """A fault in one line: its type, its message, and the line of code that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"


def why(error: OSError) -> str:
    """What the system says of an error, without the addresses and files that a library adds."""
    if isinstance(error, socket.gaierror) or not error.errno:
        return error.strerror or str(error)
    return os.strerror(error.errno)


class OneLine(logging.Handler):
    """Log records on standard error, in a line each: a fault with its message, without the stack."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        tell(record.getMessage() + (f": {in_words(error)}" if error else ""))


def _escaped(letter: str) -> str:
    if letter in _KEPT or unicodedata.category(letter) not in _HIDDEN:
        return letter
    return letter.encode("unicode_escape").decode("ascii")
