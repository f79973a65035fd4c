"""The picture that `newshole explain` draws: the story, its outline with the blocks in it, and their fates.

All that comes from the page passes through `printable` first and stands at the end of its line, so neither
control characters nor text that runs from right to left can disturb the columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from newshole.cli.fates import Fate, fates
from newshole.cli.page import Page
from newshole.cli.reasons import left_untouched
from newshole.cli.terminal import printable
from newshole.page.document import Document
from newshole.page.encoding import page_encoding
from newshole.page.outline import Outline, Unit
from newshole.plan.spots import Spot, spots_of
from newshole.plan.targets import counted
from newshole.site import Composition
from newshole.types import Decision, Reason, Story

WIDEST: Final = 100
PIPED: Final = 80
"""Columns: at most on a terminal, and where there is none."""

MOST_LETTERS: Final = 200
"""Of a unit's text, more than any line shows."""


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


class _Console(Console):
    """A console that leaves a closed pipe to its caller."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def show(page: Page, composition: Composition) -> None:
    """Print the picture of a page on standard output, in colour where that is a terminal."""
    console = _Console(markup=False, highlight=False, emoji=False)
    console.width = min(console.width, WIDEST) if console.is_terminal else PIPED
    marks = TYPED if console.options.ascii_only else DRAWN
    _show_facts(console, page, composition)
    if composition.outline is not None:
        console.print()
        for row in _Picture(page, composition, composition.outline, marks).rows():
            row.rstrip()
            console.print(row, no_wrap=True, overflow="ellipsis")
        console.print(
            f"\n{marks.block} block  {marks.gap} gap  {marks.free} gap kept free by a bound", style="dim"
        )
    _show_fates(console, fates(composition), composition)


def _show_facts(console: Console, page: Page, composition: Composition) -> None:
    console.print(Text(printable(page.url or page.source), style="bold"), no_wrap=True, overflow="ellipsis")
    for name, fact in _facts(composition.story):
        console.print(
            Text.assemble((f"{name:<11}", "dim"), printable(fact)), no_wrap=True, overflow="ellipsis"
        )
    if composition.outline is not None:
        outline = composition.outline
        size = (
            f"{counted(len(outline.units), 'unit')}, {counted(outline.paragraphs, 'paragraph')}, "
            f"{counted(outline.words, 'word')}"
        )
        console.print(Text.assemble(("body       ", "dim"), size))
    if composition.overrides:
        console.print(Text.assemble(("overrides  ", "dim"), ", ".join(composition.overrides)))
    if composition.untouched is not None:
        left = Text(f"The page {left_untouched(composition.untouched, page.url)}.", style="yellow")
        _show_wrapped(console, left, indent=0)


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

    def __init__(self, page: Page, composition: Composition, outline: Outline, marks: Marks) -> None:
        self.page, self.outline, self.marks = page, outline, marks
        self.encoding = page_encoding(page.body, page.content_type) or "utf-8"
        self.kept_free = composition.plan.considered.forbidden if composition.plan else {}
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
            if spot.stack is None and spot.index not in self.blocks:
                gap = spot
            else:
                gap = None
                yield self.spot_row(spot)

    def spot_row(self, spot: Spot) -> Text:
        """A named stack, a selected element, or a gap with a block."""
        mark = self.marks.block
        blocks = "  ".join(f"{mark} {block}" for block in self.blocks.get(spot.index, ()))
        name = "" if spot.stack is None else f"{spot.stack:<16}"
        return Text.assemble((_numbers(spot), "dim"), (name, "cyan"), (blocks, "bold green"))

    def gap_row(self, gap: Spot) -> Text:
        """A gap that has no unit right below it: the one at the end of the body."""
        return Text.assemble((_numbers(gap), "dim"), self.mark(gap))

    def mark(self, gap: Spot | None) -> str:
        """The sign of a gap, or of two units with none between them."""
        if gap is None:
            return self.marks.joint
        return self.marks.free if gap.index in self.kept_free else self.marks.gap

    def unit_row(self, unit: Unit, gap: Spot | None) -> Text:
        """A unit with its words and the beginning of its text; `gap` is the one right above it."""
        return Text.assemble(
            (_numbers(gap), "dim"),
            f"{self.mark(gap)} {unit.kind:<10}{unit.words:>5}  ",
            (self.text(unit), "dim"),
        )

    def text(self, unit: Unit) -> str:
        """The beginning of what a reader sees of a unit."""
        source = b"<div>" + self.page.body[unit.start : unit.end] + b"</div>"
        fragment = Document(source, self.encoding)
        return printable(fragment.text(fragment.select("div")[0])[:MOST_LETTERS])


def _numbers(spot: Spot | None) -> str:
    """The first two columns: the number of the spot, and the words before it."""
    if spot is None:
        return " " * 12
    return f"{spot.index:>3} {'' if spot.position is None else spot.position.words:>6}  "


def _show_fates(console: Console, told: tuple[Fate, ...], composition: Composition) -> None:
    """A list of the blocks that are placed, and one of those that are not."""
    spots = () if composition.outline is None else spots_of(composition.outline)
    room = max((cell_len(fate.block) for fate in told), default=0)
    if placed := [fate for fate in told if fate.placed]:
        console.print("\nPlaced", style="bold")
    for fate in placed:
        _show_row(console, fate, room, "; ".join(_standing(decision, spots) for decision in fate.placed))
    if missing := [fate for fate in told if not fate.placed]:
        console.print("\nNot placed", style="bold")
    for fate in missing:
        near = fate.miss is not None and fate.miss.gap is not None
        _show_row(console, fate, room, f"nearest miss at {_where(fate.miss, spots)}" if near else "")
        for reason in fate.miss.reasons if fate.miss else ():
            _show_wrapped(console, Text(printable(_in_words(reason))), indent=4)


def _show_row(console: Console, fate: Fate, room: int, rest: str) -> None:
    style = "bold green" if fate.placed else "bold"
    block = Text.assemble((f"{fate.block:<{room}}", style), f"  {fate.kind:<10}  ", printable(rest))
    _show_wrapped(console, block, indent=2)


def _show_wrapped(console: Console, text: Text, indent: int) -> None:
    """Print a text with every line indented, those after the first a little more."""
    text.rstrip()
    for n, line in enumerate(text.wrap(console, max(console.width - indent - 4, 1))):
        line.rstrip()
        console.print(Text(" " * (indent + 4 * (n > 0))).append_text(line), no_wrap=True, overflow="ignore")


def _standing(decision: Decision, spots: tuple[Spot, ...]) -> str:
    """Where a copy is placed, and whether that is where it was asked for."""
    found = decision.reasons[0].found
    return _where(decision, spots) + ("" if found == "there" else f", {found}")


def _where(decision: Decision | None, spots: tuple[Spot, ...]) -> str:
    """A place for people: the number of its gap, and its stack or the words before it."""
    if decision is None or decision.gap is None:
        return "no gap"
    spot = spots[decision.gap]
    if spot.stack is not None or spot.position is None:
        return f"gap {spot.index}, {spot.stack}"
    return f"gap {spot.index}, after {counted(spot.position.words, 'word')}"


def _in_words(reason: Reason) -> str:
    bound = f"{reason.bound} " if reason.bound else ""
    return f"{reason.code}: {bound}requires {reason.required}, found {reason.found}"
