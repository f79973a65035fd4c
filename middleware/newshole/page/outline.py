"""What the planner sees of a page: units, gaps and the named stacks, at byte offsets."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Final

from newshole.page.body import Body
from newshole.page.bonds import bonded
from newshole.page.document import Document, Element
from newshole.page.edges import CELLS, edge_between, is_in_flow, node_end, node_start, page_edges, stack_edges
from newshole.page.heights import Heights, heights
from newshole.page.pieces import Piece, pieces
from newshole.page.screen import Metrics
from newshole.page.selected import Found, Wanted
from newshole.page.told import Mark, read_marks, read_stop

STACKS: Final = (
    "page-top", "headline-before", "headline-after", "body-start", "body-end", "body-after", "page-bottom",
)  # fmt: skip
"""The named stacks, in the order in which they stand on a page as a rule."""


_NO_END: Final = frozenset(("other", "promo"))
"""What a story does not end with: the bar to share it, the box of other stories."""

_OPEN: Final = CELLS | {"body"}
"""Bodies that nothing can stand behind: what is placed after them stands at their end."""

_NO_TEXT: Final = _NO_END | {"heading", "image", "video", "embed", "ad"}


@dataclass(frozen=True, slots=True)
class Unit:
    """A run of body content that must not be split, bytes `start` to `end` of the page.

    `kind` is "paragraph", "heading", "image", "video", "embed", "list", "quote", "table", "code", "ad",
    "promo" or "other". `words` counts what a reader sees of it. A paragraph without visible text is "other".
    `heights` are CSS pixels on mobile and on desktop, margins included, estimated where they are asked for,
    else 0. "ad" and "promo" are the site's own boxes: no word of theirs counts.
    """

    kind: str
    start: int
    end: int
    words: int
    heights: Heights = (0, 0)


@dataclass(frozen=True, slots=True)
class Details:
    """What the rules look at beside units and gaps: elements that CSS `selectors` name, `texts`, and heights,
    which are estimated with `metrics`. What the selectors of `existing` match in the body is of the kind that
    goes with them, "ad" or "promo"."""

    selectors: tuple[str, ...] = ()
    texts: bool = False
    metrics: Metrics | None = None
    existing: tuple[tuple[str, str], ...] = ()


PLAIN: Final = Details()


@dataclass(frozen=True, slots=True)
class Gap:
    """A place between units `unit - 1` and `unit`, at a byte offset, where a block may go.

    `words` and `paragraphs` count what stands in the body before it.
    """

    offset: int
    unit: int
    words: int
    paragraphs: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The story body as planning sees it.

    `gaps` lie strictly between two units, in document order; a place without a known tag edge is no gap,
    nor is one between a thing and what belongs to it.
    `stacks` maps each of `STACKS` that the page has to its byte offset. `body` is the byte span of the
    units, from the first one's start to the last one's end. `spans` maps each selector that was asked for
    to the spans of its elements, in document order; `texts` holds what a reader sees of each unit, where that
    was asked for. `markers` are the byte offsets where the page
    itself asks for blocks, by their ids: each is a gap too, which may lie before all units or behind them, or
    where `body-start` or `body-end` is.
    """

    units: tuple[Unit, ...]
    gaps: tuple[Gap, ...]
    stacks: Mapping[str, int]
    body: tuple[int, int]
    words: int
    paragraphs: int
    spans: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    selected: Mapping[Wanted, Found] = field(default_factory=dict)
    """What was found of the elements that places select."""
    markers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def heights(self) -> Heights:
        """The body's height on mobile and on desktop: those of its units together."""
        return sum(unit.heights[0] for unit in self.units), sum(unit.heights[1] for unit in self.units)


def outline_without_story(document: Document, limit: int) -> Outline:
    """The outline of a page that is no article: the stacks of every page, up to the byte `limit`."""
    found = page_edges(document)
    stacks = {name: edge for name in STACKS if (edge := found.get(name)) is not None and edge <= limit}
    return Outline((), (), stacks, (0, 0), 0, 0)


def outline(
    document: Document, body: Body, ambiguity: int | None, details: Details = PLAIN
) -> Outline | None:
    """The outline of a page's story; None where there is nothing to read, or no place for a block.

    No place lies behind the byte `ambiguity`, from which on parsers disagree, and none in the body behind the
    point where the page says that placement ends.
    """
    limit = len(document.page) if ambiguity is None else ambiguity
    stop = read_stop(document, body.element)
    last = limit if stop is None else min(stop, limit)
    boxes = _boxes(document, body, details.existing) if details.existing else None
    found, units = _story(document, body, boxes)
    if details.metrics is not None:
        units = with_heights(document, found, units, details.metrics)
    if not units:
        return None
    gaps = tuple(_gaps(document, found, units, last))
    edges = stack_edges(document, body, found[0], found[-1])
    inside = {"body-start", "body-end"} | ({"body-after"} if body.element.tag in _OPEN else set())
    stacks = {
        name: edge
        for name in STACKS
        if (edge := edges.get(name)) is not None and edge <= (last if name in inside else limit)
    }
    marks = [
        mark
        for mark in read_marks(document, body.element)
        if mark.offset <= last and _is_outside_units(units, mark.offset)
    ]
    if marks:
        known = {gap.offset for gap in gaps} | {stacks.get("body-start"), stacks.get("body-end")}
        gaps = _with_marks(gaps, marks, units, known)
    if not gaps and not stacks:
        return None
    paragraphs = sum(unit.kind == "paragraph" for unit in units)
    span = (units[0].start, units[-1].end)
    words = sum(unit.words for unit in units)
    spans = {selector: tuple(_spans(document, selector)) for selector in details.selectors}
    texts = tuple(map(partial(_text, document), found)) if details.texts else ()
    return Outline(units, gaps, stacks, span, words, paragraphs, spans, texts, markers=_by_block(marks))


