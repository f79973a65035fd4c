"""What may be written at a place, as the schema has it, in text that is not finished."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.rules.block_model import BLOCKS
from newshole.rules.editing.completion import Completion, Names, completions
from newshole.rules.model import RulesWritten
from newshole.rules.packs import packs

CURSOR = "¦"


def at(text: str, names: Names | None = None) -> dict[str, Completion]:
    """What may be written where the cursor is marked in a text."""
    before, _, after = text.partition(CURSOR)
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    _, found = completions(before + after, line, column, names or Names())
    return {each.label: each for each in found}


def test_an_empty_file_offers_every_key_of_the_rules_with_what_it_is_for() -> None:
    found = at(CURSOR)
    assert set(found) == set(RulesWritten.key_names())
    assert found["layout"] == Completion("layout", "Bounds over all blocks of a page.", "layout:")


def test_what_is_typed_already_is_replaced_from_where_it_begins() -> None:
    begins, found = completions("layout:\n  ga", 2, 5)
    assert begins == 3
    assert "gap" in [each.label for each in found]


def test_a_key_that_is_there_is_not_offered_again() -> None:
    assert {"site", "layout"}.isdisjoint(at(f"site: A\n{CURSOR}\nlayout: {{}}\n"))


@pytest.mark.parametrize("kind", BLOCKS)
@pytest.mark.parametrize(
    "text", ["  a:\n    kind: {0}\n    ¦", "  a: {{kind: {0}, ¦}}", "  a: {{¦, kind: {0}}}"]
)
def test_a_block_has_the_keys_of_its_kind(kind: str, text: str) -> None:
    found = at("blocks:\n" + text.format(kind))
    assert set(found) == set(BLOCKS[kind].key_names()) - {"kind"}


def test_kinds_are_offered_with_what_they_are() -> None:
    found = at(f"blocks:\n  a:\n    kind: {CURSOR}\n")
    assert set(found) == set(BLOCKS)
    assert found["ad"].detail == "An ad slot."


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("blocks:\n  a:\n    kind: ad\n    place: ¦", {"body-start", "page-top"}),
        ("blocks:\n  a: {kind: ad, place: {after: ¦", {"paragraph", "image"}),
        ("blocks:\n  a:\n    kind: ad\n    prefer:\n    - {after: para¦\n", {"paragraph"}),
        ("blocks:\n  a:\n    kind: ad\n    prefer:\n      - ¦\n", {"after", "nth", "body-end"}),
        ("blocks:\n  a: {kind: ad, when: {page: [live, ¦", {"front"}),
        ("blocks:\n  a: {kind: ad, exact: ¦}", {"true", "false"}),
        ("layout:\n  clear:\n    heading: {after: ¦", {"never"}),
        ("articles:\n  - path: /a/**\n    ¦", {"body", "type"}),
        ("articles:\n  - path: [/a/**,\n      /b/**]\n    ¦", {"body", "type"}),
        ("extends: ¦", set(packs())),
        ('blocks:\n  a:\n    kind: "¦', {"ad"}),
    ],
)
def test_values_and_keys_below_are_those_of_their_place(text: str, some: set[str]) -> None:
    assert some <= set(at(text))


@pytest.mark.parametrize(
    "text",
    [
        "# about lay¦",
        "site: The ¦",
        "blocks:\n  a:\n    kind: html\n    html: |\n      <p>k¦",
        "layout: {gap: 3 units} ¦",
    ],
)
def test_nothing_is_offered_in_comments_texts_and_behind_values(text: str) -> None:
    assert at(text) == {}


def test_what_is_broken_above_hides_nothing_below() -> None:
    text = f"layout: {{gap: [3 units\narticles: - - ]}}: x\nblocks:\n  a:\n    kind: ad\n    pl{CURSOR}"
    assert "place" in at(text)


def test_names_of_blocks_and_sections_are_those_of_the_text_and_of_the_site() -> None:
    names = Names(blocks=("of-the-pack",), sections=("World",))
    text = "blocks:\n  one: {kind: ad, when: {section: [City]}}\n  two:\n    kind: ad\n"
    assert set(at(f"{text}    fallback: {CURSOR}", names)) == {"one", "two", "of-the-pack"}
    assert {"World", "City"} <= set(at(f"{text}    when:\n      section: {CURSOR}", names))
    assert "of-the-pack" in at(f"blocks:\n  {CURSOR}", names)


def test_an_override_is_offered_the_paths_that_it_may_set() -> None:
    found = at(f"blocks: {{top: {{kind: ad}}}}\noverrides:\n  - name: x\n    set:\n      {CURSOR}")
    assert {"layout.gap", "blocks.top.place"} <= set(found)


def test_a_key_that_has_its_colon_gets_no_second_one() -> None:
    assert at(f"lay{CURSOR}: {{}}")["layout"].insert == "layout"


YAML = st.lists(
    st.sampled_from(
        [*"{}[],:#|>-&*'\"\n ", "\n  ", "\n    ", "blocks:", "kind: ad", "- ", "place", "set", "é"]
    )
).map("".join)


@given(YAML, st.integers(1, 12), st.integers(1, 40))
def test_no_text_is_too_broken(text: str, line: int, column: int) -> None:
    begins, found = completions(text, line, column)
    assert 1 <= begins <= column
    assert all(each.insert.startswith(each.label) for each in found)


@given(YAML)
def test_what_is_offered_below_broken_text_is_what_an_empty_file_has(text: str) -> None:
    text = re.sub(r"[|>]", "", text)
    above = at(f"{text}\nblocks:\n  a:\n    kind: ad\n    {CURSOR}")
    assert "place" in above
