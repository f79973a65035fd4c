"""Stories in one line, and plans over them: the words that the planner's tests are written in."""

from __future__ import annotations

from collections.abc import Mapping

from newshole.page.outline import Gap, Outline, Unit
from newshole.plan.planner import Plan, make_plan
from newshole.rules.kinds.html import Html
from newshole.rules.layout import NOTHING_OWN, Bound, Clear, Distance, Layout, Own
from newshole.rules.ruleset import Anchor, At, Block, Elsewhere, Place, Repeat, Rules, Stack
from newshole.types import DEVICES, Reason

KINDS = {
    "p": "paragraph", "h": "heading", "i": "image", "l": "list", "q": "quote", "a": "ad", "r": "promo",
    "o": "other",
}  # fmt: skip
FREE = Layout()


def distance(written: str) -> Distance:
    """A distance as the rules have it, "3 units"."""
    amount, _, measure = written.partition(" ")
    if measure.startswith("of "):
        return Distance(int(amount), "of", measure.removeprefix("of "))
    return Distance(float(amount), measure)  # type: ignore[arg-type]  # tests write real measures


def bounds(path: str, *written: str) -> tuple[Bound, ...]:
    return tuple(Bound(f"{path}[{n}]", distance(each)) for n, each in enumerate(written))


def after(kind: str, *nth: int) -> Anchor:
    return Anchor("place", "after", kind, nth or (1,))


def before(kind: str, *nth: int) -> Anchor:
    return Anchor("place", "before", kind, nth or (1,))


def at(written: str) -> At:
    if written.endswith("%"):
        return At("place", percent=float(written[:-1]))
    return At("place", (distance(written),))


def stack(name: str) -> Stack:
    return Stack("place", name)


def every(written: str, *, most: int | None = None, start: str | None = None) -> Repeat:
    return Repeat("repeat", (distance(written),), (distance(start),) if start else (), most)


def block(
    name: str,
    *prefer: Place,
    repeat: Repeat | None = None,
    priority: int = 0,
    exact: bool = False,
    required: bool = False,
    fallback: str | None = None,
    own: Own = NOTHING_OWN,
) -> Block:
    """A block; one whose name starts with "ad" is an ad."""
    kind = "ad" if name.startswith("ad") else "html"
    return Block(
        name,
        kind,
        Html(html="<p>x</p>"),
        prefer,
        repeat,
        priority,
        exact,
        own=own,
        required=required,
        fallback=fallback,
    )


def clear(kind: str, *, before: tuple[Bound, ...] = (), after: tuple[Bound, ...] = ()) -> tuple[Clear, ...]:
    return (Clear(kind, before, after),)


def sketch(story: str) -> Outline:
    """An outline from words such as `p60` (a paragraph of 60 words), `h8`, `i0`; each unit is 10 bytes.

    A word is 10 pixels high on mobile and 5 on desktop, a unit without words 200 and 300.
    """
    units: list[Unit] = []
    gaps: list[Gap] = []
    words = paragraphs = 0
    for n, each in enumerate(story.split()):
        if n:
            gaps.append(Gap(100 + 10 * n, n, words, paragraphs))
        count = int(each[1:])
        heights = (10 * count, 5 * count) if count else (200, 300)
        unit = Unit(KINDS[each[0]], 100 + 10 * n, 110 + 10 * n, count, heights)
        units.append(unit)
        words += unit.words
        paragraphs += unit.kind == "paragraph"
    end = 100 + 10 * len(units)
    stacks = {"page-top": 10, "headline-after": 50, "body-start": 100, "body-end": end, "body-after": end + 9}
    return Outline(tuple(units), tuple(gaps), stacks, (100, end), words, paragraphs)


def plan(
    story: str | Outline,
    *blocks: Block,
    layout: Layout = FREE,
    banned: tuple[tuple[str, int], ...] = (),
    refused: tuple[str, ...] = (),
    elsewhere: tuple[Elsewhere, ...] = (),
    devices: tuple[str, ...] = DEVICES,
    heights: Mapping[str, tuple[int, int]] | None = None,
) -> Plan:
    """The plan of blocks over a story, in words or as an outline; blocks in `refused` may not come."""
    outline = sketch(story) if isinstance(story, str) else story
    rules = Rules("test", "Test", blocks, layout, elsewhere=elsewhere)
    reasons = {name: (Reason("when", "", "another page", "this one"),) for name in refused}
    return make_plan(outline, rules, reasons, banned, devices=devices, heights=heights)


def places(made: Plan) -> str:
    """Where everything stands: `ad@4 follow@body-end`, a number being that of units before it."""
    return " ".join(
        f"{placed.block.id}@{placed.spot.stack or (placed.spot.position and placed.spot.position.units)}"
        for placed in made.placements
    )
