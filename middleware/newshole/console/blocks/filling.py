"""A form of a block: its fields with what stands in them, and what of that is to be changed in the rules.

What was not touched is not read: its value stays as it is written. What was typed is shown again, whatever
is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from newshole.console.blocks.fields import Field
from newshole.console.blocks.widgets import FieldError, Typed, Widget, Written
from newshole.rules.editing.edits import Change, Put, Take, value_at
from newshole.rules.editing.sheet import Steps
from newshole.rules.extends import CHOICES
from newshole.rules.tree import NOTHING, Plain

MOST_ROWS: Final = 200
"""Entries of one list in a form."""

Block = Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Control:
    """A field in a form: the `name` of its controls, the widget that shows it, what stands in it, and what is
    wrong with that. `rows` are the entries of a list, the last of them an empty one; `is_set` where the block
    has a value there."""

    field: Field
    name: str
    widget: Widget
    holds: Typed
    wrong: str = ""
    is_set: bool = False
    rows: tuple[Row, ...] = ()

    @property
    def is_near(self) -> bool:
        """Whether it is to be in sight: always, or because something stands in it."""
        return self.field.is_main or self.is_set or bool(self.wrong) or self.holds != self.widget.shown(None)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: its number, the order that was typed for it, whether it is to go, its controls."""

    name: str
    order: str
    is_gone: bool
    is_new: bool
    controls: tuple[Control, ...]


@dataclass(slots=True)
class Form:
    """The fields of a block, over its values as they are and what was `typed`; nothing was for None."""

    fields: Sequence[Field]
    block: Block
    typed: Typed | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    kept: dict[str, list[str]] = field(default_factory=dict)
    """The entries of each list that stay, by their names in the form, in their new order."""

    def controls(self) -> list[Control]:
        """Every field as it is to be shown."""
        return [self._control(each, each.name, value_at(dict(self.block), each.path)) for each in self.fields]

    def values(self) -> dict[tuple[str, ...], Plain | None]:
        """The value of every field by its path, None for none. What cannot be read is `wrong` from then on,
        and stays what it was."""
        return {each.path: self._read(each, each.name, self._at(each.path)) for each in self.fields}

    def _at(self, path: Steps) -> Plain | None:
        found = value_at(dict(self.block), path)
        return None if found is NOTHING else found

    def _control(self, each: Field, name: str, value: Plain | None) -> Control:
        widget, holds = shown_by(each, value)
        typed = self._typed(name, holds)
        rows = tuple(self._rows(each, name, value)) if _has_rows(each, value) else ()
        wrong = self.wrong.get(name, "")
        return Control(each, name, widget, typed or holds, wrong, value not in (None, NOTHING), rows)

    def _typed(self, name: str, holds: Typed) -> dict[str, str] | None:
        """What was typed into the controls of a field; None where the form that was sent had none of them."""
        names = {part: f"{name}@{part}" if part else name for part in holds}
        if self.typed is None or not any(each in self.typed for each in names.values()):
            return None
        return {part: _lines(self.typed.get(each, "")) for part, each in names.items()}

    def _read(self, each: Field, name: str, value: Plain | None) -> Plain | None:
        if _has_rows(each, value):
            return self._read_rows(each, name, value)
        widget, holds = shown_by(each, value)
        typed = self._typed(name, holds)
        if typed is None or typed == holds:
            return value
        try:
            return widget.read(typed)
        except FieldError as error:
            self.wrong[name] = str(error)
            return value

    def _count(self, name: str) -> int | None:
        """How many entries of a list the form that was sent had."""
        count = (self.typed or {}).get(f"{name}@count", "")
        return min(int(count), MOST_ROWS) if re.fullmatch("[0-9]{1,6}", count) else None

    def _rows(self, each: Field, name: str, value: Plain | None) -> Iterator[Row]:
        entries = value if isinstance(value, list) else []
        count = self._count(name)
        shown = len(entries) if count is None else count
        is_full = count is not None and count > 0 and self._is_filled(each, f"{name}[{count - 1}]", entries)
        total = shown + 1 if count is None or is_full else shown
        for n in range(min(total, MOST_ROWS)):
            entry, at = _entry(entries, n), f"{name}[{n}]"
            controls = tuple(
                self._control(part, f"{at}.{part.name}", value_at(entry, part.path)) for part in each.rows
            )
            order = (self.typed or {}).get(f"{at}@order", str(n + 1))
            is_gone = f"{at}@gone" in (self.typed or {})
            yield Row(at, order, is_gone, n >= len(entries), controls)

    def _is_filled(self, each: Field, at: str, entries: list[Plain]) -> bool:
        number = int(at.rpartition("[")[2].rstrip("]"))
        return bool(self._row(each, at, _entry(entries, number)))

    def _read_rows(self, each: Field, name: str, value: Plain | None) -> Plain | None:
        count = self._count(name)
        if count is None:
            return value
        entries = value if isinstance(value, list) else []
        found: list[tuple[float, int, str, Plain]] = []
        for n in range(count):
            at = f"{name}[{n}]"
            if f"{at}@gone" not in (self.typed or {}) and (row := self._row(each, at, _entry(entries, n))):
                found.append((_order((self.typed or {}).get(f"{at}@order", ""), n), n, at, row))
        found.sort(key=lambda each: each[:2])
        self.kept[name] = [at for _, _, at, _ in found]
        return [row for *_, row in found] or None

    def _row(self, each: Field, at: str, entry: dict[str, Plain]) -> dict[str, Plain]:
        for part in each.rows:
            value = self._read(part, f"{at}.{part.name}", value_at(entry, part.path))
            entry = with_value(entry, part.path, value)
        return entry


