"""Small pictures of a page: its units to scale, with what stands between them, as SVG.

They are told apart by shape and pattern, not by colour alone, and take their colours from the page's own
custom properties by the classes of `impact.css`. The name of a picture says in words what is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal, TypeAlias

from newshole.blocks.room import ad_room
from newshole.page.outline import STACKS, Outline
from newshole.plan.naming import where
from newshole.plan.planner import Placement
from newshole.plan.survey import counted
from newshole.review.changes import Change, What
from newshole.rules.kinds.ad import Ad
from newshole.site import Composition
from newshole.types import DEVICES

Shape: TypeAlias = Literal["text", "heading", "figure", "own", "ad", "block"]
"""What a box is drawn as: the site's text, headings, pictures and ads; our ads, our other blocks."""

_SHAPES: Final[Mapping[str, Shape]] = {
    "heading": "heading",
    "image": "figure",
    "video": "figure",
    "embed": "figure",
    "ad": "own",
}
_OURS: Final = ("ad", "block")

NOMINAL: Final = 120.0
"""CSS pixels that a block is drawn with whose height is not known before it is shown."""

UNKNOWN: Final = 60.0
"""The same for a unit."""

_ABOVE: Final = STACKS[: STACKS.index("body-start")]

_COLUMN: Final = 52.0
_WIDE: Final = 152.0
_TALLEST: Final = 240.0
_LINE: Final = 12.0
_LONGEST: Final = 16
"""In the picture's own units: the story's column, the whole with its labels, the height of the taller of
two, what a label needs; and the letters of one."""

_SIGNS: Final[Mapping[What, str]] = {"gained": "+ ", "lost": "− ", "moved": "↕ "}

PATTERNS: Final = (
    '<svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<pattern id="nh-text" width="4" height="4" patternUnits="userSpaceOnUse">'
    '<path class="p-text" d="M0 1.5H4"/></pattern>'
    '<pattern id="nh-ad" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path class="p-ad" d="M0 0V5"/></pattern>'
    '<pattern id="nh-block" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<circle class="p-block" cx="2.5" cy="2.5" r="1.1"/></pattern>'
    "</defs></svg>"
)
"""What the boxes of every picture are filled with; once on a page, before the first."""