def _spans(document: Document, selector: str) -> Iterator[tuple[int, int]]:
    """The elements that a selector names, as far as the source shows where they start."""
    for element in document.select(selector):
        start = document.start(element)
        if start is not None:
            yield start, _end(document, element)


def _text(document: Document, piece: Piece) -> str:
    """What stands in a piece, its spaces made one each."""
    texts, node = [], piece.first
    while True:
        texts.append(document.text(node))
        following = node.next_sibling
        if node is piece.last or following is None:
            return " ".join(texts)
        node = following


def _boxes(document: Document, body: Body, existing: Sequence[tuple[str, str]]) -> dict[Element, str]:
    """The site's own boxes in the body by what its rules say; where two fit, the first."""
    matches = ((each, kind) for kind, css in existing for each in document.select(css, body.element))
    return dict(reversed([*matches]))


def _story(
    document: Document, body: Body, boxes: Mapping[Element, str] | None
) -> tuple[list[Piece], tuple[Unit, ...]]:
    """The pieces that belong to the story, and as many units."""
    found = bonded(document, pieces(document, body.element, body.first, body.last, boxes))
    units = _units(document, body, found)
    first, last = _edges(document, body)
    end = len(units)
    begin = next((n for n in range(end) if units[n].end > first), end)
    while end > begin and units[end - 1].start >= last:
        end -= 1
    end = begin + _length(units[begin:end])
    return found[begin:end], tuple(units[begin:end])


def _length(units: list[Unit]) -> int:
    """How many of the units are story: behind its last text, nothing from the first box on."""
    text = len(units)
    while text and units[text - 1].kind in _NO_TEXT:
        text -= 1
    behind = range(text, len(units)) if text else ()
    return next((n for n in behind if units[n].kind in _NO_END), len(units))


def _units(document: Document, body: Body, found: list[Piece]) -> list[Unit]:
    """A unit for each piece; an edge that the source does not show is the neighbour's.

    The spans rise: in a tree that the parser had to mend, a node may come earlier than in the source.
    """
    starts = [node_start(document, piece.first) for piece in found]
    ends = [node_end(document, piece.last) for piece in found]
    after = document.inner_end(body.element)
    follows = [*starts[1:], len(document.page) if after is None else after][: len(found)]
    at = document.inner_start(body.element) or 0
    units = []
    for piece, start, end, follow in zip(found, starts, ends, follows, strict=True):
        begin = max(at, at if start is None else start)
        at = max(begin, end if end is not None else begin if follow is None else follow)
        units.append(Unit(piece.kind, begin, at, piece.words))
    return units


def with_heights(
    document: Document, found: list[Piece], units: tuple[Unit, ...], metrics: Metrics
) -> tuple[Unit, ...]:
    """The units with the heights of their pieces."""
    tall = heights(document, found, [(unit.start, unit.end) for unit in units], metrics)
    return tuple(
        Unit(unit.kind, unit.start, unit.end, unit.words, each)
        for unit, each in zip(units, tall, strict=True)
    )


def _edges(document: Document, body: Body) -> tuple[int, int]:
    """The bytes between which the story lies, by the body's first and last block and its headline."""
    first = 0 if body.first is None else document.start(body.first) or 0
    headline = body.headline
    if headline is not None and any(each is body.element for each in headline.ancestors):
        first = max(first, document.end(headline) or 0)
    return first, len(document.page) if body.last is None else _end(document, body.last)


def _end(document: Document, element: Element) -> int:
    """Where an element ends; without an end tag, where the next one starts that is not inside it."""
    end = document.end(element)
    if end is not None:
        return end
    for node in (element, *element.ancestors):
        for after in node.next_siblings:
            start = document.start(after) if isinstance(after, Element) else None
            if start is not None:
                return start
    return len(document.page)


def _is_outside_units(units: Sequence[Unit], offset: int) -> bool:
    """Whether an offset lies in no unit."""
    above = bisect_left(units, offset, key=lambda unit: unit.start)
    return above == 0 or units[above - 1].end <= offset


def _with_marks(
    gaps: tuple[Gap, ...], marks: list[Mark], units: tuple[Unit, ...], known: AbstractSet[int | None]
) -> tuple[Gap, ...]:
    """The gaps, and one at every mark where no place is `known`."""
    more = (_gap_at(offset, units) for offset in {mark.offset for mark in marks} - known)
    return tuple(sorted((*gaps, *more), key=lambda gap: gap.offset))


def _gap_at(offset: int, units: tuple[Unit, ...]) -> Gap:
    above = units[: bisect_left(units, offset, key=lambda unit: unit.start)]
    paragraphs = sum(unit.kind == "paragraph" for unit in above)
    return Gap(offset, len(above), sum(unit.words for unit in above), paragraphs)


def _by_block(marks: list[Mark]) -> dict[str, tuple[int, ...]]:
    """Where the marks ask for each block; two at one place ask for it once."""
    found: dict[str, dict[int, None]] = {}
    for mark in marks:
        found.setdefault(mark.block, {})[mark.offset] = None
    return {block: tuple(offsets) for block, offsets in found.items()}


def _gaps(document: Document, found: list[Piece], units: tuple[Unit, ...], limit: int) -> Iterator[Gap]:
    if not is_in_flow(found[0].path[0]):
        return
    words = paragraphs = 0
    for number, (above, below) in enumerate(pairwise(found), 1):
        words += units[number - 1].words
        paragraphs += units[number - 1].kind == "paragraph"
        offset = None if below.joined else edge_between(document, above, below)
        if offset is not None and units[number - 1].end <= offset <= min(units[number].start, limit):
            yield Gap(offset, number, words, paragraphs)
