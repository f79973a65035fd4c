"""The JSON Schema of the rules language, so that editors complete and check while people type."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from textwrap import dedent
from typing import Any, Final

from newshole.rules.block_model import BLOCKS, PARTS, BlockWritten
from newshole.rules.model import RulesWritten
from newshole.rules.overrides import FIXED, FIXED_OF_BLOCKS
from newshole.rules.written import Written

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

WHOLE: Final = frozenset(
    "ArticleWritten AvoidWritten ByCookie Creative DistanceByDevice ElsewhereWritten Gpt Not NotAmount "
    "NotCountry NotDevice NotHost NotLevel NotPage NotPath NotPublished NotShort NotValue "
    "OverrideWritten PageWritten PixelsByDevice PointPlace Serve ShareByDevice SignalWritten "
    "StepByDevice StoryEntry VerdictWritten WeatherFeed WeatherItem".split()
)
"""What no other file and no default can complete: entries of lists, and what is one choice."""

_ID: Final = "[a-z0-9][a-z0-9-]*"
_NULL: Final = {"type": "null"}


def schema() -> dict[str, Any]:
    """The language as JSON Schema, draft 2020-12.

    It asks for no key that the block's defaults or the file that is extended may have, and
    lets a key without a value take the extended file's away.
    """
    _describe()
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
    definitions["OverrideWritten"]["properties"]["set"] = _set(made, definitions)
    definitions["ArmWritten"]["properties"]["set"] = {"$ref": "#/$defs/OverrideWritten/properties/set"}
    return {"$schema": DIALECT, "title": "newshole rules", **made}


def _describe() -> None:
    """Give every key the text that stands below it in the source.

    pydantic can do so where a model is defined, but to read the source takes longer than everything else
    that is imported, and only the schema shows these texts.
    """
    models = [*_below(Written)]
    made_of = {part: BLOCKS[kind] for kind, part in PARTS.items()}
    for model in models:
        texts = _texts_below_names(made_of.get(model, model))
        for name, field in model.model_fields.items():
            field.description = field.description or texts.get(name)
    for model in models:
        model.model_rebuild(force=True)


def _below(model: type[Written]) -> Iterator[type[Written]]:
    for each in model.__subclasses__():
        yield each
        yield from _below(each)


def _texts_below_names(model: type[Written]) -> dict[str, str]:
    """The strings that follow on annotated names, in the class and those that it builds on."""
    texts: dict[str, str] = {}
    for each in reversed(model.__mro__):
        for named, below in pairwise(_body(each)) if issubclass(each, Written) else ():
            if isinstance(named, ast.AnnAssign) and isinstance(named.target, ast.Name):
                match below:
                    case ast.Expr(value=ast.Constant(value=str(text))):
                        texts[named.target.id] = inspect.cleandoc(text)
    return texts


@cache
def _body(model: type[Written]) -> list[ast.stmt]:
    """The statements of a class; none of one that is made at run time."""
    try:
        source = inspect.getsource(model)
    except OSError:
        return []
    (tree,) = ast.parse(dedent(source)).body
    return tree.body if isinstance(tree, ast.ClassDef) else []


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
    every = _keys_of_blocks()
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


def _set(made: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """What an override may set, by its path; below the keys of blocks and defaults all is left to check."""
    patterns: dict[str, Any] = {}
    for key in made["properties"].keys() - {*FIXED, "blocks"}:
        patterns[f"^{key}$"] = {"$ref": f"#/properties/{key}"}
    for path, reference in _below_layout("layout", "LayoutWritten", definitions):
        patterns[f"^{path}$"] = {"$ref": reference}
    for key in _keys_of_blocks() - {*FIXED_OF_BLOCKS}:
        forms = {
            json.dumps(definitions[model.__name__]["properties"][key]["anyOf"]): model.__name__
            for model in BLOCKS.values()
            if key in model.key_names()
        }
        of_kinds = [{"$ref": f"#/$defs/{name}/properties/{key}"} for name in sorted(forms.values())]
        patterns[rf"^blocks\.{_ID}\.{key}$"] = of_kinds[0] if len(of_kinds) == 1 else {"anyOf": of_kinds}
        patterns[rf"^blocks\.{_ID}\.{key}\..+$"] = {}
    patterns[r"^defaults\..+$"] = {}
    return {
        "description": "Values by the paths of rules.",
        "type": "object",
        "patternProperties": dict(sorted(patterns.items())),
        "additionalProperties": False,
    }


def _keys_of_blocks() -> set[str]:
    return {key for model in BLOCKS.values() for key in model.key_names()}


def _below_layout(path: str, name: str, definitions: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The paths below a mapping, each with where the schema describes its value."""
    for key, value in definitions[name]["properties"].items():
        yield rf"{path}\.{key}", f"#/$defs/{name}/properties/{key}"
        for form in (value, *value.get("anyOf", ())):
            if below := str(form.get("$ref", "")).rpartition("/")[2]:
                yield from _below_layout(rf"{path}\.{key}", below, definitions)


def _tidy(written: Any) -> Any:  # noqa: ANN401 - any part of a schema
    """Without pydantic's titles and empty defaults, descriptions on one line, names by their pattern only."""
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
    if "patternProperties" in kept:
        kept.setdefault("additionalProperties", False)
    return kept
