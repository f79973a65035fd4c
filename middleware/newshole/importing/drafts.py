"""What is made of one block: its rule, and everything that the rule does not say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Final

from newshole.importing.options import Options

_NOT_ID: Final = re.compile(r"[^a-z0-9]+")
_OWN_NAME: Final = re.compile(r"block ?[0-9]+", re.IGNORECASE)
_LONGEST_ID: Final = 40
LONGEST_VALUE: Final = 120
"""A longer value is cut where it is told of."""


@dataclass(frozen=True, slots=True)
class Note:
    """An option that is not carried over, or not as it was: why, and what to do."""

    option: str
    value: str
    why: str
    todo: str = ""

    def __str__(self) -> str:
        value = " ".join(self.value.split())
        cut = f"{value[:LONGEST_VALUE]}…" if len(value) > LONGEST_VALUE else value
        told = f"{self.option}: {cut}" if cut else self.option
        return f"{told}: {self.why}" + (f"; {self.todo}" if self.todo else "")


@dataclass(slots=True)
class Draft:
    """A block on its way into rules.

    `off` are the reasons for which it is written as a comment only: as a rule it would be somewhere else, for
    somebody else, or not at all. `lists` are the pages beside articles that it was on.
    """

    number: str
    name: str
    id: str
    options: Options
    rule: dict[str, Any] = field(default_factory=dict)
    when: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    off: list[Note] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)

    def note(self, option: str, why: str, todo: str = "") -> None:
        """Something is lost."""
        self.notes.append(Note(option, self._told(option), why, todo))

    def turn_off(self, option: str, why: str, todo: str = "") -> None:
        """The whole block is not carried over."""
        self.off.append(Note(option, self._told(option), why, todo))

    def _told(self, option: str) -> str:
        """The value of an option; a code stands below, whole."""
        return "" if option == "code" else self.options[option]

    def require(self, key: str, condition: dict[str, Any]) -> None:
        """A condition beside the others: combinations of one kind stand in one list."""
        if key in ("any", "none") and key in self.when:
            if key == "none":
                self.when["none"] += condition["none"]
            else:
                self.when.setdefault("all", []).append(condition)
        elif key in self.when:
            self.when.setdefault("all", []).append(condition)
        else:
            self.when.update(condition)

    @property
    def outcome(self) -> str:
        if self.off:
            return "off"
        return "partly" if self.notes else "whole"


def ids(names: dict[str, str]) -> dict[str, str]:
    """Ids of blocks by their numbers, of their names where they have one; none is there twice."""
    found: dict[str, str] = {}
    for number, name in names.items():
        base = block_id(name) if name and not _OWN_NAME.fullmatch(name) else ""
        base = base if base and not base.isdigit() else f"block-{number}"
        while base in found.values():
            base = f"{base}-{number}"
        found[number] = base
    return found


def block_id(name: str) -> str:
    """A name in small letters, digits and hyphens; empty where it has none that can be written so."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_ID.sub("-", plain)[:_LONGEST_ID].strip("-")
