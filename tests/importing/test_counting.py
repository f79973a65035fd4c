"""What the plugin asks of the paragraphs around a block."""

from __future__ import annotations

from typing import Any

from tests.importing.exports import Made, one


def after(**options: Any) -> Made:
    return one(display_type="6", paragraph_number="3", own=options)


def test_bounds_in_paragraphs_are_bounds_of_the_block() -> None:
    made = after(
        min_paragraphs="5", skip_first_paragraphs="1", skip_last_paragraphs="2", maximum_insertions="2"
    )
    assert made.rule["story"] == {"min": "5 paragraphs"}
    assert (made.rule["start"], made.rule["end"], made.rule["max"]) == ("1 paragraph", "2 paragraphs", 2)
    assert made.draft.outcome == "whole"


def test_bounds_in_paragraphs_say_nothing_of_other_insertions() -> None:
    made = one(min_paragraphs="5")
    assert "story" not in made.rule
    assert made.lost == ["min_paragraphs"]


def test_what_is_counted_otherwise_is_named() -> None:
    for option in ("max_paragraphs", "min_paragraph_words", "max_paragraph_words", "count_inside_blockquote"):
        assert after(**{option: "5"}).lost == [option]


def test_elements_are_inside_or_not() -> None:
    assert after(count_inside_el="section", count_inside="1").rule["inside"] == "section"
    assert after(count_inside_el="aside, .box").rule["not_inside"] == "aside, .box"
    told = after(count_inside_el="div", count_inside_el_text="class=box", count_inside="1")
    assert told.lost == ["count_inside_el"]
    assert "inside" not in told.rule


def test_texts_of_the_paragraph_are_avoided() -> None:
    made = after(paragraph_text="Read also, [x]")
    assert made.rule["avoid"] == [{"text": "(?i)Read also|\\[x\\]", "within": "1 paragraph"}]
    assert made.lost == ["paragraph_text"]
    assert "avoid" not in after(paragraph_text="a", paragraph_text_type="0").rule
    assert "avoid" not in after(paragraph_text="^a").rule


def test_tags_are_kept_clear_of_on_the_side_that_was_asked() -> None:
    made = after(
        avoid_paragraphs_above="2",
        avoid_text_above="&lt;img, &lt;h2",
        avoid_paragraphs_below="1",
        avoid_text_below="<img",
    )
    assert made.rule["clear"] == {
        "image": {"after": "2 paragraphs", "before": "1 paragraph"},
        "heading": {"after": "2 paragraphs"},
    }
    assert made.draft.outcome == "whole"


def test_texts_are_kept_clear_of_on_both_sides() -> None:
    both = {"avoid_paragraphs_above": "2", "avoid_text_above": "recipe"}
    both |= {"avoid_paragraphs_below": "2", "avoid_text_below": "recipe"}
    made = after(**both)
    assert made.rule["avoid"] == [{"text": "(?i)recipe", "within": "2 paragraphs"}]
    assert made.draft.outcome == "whole"
    above = after(avoid_paragraphs_above="2", avoid_text_above="recipe")
    assert above.lost == ["avoid_text_above"]


def test_the_class_of_the_plugins_blocks_is_a_gap() -> None:
    asked = {"avoid_paragraphs_above": "3", "avoid_text_above": "code-block"}
    assert after(**asked).rule["gap"] == "3 paragraphs"
    assert "avoid" not in after(**asked).rule


def test_how_far_to_shift_is_named() -> None:
    asked = {"avoid_paragraphs_above": "1", "avoid_text_above": "<img"}
    assert after(**asked, avoid_try_limit="3", avoid_direction="1").lost == [
        "avoid_try_limit",
        "avoid_direction",
    ]


def test_not_to_be_shifted_is_exact() -> None:
    asked = {"avoid_paragraphs_above": "1", "avoid_text_above": "<img"}
    assert "exact" not in after(**asked).rule
    assert after(**asked, avoid_action="0").rule["exact"] is True
    assert "exact" not in after(avoid_action="0").rule
