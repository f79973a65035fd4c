"""Spots: every place of a page where a block may stand, numbered in document order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newshole.page.outline import STACKS, Outline
from newshole.rules.ruleset import Distance


@dataclass(frozen=True, slots=True)
class Position:
    """How much of the body stands before a point of it, in each measure that a distance can have."""

    units: int
    paragraphs: int
    words: int

    def measured(self, distance: Distance) -> int:
        """What stands before this point, in the distance's measure."""
        return getattr(self, distance.measure)  # type: ignore[no-any-return]  # the three fields are ints


@dataclass(frozen=True, slots=True)
class Spot:
    """One place: a named stack, or a gap of the body where `stack` is None.

    The body's two edges are gaps too, so a rule can ask for "after the last paragraph". `position` is
    None outside the body.
    """

    index: int
    offset: int
    stack: str | None
    position: Position | None


def spots_of(outline: Outline) -> tuple[Spot, ...]:
    """Every spot of the page in document order; stacks and edges at one offset as a reader meets them."""
    found = sorted(_found(outline), key=lambda spot: spot[:2])
    return tuple(
        Spot(index, offset, stack, position) for index, (offset, _, stack, position) in enumerate(found)
    )


def _found(outline: Outline) -> Iterator[tuple[int, int, str | None, Position | None]]:
    """Offset, rank among spots at that offset, stack name, position."""
    start, end = Position(0, 0, 0), Position(len(outline.units), outline.paragraphs, outline.words)
    between = STACKS.index("body-start") + 1
    for name, offset in outline.stacks.items():
        rank = STACKS.index(name)
        position = {"body-start": start, "body-end": end}.get(name)
        yield offset, rank if rank < between else rank + 1, name, position
        if position is not None:
            yield offset, between, None, position
    for gap in outline.gaps:
        yield gap.offset, between, None, Position(gap.unit, gap.paragraphs, gap.words)
