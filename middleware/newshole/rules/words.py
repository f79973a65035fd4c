"""The words that values are written in: each reads one kind of value and says what it expects."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel import Locale, UnknownLocaleError
from pydantic import AfterValidator, Discriminator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag
from pydantic_core import CoreSchema, core_schema

from newshole.page.document import check_selector
from newshole.rules.patterns import check_pattern
from newshole.rules.written import expected, nearest, wrong

T = TypeVar("T")

_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, eq=False)
class Word:
    """Reads a value, or raises what was expected; `schema` is the value's JSON Schema."""

    read: Callable[[Any], Any]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)


def whole(low: int, high: int, what: str) -> Word:
    """A whole number between two, both included."""

    def read(value: object) -> int:
        if type(value) is not int or not low <= value <= high:
            raise expected(what)
        return value

    return Word(read, {"type": "integer", "minimum": low, "maximum": high})


def matching(pattern: str, what: str) -> Word:
    """Text that a regular expression takes whole."""
    compiled = re.compile(pattern)

    def read(value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise expected(what)
        return value

    return Word(read, {"type": "string", "pattern": f"^(?:{pattern})$"})


def read_text(value: object) -> str:
    """Text that is not blank."""
    if isinstance(value, (int, float)):
        raise expected("text (put it in quotes)")
    if not isinstance(value, str) or not value.strip():
        raise expected("text")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise expected("true or false")
    return value


def _temperature(value: object) -> float:
    if type(value) in (int, float) and -150 <= value <= 150:  # type: ignore[operator]  # just looked at
        return value  # type: ignore[return-value]  # the same
    raise expected("a temperature from -150 to 150")


def _day(value: object) -> dt.date:
    if type(value) is dt.date:
        return value
    try:
        return dt.date.fromisoformat(_dated(value))
    except ValueError:
        raise expected("a date such as 2024-07-19") from None


def _moment(value: object) -> dt.datetime | dt.date:
    if isinstance(value, dt.date):
        return value
    try:
        written = _dated(value)
        return (dt.datetime if len(written) > 10 else dt.date).fromisoformat(written)
    except ValueError:
        raise expected("a date such as 2024-07-19, or a time such as 2024-07-19T21:40:00+02:00") from None


def _dated(value: object) -> str:
    """Text that starts with a whole date; other ways that ISO 8601 has to write one are for machines."""
    if isinstance(value, str) and _DATED.match(value):
        return value
    raise ValueError(value)


def _language(value: object) -> str:
    try:
        Locale.parse(value if isinstance(value, str) else "", sep="-")
    except (UnknownLocaleError, ValueError):
        raise expected('a language tag such as "en" or "pt-BR"') from None
    return str(value)


def _own_language(value: object) -> str:
    try:
        return "auto" if value == "auto" else _language(value)
    except ValueError:
        raise expected('"auto", or a language tag such as "en" or "pt-BR"') from None


def _timezone(value: object) -> str:
    try:
        return ZoneInfo(value if isinstance(value, str) else "").key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        meant = nearest(value, sorted(available_timezones()))
        raise expected(f"a time zone such as {meant or 'Europe/Warsaw'}") from None


def _selector(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise expected("a CSS selector such as .entry-content")
    fault = check_selector(value)
    if fault is not None:
        raise wrong(f"not a CSS selector: {fault}")
    return value


def _pattern(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise expected('a pattern such as "(?i)recipe"')
    fault = check_pattern(value)
    if fault is not None:
        raise wrong(f"not a pattern in the syntax of RE2: {fault}")
    return value


_LINK: Final = r"https?://[^\s/?#\\]+[^\s\x00-\x20]*"
_LANGUAGE: Final = "^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$"
_HOST: Final = r"(?:\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"

TEXT_SCHEMA: Final = {"type": "string", "pattern": r"\S"}

Text = Annotated[str, Word(read_text, TEXT_SCHEMA)]
Flag = Annotated[bool, Word(_flag, {"type": "boolean"})]
Temperature = Annotated[float, Word(_temperature, {"type": "number", "minimum": -150, "maximum": 150})]
Pixels = Annotated[int, whole(1, 10_000, "a length in pixels from 1 to 10000")]
Positive = Annotated[int, whole(1, 2_000_000_000, "a whole number above 0")]
Few = Annotated[int, whole(1, 20, "a whole number from 1 to 20")]
Count = Annotated[int, whole(0, 1_000, "a whole number from 0 to 1000")]
Most = Annotated[int, whole(1, 1_000, "a whole number from 1 to 1000")]
Shelved = Annotated[int, whole(1, 100_000, "a whole number from 1 to 100000")]
Rank = Annotated[int, whole(-1_000, 1_000, "a whole number from -1000 to 1000")]
Day = Annotated[dt.date, Word(_day, {"type": "string", "pattern": f"^{_DATED.pattern}$"})]
Moment = Annotated[
    dt.datetime | dt.date,
    Word(_moment, {"type": "string", "pattern": f"^{_DATED.pattern}"}),
]
Language = Annotated[str, Word(_language, {"type": "string", "pattern": _LANGUAGE})]
OwnLanguage = Annotated[str, Word(_own_language, {"type": "string", "default": "auto"})]
Timezone = Annotated[str, Word(_timezone, {"type": "string", "examples": ["Europe/Warsaw"]})]
Selector = Annotated[str, Word(_selector, {"type": "string", "examples": [".entry-content"]})]
Pattern = Annotated[str, Word(_pattern, {"type": "string", "minLength": 1, "examples": ["(?i)recipe"]})]
PathGlob = Annotated[
    str,
    matching(
        r"present|(?:\*\*)?(?:/(?:\*\*|(?:\*?[^\s/*])*\*?))+",
        'a path such as "/world/**", "**" for any number of whole parts, "*" within one',
    ),
]
Host = Annotated[str, matching(_HOST, 'a host in lower case, such as "news.example" or "*.news.example"')]
BlockId = Annotated[
    str, matching("[a-z0-9][a-z0-9-]*", "a block id of small letters, digits and hyphens, such as inline-ad")
]
EntryName = Annotated[
    str, matching("[a-z0-9][a-z0-9-]*", "a name of small letters, digits and hyphens, such as acme-takeover")
]
RULE_PATH: Final = r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"
RulePath = Annotated[
    str,
    matching(
        RULE_PATH,
        'the path of a rule such as "layout.ads" or "blocks.inline-ad.serve"',
    ),
]
Link = Annotated[str, matching(_LINK, 'an address that starts with "https://" or "http://"')]
Url = Annotated[
    str,
    matching(
        rf"{_LINK}|/(?![/\\])[^\s\x00-\x20]*",
        'an address that starts with "https://", "http://" or "/"',
    ),
]
"""Absolute, or on the site itself: never a script."""


def _form(written: object) -> str:
    return "(list)" if isinstance(written, (list, tuple)) else "(one)"


def _some(values: tuple[T, ...]) -> tuple[T, ...]:
    if not values:
        raise expected("at least one entry")
    return values


Several = Annotated[tuple[T, ...], AfterValidator(_some), Field(json_schema_extra={"minItems": 1})]
"""At least one."""

OneOrSeveral = Annotated[
    Annotated[T, Tag("(one)")] | Annotated[Several[T], Tag("(list)")], Discriminator(_form)
]
"""A value by itself, or a list of them."""
