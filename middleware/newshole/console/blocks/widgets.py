"""How a value of the rules is shown in a form, and read back from what was typed into it.

A widget has one or more controls, each with a name of its own behind the field's ("@nth"); "" is the only one
of most. What a widget cannot show without losing something, it leaves to `Written`, which shows the YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from newshole.rules.editing.edits import EditError, tree_of
from newshole.rules.editing.writing import Hand, lines
from newshole.rules.tree import NOTHING, Plain

Typed: TypeAlias = Mapping[str, str]
"""What stands in the controls of one widget, by their names."""


class FieldError(ValueError):
    """What was typed cannot be a value, and why, in a sentence."""


class Widget(Protocol):
    """One way to show and read values."""

    @property
    def name(self) -> str:
        """Which template draws it."""

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        """What its controls hold for a value, None being no value; None where it cannot show that."""

    def read(self, typed: Typed) -> Plain | None:
        """The value of what was typed; None for none. Raises FieldError."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text, in a box of `rows` lines; `example` stands in an empty one."""

    rows: int = 1
    example: str = ""
    name: str = "text"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"": ""}
        return {"": value} if isinstance(value, str) and value and "\r" not in value else None

    def read(self, typed: Typed) -> Plain | None:
        return typed.get("", "") or None


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its `unit`, in words; bounds are told by the rules' own check."""

    unit: str = ""
    low: int | None = None
    high: int | None = None
    is_whole: bool = True
    name: str = "number"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"": ""}
        return {"": str(value)} if type(value) in (int, float) else None

    def read(self, typed: Typed) -> Plain | None:
        text = typed.get("", "").strip().replace("\u2212", "-")
        if not text:
            return None
        if re.fullmatch(r"[-+]?[0-9]{1,18}", text):
            return int(text)
        if not self.is_whole and re.fullmatch(r"[-+]?[0-9]{1,18}[.,][0-9]{1,18}", text):
            return float(text.replace(",", "."))
        raise FieldError("a whole number, in figures" if self.is_whole else "a number, in figures")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several words; `options` are the words of the rules, each with those for people."""

    options: Mapping[str, str]
    name: str = "choice"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"": ""}
        return {"": value} if isinstance(value, str) and value in self.options else None

    def read(self, typed: Typed) -> Plain | None:
        return typed.get("", "") or None


@dataclass(frozen=True, slots=True)
class YesNo:
    """Yes, no, or as it is anyway."""

    usual: str = ""
    name: str = "yes-no"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"": ""}
        return {"": "true" if value else "false"} if isinstance(value, bool) else None

    def read(self, typed: Typed) -> Plain | None:
        return {"true": True, "false": False}.get(typed.get("", ""))


@dataclass(frozen=True, slots=True)
class Words:
    """Several words or addresses, one a line."""

    example: str = ""
    name: str = "words"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"": ""}
        listed = value if isinstance(value, list) else [value]
        if not listed or not all(isinstance(each, str) and _is_line(each) for each in listed):
            return None
        return {"": "\n".join(map(str, listed))}

    def read(self, typed: Typed) -> Plain | None:
        return [line.strip() for line in typed.get("", "").splitlines() if line.strip()] or None


@dataclass(frozen=True, slots=True)
class Day:
    """A day."""

    name: str = "day"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"": ""}
        return {"": value} if isinstance(value, str) and _DAY.fullmatch(value) else None

    def read(self, typed: Typed) -> Plain | None:
        return typed.get("", "").strip() or None


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and a time by the clocks of `zone`."""

    zone: str = "UTC"
    name: str = "moment"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"": ""}
        if not isinstance(value, str) or not _DAY.match(value):
            return None
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return None
        if at.second or at.microsecond:
            return None
        local = at if at.tzinfo is None else at.astimezone(ZoneInfo(self.zone))
        return {"": f"{local:%Y-%m-%dT%H:%M}"}

    def read(self, typed: Typed) -> Plain | None:
        return typed.get("", "").strip() or None


_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SIZE: Final = re.compile(r"([0-9]{1,5}) *[x×*] *([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes in pixels: "300 × 250, 336 × 280"."""

    name: str = "sizes"

    def shown(self, value: Plain | None) -> dict[str, str] | None:
        if value is None:
            return {"": ""}
        pairs = value if isinstance(value, list) else [value]
        sizes = [each for each in pairs if isinstance(each, list) and [type(n) for n in each] == [int, int]]
        if not pairs or len(sizes) < len(pairs):
            return None
        return {"": ", ".join(f"{width} × {height}" for width, height in sizes)}

    def read(self, typed: Typed) -> Plain | None:
        found: list[Plain] = []
        for part in filter(None, map(str.strip, re.split(r"[,;\n]", typed.get("", "")))):
            size = _SIZE.fullmatch(part)
            if size is None:
                raise FieldError(f'width × height in pixels, such as 300 × 250; "{part}" is none')
            found.append([int(size[1]), int(size[2])])
        return found or None


@dataclass(frozen=True, slots=True)
class Written:
    """Anything, as the YAML has it."""

    name: str = "written"

    def shown(self, value: Plain | None) -> dict[str, str]:
        if value is None:
            return {"": ""}
        has_lines = isinstance(value, str) and "\n" in value
        if has_lines or (isinstance(value, dict | list) and value):
            return _block(value)
        return {"": lines("", value, "", Hand(), 3)[0].strip()}

    def read(self, typed: Typed) -> Plain | None:
        text = typed.get("", "")
        if not text.strip():
            return None
        try:
            tree = tree_of(_below(text))
        except EditError as error:
            raise FieldError(f"not YAML: {error.sentence}") from error
        if not isinstance(tree, dict) or list(tree) != ["value"]:
            raise FieldError("not one value of YAML")
        return None if tree["value"] is NOTHING else tree["value"]


def _block(value: Plain) -> dict[str, str]:
    """A value with lines of its own, as it stands behind and below a key."""
    first, *more = lines("value:", value, "", Hand(), 1)
    head = first.removeprefix("value:").strip()
    return {"": "\n".join([*([head] if head else []), *(line.removeprefix("  ") for line in more)])}


def _below(text: str) -> str:
    """A value as it stands under a key."""
    head, *more = text.splitlines()
    if head.strip().startswith(("|", ">")):
        return "\n".join([f"value: {head.strip()}", *(f"  {line}" if line else "" for line in more)]) + "\n"
    return "value:\n" + "".join(f"  {line}\n" if line.strip() else "\n" for line in text.splitlines())


def _is_line(text: str) -> bool:
    return bool(text) and text == text.strip() and text.splitlines() == [text]
