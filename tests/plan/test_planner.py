"""Where blocks come to stand: places, bounds, tiers and repeats."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.plan.bounds import static_refusals, too_near
from newshole.plan.planner import Plan
from newshole.rules.layout import Distance, Layout, Limit
from newshole.rules.ruleset import Repeat
from tests.plan.words import after, at, before, block, bounds, distance, every, places, plan, stack
from tests.plan.words import clear as clear_of

TEN = " ".join(["p50"] * 10)


@pytest.mark.parametrize(
    ("place", "where"),
    [
        (after("paragraph", 1), "x@1"),
        (after("paragraph", 3), "x@5"),
        (before("paragraph", 2), "x@2"),
        (after("paragraph", -2), "x@5"),
        (before("heading", 1), "x@1"),
        (after("image", 1), "x@4"),
        (after("unit", 3), "x@3"),
        (after("paragraph", 4), "x@6"),
        (at("25%"), "x@1"),
        (at("80 words"), "x@3"),
        (at("3 paragraphs"), "x@5"),
        (at("5 units"), "x@5"),
        (stack("page-top"), "x@page-top"),
        (stack("body-end"), "x@body-end"),
    ],
)
def test_a_block_stands_where_its_place_says(place: object, where: str) -> None:
    assert places(plan("p40 h5 p40 i0 p40 p40", block("x", place))) == where  # type: ignore[arg-type]


def test_a_list_of_nth_is_one_copy_at_each() -> None:
    made = plan(TEN, block("x", after("paragraph", 2, 5, -2)))
    assert places(made) == "x@2 x@5 x@9"
    assert [placed.ordinal for placed in made.placements] == [1, 2, 3]


def test_a_place_that_the_story_lacks_leaves_the_block_out() -> None:
    assert places(plan("p50 p50", block("x", after("paragraph", 3)))) == ""


def test_blocks_of_a_stack_keep_the_order_of_the_rules_whatever_their_priority() -> None:
    top = stack("body-start")
    made = plan(TEN, block("a", top), block("b", top, priority=5), block("c", top))
    assert places(made) == "a@body-start b@body-start c@body-start"


def test_stacks_are_exempt_from_start_end_and_story() -> None:
    strict = Layout(
        start=bounds("layout.start", "900 words"),
        end=bounds("layout.end", "900 words"),
        story=bounds("layout.story.min", "900 words"),
    )
    made = plan(TEN, block("a", stack("body-start")), block("b", after("unit", 3)), layout=strict)
    assert places(made) == "a@body-start"


def test_start_and_end_keep_the_edges_of_the_body_free() -> None:
    edges = Layout(start=bounds("s", "120 words"), end=bounds("e", "2 units"))
    made = plan(TEN, block("a", after("unit", 1)), block("z", after("unit", -1)), layout=edges)
    assert places(made) == "a@3 z@8"


def test_every_entry_of_gap_must_hold() -> None:
    gap = Layout(gap=bounds("layout.gap", "2 units", "150 words"))
    made = plan(TEN, block("a", after("unit", 4)), block("b", after("unit", 4)), layout=gap)
    assert places(made) in ("b@1 a@4", "a@4 b@7")


def test_no_block_between_a_heading_and_its_text() -> None:
    clear = Layout(clear=clear_of("heading", after=bounds("layout.clear.heading.after", "1 units")))
    assert places(plan("p50 h5 p50 p50", block("x", after("heading", 1)), layout=clear)) == "x@1"


def test_room_above_a_heading_is_kept() -> None:
    clear = Layout(clear=clear_of("heading", before=bounds("layout.clear.heading.before", "60 words")))
    made = plan("p50 p50 h5 p50 p50", block("x", after("paragraph", 2)), layout=clear)
    assert places(made) == "x@3"


def test_the_higher_priority_has_the_gap_and_the_other_moves() -> None:
    low, high = block("low", after("unit", 4)), block("high", after("unit", 4), priority=1)
    assert places(plan(TEN, low, high)) in ("low@3 high@4", "high@4 low@5")


def test_an_exact_block_stands_there_or_not_at_all() -> None:
    low, high = block("low", after("unit", 4), exact=True), block("high", after("unit", 4), priority=1)
    assert places(plan(TEN, low, high)) == "high@4"


def test_a_higher_tier_is_never_given_up_for_any_number_of_lower_ones() -> None:
    gap = Layout(gap=bounds("layout.gap", "4 units"))
    low = [block(f"low{n}", after("unit", n), exact=True) for n in (1, 9)]
    made = plan(TEN, *low, block("high", after("unit", 5), exact=True, priority=1), layout=gap)
    assert places(made) == "low1@1 high@5 low9@9"
    wide = Layout(gap=bounds("layout.gap", "5 units"))
    assert (
        places(plan(TEN, *low, block("high", after("unit", 5), exact=True, priority=1), layout=wide))
        == "high@5"
    )


def test_inside_a_tier_as_many_blocks_as_can_be_have_a_place() -> None:
    gap = Layout(gap=bounds("layout.gap", "4 units"))
    middle = block("middle", after("unit", 5), exact=True)
    sides = [block(f"side{n}", after("unit", n), exact=True) for n in (2, 8)]
    assert places(plan(TEN, middle, *sides, layout=gap)) == "side2@2 side8@8"


def test_prefer_takes_the_first_place_that_works() -> None:
    asked = (after("unit", 4), after("unit", 9), after("unit", 2))
    rival = block("rival", after("unit", 4), priority=1)
    assert places(plan(TEN, block("x", *asked))) == "x@4"
    assert places(plan(TEN, block("x", *asked), rival)) == "rival@4 x@9"


def test_prefer_falls_back_to_a_stack() -> None:
    short = Layout(story=bounds("layout.story.min", "900 words"))
    made = plan(TEN, block("x", after("unit", 4), stack("body-end")), layout=short)
    assert places(made) == "x@body-end"


def test_a_repeat_counts_from_the_place() -> None:
    made = plan(" ".join(["p50"] * 30), block("ad", after("paragraph", 4), repeat=every("350 words", most=3)))
    assert places(made) == "ad@4 ad@11 ad@18 ad@25"


def test_a_repeat_alone_counts_from_the_start_of_the_body() -> None:
    assert places(plan(TEN, block("ad", repeat=every("3 paragraphs")))) == "ad@3 ad@6 ad@9"


def test_a_repeat_starts_where_from_says() -> None:
    made = plan(TEN, block("ad", repeat=every("4 units", start="2 units", most=2)))
    assert places(made) == "ad@2 ad@6"


def test_copies_of_a_repeat_are_never_nearer_than_every() -> None:
    made = plan(" ".join(["p80"] * 20), block("ad", after("paragraph", 2), repeat=every("350 words")))
    words = [placed.spot.position.words for placed in made.placements if placed.spot.position]
    assert len(words) > 2
    assert all(later - earlier >= 350 for earlier, later in pairwise(words))


def test_limits_hold_over_stacks_and_body_together() -> None:
    ads = [block("ad-top", stack("body-start"), priority=2), block("ad-in", repeat=every("2 units"))]
    made = plan(TEN, *ads, block("x", after("unit", 5)), layout=Layout(ads=Limit("layout.ads", 3)))
    assert places(made).count("ad-") == 3
    assert "ad-top@body-start" in places(made)
    few = plan(TEN, *ads, block("x", after("unit", 5)), layout=Layout(blocks=Limit("layout.blocks", 2)))
    assert len(few.placements) == 2


def test_two_blocks_never_touch() -> None:
    made = plan(TEN, *(block(f"x{n}", after("unit", 5)) for n in range(4)))
    offsets = [placed.spot.offset for placed in made.placements]
    assert len(set(offsets)) == len(offsets) == 4


def test_a_gap_is_kept_from_a_filled_stack_in_the_body() -> None:
    gap = Layout(gap=bounds("layout.gap", "3 units"))
    made = plan(TEN, block("top", stack("body-start")), block("x", after("unit", 1)), layout=gap)
    assert places(made) == "top@body-start x@3"


def test_a_banned_spot_is_not_taken_again() -> None:
    asked = block("x", after("unit", 4))
    assert places(plan(TEN, asked, banned=(("x", 140),))) in ("x@3", "x@5")


stories = st.lists(st.sampled_from(["p60", "p15", "h6", "i0", "q20", "p0"]), min_size=2, max_size=25).map(
    " ".join
)
anchors = st.builds(
    after, st.sampled_from(["paragraph", "unit", "heading"]), st.integers(-6, 8).filter(bool)
) | st.builds(at, st.integers(0, 100).map(lambda percent: f"{percent}%"))
some_blocks = st.lists(
    st.tuples(
        anchors,
        st.integers(0, 2),
        st.booleans(),
        st.none() | st.builds(every, st.sampled_from(["90 words", "2 units"])),
    ),
    min_size=1,
    max_size=5,
)
layouts = st.builds(
    Layout,
    gap=st.sampled_from([(), bounds("gap", "2 units"), bounds("gap", "1 units", "70 words")]),
    start=st.sampled_from([(), bounds("start", "40 words")]),
    end=st.sampled_from([(), bounds("end", "1 units")]),
    clear=st.sampled_from([(), clear_of("heading", after=bounds("clear", "1 units"))]),
    ads=st.sampled_from([None, Limit("layout.ads", 2)]),
    blocks=st.sampled_from([None, Limit("layout.blocks", 4)]),
)


def made_of(story: str, asked: list[tuple[object, int, bool, object]], layout: Layout) -> Plan:
    blocks = [
        block(("ad" if n % 2 else "x") + str(n), place, repeat=repeat, priority=priority, exact=exact)  # type: ignore[arg-type]
        for n, (place, priority, exact, repeat) in enumerate(asked)
    ]
    return plan(story, *blocks, layout=layout)


@given(stories, some_blocks, layouts)
def test_every_bound_holds_in_every_plan(
    story: str, asked: list[tuple[object, int, bool, object]], layout: Layout
) -> None:
    made = made_of(story, asked, layout)
    survey = made.considered.survey
    for placed in made.placements:
        assert not [*static_refusals(placed.spot, layout, survey)]
    for one, other in combinations(made.placements, 2):
        assert one.spot.offset != other.spot.offset
        assert not [*too_near(one.spot, other.spot, layout.gap, survey)]
    assert sum(placed.block.kind == "ad" for placed in made.placements) <= (
        layout.ads.most if layout.ads else 99
    )
    assert len(made.placements) <= (layout.blocks.most if layout.blocks else 99)
    assert survey.edges[-1].units == len(story.split())


@given(stories, some_blocks, layouts)
def test_the_same_input_gives_the_same_plan(
    story: str, asked: list[tuple[object, int, bool, object]], layout: Layout
) -> None:
    assert places(made_of(story, asked, layout)) == places(made_of(story, asked, layout))


def test_distance_reads_like_the_rules() -> None:
    assert (str(distance("1 units")), str(distance("3 units"))) == ("1 unit", "3 units")


def test_a_repeat_for_all_devices_counts_on_the_one_where_it_takes_most_text() -> None:
    # A word is 10 pixels on mobile and 5 on desktop: 500 px are one paragraph there and two here.
    made = plan(" ".join(["p50"] * 20), block("ad", after("unit", 2), repeat=every("500 px", most=6)))
    assert places(made) == "ad@2 ad@4 ad@6 ad@8 ad@10 ad@12 ad@14"
    small = plan(
        " ".join(["p50"] * 20),
        block("ad", after("unit", 2), repeat=every("500 px", most=6)),
        devices=("mobile",),
    )
    assert places(small) == "ad@2 ad@3 ad@4 ad@5 ad@6 ad@7 ad@8"


def test_a_repeat_in_several_measures_keeps_each_of_them() -> None:
    mixed = Repeat("repeat", (Distance(100, "words", "", "mobile"), Distance(3, "units", "", "desktop")))
    made = plan(" ".join(["p50"] * 6 + ["p10"] * 12), block("ad", repeat=mixed))
    assert places(made) == "ad@3 ad@6 ad@16"


def test_paragraphs_that_end_behind_the_point_cost_a_repeat_no_copy() -> None:
    # 240 words are reached in the third paragraph only, and in the last one of eight times three.
    made = plan(" ".join(["p100"] * 26), block("ad", after("unit", 2), repeat=every("240 words", most=8)))
    assert places(made) == " ".join(f"ad@{n}" for n in range(2, 27, 3))
