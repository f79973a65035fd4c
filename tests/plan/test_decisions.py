"""Every decision explains itself, and agrees with the plan."""

from __future__ import annotations

import pytest
from hypothesis import given

from newshole.plan.decisions import decisions_of
from newshole.plan.planner import make_plan
from newshole.rules.layout import Layout, Limit
from newshole.rules.ruleset import Rules
from newshole.types import Decision, Reason
from tests.plan.test_planner import layouts, made_of, some_blocks, stories
from tests.plan.words import after, at, block, bounds, every, plan, sketch, stack

TEN = " ".join(["p50"] * 10)


def reasons(decisions: tuple[Decision, ...], name: str, units: int) -> list[tuple[str, str, str, str]]:
    """The reasons at the gap below so many units; gap 0 is page-top, 1 headline-after, 2 body-start."""
    [decision] = [each for each in decisions if each.block == name and each.gap == 3 + units]
    return [(each.code, each.bound, each.required, each.found) for each in decision.reasons]


def test_a_bound_says_what_it_required_and_what_it_found() -> None:
    edges = Layout(start=bounds("layout.start", "120 words"))
    decisions = decisions_of(plan(TEN, block("x", after("unit", 1)), layout=edges))
    assert reasons(decisions, "x", 1) == [("start", "layout.start[0]", "120 words", "50 words")]
    assert reasons(decisions, "x", 3)[0][0] == "placed"


def test_a_gap_names_the_block_that_is_too_near() -> None:
    gap = Layout(gap=bounds("layout.gap", "3 units", "200 words"))
    blocks = block("x", after("unit", 4), exact=True), block("y", after("unit", 8), exact=True)
    decisions = decisions_of(plan(TEN, *blocks, layout=gap))
    assert ("gap", "layout.gap[0]", "3 units", "2 units to x") in reasons(decisions, "y", 6)
    assert ("gap", "layout.gap[1]", "200 words", "100 words to x") in reasons(decisions, "y", 6)


def test_a_taken_spot_names_its_holder() -> None:
    blocks = block("low", after("unit", 4)), block("high", after("unit", 4), priority=1)
    decisions = decisions_of(plan(TEN, *blocks))
    assert ("taken", "place", "a spot of its own", "high") in reasons(decisions, "low", 4)


def test_a_reached_limit_is_named() -> None:
    ads = [block(f"ad{n}", after("unit", 3 * n), priority=-n) for n in (1, 2, 3)]
    decisions = decisions_of(plan(TEN, *ads, layout=Layout(ads=Limit("layout.ads", 2))))
    assert ("ads", "layout.ads", "at most 2 ads", "2 ads placed") in reasons(decisions, "ad3", 9)


def test_a_repeat_says_how_near_its_own_copy_is() -> None:
    decisions = decisions_of(plan(TEN, block("ad", after("unit", 2), repeat=every("200 words"))))
    assert ("gap", "repeat.every", "200 words", "100 words to ad") in reasons(decisions, "ad", 4)


def test_a_place_that_the_page_lacks_says_what_was_found() -> None:
    [decision] = [
        each for each in decisions_of(plan("p50 p50", block("x", after("paragraph", 3)))) if each.gap is None
    ]
    assert decision.reasons == (Reason("no-place", "place", "paragraph 3", "2 paragraphs"),)


def test_a_story_too_short_for_a_repeat_says_so() -> None:
    decisions = decisions_of(plan("p50 p50", block("x", repeat=every("350 words"))))
    assert decisions[0].reasons == (Reason("no-place", "repeat", "350 words", "100 words"),)


def test_a_refused_block_has_one_decision_without_a_gap() -> None:
    reason = Reason("when", "blocks.x.when.section", "not Obituaries", "Obituaries")
    rules = Rules("test", "Test", (block("x", after("unit", 1)),))
    made = make_plan(sketch(TEN), rules, {"x": (reason,)})
    assert decisions_of(made) == (Decision("x", None, None, placed=False, reasons=(reason,)),)


def test_a_ban_by_the_proof_is_a_reason() -> None:
    decisions = decisions_of(plan(TEN, block("x", after("unit", 4)), banned=(("x", 140),)))
    assert reasons(decisions, "x", 4)[0][0] == "markup"


@pytest.mark.parametrize("name", ["page-top", "headline-after", "body-start", "body-end", "body-after"])
def test_a_stack_is_the_only_candidate_of_a_block_that_names_it(name: str) -> None:
    [decision] = decisions_of(plan(TEN, block("x", stack(name))))
    assert (decision.placed, decision.reasons[0].required) == (True, name)


@given(stories, some_blocks, layouts)
def test_decisions_agree_with_the_plan(
    story: str, asked: list[tuple[object, int, bool, object]], layout: Layout
) -> None:
    made = made_of(story, asked, layout)
    decisions = decisions_of(made)
    said = {(each.block, each.gap) for each in decisions if each.placed}
    assert said == {(placed.block.id, placed.spot.index) for placed in made.placements}
    assert all(each.reasons for each in decisions)
    candidates = [(each.block, each.gap) for each in decisions if each.gap is not None]
    assert len(candidates) == len(set(candidates))


@pytest.mark.parametrize("exact", [True, False])
def test_a_block_whose_place_the_page_lacks_is_a_candidate_nowhere(exact: bool) -> None:
    made = plan(TEN, block("x", after("image", 1), exact=exact), block("y", at("30%")))
    assert [(each.gap, each.reasons[0].code) for each in decisions_of(made) if each.block == "x"] == [
        (None, "no-place")
    ]
