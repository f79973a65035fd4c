"""Distances, and where a block stands, as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from newshole.page.document import check_selector
from newshole.rules.layout import Distance
from newshole.rules.words import Most, OneOrSeveral, Pixels, Selector, Word
from newshole.rules.written import Conflict, Written, expected, just_one, one_of, wrong

_TEXT = r"([0-9]{1,6}) +(unit|paragraph|word)s?"
_SCREENS = r"([0-9]{1,3}(?:\.[0-9]{1,2})?) +screens?"
_PIXELS = r"([0-9]{1,6}) *px"
_OF = r'([0-9]{1,6}) +of +"([^"]+)"'
_FORMS: Final = tuple(map(re.compile, (_TEXT, _SCREENS, _PIXELS, _OF)))
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%")
A_DISTANCE: Final = 'a distance such as "350 words" or "4 paragraphs"'
_ANY_DISTANCE: Final = "|".join(each.pattern for each in _FORMS)
_DISTANCE_SCHEMA: Final = {
    "type": "string",
    "pattern": f"^(?:{_ANY_DISTANCE})$",
    "examples": ["350 words", "4 paragraphs", "3 units", "900 px", "1.2 screens", '5 of ".post"'],
}

_POINT_SCHEMA: Final = {
    "type": "string",
    "pattern": f"^(?:{_PERCENT.pattern}|{_ANY_DISTANCE})$",
    "examples": ["30%", "250 words"],
}


def _distance(value: object) -> Distance:
    found = [each.fullmatch(value) for each in _FORMS] if isinstance(value, str) else [None] * 4
    text, screens, pixels, of = found
    if text is not None:
        return Distance(int(text[1]), f"{text[2]}s")  # type: ignore[arg-type]  # one of the three
    if screens is not None:
        return Distance(float(screens[1]), "screens")
    if pixels is not None:
        return Distance(int(pixels[1]), "px")
    if of is not None:
        if fault := check_selector(of[2]):
            raise wrong(f"not a CSS selector: {fault}")
        return Distance(int(of[1]), "of", of[2])
    raise expected(A_DISTANCE)


def _step(value: object) -> Distance:
    distance = _distance(value)
    if distance.amount == 0:
        raise expected(f"{A_DISTANCE}, more than 0")
    return distance


@dataclass(frozen=True, slots=True)
class Percent:
    """A part of the body's words, from 0 to 100."""

    amount: float


def _percent(value: object) -> Percent:
    found = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if found is None or float(found[1]) > 100:
        raise expected('a percentage from 0 to 100, such as "30%"')
    return Percent(float(found[1]))


def share_of(written: object) -> float | None:
    """A percentage that is written, as a number up to 100; None for what is none."""
    found = _PERCENT.fullmatch(written) if isinstance(written, str) else None
    return None if found is None else float(found[1])


def _point(value: object) -> Distance | Percent:
    if isinstance(value, str) and _PERCENT.fullmatch(value):
        return _percent(value)
    try:
        return _distance(value)
    except ValueError:
        raise expected('a point such as "30%" or "250 words"') from None


def _nth(value: object) -> int:
    named = {"first": 1, "last": -1}.get(value) if isinstance(value, str) else value
    if type(named) is not int or not 0 < abs(named) <= 1_000:
        raise expected('a number such as 3 or -2 (from the end), "first" or "last"')
    return named


def _clearance(value: object) -> Distance | Literal["never"]:
    if value == "never":
        return "never"
    try:
        return _distance(value)
    except ValueError:
        raise expected(f'{A_DISTANCE}, or "never"') from None


OneDistance = Annotated[Distance, Word(_distance, _DISTANCE_SCHEMA)]
Step = Annotated[Distance, Word(_step, _DISTANCE_SCHEMA)]
Point = Annotated[Distance | Percent, Word(_point, _POINT_SCHEMA)]
Share = Annotated[
    Percent, Word(_percent, {"type": "string", "pattern": f"^{_PERCENT.pattern}$", "examples": ["25%"]})
]


