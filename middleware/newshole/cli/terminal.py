"""What may be shown on a terminal, and where."""

from __future__ import annotations

import sys
import unicodedata
from typing import Final

_KEPT: Final = frozenset("\u200c\u200d\u200e\u200f")
"""Joiners and direction marks, which scripts need and which change nothing but the text around them."""

_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def printable(text: str) -> str:
    """The text on one line, with escapes in the place of what could steer a terminal or reverse its text."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(letter) for letter in text)


def complain(message: str, *, prefix: str = "newshole: ") -> None:
    """Say on standard error, in one line, what is wrong."""
    print(prefix + printable(message), file=sys.stderr)


def _escaped(letter: str) -> str:
    if letter in _KEPT or unicodedata.category(letter) not in _HIDDEN:
        return letter
    return letter.encode("unicode_escape").decode("ascii")
