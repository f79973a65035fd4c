"""How a site sets its stories on a screen, and what a letter and a line of each tag measure there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Final, NamedTuple

WRAP: Final = 2.5
"""Letters that a line loses on average, for a word that does not fit goes into the next one."""

HEADING_LINE: Final = 1.3
"""The height of a heading's line, of the size of its letters."""


@dataclass(frozen=True, slots=True)
class Screen:
    """How a site sets its stories on one device.

    `width` and `height` are the viewport's, `column` is the width of the text, `font` the size of its
    letters, `line` the height of a line and `margin` the room between two paragraphs, all in CSS pixels;
    `letter` is a letter's average width in em.
    """

    width: int
    height: int
    column: float
    font: float
    line: float
    letter: float
    margin: float


@dataclass(frozen=True, slots=True)
class Metrics:
    """How a site sets its stories on both devices."""

    mobile: Screen = Screen(360, 800, 328, 18, 28, 0.49, 20)
    desktop: Screen = Screen(1366, 768, 640, 18, 29, 0.49, 20)


class Type(NamedTuple):
    """How a tag's text is set beside that of paragraphs: its `size`, its lines and its `margin` times theirs.

    Larger letters stand in lines of their own height, `HEADING_LINE` times their size at most. `inset` is
    how many em narrower its column is; `width` is for letters that are wider, as bold ones are.
    """

    size: float = 1.0
    line: float = 1.0
    margin: float = 1.0
    inset: float = 0.0
    width: float = 1.0


TYPES: Final = {
    "p": Type(),
    "run": Type(margin=0.0),
    "h1": Type(size=1.9, margin=1.35, width=1.08),
    "h2": Type(size=1.5, margin=1.25, width=1.08),
    "h3": Type(size=1.2, margin=1.2, width=1.08),
    "h4": Type(margin=1.3, width=1.08),
    "li": Type(inset=2.2),
    "quote": Type(inset=4),
    "tr": Type(line=1.1, margin=0.6),
    "pre": Type(line=0.8),
    "caption": Type(size=0.9, line=0.9, margin=0.9),
    "other": Type(margin=0.5),
}


class Setting(NamedTuple):
    """A `Type` on a screen, in pixels: letters of a line, the height of a line, the room below."""

    letters: float
    line: float
    margin: float


class Sheet(NamedTuple):
    """A screen's settings by the names of `TYPES`, and the width of its column."""

    column: float
    settings: Mapping[str, Setting]

    def text(self, name: str, letters: int, rows: int = 1, blank: int = 0) -> float:
        """The height of text that begins a line `rows` times and has `blank` ones, with the room below."""
        of_line, line, margin = self.settings[name]
        if rows <= 1:
            return ceil(letters / of_line) * line + margin
        # The last line of each row is half full on average.
        return (max(rows, letters / of_line + rows / 2) + blank) * line + margin


@lru_cache(maxsize=64)
def sheet(screen: Screen) -> Sheet:
    """What every tag's text measures on a screen."""
    settings = {}
    for name, (size, line, margin, inset, width) in TYPES.items():
        font = screen.font * size
        column = max(screen.column - inset * screen.font, 4 * font)
        letters = max(column / (font * screen.letter * width) - WRAP, 1.0)
        tall = screen.line * line
        if size > 1:
            tall = font * min(screen.line / screen.font, HEADING_LINE)
        settings[name] = Setting(letters, tall, screen.margin * margin)
    return Sheet(screen.column, settings)
