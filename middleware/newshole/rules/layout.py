"""Distances and bounds, compiled: those of all blocks of a page, and what one block asks for beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

Measure: TypeAlias = Literal["units", "paragraphs", "words", "px", "screens", "of"]
Side: TypeAlias = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Distance:
    """A distance in the text, such as `350 words`; one of a `device` holds on that alone.

    `selector` is the CSS of what is counted where the measure is "of" (`5 of ".post"`). Only screens come in
    fractions.
    """

    amount: float
    measure: Measure
    selector: str = ""
    device: str | None = None

    def __str__(self) -> str:
        if self.measure == "px":
            return f"{self.amount:g} px"
        if self.measure == "of":
            return f'{self.amount:g} of "{self.selector}"'
        return f"{self.amount:g} {self.measure if self.amount != 1 else self.measure[:-1]}"


@dataclass(frozen=True, slots=True)
class Bound:
    """A distance that must hold, and the path of the rule that asks for it ("layout.gap[0]")."""

    path: str
    distance: Distance


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of something on a page, and the path of the rule that says so."""

    path: str
    most: int


@dataclass(frozen=True, slots=True)
class Clear:
    """The room that a block must leave `before` a unit of `kind` and `after` it.

    "never" is written as 1 unit, for it forbids just the gap that touches the unit.
    """

    kind: str
    before: tuple[Bound, ...] = ()
    after: tuple[Bound, ...] = ()


Rooms: TypeAlias = Mapping[tuple[str, Side], tuple[Bound, ...]]
"""The same by kind and side."""


def rooms_of(clear: tuple[Clear, ...]) -> Rooms:
    """Every side by itself."""
    above: Rooms = {(each.kind, "before"): each.before for each in clear}
    return {**above, **{(each.kind, "after"): each.after for each in clear}}


def with_rooms(clear: tuple[Clear, ...], rooms: Rooms) -> tuple[Clear, ...]:
    """The rooms with others in the place of theirs, side by side."""
    found = {**rooms_of(clear), **rooms}
    kinds = dict.fromkeys(kind for (kind, _), bounds in found.items() if bounds)
    return tuple(
        Clear(kind, found.get((kind, "before"), ()), found.get((kind, "after"), ())) for kind in kinds
    )


@dataclass(frozen=True, slots=True)
class Density:
    """At most this `share` of the body's height, from 0 to 1, may be ads on a `device`."""

    path: str
    device: str
    share: float

    def __str__(self) -> str:
        return f"{self.share:.0%} on {self.device}"


@dataclass(frozen=True, slots=True)
class Layout:
    """Bounds over all blocks of a page; an empty tuple or None bounds nothing."""

    gap: tuple[Bound, ...] = ()
    ads_apart: tuple[Bound, ...] = ()
    start: tuple[Bound, ...] = ()
    end: tuple[Bound, ...] = ()
    story: tuple[Bound, ...] = ()
    clear: tuple[Clear, ...] = ()
    density: tuple[Density, ...] = ()
    blocks: Limit | None = None
    ads: Limit | None = None


NO_BOUNDS: Final = Layout()


@dataclass(frozen=True, slots=True)
class Avoid:
    """No place near units: of the kinds `near`, or those whose text has a pattern; nearer than `within`.

    With `is_wanted` it is the other way round: no place that is not so near to such a text.
    """

    path: str
    within: tuple[Distance, ...]
    near: tuple[str, ...] = ()
    text: str = ""
    is_wanted: bool = False

    def __str__(self) -> str:
        what = f'text like "{self.text}"' if self.text else " or ".join(self.near)
        within = " or ".join(f"{each} on {each.device}" if each.device else str(each) for each in self.within)
        return f"{'a' if self.is_wanted else 'no'} {what} within {within}"


@dataclass(frozen=True, slots=True)
class Own:
    """What one block asks for beside the layout; None where the layout's own bound holds for it too.

    `clear` goes over the layout's kind by kind. `needs` and `excludes` hold ids and kinds of blocks.
    """

    gap: tuple[Bound, ...] | None = None
    start: tuple[Bound, ...] | None = None
    end: tuple[Bound, ...] | None = None
    story: tuple[Bound, ...] | None = None
    clear: tuple[Clear, ...] = ()
    avoid: tuple[Avoid, ...] = ()
    inside: str | None = None
    not_inside: str | None = None
    most: Limit | None = None
    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    group: str | None = None

    def over(self, layout: Layout) -> Layout:
        """The layout as it is for the block."""
        kinds = {each.kind for each in self.clear}
        return replace(
            layout,
            gap=layout.gap if self.gap is None else self.gap,
            start=layout.start if self.start is None else self.start,
            end=layout.end if self.end is None else self.end,
            story=layout.story if self.story is None else self.story,
            clear=(*(each for each in layout.clear if each.kind not in kinds), *self.clear),
        )


NOTHING_OWN: Final = Own()
