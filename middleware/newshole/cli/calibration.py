"""What a site's `screen` is, from boxes that a browser measured on its pages.

Column, letters and lines are read off the paragraphs, each counted by its text. How wide a letter is comes
from how many lines paragraphs have: lines are letters over those of a line and half a line more, for the
last one is half full on average, so least squares give the letters of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Final

from newshole.cli.chromium import Box
from newshole.page.outline import Outline, Unit
from newshole.page.screen import WRAP, Screen

FEWEST: Final = 5
"""Paragraphs of several lines, below which nothing is said."""

_UNPLAIN: Final = (b"<br", b"<img", b"<iframe", b"<video")


@dataclass(frozen=True, slots=True)
class Sample:
    """A paragraph as a browser set it; `below` is the room to the next one, None where none follows."""

    box: Box
    below: float | None

    @property
    def lines(self) -> float:
        """How many lines it has."""
        return (self.box.bottom - self.box.top) / self.box.line


def samples(page: bytes, outline: Outline, boxes: Sequence[Box | None]) -> list[Sample]:
    """The paragraphs of a page that are text and nothing else."""
    plain = [
        box if box and box.is_seen and box.line and box.column and _is_plain(page, unit) else None
        for unit, box in zip(outline.units, boxes, strict=True)
    ]
    return [
        Sample(box, None if below is None or below.top < box.bottom else below.top - box.bottom)
        for box, below in pairwise([*plain, None])
        if box is not None
    ]


def _is_plain(page: bytes, unit: Unit) -> bool:
    return unit.kind == "paragraph" and all(page.find(each, unit.start, unit.end) < 0 for each in _UNPLAIN)


def fit(found: Sequence[Sample], viewport: tuple[int, int], usual: Screen) -> Screen | None:
    """The screen on which paragraphs are as tall as these; None where they are too few to tell."""
    long = [each for each in found if each.lines > 1.5 and each.box.letters]
    if len(long) < FEWEST:
        return None
    column = _middle((each.box.column, each.box.letters) for each in long)
    font = _middle((each.box.font, each.box.letters) for each in long)
    line = _middle((each.box.line, each.box.letters) for each in long)
    alike = [each for each in long if each.box.column == column and each.box.font == font] or long
    squares = sum(each.box.letters**2 for each in alike)
    letters = squares / sum(each.box.letters * (each.lines - 0.5) for each in alike)
    below = [each.below for each in found if each.below is not None]
    return replace(
        usual,
        width=viewport[0],
        height=viewport[1],
        column=round(column, 1),
        font=round(font, 1),
        line=round(line, 1),
        letter=round(column / (font * (letters + WRAP)), 3),
        margin=round(median(below), 1) if below else usual.margin,
    )


def _middle(weighted: Iterable[tuple[float, int]]) -> float:
    """The median, each value counted by its weight."""
    ordered = sorted(weighted)
    half, so_far = sum(weight for _, weight in ordered) / 2, 0
    for value, weight in ordered:
        so_far += weight
        if so_far >= half:
            return value
    raise ValueError("no values")


def flow(boxes: Sequence[Box | None]) -> tuple[list[float], float]:
    """How much of the page each unit takes, margins included, and the whole body.

    A unit reaches down to the next one; where that stands beside it, or above, it has its own height.
    """
    tall = [0.0] * len(boxes)
    seen = [(number, box) for number, box in enumerate(boxes) if box is not None and box.is_seen]
    for (number, box), (_, below) in pairwise(seen):
        tall[number] = below.top - box.top if below.top > box.top else box.bottom - box.top
    if not seen:
        return tall, 0.0
    number, last = seen[-1]
    tall[number] = last.bottom - last.top + last.margin
    return tall, max(box.bottom + box.margin for _, box in seen) - min(box.top for _, box in seen)
