"""What may be written at a place in rules, by their JSON Schema: keys, values, and names that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from newshole.rules.block_model import BLOCKS
from newshole.rules.editing.unfinished import Path, Reading, Spot, Step, lines_of, read_unfinished, spot_at
from newshole.rules.packs import packs
from newshole.rules.schema import schema

Form: TypeAlias = Mapping[str, Any]
"""One of the forms that a value may have, as a schema."""

BLOCK_KEYS: Final = frozenset(("needs", "excludes", "fallback", "drop", "only"))
"""Keys whose values are the names of blocks."""

_BLOCK: Final = re.compile(r"\^blocks\\\.\[.*?\]\*\\\.(\w+)\$")
_PATH: Final = re.compile(r"\^([\w\\.-]+)\$")


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that may be written: how it is listed, what it is, and what it puts into the text."""

    label: str
    detail: str
    insert: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names that a site knows beside those in the text: its blocks, its sections, and its files of rules."""

    blocks: Sequence[str] = ()
    sections: Sequence[str] = ()
    files: Sequence[str] = ()


_NONE: Final = Names()


def completions(text: str, line: int, column: int, names: Names = _NONE) -> tuple[int, Sequence[Completion]]:
    """What may be written at a cursor, and the column in which it begins; lines and columns count from 1.

    The text may be anything, finished or not.
    """
    spot = spot_at(text, line, column)
    if spot is None:
        return column, ()
    reading = read_unfinished(text)
    forms = _forms_at(spot.path, reading)
    behind = "".join(lines_of(text)[line - 1 : line])[column - 1 :]
    found: list[Completion] = []
    if spot.wants != "value":
        found += _keys(forms, spot, reading, names, has_colon=behind.lstrip().startswith(":"))
    if spot.wants != "key":
        found += _values(forms, spot.path, reading, names)
    return spot.begins, tuple({each.label: each for each in reversed(found)}.values())[::-1]


@cache
def _schema() -> Form:
    return schema()


def _forms_at(path: Path, reading: Reading) -> list[Form]:
    """The forms that the value at a path may have."""
    forms = list(_forms(_schema(), (), reading))
    for length, step in enumerate(path, 1):
        below = [each for form in forms for each in _below(form, step)]
        forms = [each for form in below for each in _forms(form, path[:length], reading)]
    return forms


def _forms(form: Form, path: Path, reading: Reading) -> Iterator[Form]:
    """A form and those that it is made of; of blocks, that of the kind that is written there."""
    if reference := form.get("$ref"):
        yield from _forms(_resolved(reference) | _told(form), path, reading)
        return
    yield form
    for each in (*form.get("anyOf", ()), *form.get("oneOf", ()), *form.get("allOf", ())):
        if "if" not in each:
            yield from _forms(_told(form) | each, path, reading)
        elif _holds(each["if"], reading.words.get((*path, "kind"))):
            yield from _forms(each["then"], path, reading)


def _resolved(reference: str) -> dict[str, Any]:
    form: Any = _schema()
    for step in reference.removeprefix("#/").split("/"):
        form = form[step]
    return dict(form)


def _told(form: Form) -> dict[str, Any]:
    return {"description": form["description"]} if "description" in form else {}


def _holds(condition: Form, kind: str | None) -> bool:
    """Whether a condition of the schema, which only ever asks for the kind of a block, holds."""
    if "not" in condition:
        return kind is None
    return bool(condition["properties"]["kind"]["const"] == kind)


def _below(form: Form, step: Step) -> Iterator[Form]:
    """What stands under a key, or in a list."""
    if isinstance(step, int):
        if isinstance(items := form.get("items"), dict):
            yield items
        return
    if step in form.get("properties", {}):
        yield form["properties"][step]
        return
    fitting = [
        each for pattern, each in form.get("patternProperties", {}).items() if re.search(pattern, step)
    ]
    yield from fitting
    if not fitting and isinstance(every := form.get("additionalProperties"), dict):
        yield every


def _keys(
    forms: Sequence[Form], spot: Spot, reading: Reading, names: Names, *, has_colon: bool
) -> Iterator[Completion]:
    written = reading.keys.get(spot.path, ())
    for form in forms:
        for key, below in (*form.get("properties", {}).items(), *_paths(form, reading, names)):
            if key not in written:
                told = _description(below)
                yield Completion(key, told, key if has_colon else _begun(key, below, spot, reading))
    if spot.path == ("blocks",):
        for block in names.blocks:
            if block not in written:
                yield Completion(block, "a block of the rules that these extend", f"{block}:")


def _paths(form: Form, reading: Reading, names: Names) -> Iterator[tuple[str, Form]]:
    """The keys that patterns of a schema stand for, where they are paths of rules."""
    for pattern, below in form.get("patternProperties", {}).items():
        if of_block := _BLOCK.fullmatch(pattern):
            yield from ((f"blocks.{block}.{of_block[1]}", below) for block in _blocks(reading, names))
        elif plain := _PATH.fullmatch(pattern):
            yield plain[1].replace("\\", ""), below


def _begun(key: str, below: Form, spot: Spot, reading: Reading) -> str:
    """A key with its colon, and a space where its value stands behind it."""
    forms = list(_forms(below, (*spot.path, key), reading))
    is_scalar = any({"enum", "const"} & each.keys() or _is_word(each) for each in forms)
    return f"{key}: " if is_scalar or spot.is_inline else f"{key}:"


def _is_word(form: Form) -> bool:
    return form.get("type") in ("string", "integer", "number", "boolean")


def _values(forms: Sequence[Form], path: Path, reading: Reading, names: Names) -> Iterator[Completion]:
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    for form in forms:
        told = _description(form)
        for value in (*form.get("enum", ()), *([form["const"]] if "const" in form else ())):
            if value is not None:
                yield _value(str(value), _kind(str(value)) if key == "kind" else told)
        if form.get("type") == "boolean":
            yield from (_value(value, told) for value in ("true", "false"))
    if any(_is_word(form) for form in forms):
        yield from (_value(*each) for each in _named(key, reading, names))


def _named(key: str, reading: Reading, names: Names) -> Iterator[tuple[str, str]]:
    """The names that stand under some keys, each with what it is of."""
    if key in BLOCK_KEYS:
        yield from ((block, "a block") for block in _blocks(reading, names))
    elif key == "section":
        known = {word: None for path, word in reading.words.items() if "section" in path[-3:]}
        yield from ((section, "a section") for section in dict.fromkeys((*names.sections, *known)))
    elif key == "extends":
        yield from ((name, "a pack that comes with newshole") for name in packs())
        yield from ((name, "a file of these rules") for name in names.files)


def _blocks(reading: Reading, names: Names) -> Sequence[str]:
    return tuple(dict.fromkeys((*reading.keys.get(("blocks",), ()), *names.blocks)))


def _value(value: str, told: str) -> Completion:
    return Completion(value, told, value)


def _kind(kind: str) -> str:
    model = BLOCKS.get(kind)
    return str(_schema()["$defs"][model.__name__].get("description", "")) if model else ""


def _description(form: Form) -> str:
    if "description" in form or "$ref" not in form:
        return str(form.get("description", "") or _of_forms(form))
    return _description(_resolved(form["$ref"]))


def _of_forms(form: Form) -> str:
    """What the first form that is a mapping of its own says of itself."""
    references = [each for each in form.get("anyOf", ()) if "$ref" in each]
    return _description(references[0]) if references else ""
