"""The JSON Schema of the rules language, so that editors complete and check while people type."""

from __future__ import annotations

from typing import Any, Final

from newshole.rules.model import BLOCKS, RulesWritten

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

WHOLE: Final = frozenset(("StoryEntry", "Creative", "Not", "NotPath", "NotDevice"))
"""What no other file and no default can complete."""


def schema() -> dict[str, Any]:
    """The language as JSON Schema, draft 2020-12.

    It asks for no key that the block's defaults or the file that is extended may have, and
    lets a key without a value take the extended file's away.
    """
    made = _tidy(RulesWritten.model_json_schema())
    definitions = made["$defs"]
    del definitions["UnknownBlock"]
    for name, definition in definitions.items():
        if name not in WHOLE:
            definition.pop("required", None)
    blocks = made["properties"]["blocks"]
    (pattern,) = blocks.pop("patternProperties")
    blocks |= {"propertyNames": {"pattern": pattern}, "additionalProperties": {"$ref": "#/$defs/Block"}}
    definitions["Block"] = _block()
    return {"$schema": DIALECT, "title": "newshole rules", **made}


def _block() -> dict[str, Any]:
    """A block, which has the keys of its kind."""
    kinds = {
        "enum": list(BLOCKS),
        "description": "What the block is.",
    }
    of_kind = [
        {
            "if": {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": f"#/$defs/{model.__name__}"},
        }
        for kind, model in BLOCKS.items()
    ]
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
