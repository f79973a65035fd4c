"""The fields of a block of a kind, made from the schema of the rules, so that no key is without one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

from newshole.console.blocks import words
from newshole.console.blocks.placing import Distance, Fact, Place, Week
from newshole.console.blocks.widgets import (
    Choice,
    Day,
    Moment,
    Number,
    Sizes,
    Text,
    Widget,
    Words,
    Written,
    YesNo,
)
from newshole.rules.block_model import BLOCKS, BlockWritten
from newshole.rules.kinds.ad import SERVERS
from newshole.rules.packs import schema_file

SCHEDULE: Final = ("from", "until", "schedule")
"""The conditions of a block that are its schedule."""

PLACING: Final = ("place", "repeat", "exact", "required", "priority", "gap", "start", "end", "story", "max")
"""Keys of a block that say where it stands."""

_WIDGETS: Final[Mapping[str, Widget]] = {
    "place": Place(),
    "when.schedule": Week(),
    "sizes.mobile": Sizes(),
    "sizes.desktop": Sizes(),
    "clear": Written(),
    "when.words": Written(),
    "when.visits": Written(),
    "ad:reserve": Written(),
    "text": Text(rows=2),
    "items": Words(),
}
_ROWS: Final = ("Creative", "Account", "Film")
_FLAT: Final = frozenset(
    "Serve Gpt Prebid Adsense Revive Amp Sizes Lazy Followers Poster WeatherItem WeatherFeed BreakingItem "
    "RepeatWritten StoryBounds FrequencyWritten When".split()
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the `path` of its value in the block, what it is called, what it means, how it is shown;
    `rows` are the fields of each entry of a list of mappings."""

    path: tuple[str, ...]
    label: str
    about: str
    widget: Widget
    group: str
    rows: tuple[Field, ...] = ()

    @property
    def name(self) -> str:
        """Of its controls."""
        return ".".join(self.path)

    @property
    def is_main(self) -> bool:
        """Whether it is always in sight."""
        is_usual = self.group in ("content", "schedule") and self.name not in words.REST
        return self.name in words.MAIN or (
            is_usual and (bool(self.rows) or not isinstance(self.widget, Written))
        )


def fields_of(kind: str, *, server: str = "", zone: str = "UTC") -> tuple[Field, ...]:
    """The fields of a block in the order of the form; of an ad only those of the `server` that fills it.
    Moments are shown by the clocks in `zone`."""
    found = [each for each in _fields(kind) if _is_served_by(each, server)]
    order = list(words.GROUPS)
    return tuple(_at(each, zone) for each in sorted(found, key=lambda each: order.index(each.group)))


def _is_served_by(field: Field, server: str) -> bool:
    if field.path[0] != "serve" or not server:
        return True
    return field.path[1] == server or (field.path[1] == "scripts" and server == "html")


def _at(field: Field, zone: str) -> Field:
    """A field whose moments are by some clocks."""
    widget = Moment(zone) if isinstance(field.widget, Moment) else field.widget
    return replace(field, widget=widget, rows=tuple(_at(each, zone) for each in field.rows))


@cache
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schema_file().read_bytes())
    return found


@cache
def _fields(kind: str) -> tuple[Field, ...]:
    model = _schema()["$defs"][BLOCKS[kind].__name__]
    return tuple(
        each
        for key, value in model["properties"].items()
        if key != "kind"
        for each in _below(kind, (key,), value, _group_of(key))
    )


def _group_of(key: str) -> str:
    if key in PLACING:
        return "place"
    return "more" if key in BlockWritten.key_names() else "content"


def _below(kind: str, path: tuple[str, ...], value: Mapping[str, Any], group: str) -> Iterator[Field]:
    """The fields of a key: one, or those of the mapping that it takes."""
    forms = [*_forms(value)]
    inner = [name for form in forms if (name := _reference(form))]
    if len(forms) == 1 and inner and inner[0] in _FLAT:
        for key, below in _schema()["$defs"][inner[0]]["properties"].items():
            if path[0] == "when":
                group = "schedule" if key in SCHEDULE else "pages"
            yield from _below(kind, (*path, key), below, group)
        return
    named = ".".join(path)
    label = words.LABELS.get(f"{kind}:{named}") or words.LABELS[named]
    about = words.ABOUT.get(f"{kind}:{named}", words.ABOUT.get(named))
    if about is None:
        about = str(value.get("description", "")).replace("`", "")
    items = _reference(forms[0].get("items", {})) if len(forms) == 1 else ""
    rows = tuple(_rows(kind, items)) if items in _ROWS else ()
    widget = _WIDGETS.get(f"{kind}:{named}") or (_WIDGETS.get(named) if not rows else None)
    yield Field(path, label, about, widget or _widget(named, forms, value), group, rows)


def _rows(kind: str, name: str) -> Iterator[Field]:
    for key, value in _schema()["$defs"][name]["properties"].items():
        for each in _below(kind, ("row", key), value, "content"):
            yield replace(each, path=each.path[1:])


def _reference(form: Mapping[str, Any]) -> str:
    return str(form.get("$ref", "")).rpartition("/")[2]


def _forms(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Everything that a value may be, one form each, without nothing."""
    several = value.get("anyOf") or value.get("oneOf")
    if several is None:
        if value.get("type") != "null":
            yield value
        return
    for each in several:
        yield from _forms(each)


def _widget(named: str, forms: list[Mapping[str, Any]], value: Mapping[str, Any]) -> Widget:
    """How the value is shown that a key mostly has."""
    if any(_reference(form).startswith("Not") for form in forms):
        return _fact(forms)
    first = forms[0]
    texts = [form for form in forms if form.get("type") == "string" or "enum" in form]
    is_list = any(form.get("type") == "array" and "$ref" not in form.get("items", {}) for form in forms)
    if "enum" in first:
        return Choice({each: words.option_in_words(each) for each in first["enum"]})
    if first.get("type") == "boolean":
        return YesNo("yes" if value.get("default") is True else "no")
    if first.get("type") in ("integer", "number"):
        unit = words.UNITS.get(named, "")
        return Number(unit, first.get("minimum"), first.get("maximum"), first["type"] == "integer")
    if "350 words" in first.get("examples", ()):
        return Distance()
    if is_list and (
        texts or first.get("items", {}).get("type") == "string" or "enum" in first.get("items", {})
    ):
        return Words()
    return _text(first) if texts and first is texts[0] else Written()


def _text(form: Mapping[str, Any]) -> Widget:
    pattern = str(form.get("pattern", ""))
    if "contentMediaType" in form:
        return Text(rows=10)
    if pattern.startswith("^[0-9]{4}-"):
        return Day() if pattern.endswith("$") else Moment()
    return Text(example=str(form.get("examples", [""])[0]))


def _fact(forms: list[Mapping[str, Any]]) -> Widget:
    """A condition on a value that pages or readers have."""
    if "$ref" in forms[0] or not any(form.get("type") == "array" for form in forms):
        return Written()
    return Fact({each: words.option_in_words(each) for each in forms[0].get("enum", ())} or None)


def server_of(block: object) -> str:
    """Who fills an ad, as it is written; "" for none, or what is no ad."""
    serve = block.get("serve") if isinstance(block, Mapping) else None
    return next((each for each in SERVERS if each in serve), "") if isinstance(serve, Mapping) else ""
