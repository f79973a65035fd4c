"""The widgets of what only newshole has: distances, places, conditions, times of the week."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from newshole.console.blocks.widgets import FieldError, Typed
from newshole.plan import naming
from newshole.rules.spans import WEEKDAYS
from newshole.rules.tree import Plain

MEASURES: Final = {
    "words": "words",
    "paragraphs": "paragraphs",
    "units": "pieces of the story",
    "px": "pixels",
    "screens": "screens",
}
"""What distances are counted in."""

STACKS: Final = {name: f"{words[0].upper()}{words[1:]}" for name, words in naming.STACKS.items()}
POINTS: Final = {
    "after": "In the story, after",
    "before": "In the story, before",
    "at": "In the story, at a point",
    "between": "In the story, between two parts of it",
    "selector": "At an element of the page",
}
UNITS: Final = {
    "paragraph": "paragraph",
    "heading": "heading",
    "image": "picture",
    "video": "video",
    "embed": "embed",
    "list": "list",
    "quote": "quote",
    "table": "table",
    "unit": "piece of any kind",
}
SIDES: Final = {
    "before": "before it",
    "after": "after it",
    "prepend": "in it, first",
    "append": "in it, last",
}
MODES: Final = {"only": "Only", "except": "All except"}
DAYS: Final[Mapping[str, str]] = dict(zip(WEEKDAYS, "Mon Tue Wed Thu Fri Sat Sun".split(), strict=True))

_DISTANCE: Final = re.compile(
    r"([0-9]{1,6}(?:\.[0-9]{1,2})?) *(word|words|paragraph|paragraphs|unit|units|px|screen|screens)"
)


def _plural(measure: str) -> str:
    return measure if measure == "px" or measure.endswith("s") else f"{measure}s"


@dataclass(frozen=True, slots=True)
class Distance:
    """A number and what it counts."""

    name: str = "distance"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"amount": "", "measure": "words"}
        found = _DISTANCE.fullmatch(value) if isinstance(value, str) else None
        return None if found is None else {"amount": found[1], "measure": _plural(found[2])}

    def read(self, typed: Typed) -> Plain | None:
        amount, measure = typed.get("amount", "").strip().replace(",", "."), typed.get("measure", "words")
        if not amount:
            return None
        measure = measure.removesuffix("s") if amount == "1" and measure != "px" else measure
        return f"{amount} {measure}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: a fixed spot of the page, or a point in the story."""

    name: str = "place"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return _NO_PLACE.copy()
        if isinstance(value, str):
            return {**_NO_PLACE, "where": value} if value in STACKS else None
        if not isinstance(value, dict):
            return None
        found = _point(value)
        return found if found and self.read(found) == _with_usual(value) else None

    def read(self, typed: Typed) -> Plain | None:
        where = typed.get("where", "")
        if where in ("after", "before"):
            nth = _number(typed.get("nth", "")) or 1
            return {where: typed.get("unit", "paragraph"), "nth": nth}
        if where == "at":
            return {"at": _needed(typed, "point", "which point: 30%, or 250 words")}
        if where == "between":
            return {"between": [_percent(typed, "low"), _percent(typed, "high")]}
        if where == "selector":
            element = _needed(typed, "element", "which element, as a CSS selector")
            return {"selector": element, "where": typed.get("side", "before")}
        return where or None


_NO_PLACE: Final = {
    "where": "",
    "unit": "paragraph",
    "nth": "",
    "point": "",
    "low": "",
    "high": "",
    "element": "",
    "side": "before",
}


def _with_usual(value: Mapping[str, Plain]) -> dict[str, Plain]:
    """A place with the number that it has anyway."""
    return {**value, "nth": value.get("nth", 1)} if {"after", "before"} & value.keys() else dict(value)


def _point(value: Mapping[str, Plain]) -> dict[str, str] | None:
    where = next((each for each in POINTS if each in value), "")
    main = value.get(where)
    if where == "between":
        if not isinstance(main, list) or len(main) != 2:
            return None
        low, high = (str(each).removesuffix("%").strip() for each in main)
        return {**_NO_PLACE, "where": where, "low": low, "high": high}
    if not isinstance(main, str):
        return None
    control = {"at": "point", "selector": "element"}.get(where, "unit")
    nth, side = value.get("nth", 1), value.get("where", "before")
    more = {"nth": str(nth)} if where in ("after", "before") else {}
    return {**_NO_PLACE, "where": where, control: main, **more, "side": str(side)}


def _number(text: str) -> Plain | None:
    """A number that counts, from the end where it is below 0; the words of the rules stay words."""
    text = text.strip().replace("\u2212", "-")
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else text or None


def _percent(typed: Typed, control: str) -> str:
    return _needed(typed, control, "two percentages, such as 40 and 70").removesuffix("%").strip() + "%"


def _needed(typed: Typed, control: str, what: str) -> str:
    text = typed.get(control, "").strip()
    if not text:
        raise FieldError(f"say {what}")
    return text


@dataclass(frozen=True, slots=True)
class Fact:
    """What must be so of a page or a reader: only some values, or all except some; `options` where there are
    no others, each with its words."""

    options: Mapping[str, str] | None = None
    example: str = ""
    name: str = "fact"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        mode = "only"
        if isinstance(value, dict):
            if list(value) != ["not"]:
                return None
            mode, value = "except", value["not"]
        listed = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(each, str) and each and each.splitlines() == [each] for each in listed):
            return None
        return {"mode": mode, "values": "\n".join(map(str, listed))}

    def read(self, typed: Typed) -> Plain | None:
        values: list[Plain] = [line.strip() for line in typed.get("values", "").splitlines() if line.strip()]
        if not values:
            return None
        return {"not": values} if typed.get("mode") == "except" else values


@dataclass(frozen=True, slots=True)
class Week:
    """Days of the week, and hours of these days."""

    name: str = "week"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"hours": "", **dict.fromkeys(WEEKDAYS, "")}
        if not isinstance(value, dict) or not value.keys() <= {"weekdays", "hours"} or not value:
            return None
        days, hours = (_listed(value.get(key)) for key in ("weekdays", "hours"))
        if not set(days) <= set(WEEKDAYS) or not all(_is_hours(each) for each in hours):
            return None
        return {"hours": ", ".join(hours), **{day: "on" if day in days else "" for day in WEEKDAYS}}

    def read(self, typed: Typed) -> Plain | None:
        made: dict[str, Plain] = {}
        days: list[Plain] = [day for day in WEEKDAYS if typed.get(day)]
        if days:
            made["weekdays"] = days
        hours: list[Plain] = [*filter(None, map(str.strip, re.split(r"[,;\n]", typed.get("hours", ""))))]
        if hours:
            made["hours"] = [str(each).replace("\u2013", "-") for each in hours]
        return made or None


def _listed(value: Plain | None) -> list[str]:
    return [] if value is None else [*map(str, value)] if isinstance(value, list) else [str(value)]


def _is_hours(text: str) -> bool:
    return bool(text.strip()) and not re.search(r"[,;\n]", text)
