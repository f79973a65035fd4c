"""What a block says, in words; and which field of its form a problem of the rules is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from newshole.console.blocks.filling import Control, Form
from newshole.console.blocks.placing import DAYS, SIDES, STACKS, UNITS
from newshole.errors import Problem
from newshole.rules.conditions import COMBINATIONS
from newshole.rules.facts import NAMED
from newshole.rules.tree import Plain

MOMENTS: Final = ("from", "until")

_BOUNDS: Final = {"min": "at least", "max": "at most"}


def place_in_words(block: Mapping[str, Plain]) -> str:
    """Where a block stands: "In the story, after the 4th paragraph"."""
    prefer = block.get("prefer")
    if isinstance(prefer, list) and prefer:
        more = f", or at {len(prefer) - 1} other places" if len(prefer) > 1 else ""
        return f"{_one_place(prefer[0])}{more}"
    place = _one_place(block["place"]) if "place" in block else ""
    repeat = block.get("repeat")
    if isinstance(repeat, dict) and repeat.get("every") is not None:
        every = f"again every {_plain(repeat['every'])}"
        return f"{place}, {every}" if place else f"In the story, {every}"
    return place or "Wherever it fits best"


def _one_place(place: Plain) -> str:
    if isinstance(place, str):
        return STACKS.get(place, place)
    if not isinstance(place, dict):
        return "At a place that only the YAML says"
    for side in ("after", "before"):
        if side in place:
            return f"In the story, {side} {_counted(place.get('nth', 1), str(place[side]))}"
    if "at" in place:
        return f"In the story, at {_plain(place['at'])}"
    if isinstance(between := place.get("between"), list) and len(between) == 2:
        return f"In the story, between {between[0]} and {between[1]}"
    side = SIDES.get(str(place.get("where")), "at it")
    return f"At {place.get('selector')}, {side}"


def _counted(nth: Plain, unit: str) -> str:
    name = UNITS.get(unit, unit)
    if isinstance(nth, int) and not isinstance(nth, bool):
        return f"the {_ordinal(abs(nth))} {name}" + (" from the end" if nth < 0 else "")
    return f"the {nth} {name}" if isinstance(nth, str) else f"several {name}s"


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def _plain(value: Plain) -> str:
    """A distance, or one for each device."""
    if isinstance(value, dict):
        words = {"mobile": "on phones", "desktop": "on desktops"}
        return ", ".join(f"{each} {words.get(device, device)}" for device, each in value.items())
    return str(value)


def schedule_in_words(block: Mapping[str, Plain]) -> str:
    """When a block is shown; "" for always."""
    when = block.get("when")
    if not isinstance(when, dict):
        return ""
    parts = [f"{key} {str(when[key]).replace('T', ' ')}" for key in MOMENTS if when.get(key)]
    schedule = when.get("schedule")
    for each in schedule if isinstance(schedule, list) else [schedule]:
        if isinstance(each, dict):
            parts += [_week(each)]
    return "; ".join(filter(None, parts))


def _week(schedule: Mapping[str, Plain]) -> str:
    days, hours = (schedule.get(key) for key in ("weekdays", "hours"))
    named = [DAYS.get(str(day), str(day)) for day in (days if isinstance(days, list) else [days]) if day]
    spans = [str(span) for span in (hours if isinstance(hours, list) else [hours]) if span]
    return " ".join(filter(None, (", ".join(named), ", ".join(spans))))


def conditions_in_words(block: Mapping[str, Plain]) -> str:
    """What a block asks of pages and readers: "section: Magazine; language: not de"; "" for nothing."""
    when = block.get("when")
    asked = when if isinstance(when, dict) else {}
    return "; ".join(_condition(key, asked[key]) for key in asked if key not in (*MOMENTS, "schedule"))


def _condition(key: str, asked: Plain) -> str:
    name = key.replace("_", " ")
    if key in COMBINATIONS:
        return f"{name} of {len(asked) if isinstance(asked, list) else 1} conditions"
    if key in NAMED and isinstance(asked, dict):
        return "; ".join(f"{name} {each}: {_asked(value)}" for each, value in asked.items())
    return f"{name}: {_asked(asked)}"


def _asked(value: Plain) -> str:
    """What one fact has to be: "A or B", "not A", "any", "at least 300, at most 900"."""
    if isinstance(value, dict):
        return ", ".join(f"{_BOUNDS.get(key, key)} {_asked(each)}" for key, each in value.items())
    if isinstance(value, list):
        return " or ".join(_asked(each) for each in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "any" if value == "present" else str(value)


@dataclass(frozen=True, slots=True)
class Told:
    """What `check` says: beside which fields, by the names of their controls, and what else."""

    fields: Mapping[str, str]
    others: tuple[str, ...]


def beside(problems: Iterable[Problem], sheet: str, block: str, form: Form) -> Told:
    """Put problems beside the fields of a block that they are about."""
    names = [*_names(form.controls())]
    fields: dict[str, str] = {}
    others: list[str] = []
    own = re.compile(rf"blocks\.{re.escape(block)}(?:\.([^:\s]+))?: (.*)", re.DOTALL)
    for problem in problems:
        found = own.fullmatch(problem.message) if problem.file.as_posix() == sheet else None
        name = _nearest(_as_sent(found[1] or "", form), names) if found else ""
        if found and name:
            fields[name] = "; ".join(filter(None, (fields.get(name), found[2])))
        elif found:
            others.append(found[2])
        else:
            others.append(f"{problem.file}, line {problem.line}: {problem.message}")
    return Told(fields, tuple(others))


def _names(controls: Iterable[Control]) -> Iterator[str]:
    for each in controls:
        yield each.name
        for row in each.rows:
            yield from _names(row.controls)


def labels(controls: Iterable[Control], before: str = "") -> Iterator[tuple[str, str]]:
    """Every field by the name of its controls, as people find it: "Pictures 2: Link"."""
    for each in controls:
        yield each.name, before + each.field.label
        for n, row in enumerate(each.rows):
            yield from labels(row.controls, f"{each.field.label} {n + 1}: ")


def _as_sent(path: str, form: Form) -> str:
    """The path of a problem, its entries of lists numbered as they were in the form that was sent."""
    for name, kept in form.kept.items():
        found = re.match(rf"{re.escape(name)}\[(\d+)\]", path)
        if found and int(found[1]) < len(kept):
            return kept[int(found[1])] + path[found.end() :]
    return path


def _nearest(path: str, names: Iterable[str]) -> str:
    """The field that has a path, or has the mapping that it is in, or is in it."""
    around = [name for name in names if path == name or path.startswith((f"{name}.", f"{name}["))]
    within = [name for name in names if path and name.startswith((f"{path}.", f"{path}["))]
    return max(around, key=len, default="") or next(iter(within), "")
