"""Runs found by bisection, held against the bounds as they are defined, spot by spot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newshole.plan.bounds import Nearness, forbidden_gaps, static_refusals, too_near
from newshole.plan.targets import Body
from newshole.rules.ruleset import Layout
from tests.plan.test_planner import stories
from tests.plan.words import bounds, sketch

some = st.lists(
    st.builds(
        lambda amount, measure: f"{amount} {measure}",
        st.integers(1, 90),
        st.sampled_from(["units", "paragraphs", "words"]),
    ),
    max_size=2,
)


@given(stories, some)
def test_the_near_spots_are_those_that_a_gap_refuses(story: str, written: list[str]) -> None:
    spots, gap = Body.of(sketch(story)).spots, bounds("gap", *written)
    near = Nearness(spots, gap)
    for one in spots:
        refused = sum(1 << other.index for other in spots if [*too_near(one, other, gap)])
        assert near.mask(one.index) == refused


@given(stories, some, some, some, some, some)
def test_the_closed_gaps_are_those_with_a_reason(
    story: str, start: list[str], end: list[str], least: list[str], before: list[str], after: list[str]
) -> None:
    layout = Layout(
        start=bounds("start", *start),
        end=bounds("end", *end),
        story=bounds("story", *least),
        before_heading=bounds("before", *before),
        after_heading=bounds("after", *after),
    )
    body = Body.of(sketch(story))
    mask = forbidden_gaps(layout, body)
    closed = [gap for gap in body.gaps if mask >> gap & 1]
    assert closed == [spot.index for spot in body.spots if [*static_refusals(spot, layout, body)]]
