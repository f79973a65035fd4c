"""What every benchmark shares: medians with their spread, tables, and figures held against targets."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeAlias

from rich import box
from rich.table import Table as RichTable


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for.

    `rounds` is how often everything is measured, `seconds` how long each server is under load in a round.
    `pages` are the pages to compose cold; the corpus beside the checkout where empty.
    """

    rounds: int = 7
    seconds: int = 3
    pages: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some figures between their quartiles."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> Self:
        """The spread of one figure or more."""
        if len(figures) == 1:
            return cls(figures[0], figures[0], figures[0])
        return cls(*statistics.quantiles(figures, n=4, method="inclusive"))

    @classmethod
    def of_ratios(cls, figures: Sequence[float], bases: Sequence[float]) -> Self:
        """The spread of each figure over the one beside it, from the same round or the same page."""
        return cls.of([figure / base for figure, base in zip(figures, bases, strict=True)])

    def cells(self, digits: int = 2) -> tuple[str, str]:
        """Median and quartiles as two cells of a table."""
        return f"{self.median:,.{digits}f}", f"{self.low:,.{digits}f}–{self.high:,.{digits}f}"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their columns, the first of which names the row; the caption says how they came about."""

    title: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def drawn(self, *, markdown: bool = False) -> RichTable:
        """The table for a terminal, or for a file in Markdown."""
        drawn = RichTable(
            title=None if markdown else self.title,
            caption=None if markdown else self.caption,
            box=box.MARKDOWN if markdown else box.SIMPLE_HEAD,
            title_justify="left",
            caption_justify="left",
        )
        for place, column in enumerate(self.columns):
            drawn.add_column(column, justify="right" if place else "left", no_wrap=not markdown)
        for row in self.rows:
            drawn.add_row(*row)
        return drawn


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure beside its target, in words; `met` says whether it is reached."""

    what: str
    measured: str
    target: str
    met: bool


def at_least(what: str, figure: Spread, limit: float, unit: str) -> Headline:
    """A figure whose median is to reach a limit."""
    return Headline(what, _words(figure, unit), f"≥ {limit:g} {unit}", figure.median >= limit)


def at_most(what: str, figure: Spread, limit: float, unit: str) -> Headline:
    """A figure whose median is to stay within a limit."""
    return Headline(what, _words(figure, unit), f"≤ {limit:g} {unit}", figure.median <= limit)


def _words(figure: Spread, unit: str) -> str:
    median, quartiles = figure.cells()
    return f"{median} {unit} ({quartiles})"


@dataclass(frozen=True, slots=True)
class Report:
    """What one benchmark found; `left_out` names each peer that is not there, and why."""

    tables: tuple[Table, ...] = ()
    headlines: tuple[Headline, ...] = ()
    left_out: tuple[str, ...] = ()


Measure: TypeAlias = Callable[[Options], Report]


def headline_table(headlines: Iterable[Headline]) -> Table:
    """All headlines in one table: the one that the README has."""
    rows = tuple((each.what, each.measured, each.target, "yes" if each.met else "no") for each in headlines)
    caption = "Medians of rounds or of pages, with their quartiles in brackets."
    return Table("Against the targets", caption, ("what", "measured", "target", "met"), rows)
