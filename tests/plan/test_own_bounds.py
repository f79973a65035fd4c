"""What one block asks for beside the layout: own bounds, what it avoids, and where it must stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newshole.plan.decisions import decisions_of
from newshole.plan.planner import make_plan
from newshole.rules.layout import Avoid, Distance, Layout, Limit, Own
from newshole.rules.ruleset import Between, Rules
from tests.plan.words import after, at, block, bounds, clear, distance, every, places, plan, sketch

TEN = " ".join(["p50"] * 10)
STRICT = Layout(
    gap=bounds("layout.gap", "3 units"),
    start=bounds("layout.start", "120 words"),
    end=bounds("layout.end", "120 words"),
    story=bounds("layout.story.min", "900 words"),
    clear=clear("image", after=bounds("layout.clear.image", "2 units")),
)


def codes(made: object, name: str, gap: int) -> list[tuple[str, str]]:
    decisions = [each for each in decisions_of(made) if each.block == name]  # type: ignore[arg-type]
    [here] = [each for each in decisions if each.gap == 3 + gap]
    return [(reason.code, reason.bound) for reason in here.reasons]


def test_a_blocks_own_bounds_go_in_the_place_of_the_layouts() -> None:
    own = Own(start=bounds("x.start", "40 words"), end=(), story=())
    made = plan(TEN, block("x", after("unit", 1), own=own), block("y", after("unit", 1)), layout=STRICT)
    assert places(made) == "x@1"
    assert ("story", "layout.story.min[0]") in codes(made, "y", 5)


def test_clear_goes_over_the_layouts_thing_by_thing() -> None:
    own = Own(clear=clear("heading", after=bounds("x.clear.heading", "1 units")))
    layout = replace(STRICT, story=(), start=(), end=())
    made = plan("p50 i0 p50 p50 h5 p50", block("x", after("image"), own=own), layout=layout)
    assert places(made) == "x@1"
    [*_, last] = codes(made, "x", 5)
    assert last == ("after-heading", "x.clear.heading[0]")
    near_image = codes(made, "x", 2)
    assert ("after-image", "layout.clear.image[0]") in near_image


def test_an_own_gap_goes_in_the_place_of_the_layouts_between_it_and_any_other() -> None:
    layout = Layout(gap=bounds("layout.gap", "3 units"))
    shy = block("shy", after("unit", 5), exact=True, own=Own(gap=bounds("shy.gap", "5 units")))
    bold = block("bold", after("unit", 6), exact=True, own=Own(gap=bounds("bold.gap", "1 units")))
    plain = block("plain", after("unit", 4), exact=True)
    assert places(plan(TEN, plain, bold, layout=layout)) == "plain@4 bold@6"
    assert places(plan(TEN, shy, plain, layout=layout)) == "shy@5"
    assert places(plan(TEN, shy, bold, layout=layout)) == "shy@5"


def avoiding(**what: object) -> Own:
    return Own(avoid=(Avoid("x.avoid[0]", **what),))  # type: ignore[arg-type]


def test_a_block_avoids_things_of_a_kind() -> None:
    own = avoiding(within=(distance("2 units"),), near=("image",))
    made = plan("p50 p50 i0 p50 p50 p50", block("x", after("image"), own=own))
    assert places(made) == "x@5"
    assert ("avoid", "x.avoid[0]") in codes(made, "x", 4)


@pytest.mark.parametrize(("is_wanted", "where"), [(False, "x@3"), (True, "x@2")])
def test_a_block_avoids_or_wants_a_text_beside_it(is_wanted: bool, where: str) -> None:
    texts = ("One", "A Recipe for fish", "Two", "Three", "Four")
    outline = replace(sketch("p50 p50 p50 p50 p50"), texts=texts)
    own = avoiding(within=(distance("1 units"),), text="(?i)recipe", is_wanted=is_wanted)
    place = after("unit", 4 if is_wanted else 2)
    made = plan(outline, block("x", place, own=own))
    assert places(made) == where


def test_a_block_stands_inside_or_outside_of_elements() -> None:
    outline = replace(sketch(TEN), spans={".box": ((115, 145),)})
    inside = block("x", after("unit", 8), own=Own(inside=".box"))
    outside = block("y", after("unit", 3), exact=True, own=Own(not_inside=".box"))
    assert places(plan(outline, inside)) == "x@4"
    made = plan(outline, outside)
    assert places(made) == ""
    assert codes(made, "y", 3) == [("inside", "blocks.y.not_inside")]


def test_max_counts_the_copies_of_every_way_to_ask_for_them() -> None:
    many = block("x", after("unit", 1), repeat=every("2 units"), own=Own(most=Limit("x.max", 3)))
    made = plan(TEN, many)
    assert places(made) == "x@1 x@3 x@5"
    assert ("max", "x.max") in codes(made, "x", 9)


@pytest.mark.parametrize(
    ("place", "where"),
    [
        (at("600 px"), "x@1"),
        (at("0.5 screens"), "x@1"),
        (at("1.25 screens"), "x@2"),
        (at("2 of .post"), "x@2"),
        (Between("x.place", 40, 60), "x@5"),
        (Between("x.place", 70, 75), "x@7"),
    ],
)
def test_places_are_measured_in_pixels_screens_elements_and_parts(place: object, where: str) -> None:
    outline = replace(sketch(TEN), spans={".post": tuple((100 + 10 * n, 110 + 10 * n) for n in range(10))})
    assert places(plan(outline, block("x", place))) == where  # type: ignore[arg-type]


def test_between_has_no_place_where_the_page_has_no_gap_there() -> None:
    made = plan("p50 p900 p50", block("x", Between("x.place", 40, 60)))
    assert places(made) == ""
    [decision] = [each for each in decisions_of(made) if each.gap is None]
    assert decision.reasons[0].required == "40% to 60%"


def test_a_bound_in_pixels_holds_on_every_device_of_the_plan() -> None:
    layout = Layout(start=bounds("layout.start", "600 px"))
    ask = block("x", after("unit", 1))
    assert places(plan(TEN, ask, layout=layout)) == "x@3"
    assert places(plan(TEN, ask, layout=layout, devices=("mobile",))) == "x@2"
    one = Layout(
        start=tuple(replace(each, distance=Distance(600, "px", "", "mobile")) for each in layout.start)
    )
    assert places(plan(TEN, ask, layout=one)) == "x@2"
    assert places(plan(TEN, ask, layout=one, devices=("desktop",))) == "x@1"


def test_a_repeat_in_screens_is_one_a_screen() -> None:
    long = " ".join(["p40"] * 20)
    made = plan(
        long, block("ad", after("paragraph", 2), repeat=every("1.2 screens", most=2)), devices=("mobile",)
    )
    assert places(made) == "ad@2 ad@5 ad@8"


def test_a_short_paragraph_does_not_count_where_the_rules_say_how_much_one_has() -> None:
    outline = sketch("p50 p3 p50 p50 p50")
    ask = block("x", after("paragraph", 2))
    assert places(plan(outline, ask)) == "x@2"
    rules = Rules("test", "Test", (ask, block("y", at("3 paragraphs"))), paragraph_words=8)
    assert places(make_plan(outline, rules, {})) == "x@3 y@4"
