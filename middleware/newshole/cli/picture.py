"""The picture that `newshole explain` draws: the story, its outline with the blocks in it, and their fates.

All that comes from the page passes through `printable` first and stands at the end of its line, so neither
control characters nor text that runs from right to left can disturb the columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from newshole.cli.tables import Screen
from newshole.cli.terminal import printable
from newshole.cli.verdicts import show_verdicts
from newshole.explaining.caption import told_of
from newshole.explaining.fates import fates
from newshole.explaining.page import Page
from newshole.explaining.picture import SpotRow, UnitRow, rows_of
from newshole.explaining.untouched import left_untouched
from newshole.explaining.words import in_words
from newshole.plan.spots import Spot
from newshole.site import Composition

WIDEST: Final = 100
"""Columns at most on a terminal."""

_INDENT: Final = " " * 12
"""As wide as the first two columns."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The signs of the picture: a block, a gap, a gap that a bound keeps free, no gap."""

    block: str
    gap: str
    free: str
    joint: str


DRAWN: Final = Marks("■", "├", "╎", "│")
TYPED: Final = Marks("#", "+", ":", "|")
"""For terminals that have ASCII only."""


def show(page: Page, composition: Composition, block: str | None = None) -> None:
    """Print the picture of a page on standard output, in colour where that is a terminal.

    Beside gaps stands why `block` is not there; without one, why no block can be.
    """
    screen = Screen(WIDEST)
    marks = TYPED if screen.options.ascii_only else DRAWN
    _show_facts(screen, page, composition)
    if composition.outline is not None:
        screen.print()
        for row in _Picture(page, composition, marks, block).rows():
            row.rstrip()
            screen.print(row, no_wrap=True, overflow="ellipsis")
        kept_free = "kept free by a bound" if block is None else f"not for {block}"
        legend = f"\n{marks.block} block  {marks.gap} gap  {marks.free} gap {kept_free}"
        screen.print(legend, style="dim")
    told = [fate for fate in fates(composition) if block in (None, fate.block)]
    show_verdicts(screen, told, composition.outline)


def _show_facts(screen: Screen, page: Page, composition: Composition) -> None:
    screen.print(Text(printable(page.url or page.source), style="bold"), no_wrap=True, overflow="ellipsis")
    for name, fact in told_of(composition):
        line = Text.assemble((f"{name:<11}", "dim"), printable(fact))
        screen.print(line, no_wrap=True, overflow="ellipsis")
    if composition.untouched is not None:
        left = Text(f"The page {left_untouched(composition.untouched, page.url)}.", style="yellow")
        screen.say(left)


class _Picture:
    """The outline, row by row: spots and units in document order."""

    def __init__(self, page: Page, composition: Composition, marks: Marks, block: str | None) -> None:
        self.story, self.marks = rows_of(page, composition, block), marks

    def rows(self) -> Iterator[Text]:
        yield Text("gap  words", style="dim")
        gap: Spot | None = None
        for row in self.story:
            if isinstance(row, UnitRow):
                yield self.unit_row(row, gap)
                gap = None
                continue
            if gap is not None:
                yield self.gap_row(gap)
            gap = row.spot if row.is_bare else None
            if gap is None:
                yield from self.spot_rows(row)

    def spot_rows(self, row: SpotRow) -> Iterator[Text]:
        """A named stack, or a gap of which there is more to say than that it is one."""
        mark, spot, reasons = self.marks.block, row.spot, [*row.reasons]
        blocks = "  ".join(f"{mark} {block}" for block in row.blocks)
        name = "" if spot.stack is None else f"{row.where:<27}"
        line = Text.assemble((_numbers(spot), "dim"), (name, "cyan"), (blocks, "bold green"))
        if reasons and not blocks:
            line.append("" if spot.stack else f"{self.marks.free} ")
            line.append(printable(in_words(reasons.pop(0))), "yellow")
        yield line
        for reason in reasons:
            lead = " " if spot.stack else self.marks.joint
            yield Text.assemble(f"{_INDENT}{lead}   ", (printable(in_words(reason)), "yellow"))

    def gap_row(self, gap: Spot) -> Text:
        """A gap that has no unit right below it: the one at the end of the body."""
        return Text.assemble((_numbers(gap), "dim"), self.marks.gap)

    def unit_row(self, row: UnitRow, gap: Spot | None) -> Text:
        """A unit with its words and the beginning of its text; `gap` is the one right above it."""
        mark, unit = self.marks.joint if gap is None else self.marks.gap, row.unit
        return Text.assemble(
            (_INDENT if gap is None else _numbers(gap), "dim"),
            f"{mark} {unit.kind:<10}{unit.words:>5}  ",
            (printable(row.text), "dim"),
        )


def _numbers(spot: Spot) -> str:
    """The first two columns: the number of the spot, and the words before it."""
    return f"{spot.index:>3} {'' if spot.position is None else spot.position.words:>6}  "