def _entry(entries: Sequence[Plain], n: int) -> dict[str, Plain]:
    found = entries[n] if n < len(entries) else None
    return found if isinstance(found, dict) else {}


def _order(text: str, n: int) -> float:
    """Where an entry goes by what was typed; where that is no number, it stays."""
    text = text.strip().replace(",", ".")
    return float(text) if re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", text) else n + 1


def _has_rows(each: Field, value: Plain | None) -> bool:
    """Whether a field is shown as a list of entries with fields of their own."""
    is_list = isinstance(value, list) and all(isinstance(entry, dict) for entry in value)
    return bool(each.rows) and (value in (None, NOTHING) or is_list)


def _lines(text: str) -> str:
    """Text as it was typed: forms send every line end as two characters."""
    return text.replace("\r\n", "\n")


def shown_by(each: Field, value: Plain | None) -> tuple[Widget, Typed]:
    """The widget that shows a value, and what stands in it."""
    value = None if value is NOTHING else value
    holds = each.widget.shown(value)
    return (Written(), Written().shown(value)) if holds is None else (each.widget, holds)


def with_value(tree: dict[str, Plain], path: Steps, value: Plain | None) -> dict[str, Plain]:
    """A mapping with a value at a path, or without it for None; mappings that it leaves empty go too."""
    step = str(path[0])
    if len(path) > 1:
        below = tree.get(step)
        value = with_value(below if isinstance(below, dict) else {}, path[1:], value) or None
    kept = {**tree, step: value} if value is not None else {key: tree[key] for key in tree if key != step}
    return {key: each for key, each in kept.items() if each is not None}


def changes_of(
    block: Block, own: Block, values: Mapping[tuple[str, ...], Plain | None], at: Steps
) -> tuple[list[Change], list[Steps]]:
    """What is to be done at the place of a block in its file, so that it has these values; and the paths at
    which nothing is to be in the end, whatever other files say. `own` is what the file itself says of it."""
    differing = {
        path: value for path, value in values.items() if not _is_same(value_at(dict(block), path), value)
    }
    wanted = dict(block)
    left = dict(own)
    for path, value in differing.items():
        wanted, left = with_value(wanted, path, value), with_value(left, path, value)
    puts: list[Change] = []
    takes: dict[Steps, None] = {}
    gone: list[Steps] = []
    for path, value in differing.items():
        if path[0] in CHOICES and path[0] not in own and path[0] in wanted:
            puts.append(Put((*at, path[0]), wanted[path[0]]))
        elif value is not None:
            puts.append(Put((*at, *path), value))
        else:
            takes[(*at, *_shortest(left, own, path))] = None
            gone.append((*at, *path))
    return [*puts, *map(Take, takes)], gone


def _shortest(left: Block, own: Block, path: tuple[str, ...]) -> Steps:
    """What goes with a value: the mappings around it that would be empty without it."""
    for n in range(1, len(path)):
        is_there = value_at(dict(own), path[:n]) is not None
        if is_there and value_at(dict(left), path[:n]) is None:
            return path[:n]
    return path


def _is_same(one: Plain | None, other: Plain | None) -> bool:
    one, other = (None if each is NOTHING else each for each in (one, other))
    return one == other and repr(one) == repr(other)
