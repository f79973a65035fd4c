"""The JSON Schema says of rules what loading them says, as far as a schema can."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from newshole.errors import RulesError
from newshole.rules.block_model import BLOCKS
from newshole.rules.compile import load
from newshole.rules.schema import schema
from tests.budget import examples
from tests.rules.documents import RULES
from tests.rules.whole import WHOLE

FILE = Path(__file__).parents[2] / "rules" / "schema.json"
SCHEMA = schema()
VALIDATOR = Draft202012Validator(SCHEMA)

Steps = tuple[str | int, ...]


def every_key(written: object, above: Steps = ()) -> Iterator[Steps]:
    """The way to every key, and to every entry of a list."""
    if isinstance(written, dict):
        for key, value in written.items():
            yield (*above, key)
            yield from every_key(value, (*above, key))
    elif isinstance(written, list):
        for n, value in enumerate(written):
            yield (*above, n)
            yield from every_key(value, (*above, n))


def named(steps: Steps) -> str:
    return ".".join(map(str, steps))


ANY = "params"
"""A mapping in which anything may stand."""

KEYS = [each for each in every_key(WHOLE) if ANY not in each[:-1]]
PLACES = {
    named(each): pytest.param(each, id=named(each), marks=[] if number % 4 == 0 else pytest.mark.slow)
    for number, each in enumerate(KEYS)
}
"""Every one of them; the quick tests have a quarter."""


def part(steps: Steps) -> dict[str, Any]:
    """The one key of `WHOLE`, or the one block, that holds a place; it is right by itself."""
    name, *below = steps
    if name == "blocks" and below:
        return {"blocks": {each: value for each, value in WHOLE["blocks"].items() if each == below[0]}}
    needed = {"pages": "blocks", "overrides": "blocks", "experiments": "blocks", "consent": "vary"}.get(
        str(name), name
    )
    return {str(each): WHOLE[str(each)] for each in (needed, name)}


def changed(steps: Steps, *, key: str | None = None, value: object = None) -> dict[str, Any]:
    """The part around one place in `WHOLE`, with another value there, or with its key called otherwise."""
    rules = copy.deepcopy(part(steps))
    holder: Any = rules
    for step in steps[:-1]:
        holder = holder[step]
    if key is None:
        holder[steps[-1]] = value
    else:
        holder[key] = holder.pop(steps[-1])
    return rules


def loads(folder: Path, written: object) -> bool:
    file = folder / "site.yaml"
    file.write_text(json.dumps(written), encoding="utf-8")
    (folder / "house.yaml").write_text("site: House")
    try:
        load(file)
    except RulesError:
        return False
    return True


def test_the_schema_in_the_repository_is_the_one_that_is_made() -> None:
    """Mended by: newshole schema -o rules/schema.json"""
    assert json.loads(FILE.read_text(encoding="utf-8")) == SCHEMA


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_rules_with_every_key_load_and_are_right_by_the_schema(tmp_path: Path) -> None:
    assert loads(tmp_path, WHOLE)
    VALIDATOR.validate(WHOLE)


@pytest.mark.parametrize(
    "steps",
    [(key,) for key in WHOLE] + [("blocks", block) for block in WHOLE["blocks"] if block != "linked"],
)
def test_every_part_of_them_is_right_by_itself(tmp_path: Path, steps: Steps) -> None:
    assert loads(tmp_path, part(steps))
    VALIDATOR.validate(part(steps))


def test_those_rules_hold_every_key_of_the_language() -> None:
    written = {str(step) for steps in KEYS for step in steps}
    definitions = [SCHEMA, *SCHEMA["$defs"].values()]
    known = {key for each in definitions for key in each.get("properties", {})}
    assert known - written <= set(BLOCKS), "all but the kinds that defaults may be of"


@pytest.mark.parametrize("steps", [PLACES[named(each)] for each in KEYS if each[-1] != ANY])
def test_a_value_of_a_wrong_shape_is_refused_by_both(tmp_path: Path, steps: Steps) -> None:
    rules = changed(steps, value={"?": []})
    assert not loads(tmp_path, rules)
    assert not VALIDATOR.is_valid(rules)


FREE = (
    "blocks",
    "targeting",
    "attributes",
    "values",
    "meta",
    "jsonld",
    "query",
    "cookie",
    "header",
)
"""Mappings whose keys are the operator's own."""


