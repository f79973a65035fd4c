"""Where the plugin puts a block, and where newshole then does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.importing.exports import one


@pytest.mark.parametrize(
    ("insertion", "place"),
    [
        ("1", "headline-before"),
        ("2", "body-after"),
        ("3", "body-start"),
        ("4", "body-end"),
        ("13", "page-bottom"),
        ("14", "page-top"),
        ("Before Title", "headline-before"),
        ("After Content", "body-end"),
        ("5", {"before": "paragraph", "nth": 1}),
        ("After Paragraph", {"after": "paragraph", "nth": 1}),
        ("18", {"before": "image", "nth": 1}),
        ("19", {"after": "image", "nth": 1}),
        ("10", {"selector": "#comments", "where": "before"}),
        ("12", {"selector": "#comments", "where": "after"}),
    ],
)
def test_insertions_are_places(insertion: str, place: Any) -> None:
    assert one(display_type=insertion).rule["place"] == place


@pytest.mark.parametrize(
    ("insertion", "why"),
    [
        ("0", "where a widget puts it"),
        ("Manual", "where a widget puts it"),
        ("7", "before excerpt is in a list"),
        ("9", "between posts is in a list"),
        ("11", "between comments is in a list"),
        ("101", "at a hook of WordPress' own"),
        ("x", "at a hook of WordPress' own"),
    ],
)
def test_insertions_without_a_place_here_are_off(insertion: str, why: str) -> None:
    made = one(display_type=insertion)
    assert made.off == ["display_type"]
    assert why in made.why


def test_the_ways_to_insert_by_hand_are_named() -> None:
    made = one(display_type="0", enable_manual="1", enable_php_call="1", enable_widget="0")
    assert "where a shortcode or PHP function puts it" in made.why


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("3", {"nth": 3}),
        ("-1", {"nth": -1}),
        ("2, 5", {"nth": [2, 5]}),
        ("2,-2", {"nth": [2, -2]}),
        ("%3", {"nth": 3}),
        ("%4@2", {"nth": 2}),
        ("[2-6]", {"nth": 4}),
        ("[2, 3]", {"nth": 2}),
    ],
)
def test_paragraphs_are_counted(number: str, place: dict[str, Any]) -> None:
    rule = one(display_type="6", paragraph_number=number).rule
    assert rule["place"] == {"after": "paragraph", **place}


@pytest.mark.parametrize(("number", "at"), [("0.5", "50%"), ("50%", "50%"), ("-0.2", "80%")])
def test_parts_are_of_the_words(number: str, at: str) -> None:
    made = one(display_type="6", paragraph_number=number)
    assert (made.rule["place"], made.lost) == ({"at": at}, ["paragraph_number"])


def test_every_nth_is_repeated() -> None:
    assert one(display_type="6", paragraph_number="%3").rule["repeat"] == {"every": "3 paragraphs"}
    assert one(display_type="6", paragraph_number="%1").rule["repeat"] == {"every": "1 paragraph"}
    assert one(display_type="6", paragraph_number="").rule["repeat"] == {"every": "1 paragraph"}


def test_words_between_are_a_repeat() -> None:
    rule = one(display_type="5", paragraph_number="", min_words_above="250").rule
    assert rule["repeat"] == {"every": "250 words", "from": "250 words"}
    assert "place" not in rule


def test_from_the_bottom_numbers_are_from_the_end() -> None:
    bottom = {"display_type": "6", "direction_type": "1"}
    assert one(paragraph_number="2", own=bottom).rule["place"]["nth"] == -2
    assert one(paragraph_number="0.2", own=bottom).rule["place"] == {"at": "80%"}
    assert one(paragraph_number="%3", own=bottom).rule["place"]["nth"][:3] == [-3, -6, -9]


def test_chance_is_named() -> None:
    for number in ("0", "[2-6]"):
        made = one(display_type="6", paragraph_number=number)
        assert "nothing is left to chance here" in made.why
    assert one(display_type="6", paragraph_number="0").rule["place"] == {"between": ["0%", "100%"]}


def test_what_one_place_cannot_say_is_named() -> None:
    made = one(display_type="6", paragraph_number="2, 0.5")
    assert made.rule["place"]["nth"] == 2
    assert "make a second block for the rest" in made.why


@pytest.mark.parametrize("number", ["x", "%0", "%x", "%3@y", ","])
def test_numbers_that_nobody_understands_are_off(number: str) -> None:
    assert one(display_type="6", paragraph_number=number).off == ["paragraph_number"]


def test_a_filter_of_paragraphs_is_their_number() -> None:
    filtered = {"display_type": "6", "paragraph_number": "", "filter_type": "9"}
    assert one(own=filtered, excerpt_number="2, 4").rule["place"]["nth"] == [2, 4]
    assert one(own=filtered, excerpt_number="%3").rule["repeat"] == {"every": "3 paragraphs"}
    inverted = one(own=filtered, excerpt_number="2", inverted_filter="1")
    assert "inverted_filter" in inverted.lost


def test_a_filter_of_other_things_is_named() -> None:
    assert one(excerpt_number="1", filter_type="3").lost == ["excerpt_number"]


@pytest.mark.parametrize(
    ("tags", "kind"),
    [("p", "paragraph"), ("h2, h3", "heading"), ("ul,ol", "list"), ("p, h2", "unit"), ("div", "unit")],
)
def test_tags_that_are_counted_are_kinds_of_units(tags: str, kind: str) -> None:
    made = one(display_type="6", paragraph_tags=tags)
    assert made.rule["place"]["after"] == kind
    assert made.lost == (["paragraph_tags"] if kind == "unit" else [])


@pytest.mark.parametrize(
    ("insertion", "inside", "where"),
    [("15", "1", "before"), ("16", "1", "after"), ("17", "1", "prepend"), ("17", "2", "append")],
)
def test_elements_are_selected(insertion: str, inside: str, where: str) -> None:
    made = one(display_type=insertion, inside_element=inside, html_selector="#main &gt; .side")
    assert made.rule["place"] == {"selector": "#main > .side", "where": where, "nth": "all"}


def test_elements_that_cannot_be_selected_are_off() -> None:
    assert one(display_type="15", html_selector="p:eq(").off == ["html_selector"]
    assert one(display_type="15").off == ["html_selector"]
    assert one(display_type="17", inside_element="3", html_selector="#a").off == ["inside_element"]
    assert one(display_type="17", inside_element="15", html_selector="#a").off == ["inside_element"]


def test_waiting_for_elements_is_named() -> None:
    made = one(display_type="15", html_selector="#a", wait_for="#b", wait_for_delay="200")
    assert made.lost == ["wait_for", "wait_for_delay"]
