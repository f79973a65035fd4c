"""Distances, and where a block stands, as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag

from newshole.rules.ruleset import Distance
from newshole.rules.words import Most, OneOrSeveral, Selector, Word
from newshole.rules.written import Conflict, Written, expected, just_one, one_of

_DISTANCE = re.compile(r"([0-9]{1,6}) +(unit|paragraph|word)s?")
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3})?) ?%")
A_DISTANCE: Final = 'a distance such as "350 words" or "4 paragraphs"'
_DISTANCE_SCHEMA: Final = {
    "type": "string",
    "pattern": f"^{_DISTANCE.pattern}$",
    "examples": ["350 words", "4 paragraphs", "3 units"],
}

_POINT_SCHEMA: Final = {
    "type": "string",
    "pattern": f"^(?:{_PERCENT.pattern}|{_DISTANCE.pattern})$",
    "examples": ["30%", "250 words"],
}


def _distance(value: object) -> Distance:
    match = _DISTANCE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise expected(A_DISTANCE)
    return Distance(int(match[1]), f"{match[2]}s")  # type: ignore[arg-type]  # one of the three


def _step(value: object) -> Distance:
    distance = _distance(value)
    if distance.amount == 0:
        raise expected(f"{A_DISTANCE}, more than 0")
    return distance


@dataclass(frozen=True, slots=True)
class Percent:
    """A part of the body's words, from 0 to 100."""

    amount: float


def _point(value: object) -> Distance | Percent:
    percent = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if percent is None:
        try:
            return _distance(value)
        except ValueError:
            raise expected('a point such as "30%" or "250 words"') from None
    if float(percent[1]) > 100:
        raise expected("a percentage from 0 to 100")
    return Percent(float(percent[1]))


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
Distances: TypeAlias = OneOrSeveral[OneDistance]
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

AnchorKind = Literal["paragraph", "heading", "image", "video", "embed", "list", "quote", "table", "unit"]
Nth = Annotated[
    int,
    Word(_nth, _NTH_SCHEMA),
]


_POINTS: Final = ("after", "before", "at", "selector")


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
    at: (
        Annotated[
            Distance | Percent,
            Word(_point, _POINT_SCHEMA),
        ]
        | None
    ) = None
    """The nearest allowed gap to this point: a part of the text, or a distance from its start."""
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
        if "nth" in written and "at" in written:
            yield Conflict('"nth" goes with "after" or "before", not with "at"', ("nth", "[key]"))


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

    every: Step
    """How far the copies are apart."""
    start: OneDistance | None = Field(default=None, alias="from")
    """Where the first of them stands, from the start of the story."""
    max: Most | None = None
    """At most so many."""
