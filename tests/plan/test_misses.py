"""The nearest miss: which refusal came closest to a place."""

from __future__ import annotations

import pytest

from newshole.plan.decisions import decisions_of
from newshole.plan.misses import nearest_miss, reach_of, shortfall
from newshole.rules.layout import Layout, Limit
from newshole.types import Decision, Reason
from tests.plan.words import after, block, bounds, plan

TEN = " ".join(["p50"] * 10)


def refusal(gap: int | None, *reasons: tuple[str, str]) -> Decision:
    told = tuple(Reason("gap", "layout.gap", required, found) for required, found in reasons)
    return Decision("ad", gap, gap, placed=False, reasons=told)


def test_the_fewest_reasons_are_closest() -> None:
    one, two = refusal(1, ("120 words", "1 word")), refusal(2, ("3 units", "2 units"), ("9 words", "8 words"))
    assert nearest_miss([two, one], "ad", {1: 50, 2: 0}) is one


def test_of_as_many_reasons_the_one_that_lacks_least_is_closest() -> None:
    little, much = refusal(1, ("120 words", "97 words to x")), refusal(2, ("3 units", "1 unit to x"))
    assert nearest_miss([much, little], "ad", {1: 50, 2: 0}) is little


def test_of_equal_ones_the_one_nearest_to_what_was_asked_is_closest() -> None:
    far, near = refusal(1, ("120 words", "97 words")), refusal(2, ("120 words", "97 words"))
    assert nearest_miss([far, near], "ad", {1: 50, 2: 10}) is near
    assert nearest_miss([far, near], "ad", {1: 10, 2: 10}) is far


def test_gaps_out_of_reach_count_only_where_none_is_in_it() -> None:
    within, beyond = refusal(1, ("120 words", "1 word")), refusal(2, ("120 words", "119 words"))
    assert nearest_miss([within, beyond], "ad", {1: 900}) is within
    assert nearest_miss([within, beyond], "ad") is beyond


def test_a_refusal_before_any_place_is_told_where_no_place_is_in_reach() -> None:
    before, beyond = refusal(None, ("Sport", "City")), refusal(2, ("120 words", "119 words"))
    assert nearest_miss([before, beyond], "ad") is before
    assert nearest_miss([before, beyond], "ad", {2: 5}) is beyond


def test_only_what_refuses_this_block_is_looked_at() -> None:
    placed = Decision("ad", 1, 1, placed=True, reasons=(Reason("placed", "", "", "there"),))
    other = Decision("other", 2, 2, placed=False, reasons=(Reason("gap", "", "3 units", "2 units"),))
    assert nearest_miss([placed, other], "ad") is None


@pytest.mark.parametrize(
    ("required", "found", "share"),
    [
        ("120 words", "90 words to inline-ad", 0.25),
        ("at most 20 px", "at most 40 px", 0.5),
        ("28.5%", "57%", 0.5),
        ("at most 1 ad", "1 ad placed", 1),
        ("a spot of its own", "3rd-ad", 1),
        ("1 unit", "0 units", 1),
    ],
)
def test_what_lacks_is_measured_by_what_is_required(required: str, found: str, share: float) -> None:
    assert shortfall(Reason("code", "path", required, found)) == share


def test_the_nearest_miss_of_a_plan_names_the_bound_that_lacks_least() -> None:
    gap = Layout(gap=bounds("layout.gap", "3 units", "240 words"), ads=Limit("layout.ads", 9))
    high = block("high", after("unit", 4), priority=1)
    made = plan("p50 p50 p50 p50 p50 p50 p50", high, block("low", after("unit", 5)), layout=gap)
    low = made.considered.rules.blocks[1]
    asked, costs = reach_of(made, low)
    miss = nearest_miss(decisions_of(made), "low", costs)
    assert asked == 1
    assert miss
    assert [(each.bound, each.required, each.found) for each in miss.reasons] == [
        ("layout.gap[1]", "240 words", "200 words to high")
    ]


def test_a_refused_block_has_no_reach() -> None:
    made = plan(TEN, block("x", after("unit", 40)))
    assert reach_of(made, made.considered.rules.blocks[0]) == (0, {})
