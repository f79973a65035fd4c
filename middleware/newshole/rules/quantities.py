"""Numbers, ages and times of conditions, as they are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag

from newshole.rules.spans import LENGTHS, Age, Amounts, Hours, Weekday
from newshole.rules.words import Moment, OneOrSeveral, Several, Word
from newshole.rules.written import Conflict, Written, expected, wrong

_AMOUNT = re.compile(r"([0-9]{1,7}) to ([0-9]{1,7})")
_LENGTH = re.compile(rf"([1-9][0-9]{{0,4}}) +({'|'.join(LENGTHS)})s?")
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS = re.compile(rf"({_TIME}) ?- ?({_TIME}|24:00)")


def _amount(value: object) -> Amounts | str:
    if value == "present":
        return "present"
    if type(value) is int and 0 <= value < 10_000_000:
        return Amounts(value, value)
    match = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise expected('a number, "300 to 900", {min: 300}, {max: 900} or "present"')
    if int(match[1]) > int(match[2]):
        raise wrong(f'holds for no number: {match[1]} is above {match[2]}; write "{match[2]} to {match[1]}"')
    return Amounts(int(match[1]), int(match[2]))


def _length(what: str) -> Callable[[object], Age]:
    """What reads a length of time, which is `what` to those who write it."""

    def read(value: object) -> Age:
        match = _LENGTH.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise expected(what)
        return Age(int(match[1]), match[2])

    return read


_age = _length('an age such as "2 days", "6 hours" or "1 year"')
_lasting = _length('a length of time such as "30 days" or "6 months"')
_LENGTH_SCHEMA: Final = {"type": "string", "pattern": f"^{_LENGTH.pattern}$"}


def _hours(value: object) -> Hours:
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise expected('hours such as "07:00-10:00"')
    start, end = (int(each[:2]) * 60 + int(each[3:]) for each in match.groups())
    if start == end:
        raise wrong(f"from {match[1]} to {match[2]} is no time at all")
    return Hours(start, end)


Amount = Annotated[
    Amounts | str,
    Word(
        _amount,
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": f"^(?:{_AMOUNT.pattern}|present)$"},
            ],
            "examples": ["300 to 900"],
        },
    ),
]
AgeText = Annotated[Age, Word(_age, {**_LENGTH_SCHEMA, "examples": ["2 days"]})]
Lasting = Annotated[Age, Word(_lasting, {**_LENGTH_SCHEMA, "examples": ["30 days"]})]
HoursText = Annotated[
    Hours, Word(_hours, {"type": "string", "pattern": f"^{_HOURS.pattern}$", "examples": ["07:00-10:00"]})
]


class NotAmount(Written):
    """The condition holds for every other number."""

    excluded: OneOrSeveral[Amount] = Field(alias="not")


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < 10_000_000:
        raise expected("a whole number from 0 to 9999999")
    return value


Number = Annotated[int, Word(_number, {"type": "integer", "minimum": 0, "maximum": 9_999_999})]


class Range(Written):
    """A number, both bounds included."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})
    min: Number | None = None
    """At least so many."""
    max: Number | None = None
    """At most so many."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        least, most = written.get("min"), written.get("max")
        if not written:
            yield Conflict('needs "min" or "max"', lacks=("min", "max"))
        if type(least) is int and type(most) is int and least > most:
            yield Conflict(f'holds for no number: "min" is {least}, above "max"', ("max",))


class Ages(Written):
    """How long ago something was."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})
    within: AgeText | None = None
    """Less than this long ago."""
    before: AgeText | None = None
    """This long ago, or longer."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        if not written:
            yield Conflict('needs "within" or "before"', lacks=("within", "before"))
        within, before = (_read(_age, written.get(key)) for key in ("within", "before"))
        if within is not None and before is not None and within.length <= before.length:
            yield Conflict(
                f"holds at no time: within {within} and before {before} have nothing in common", ("before",)
            )


def _published(written: object) -> object:
    if written != "present" and not isinstance(written, (dict, Ages)):
        raise expected('{within: 2 days}, {before: 1 year} or "present"')
    return written


Published = Annotated[
    Annotated[Literal["present"], Tag("(one)")] | Annotated[Ages, Tag("(ages)")],
    Discriminator(lambda written: "(one)" if isinstance(written, str) else "(ages)"),
    BeforeValidator(_published),
]


class NotPublished(Written):
    """The condition holds at every other age, and where that is not known."""

    excluded: Published = Field(alias="not")


def is_negated(written: object) -> bool:
    """Whether a `published` is written as what it must not be."""
    return isinstance(written, NotPublished) or (isinstance(written, dict) and "not" in written)


class Schedule(Written):
    """Times of the week, and days between two moments."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})
    start: Moment | None = Field(default=None, alias="from")
    """The first moment; a date is its beginning."""
    until: Moment | None = None
    """The moment at which it is over; a date is its beginning."""
    weekdays: OneOrSeveral[Weekday] | None = None
    hours: OneOrSeveral[HoursText] | None = None
    """Hours that pass midnight are those of the day that they begin on."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        if not written:
            yield Conflict('needs "from", "until", "weekdays" or "hours"', lacks=tuple(cls.key_names()))
        yield from at_no_time(written)


def at_no_time(written: Mapping[str, object]) -> Iterator[Conflict]:
    """A conflict where "until" is not after "from"."""
    start, end = written.get("from"), written.get("until")
    if is_over(start, end):
        yield Conflict(f'holds at no time: "from" is {start}, which is not before it', ("until",))


def is_over(start: object, end: object) -> bool:
    """Whether what begins at `start` is over by then, where both can be read.

    Where only one of them says its offset, they may be a day apart and mean the same.
    """
    first, last = _read(_naive, start), _read(_naive, end)
    if first is None or last is None:
        return False
    slack = timedelta(0) if first[1] == last[1] else timedelta(hours=26)
    return first[0] >= last[0] + slack


def _naive(written: object) -> tuple[datetime, bool]:
    """A moment without its offset, in UTC where it has one, and whether it has."""
    read = datetime.fromisoformat(written) if isinstance(written, str) else written
    if isinstance(read, date) and not isinstance(read, datetime):
        read = datetime.combine(read, datetime.min.time())
    if not isinstance(read, datetime):
        raise expected("a moment")
    if read.tzinfo is None:
        return read, False
    return (read - (read.utcoffset() or timedelta(0))).replace(tzinfo=None), True


R = TypeVar("R")


def _read(word: Callable[[object], R], written: object) -> R | None:
    """What is written, read; None where it is wrong, which is told elsewhere."""
    try:
        return word(written)
    except (ValueError, OverflowError):
        return None


def _range_form(written: object) -> str:
    is_range = isinstance(written, Range) or (isinstance(written, dict) and "not" not in written)
    if is_range:
        return "(range)"
    if isinstance(written, (list, tuple)):
        return "(list)"
    return "(not)" if isinstance(written, (dict, NotAmount)) else "(one)"


Counted = Annotated[
    Annotated[Amount, Tag("(one)")]
    | Annotated[Several[Amount], Tag("(list)")]
    | Annotated[Range, Tag("(range)")]
    | Annotated[NotAmount, Tag("(not)")],
    Discriminator(_range_form),
]
"""The same of a number, which may also have bounds."""


def bounds_of(written: object) -> tuple[int | None, int | None] | None:
    """The bounds of a number that is written with one range; None where it is not, or wrong."""
    if isinstance(written, dict):
        least, most = written.get("min"), written.get("max")
        are_whole = all(each is None or type(each) is int for each in (least, most))
        return (least, most) if are_whole and "not" not in written else None
    read = _read(_amount, written)
    return (read.least, read.most) if isinstance(read, Amounts) else None
