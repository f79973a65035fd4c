"""Runs found by bisection, held against the bounds as they are defined, spot by spot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.plan.bounds import Nearness, closed_gaps, static_refusals, too_near
from newshole.plan.survey import Survey
from newshole.rules.layout import Layout
from tests.plan.test_planner import stories
from tests.plan.words import bounds, clear, sketch

some = st.lists(
    st.builds(
        lambda amount, measure: f"{amount} {measure}",
        st.integers(1, 90),
        st.sampled_from(["units", "paragraphs", "words", "px", "screens"]),
    ),
    max_size=2,
)
devices = st.sampled_from([("mobile",), ("desktop",), ("mobile", "desktop")])


@given(stories, some, devices)
def test_the_near_spots_are_those_that_a_gap_refuses(
    story: str, written: list[str], on: tuple[str, ...]
) -> None:
    survey, gap = Survey.of(sketch(story), on), bounds("gap", *written)
    near, spots = Nearness(survey, gap), survey.spots
    for one in spots:
        for other in spots:
            is_taken = one.offset == other.offset and bool(one.position and other.position)
            is_near = (is_taken and not (one.stack and other.stack)) or bool(
                [*too_near(one, other, gap, survey)]
            )
            assert bool(near.mask(one.index) >> other.index & 1) == is_near


@given(stories, some, some, some, some, some, devices, st.booleans())
def test_the_closed_gaps_are_those_with_a_reason(
    story: str,
    start: list[str],
    end: list[str],
    least: list[str],
    before: list[str],
    after: list[str],
    on: tuple[str, ...],
    is_ad: bool,
) -> None:
    layout = Layout(
        gap=bounds("gap", *before),
        ads_apart=bounds("ads_apart", *after),
        start=bounds("start", *start),
        end=bounds("end", *end),
        story=bounds("story", *least),
        clear=(
            *clear("heading", before=bounds("before", *before), after=bounds("after", *after)),
            *clear("image", after=bounds("image", *start)),
            *clear("other", before=bounds("other", *end)),
        ),
    )
    survey = Survey.of(sketch(story), on)
    mask = closed_gaps(layout, survey, is_ad=is_ad)
    closed = [gap for gap in survey.gaps if mask >> gap & 1]
    assert closed == [
        spot.index for spot in survey.spots if [*static_refusals(spot, layout, survey, is_ad=is_ad)]
    ]


@pytest.mark.parametrize(
    ("story", "free"),
    [
        ("p60 o20 p60 p60", [0, 3, 4]),
        ("p60 o0 p60", [0, 1, 2, 3]),
        ("p60 o0 i0 p60", [0, 3, 4]),
        ("p60 i0 o0 p60 p60", [0, 1, 4, 5]),
        ("p60 o0 o20 p60", [0, 4]),
        ("o0 p60 p60 o0", [0, 1, 2, 3, 4]),
    ],
)
def test_room_is_kept_from_what_is_beside_the_story_not_from_what_is_nothing(
    story: str, free: list[int]
) -> None:
    never = bounds("other", "1 units")
    survey = Survey.of(sketch(story), ("mobile",))
    mask = closed_gaps(Layout(clear=clear("other", before=never, after=never)), survey)
    positions = [survey.spots[gap].position for gap in survey.gaps if not mask >> gap & 1]
    assert [each.units for each in positions if each is not None] == free
