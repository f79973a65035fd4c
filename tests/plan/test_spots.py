"""Spots in columns: in document order, and no measure ever falls."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from newshole.plan.spots import Spots, spots_of
from tests.plan.words import block as a_block
from tests.plan.words import plan, sketch, stack

FOUR = sketch("p50 h5 p40 p30")


def test_spots_stand_in_document_order_and_are_numbered() -> None:
    spots = spots_of(FOUR)
    assert [spot.index for spot in spots] == [*range(len(spots))]
    assert [spot.stack or spot.offset for spot in spots] == [
        "page-top", "headline-after", "body-start", 100, 110, 120, 130, 140, "body-end", "body-after",
    ]  # fmt: skip


def test_what_stands_before_a_gap_is_measured_and_outside_the_body_nothing_is() -> None:
    spots = spots_of(FOUR)
    assert [spot.position for spot in spots if spot.stack is None] == [
        (0, 0, 0), (1, 1, 50), (2, 1, 55), (3, 2, 95), (4, 3, 125),
    ]  # fmt: skip
    assert [spot.stack for spot in spots if spot.position is None] == [
        "page-top", "headline-after", "body-after",
    ]  # fmt: skip


def test_a_headline_inside_the_body_leaves_the_measures_rising() -> None:
    outline = replace(FOUR, stacks={**FOUR.stacks, "headline-after": 115})
    line = Spots.of(outline).line
    for column in (line.units, line.paragraphs, line.words):
        assert all(above <= below for above, below in pairwise(column))
    assert [spot.position for spot in Spots.of(outline) if spot.stack == "headline-after"] == [None]


def test_a_body_that_ends_above_its_last_gap_leaves_the_measures_rising() -> None:
    line = Spots.of(replace(FOUR, stacks={**FOUR.stacks, "body-end": 115})).line
    assert [*line.words] == [0, 0, 0, 0, 50, 125, 125, 125, 125, 125]


def test_blocks_of_a_stack_outside_the_body_share_it() -> None:
    made = plan("p50 p50", a_block("a", stack("body-after")), a_block("b", stack("body-after")))
    assert [placed.block.id for placed in made.placements] == ["a", "b"]
