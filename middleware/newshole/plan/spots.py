"""Spots: every place of a page where a block may stand, numbered in document order.

Planning measures every spot, but looks closely at a few. So what is measured stands in columns, one for
each measure, and a `Spot` or a `Position` is made when somebody asks for it. Down the page no measure
ever falls, which makes the spots nearer than a distance a run that is found by bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import le
from typing import Final, NamedTuple, TypeAlias

from newshole.page.outline import STACKS, Outline
from newshole.page.selected import Wanted


class Position(NamedTuple):
    """How much of the body's text stands before a point of it."""

    units: int
    paragraphs: int
    words: int


@dataclass(frozen=True, slots=True)
class Spot:
    """One place: a named stack, an element that rules select ("after .promo"), or a gap of the body where
    `stack` is None.

    The body's two edges are gaps too, so a rule can ask for "after the last paragraph". `position` is
    None outside the body.
    """

    index: int
    offset: int
    stack: str | None
    position: Position | None


@dataclass(frozen=True, slots=True)
class Line:
    """Points of the body in reading order, in columns: no measure falls from one to the next."""

    units: Sequence[int]
    paragraphs: Sequence[int]
    words: Sequence[int]

    def __getitem__(self, index: int) -> Position:
        return Position(self.units[index], self.paragraphs[index], self.words[index])


@dataclass(frozen=True, slots=True)
class Spots:
    """All spots of a page: `stacks` holds their names, None for a gap.

    `named` is the mask of the stacks and of selected places outside the body, which keep no distance from one
    another; a selected place inside it keeps that of a gap. `inside` is the mask of the spots that lie in the
    body. `line` measures every spot; one outside the body counts as a point of the body next to it.
    """

    offsets: Sequence[int]
    stacks: Sequence[str | None]
    line: Line
    named: int
    inside: int

    @classmethod
    def of(cls, outline: Outline) -> Spots:
        """Spots in document order; stacks and edges at one offset as a reader meets them."""
        rows = sorted((*_rows(outline), *_selected_rows(outline)))
        if not rows:
            return cls((), (), Line((), (), ()), 0, 0)
        offsets, _, units, paragraphs, words, stacks = zip(*rows, strict=True)
        line = Line(_rising(units), _rising(paragraphs), _rising(words))
        bits = {name: 1 << stacks.index(name) for name in outline.stacks}
        outside = sum(bit for name, bit in bits.items() if name not in _EDGES)
        if outline.selected:
            away = sum(1 << n for n, name in enumerate(stacks) if _is_away(name, offsets[n], outline))
            named, outside = sum(bits.values()) + away, outside + away
            return cls(offsets, stacks, line, named, (1 << len(offsets)) - 1 - outside)
        return cls(offsets, stacks, line, sum(bits.values()), (1 << len(offsets)) - 1 - outside)

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, index: int) -> Spot:
        position = self.line[index] if self.inside >> index & 1 else None
        return Spot(index, self.offsets[index], self.stacks[index], position)

    def index(self, offset: int, name: str) -> int:
        """The spot of this name at an offset; ValueError where there is none."""
        return self.stacks.index(name, bisect_left(self.offsets, offset))

    def __iter__(self) -> Iterator[Spot]:
        return map(self.__getitem__, range(len(self)))


_Row: TypeAlias = tuple[int, float, int, int, int, str | None]
"""Offset, rank among spots at that offset, units, paragraphs, words, name."""

_EDGES: Final = ("body-start", "body-end")
_BELOW: Final = frozenset(STACKS[STACKS.index("body-end") :])
_GAP: Final = STACKS.index("body-start") + 1
"""The rank of a gap among the spots at one offset: behind the blocks of `body-start`."""

_SIDES: Final = {"prepend": 0.2, "after": 0.4, "before": 0.6, "append": 0.8}
"""Selected places at one offset, as their elements stand there: one starts, one ends, the next one starts."""


def spots_of(outline: Outline) -> tuple[Spot, ...]:
    """Every spot of the page in document order."""
    return tuple(Spots.of(outline))


def selected_name(wanted: Wanted) -> str:
    """The name of the spots at the elements that one place selects."""
    return f"{wanted.where} {wanted.selector}"


def _is_in_body(offset: int, outline: Outline) -> bool:
    return bool(outline.units) and outline.body[0] <= offset <= outline.body[1]


def _is_away(name: str | None, offset: int, outline: Outline) -> bool:
    """Whether a spot is that of a selected element outside the body."""
    return name is not None and name not in STACKS and not _is_in_body(offset, outline)


def _selected_rows(outline: Outline) -> set[_Row]:
    """A spot at every edge of a selected element, with what of the body ends before it."""
    ends = [unit.end for unit in outline.units] if outline.selected else []
    rows: set[_Row] = set()
    for wanted, found in outline.selected.items():
        for offset in found.offsets:
            above = outline.units[: bisect_right(ends, offset)]
            words = sum(unit.words for unit in above)
            paragraphs = sum(unit.kind == "paragraph" for unit in above)
            rank = _GAP + _SIDES[wanted.where]
            rows.add((offset, rank, len(above), paragraphs, words, selected_name(wanted)))
    return rows


def _rows(outline: Outline) -> list[_Row]:
    rows: list[_Row] = [(gap.offset, _GAP, gap.unit, gap.paragraphs, gap.words, None) for gap in outline.gaps]
    start, end = (0, 0, 0), (len(outline.units), outline.paragraphs, outline.words)
    for name, offset in outline.stacks.items():
        rank, before = STACKS.index(name), end if name in _BELOW else start
        rows.append((offset, rank if rank < _GAP else rank + 1, *before, name))
        if name in _EDGES:
            rows.append((offset, _GAP, *before, None))
    return rows


def _rising(column: tuple[int, ...]) -> tuple[int, ...]:
    """The column without falls: a headline may stand inside the body, and in a tree that the parser had to
    mend, the body's end above its last gap."""
    return column if all(map(le, column, column[1:])) else tuple(accumulate(column, max))