@pytest.mark.parametrize(
    "steps",
    [
        PLACES[named(each)]
        for each in KEYS
        if isinstance(each[-1], str) and not (len(each) > 1 and each[-2] in FREE)
    ],
)
def test_an_unknown_key_is_refused_by_both(tmp_path: Path, steps: Steps) -> None:
    rules = changed(steps, key=f"{steps[-1]}_")
    assert not loads(tmp_path, rules)
    assert not VALIDATOR.is_valid(rules)


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("hosts",), "News.example"),
        (("site",), " "),
        (("site",), 5),
        (("hosts",), []),
        (("layout", "gap"), "often"),
        (("layout", "gap"), []),
        (("layout", "ads"), -1),
        (("layout", "ads"), 1.5),
        (("layout", "ads"), True),
        (("layout", "clear", "heading"), "ever"),
        (("library", "stories", 0, "url"), "javascript:alert(1)"),
        (("library", "stories", 0, "url"), "//x.example"),
        (("library", "stories", 0, "published"), "yesterday"),
        (("library", "stories", 0, "published"), "20240719"),
        (("articles", 0, "path"), "a/b"),
        (("articles", 0, "path"), "/a**"),
        (("articles", 0, "device"), "phone"),
        (("blocks", "ad", "kind"), "adz"),
        (("blocks", "ad", "priority"), 1_001),
        (("blocks", "ad", "exact"), "yes"),
        (("blocks", "ad", "reserve"), 0),
        (("blocks", "ad", "sizes", "mobile"), [300, 250]),
        (("blocks", "ad", "sizes", "mobile", 0), [300]),
        (("blocks", "ad", "serve"), {}),
        (("blocks", "ad", "serve"), {"slot": "a", "html": "b"}),
        (("blocks", "ad", "serve", "gpt"), {}),
        (("blocks", "ad", "repeat", "max"), 0),
        (("blocks", "ad", "prefer"), []),
        (("blocks", "ad", "prefer", 2), "body"),
        (("blocks", "ad", "prefer", 0), {"nth": 2}),
        (("blocks", "ad", "prefer", 0), {"after": "unit", "at": "5%"}),
        (("blocks", "ad", "prefer", 0, "nth"), 0),
        (("blocks", "ad", "prefer", 1, "at"), "half"),
        (("blocks", "picked", "prefer", 0, "where"), "inside"),
        (("blocks", "picked", "prefer", 0, "nth"), "some"),
        (("blocks", "picked", "prefer", 1), {"selector": "main"}),
        (("blocks", "picked", "prefer", 1), {"after": "unit", "where": "after"}),
        (("pages", 0, "name"), "Front page"),
        (("pages", 0), {"name": "front"}),
        (("overrides", 0, "name"), "A B"),
        (("overrides", 0, "set", "layout.ads"), "many"),
        (("overrides", 0, "set", "blocks.slot.serve"), {"slot": "a", "html": "b"}),
        (("overrides", 0, "set", "layout.clear.heading"), "ever"),
        (("overrides", 0, "set"), {"hosts": "news.example"}),
        (("overrides", 0, "set"), {"blocks.slot.kind": "ad"}),
        (("overrides", 0, "set"), {"blocks.slot": {}}),
        (("blocks", "strip", "weather"), {"unit": "C"}),
        (("blocks", "strip", "weather", "temperature"), 451),
        (("blocks", "strip", "date"), "19.7.2024"),
        (("blocks", "stories", "count"), 21),
        (("blocks", "follow", "url"), "/here"),
        (("blocks", "Ad"), {"kind": "source", "place": "body-end"}),
        (("blocks", "new"), {"plcae": "body-end"}),
        (("blocks", "new"), {"place": "body-edn"}),
    ],
)
def test_a_value_that_is_impossible_is_refused_by_both(tmp_path: Path, steps: Steps, value: object) -> None:
    rules = changed(steps, value=value)
    assert not loads(tmp_path, rules)
    assert not VALIDATOR.is_valid(rules)


def test_the_schema_asks_for_nothing_that_defaults_or_another_file_may_have(tmp_path: Path) -> None:
    rules = {
        "extends": "newspaper",
        "timezone": None,
        "layout": {"ads": None, "story": None, "clear": {"heading": {"after": None}}},
        "blocks": {"inline-ad": {"repeat": None, "priority": None}, "end-ad": None, "more": {"count": 2}},
    }
    assert loads(tmp_path, rules)
    VALIDATOR.validate(rules)


def test_every_key_says_in_the_schema_what_it_is() -> None:
    """For editors show that beside it: the words of the models, on one line."""
    definitions = SCHEMA["$defs"]
    assert [
        name for name, each in definitions.items() if not each.get("description") and name != "Block"
    ] == []
    assert "\n" not in json.dumps(SCHEMA, ensure_ascii=False)


@examples(60)
@given(RULES)
def test_what_loads_is_right_by_the_schema(
    tmp_path_factory: pytest.TempPathFactory, written: dict[str, Any]
) -> None:
    file = tmp_path_factory.mktemp("rules") / "site.yaml"
    file.write_text(json.dumps(written), encoding="utf-8")
    [loaded] = load(file)
    assert [block.id for block in loaded.blocks] == list(written.get("blocks", {}))
    VALIDATOR.validate(json.loads(json.dumps(written)))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["never", "present", "3 units", "50%", "/a", "ad", "auto", "body-end", "{n}", "<p>"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from("not min after kind url every x".split()), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@examples(300)
@given(st.sampled_from(KEYS), ANYTHING)
def test_anything_anywhere_is_told_or_right_by_the_schema_too(
    tmp_path_factory: pytest.TempPathFactory, steps: Steps, value: object
) -> None:
    rules = changed(steps, value=value)
    if loads(tmp_path_factory.mktemp("rules"), rules):
        VALIDATOR.validate(rules)
