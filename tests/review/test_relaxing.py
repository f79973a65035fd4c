"""Rules without one of their bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newshole import Site
from newshole.review import relaxing
from newshole.review.relaxing import relaxable, without
from newshole.rules.layout import Avoid, Bound, Density, Distance, Layout, Limit, Own
from newshole.rules.ruleset import Rules
from tests.cli.conftest import RULES
from tests.plan.words import after, block, bounds, clear, every

HEADING = (Bound("layout.clear.heading", Distance(1, "units")),)


@pytest.fixture
def rules() -> Rules:
    layout = Layout(
        gap=bounds("layout.gap", "3 units", "120 words"),
        start=(Bound("layout.start", Distance(40, "words")),),
        clear=clear("heading", before=HEADING, after=HEADING),
        ads=Limit("layout.ads", 5),
    )
    repeat = block("ad", after("paragraph", 3), repeat=every("350 words", most=3))
    return Rules("test", "Test", (repeat, block("x", after("unit", 1), exact=True)), layout)


def test_every_bound_is_listed_with_what_it_requires(rules: Rules) -> None:
    assert {each.path: each.required for each in relaxable(rules)} == {
        "layout.gap[0]": "3 units",
        "layout.gap[1]": "120 words",
        "layout.gap": "3 units and 120 words",
        "layout.start": "40 words",
        "layout.clear.heading": "1 unit",
        "layout.ads": "5",
        "blocks.ad.repeat.max": "3",
        "blocks.x.exact": "true",
    }


def test_each_is_gone_from_the_rules_without_it_and_nothing_else(rules: Rules) -> None:
    every_path = {each.path for each in relaxable(rules)}
    for bound in relaxable(rules):
        left = {each.path for each in relaxable(bound.out_of(rules))}
        gone = every_path - left
        assert bound.paths <= gone
        assert gone <= bound.paths | {"layout.gap"}


def test_what_two_records_of_one_path_bound_goes_together(rules: Rules) -> None:
    layout = without(rules, {"layout.clear.heading"}).layout
    assert layout.clear == clear("heading")


def test_what_a_block_asks_for_stays(rules: Rules) -> None:
    relaxed = without(rules, {"blocks.ad.repeat.max", "place", "repeat"})
    assert relaxed.blocks[0].prefer == rules.blocks[0].prefer
    assert relaxed.blocks[0].repeat == replace(every("350 words"), most=None)


def test_conditions_are_bounds_where_they_are_asked_for() -> None:
    (rules,) = Site.load(RULES).rules
    path = "blocks.follow.when.section"
    assert path not in {each.path for each in relaxable(rules)}
    (condition,) = [each for each in relaxable(rules, conditions=True) if each.is_condition]
    assert (condition.path, condition.required) == (path, "Sport")
    follow = next(each for each in condition.out_of(rules).blocks if each.id == "follow")
    assert follow.when == ()


def test_bounds_are_found_wherever_they_stand() -> None:
    layout = Layout(
        ads_apart=(Bound("layout.ads_apart.mobile", Distance(1.5, "screens", "", "mobile")),),
        density=(Density("layout.density.mobile", "mobile", 0.28),),
        clear=clear("image", after=bounds("layout.clear.image", "200 px")),
    )
    own = Own(
        gap=bounds("blocks.x.gap", "5 units"),
        avoid=(Avoid("blocks.x.avoid[0]", (Distance(1, "units"),), ("image", "video")),),
        inside=".text",
        not_inside="aside",
        most=Limit("blocks.x.max", 2),
        needs=("y",),
        excludes=("video",),
        group="one",
    )
    rules = Rules("test", "Test", (block("x", after("unit", 1), own=own),), layout)
    assert {each.path: each.required for each in relaxable(rules)} == {
        "layout.ads_apart.mobile": "1.5 screens",
        "layout.density.mobile": "28% on mobile",
        "layout.clear.image[0]": "200 px",
        "blocks.x.gap[0]": "5 units",
        "blocks.x.avoid[0]": "no image or video within 1 unit",
        "blocks.x.inside": ".text",
        "blocks.x.not_inside": "aside",
        "blocks.x.max": "2",
        "blocks.x.needs": "y",
        "blocks.x.excludes": "video",
        "blocks.x.group": "one",
    }
    for bound in relaxable(rules):
        assert bound.path not in {each.path for each in relaxable(bound.out_of(rules))}


def test_every_part_of_a_block_is_a_bound_or_known_to_be_none() -> None:
    """A field that is added to blocks must not be relaxed by mistake."""
    (rules,) = Site.load("newspaper").rules
    asked = {each.path for each in relaxable(rules, conditions=True)}
    assert not asked & {place.path for each in rules.blocks for place in each.prefer}
    assert not asked & {each.repeat.path for each in rules.blocks if each.repeat}
    assert relaxing.without(rules, ()) == rules
