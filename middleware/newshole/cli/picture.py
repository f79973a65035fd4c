"""The picture that `newshole explain` draws: the story, its outline with the blocks in it, and their fates.

All that comes from the page passes through `printable` first and stands at the end of its line, so neither
control characters nor text that runs from right to left can disturb the columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from newshole.cli.tables import Screen
from newshole.cli.terminal import printable
from newshole.cli.verdicts import show_verdicts
from newshole.explaining.fates import fates
from newshole.explaining.page import Page
from newshole.explaining.untouched import left_untouched
from newshole.explaining.words import in_words
from newshole.page.document import Document
from newshole.page.encoding import page_encoding
from newshole.page.outline import Outline, Unit
from newshole.plan.decisions import kept_free
from newshole.plan.spots import Spot, spots_of
from newshole.plan.survey import counted
from newshole.site import Composition
from newshole.types import Reason, Story

WIDEST: Final = 100
"""Columns at most on a terminal."""

MOST_LETTERS: Final = 200
"""Of a unit's text, more than any line shows."""

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
        for row in _Picture(page, composition, composition.outline, marks, block).rows():
            row.rstrip()
            screen.print(row, no_wrap=True, overflow="ellipsis")
        kept_free = "kept free by a bound" if block is None else f"not for {block}"
        legend = f"\n{marks.block} block  {marks.gap} gap  {marks.free} gap {kept_free}"
        screen.print(legend, style="dim")
    told = [fate for fate in fates(composition) if block in (None, fate.block)]
    show_verdicts(screen, told, composition.outline)


def _show_facts(screen: Screen, page: Page, composition: Composition) -> None:
    screen.print(Text(printable(page.url or page.source), style="bold"), no_wrap=True, overflow="ellipsis")
    for name, fact in _facts(composition.story):
        screen.print(
            Text.assemble((f"{name:<11}", "dim"), printable(fact)), no_wrap=True, overflow="ellipsis"
        )
    if composition.outline is not None:
        outline = composition.outline
        size = (
            f"{counted(len(outline.units), 'unit')}, {counted(outline.paragraphs, 'paragraph')}, "
            f"{counted(outline.words, 'word')}"
        )
        screen.print(Text.assemble(("body       ", "dim"), size))
    if composition.overrides:
        screen.print(Text.assemble(("overrides  ", "dim"), ", ".join(composition.overrides)))
    for name, arm in composition.arms.items():
        seen = " (another arm gives another page)" if name in composition.exposures else ""
        screen.print(Text.assemble(("experiment ", "dim"), f"{name}: {arm}{seen}"))
    if composition.untouched is not None:
        left = Text(f"The page {left_untouched(composition.untouched, page.url)}.", style="yellow")
        screen.say(left)


def _facts(story: Story) -> Iterator[tuple[str, str]]:
    """What the story says of itself, without what it does not say."""
    facts = {
        "title": story.title,
        "section": story.section,
        "language": story.language,
        "types": ", ".join(story.types),
        "authors": ", ".join(story.authors),
        "tags": ", ".join(story.tags),
        "published": story.published and f"{story.published:%Y-%m-%d %H:%M}",
        "taken from": story.origin,
    }
    yield from ((name, fact) for name, fact in facts.items() if fact)


class _Picture:
    """The outline, row by row: spots and units in document order."""

    def __init__(
        self, page: Page, composition: Composition, outline: Outline, marks: Marks, block: str | None
    ) -> None:
        self.page, self.outline, self.marks = page, outline, marks
        self.encoding = page_encoding(page.body, page.content_type) or "utf-8"
        self.reasons = _reasons(composition, block)
        self.within = f"blocks.{block}."
        self.blocks: dict[int | None, list[str]] = defaultdict(list)
        if composition.plan:
            for placement in composition.plan.placements:
                self.blocks[placement.spot.index].append(placement.block.id)

    def rows(self) -> Iterator[Text]:
        yield Text("gap  words", style="dim")
        units = iter(self.outline.units)
        unit = next(units, None)
        gap: Spot | None = None
        for spot in spots_of(self.outline):
            while unit is not None and unit.start < spot.offset:
                yield self.unit_row(unit, gap)
                unit, gap = next(units, None), None
            if gap is not None:
                yield self.gap_row(gap)
            if spot.stack is None and spot.index not in self.blocks and spot.index not in self.reasons:
                gap = spot
            else:
                gap = None
                yield from self.spot_rows(spot)

    def spot_rows(self, spot: Spot) -> Iterator[Text]:
        """A named stack, or a gap of which there is more to say than that it is one."""
        mark, reasons = self.marks.block, [*self.reasons.get(spot.index, ())]
        blocks = "  ".join(f"{mark} {block}" for block in self.blocks.get(spot.index, ()))
        name = "" if spot.stack is None else f"{spot.stack:<16}"
        row = Text.assemble((_numbers(spot), "dim"), (name, "cyan"), (blocks, "bold green"))
        if reasons and not blocks:
            row.append("" if spot.stack else f"{self.marks.free} ")
            row.append(printable(in_words(reasons.pop(0), self.within)), "yellow")
        yield row
        for reason in reasons:
            lead = " " if spot.stack else self.marks.joint
            yield Text.assemble(f"{_INDENT}{lead}   ", (printable(in_words(reason, self.within)), "yellow"))

    def gap_row(self, gap: Spot) -> Text:
        """A gap that has no unit right below it: the one at the end of the body."""
        return Text.assemble((_numbers(gap), "dim"), self.marks.gap)

    def unit_row(self, unit: Unit, gap: Spot | None) -> Text:
        """A unit with its words and the beginning of its text; `gap` is the one right above it."""
        mark = self.marks.joint if gap is None else self.marks.gap
        return Text.assemble(
            (_INDENT if gap is None else _numbers(gap), "dim"),
            f"{mark} {unit.kind:<10}{unit.words:>5}  ",
            (self.text(unit), "dim"),
        )

    def text(self, unit: Unit) -> str:
        """The beginning of what a reader sees of a unit."""
        source = b"<div>" + self.page.body[unit.start : unit.end] + b"</div>"
        fragment = Document(source, self.encoding)
        return printable(fragment.text(fragment.select("div")[0])[:MOST_LETTERS])


def _reasons(composition: Composition, block: str | None) -> Mapping[int, Iterable[Reason]]:
    """For each spot where a block is not, or with None, where none can be: why."""
    if composition.plan is None:
        return {}
    if block is None:
        return kept_free(composition.plan)
    refused = (each for each in composition.decisions if each.block == block and not each.placed)
    return {each.gap: each.reasons for each in refused if each.gap is not None}


def _numbers(spot: Spot) -> str:
    """The first two columns: the number of the spot, and the words before it."""
    return f"{spot.index:>3} {'' if spot.position is None else spot.position.words:>6}  "