@dataclass(frozen=True, slots=True)
class Box:
    """A unit or a block, `height` CSS pixels tall; `name` and `where` are those of a block of ours, `change`
    says what is new about it."""

    shape: Shape
    height: float
    name: str = ""
    where: str = ""
    change: What | None = None


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a picture of a page shows, from above; `untouched` is why it has no blocks."""

    boxes: tuple[Box, ...]
    untouched: str | None = None

    @property
    def height(self) -> float:
        """Of all boxes, in CSS pixels."""
        return sum(box.height for box in self.boxes)


def sketches(
    before: Composition, after: Composition, changes: Sequence[Change], device: str
) -> tuple[Sketch, Sketch]:
    """A page by two rule sets, with what differs between them marked."""
    gone = {(each.before.block, each.before.offset): each.what for each in changes if each.before}
    come = {(each.after.block, each.after.offset): each.what for each in changes if each.after}
    return _sketch(before, gone, device), _sketch(after, come, device)


def _sketch(composition: Composition, marked: Mapping[tuple[str, int], What], device: str) -> Sketch:
    plan, outline = composition.plan, composition.outline
    is_left = composition.untouched is not None
    if plan is not None:
        outline = plan.considered.survey.outline
    if outline is None:
        return Sketch((), composition.untouched)
    placed = () if plan is None or is_left else plan.placements
    return Sketch(tuple(_boxes(outline, placed, marked, device)), composition.untouched)


def _boxes(
    outline: Outline,
    placed: Sequence[Placement],
    marked: Mapping[tuple[str, int], What],
    device: str,
) -> Iterator[Box]:
    """Blocks above the story, its units with those between them, blocks below."""
    above = [each for each in placed if _is_above(each, outline)]
    rest = [each for each in placed if each not in above]
    waiting = [*rest]
    yield from (_block(each, outline, marked, device) for each in above)
    for unit in outline.units:
        while waiting and waiting[0].spot.offset <= unit.start:
            yield _block(waiting.pop(0), outline, marked, device)
        height = float(unit.heights[DEVICES.index(device)]) or UNKNOWN
        yield Box(_SHAPES.get(unit.kind, "text"), height)
    yield from (_block(each, outline, marked, device) for each in waiting)


def _is_above(placement: Placement, outline: Outline) -> bool:
    spot = placement.spot
    return spot.stack in _ABOVE or (spot.position is None and spot.offset <= outline.body[0])


def _block(
    placement: Placement, outline: Outline, marked: Mapping[tuple[str, int], What], device: str
) -> Box:
    block = placement.block
    height, shape = NOMINAL, "block"
    if isinstance(block.options, Ad):
        room = ad_room(block.options)
        height, shape = float(room.mobile if device == "mobile" else room.desktop) or NOMINAL, "ad"
    change = marked.get((block.id, placement.spot.offset))
    return Box("ad" if shape == "ad" else "block", height, block.id, where(placement.spot, outline), change)


def pair(before: Sketch, after: Sketch, names: tuple[str, str] = ("Before", "After")) -> tuple[str, str]:
    """Both pictures of a page, to one scale, with what they are called."""
    scale = _TALLEST / max(before.height, after.height, _TALLEST)
    return picture(before, names[0], scale), picture(after, names[1], scale)


def picture(sketch: Sketch, name: str, scale: float | None = None) -> str:
    """A sketch as an `<svg>` element; `scale` is what a CSS pixel of the page is in it, so that it fits where
    it is not given."""
    scale = _TALLEST / max(sketch.height, _TALLEST) if scale is None else scale
    tops = [0.0]
    for box in sketch.boxes:
        tops.append(tops[-1] + box.height * scale)
    drawn = [_box(box, top, box.height * scale) for box, top in zip(sketch.boxes, tops, strict=False)]
    labels = [*_labels(sketch, tops, scale)]
    tall = max(tops[-1], *(at + _LINE / 2 for at, _ in labels), _LINE) if labels else max(tops[-1], _LINE)
    told = "".join((*drawn, *(label for _, label in labels)))
    return (
        f'<svg class="sketch" viewBox="0 -2 {_WIDE:g} {tall + 4:.1f}" role="img" '
        f'aria-label="{escape(f"{name}: {in_words(sketch)}")}">{told}</svg>'
    )


def in_words(sketch: Sketch) -> str:
    """What a picture shows: its blocks and where they stand, those that changed first told so."""
    units = counted(sum(box.shape not in _OURS for box in sketch.boxes), "unit")
    if sketch.untouched is not None:
        return f"the page is left untouched, {units}"
    blocks = [_told(box) for box in sketch.boxes if box.shape in _OURS]
    return f"{units}; {', '.join(blocks) or 'no blocks'}"


def _told(box: Box) -> str:
    change = f" ({box.change})" if box.change else ""
    return f"{box.name} {box.where}{change}"


def _box(box: Box, top: float, height: float) -> str:
    """A box as it is drawn, with a little air to the next."""
    tall = max(height - 0.8, 0.6)
    inset = 3.0 if box.shape not in _OURS else 0.0
    wide = _COLUMN - 2 * inset
    kind = f"b-{box.shape}" + (f" c-{box.change}" if box.change else "")
    rectangle = f'x="{inset:g}" y="{top:.1f}" width="{wide:g}" height="{tall:.1f}"'
    if box.shape == "figure":
        cross = f"M{inset:g} {top:.1f}l{wide:g} {tall:.1f}m0 {-tall:.1f}l{-wide:g} {tall:.1f}"
        return f'<rect class="{kind}" {rectangle}/><path class="b-cross" d="{cross}"/>'
    if box.shape in _OURS:
        return f'<rect class="b-paper" {rectangle}/><rect class="{kind}" {rectangle}/>'
    return f'<rect class="{kind}" {rectangle}/>'


def _labels(sketch: Sketch, tops: Sequence[float], scale: float) -> Iterator[tuple[float, str]]:
    """The names of blocks beside the column, and where each stands: further down where two would touch."""
    at = -_LINE
    for box, top in zip(sketch.boxes, tops, strict=False):
        if box.shape not in _OURS:
            continue
        middle = top + box.height * scale / 2
        at = max(middle, at + _LINE, _LINE / 2)
        sign = _SIGNS[box.change] if box.change else ""
        name = box.name if len(box.name) <= _LONGEST else f"{box.name[: _LONGEST - 1]}…"
        kind = f' class="c-{box.change}"' if box.change else ""
        leader = f'<path class="leader" d="M{_COLUMN:g} {middle:.1f}L{_COLUMN + 10:g} {at:.1f}"/>'
        text = f'<text{kind} x="{_COLUMN + 13:g}" y="{at + 3.5:.1f}">{escape(sign + name)}</text>'
        yield at, leader + text
