"""The JSON Schema of the rules language, so that editors complete and check while people type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from newshole.rules.model import BLOCKS, BlockWritten, RulesWritten

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

WHOLE: Final = frozenset(
    "ArticleWritten Creative Gpt Not NotDevice NotPath PointPlace Serve StoryEntry WeatherFeed "
    "WeatherItem".split()
)
"""What no other file and no default can complete: entries of lists, and what is one choice."""

_NULL: Final = {"type": "null"}


def schema() -> dict[str, Any]:
    """The language as JSON Schema, draft 2020-12.

    It asks for no key that the block's defaults or the file that is extended may have, and
    lets a key without a value take the extended file's away.
    """
    made = _tidy(RulesWritten.model_json_schema())
    definitions = made["$defs"]
    del definitions["UnknownBlock"]
    blocks = made["properties"]["blocks"]
    (pattern,) = blocks.pop("patternProperties")
    blocks |= {"propertyNames": {"pattern": pattern}, "additionalProperties": {"$ref": "#/$defs/Block"}}
    for name, definition in ((None, made), *definitions.items()):
        if name not in WHOLE:
            definition.pop("required", None)
        definition["properties"] = {
            key: _value(written, may_be_absent=name not in WHOLE)
            for key, written in definition["properties"].items()
        }
    definitions["Block"] = _block(definitions)
    return {"$schema": DIALECT, "title": "newshole rules", **made}


def _value(written: dict[str, Any], *, may_be_absent: bool) -> dict[str, Any]:
    """What a key may hold, and nothing at all where that takes an extended file's value away."""
    notes = {name: written[name] for name in ("description", "default") if name in written}
    forms = [form for form in written.get("anyOf", ()) if form != _NULL] or [
        {name: part for name, part in written.items() if name not in notes}
    ]
    if may_be_absent:
        forms.append(_NULL)
    return notes | (forms[0] if len(forms) == 1 else {"anyOf": forms})


def _block(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """A block, which has the keys of its kind; without one it goes over that of the file that is extended."""
    kinds = {"enum": list(BLOCKS), "description": "What the block is."}
    every = {key for model in BLOCKS.values() for key in model.key_names()}
    shared = {
        key: definitions["AdBlock"]["properties"][key] for key in BlockWritten.key_names() if key != "kind"
    }
    of_kind: list[dict[str, Any]] = [
        {
            "if": {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": f"#/$defs/{model.__name__}"},
        }
        for kind, model in BLOCKS.items()
    ]
    of_kind.append(
        {
            "if": {"type": "object", "not": {"required": ["kind"]}},
            "then": {"properties": shared, "propertyNames": {"enum": sorted(every)}},
        }
    )
    return {"type": ["object", "null"], "properties": {"kind": kinds}, "allOf": of_kind}


def _tidy(written: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Without pydantic's titles and empty defaults, descriptions on one line."""
    if isinstance(written, list):
        return [_tidy(each) for each in written]
    if not isinstance(written, dict):
        return written
    kept = {
        key: _tidy(value)
        for key, value in written.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and (value is None or isinstance(value, dict)))
    }
    if isinstance(text := kept.get("description"), str):
        kept["description"] = " ".join(text.split())
    return kept
