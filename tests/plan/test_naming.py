"""Places in words."""

from __future__ import annotations

from newshole.plan.naming import where
from newshole.plan.spots import spots_of
from tests.plan.words import sketch


def test_a_gap_is_named_by_the_unit_above_it_and_a_stack_in_words() -> None:
    outline = sketch("p20 h5 p20 i0 p20")
    assert [where(spot, outline) for spot in spots_of(outline)] == [
        "at the top of the page",
        "below the headline",
        "right before the story",
        "before paragraph 1",
        "after paragraph 1",
        "after heading 1",
        "after paragraph 2",
        "after image 1",
        "after paragraph 3",
        "right after the story",
        "below the box of the story",
    ]