class ByDevice(Written):
    """One value for phones and one for desktops; a device without one has none."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        if not {"mobile", "desktop"} & written.keys():
            yield Conflict('needs "mobile" or "desktop"', lacks=("mobile", "desktop"))


class DistanceByDevice(ByDevice):
    """A distance for phones and one for desktops."""

    mobile: OneDistance | None = None
    desktop: OneDistance | None = None


class StepByDevice(ByDevice):
    """The same, above 0."""

    mobile: Step | None = None
    desktop: Step | None = None


class ShareByDevice(ByDevice):
    """A percentage for phones and one for desktops."""

    mobile: Share | None = None
    desktop: Share | None = None


class PixelsByDevice(ByDevice):
    """A height in pixels for phones and one for desktops."""

    mobile: Pixels | None = None
    desktop: Pixels | None = None


def _device_form(written: object) -> str:
    return "(devices)" if isinstance(written, (dict, BaseModel)) else "(all)"


D = TypeVar("D")
N = TypeVar("N", bound=ByDevice)
PerDevice = Annotated[
    Annotated[D, Tag("(all)")] | Annotated[N, Tag("(devices)")], Discriminator(_device_form)
]
"""A value for every device, or a mapping of "mobile" and "desktop"."""

AnyDistance: TypeAlias = PerDevice[OneDistance, DistanceByDevice]
Distances: TypeAlias = OneOrSeveral[AnyDistance]
"""Of several distances all must hold."""
Clearance = Annotated[
    Distance | Literal["never"],
    Word(_clearance, {"anyOf": [{"const": "never"}, _DISTANCE_SCHEMA]}),
]

_NTH_SCHEMA: Final = {
    "anyOf": [
        {"type": "integer", "minimum": -1_000, "maximum": 1_000, "not": {"const": 0}},
        {"enum": ["first", "last"]},
    ]
}

UnitKind = Literal["paragraph", "heading", "image", "video", "embed", "list", "quote", "table"]
AnchorKind = Literal[UnitKind, "unit"]
Nth = Annotated[
    int,
    Word(_nth, _NTH_SCHEMA),
]


def range_shape(written: object) -> object:
    if not isinstance(written, (list, tuple)) or len(written) != 2:
        raise expected("two percentages such as [40%, 70%]")
    low, high = (each if isinstance(each, Percent) else _percent(each) for each in written)
    if low.amount >= high.amount:
        raise expected("two percentages, the lower one first")
    return written


_POINTS: Final = ("after", "before", "at", "between", "selector")


class PointPlace(Written):
    """A place in the story's text, or at an element anywhere on the page."""

    model_config = ConfigDict(
        json_schema_extra={
            **just_one(*_POINTS)["json_schema_extra"],  # type: ignore[dict-item]  # a mapping
            "dependentRequired": {"selector": ["where"], "where": ["selector"]},
        }
    )
    after: AnchorKind | None = None
    """Right after the unit of this kind that `nth` picks."""
    before: AnchorKind | None = None
    """Right before the unit of this kind that `nth` picks."""
    nth: Annotated[
        Annotated[Literal["all"], Tag("(all)")] | Annotated[OneOrSeveral[Nth], Tag("(nth)")],
        Discriminator(lambda written: "(all)" if written == "all" else "(nth)"),
    ] = 1
    """3, -2 (from the end), first, last; of a list, one copy at each; with a selector also `all`."""
    at: PerDevice[Point, DistanceByDevice] | None = None
    """The nearest allowed gap to this point: a part of the text, or a distance from its start."""
    between: Annotated[tuple[Share, Share], BeforeValidator(range_shape)] | None = None
    """Anywhere from one part of the text to another, the nearer to the middle of it the better."""
    selector: Selector | None = None
    """Elements of the page, be they in the text or not."""
    where: Literal["before", "after", "prepend", "append"] | None = None
    """On which side of the selected element, or as the first or the last thing inside it."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, *_POINTS)
        if "selector" in written and "where" not in written:
            yield Conflict('needs "where": before, after, prepend or append', lacks=("where",))
        if "where" in written and "selector" not in written and any(key in written for key in _POINTS):
            yield Conflict('"where" goes with "selector"', ("where", "[key]"))
        if written.get("nth") == "all" and "selector" not in written:
            yield Conflict('"all" goes with "selector"; here nth is a number, or a list of them', ("nth",))
        for other in {"at", "between"} & written.keys() if "nth" in written else ():
            yield Conflict(f'"nth" goes with "after" or "before", not with "{other}"', ("nth", "[key]"))


StackName = Literal[
    "page-top", "headline-before", "headline-after", "body-start", "body-end", "body-after", "page-bottom"
]


def _place_shape(written: object) -> object:
    if not isinstance(written, (str, dict, PointPlace)):
        raise expected("a place such as body-end, {after: paragraph, nth: 4} or {at: 30%}")
    return written


Place: TypeAlias = Annotated[
    Annotated[StackName, Tag("(stack)")] | Annotated[PointPlace, Tag("(point)")],
    Discriminator(lambda written: "(stack)" if isinstance(written, str) else "(point)"),
    BeforeValidator(_place_shape),
]


class RepeatWritten(Written):
    """Further copies, counted from the block's place, or from the start of the story where it has none."""

    every: PerDevice[Step, StepByDevice]
    """How far the copies are apart."""
    start: AnyDistance | None = Field(default=None, alias="from")
    """Where the first of them stands, from the start of the story."""
    max: Most | None = None
    """At most so many."""
