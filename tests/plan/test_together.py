"""What blocks are to one another: groups, exclusions, needs, stand-ins; ads apart and their density."""

from __future__ import annotations

import pytest

from newshole.plan.decisions import decisions_of
from newshole.plan.planner import Plan
from newshole.rules.layout import Density, Layout, Limit, Own
from newshole.rules.ruleset import Elsewhere
from newshole.types import Reason
from tests.plan.words import after, at, block, bounds, every, places, plan, stack

TEN = " ".join(["p50"] * 10)


def why(made: Plan, name: str) -> list[Reason]:
    """The reasons of the decision that came before any place was looked at."""
    return [
        reason
        for each in decisions_of(made)
        if each.block == name and each.gap is None
        for reason in each.reasons
    ]


def reasons_at(made: Plan, name: str, gap: int) -> list[str]:
    [here] = [each for each in decisions_of(made) if each.block == name and each.gap == 3 + gap]
    return [f"{each.code} {each.bound}: {each.required}, {each.found}" for each in here.reasons]


def test_ads_keep_farther_from_each_other_than_from_the_rest() -> None:
    layout = Layout(gap=bounds("layout.gap", "1 units"), ads_apart=bounds("layout.ads_apart", "4 units"))
    made = plan(
        TEN,
        block("ad", after("unit", 3), exact=True),
        block("adz", after("unit", 5), exact=True),
        block("x", after("unit", 4), exact=True),
        layout=layout,
    )
    assert places(made) == "ad@3 x@4"
    assert reasons_at(made, "adz", 5) == ["ads-apart layout.ads_apart[0]: 4 units, 2 units to ad"]


def test_of_a_group_one_block_is_on_a_page_the_one_of_higher_rank() -> None:
    own = Own(group="promo")
    made = plan(
        TEN,
        block("low", after("unit", 2), own=own),
        block("high", after("unit", 8), own=own, priority=1),
    )
    assert places(made) == "high@8"
    assert reasons_at(made, "low", 2) == ["group blocks.low.group: one of the group promo, high"]


@pytest.mark.parametrize("named", ["ad", "ad1"])
def test_what_one_block_excludes_is_not_beside_it(named: str) -> None:
    made = plan(
        TEN,
        block("ad1", after("unit", 2)),
        block("paid", stack("body-start"), own=Own(excludes=(named,)), priority=2),
    )
    assert places(made) == "paid@body-start"
    assert f"excludes blocks.paid.excludes: no {named} beside paid, paid" in reasons_at(made, "ad1", 2)


def test_a_block_that_needs_another_is_left_out_without_it_and_gives_its_place_up() -> None:
    needy = block("needy", after("unit", 5), own=Own(needs=("gone",)), priority=5)
    made = plan(TEN, needy, block("x", after("unit", 5)), block("gone", after("unit", 1)), refused=("gone",))
    assert places(made) == "x@5"
    assert [reason.code for reason in why(made, "needy")] == ["needs"]
    both = plan(TEN, needy, block("gone", after("unit", 1)))
    assert places(both) == "gone@1 needy@5"


def test_a_chain_of_needs_falls_together() -> None:
    made = plan(
        TEN,
        block("a", after("unit", 2), own=Own(needs=("b",))),
        block("b", after("unit", 4), own=Own(needs=("c",))),
        block("c", after("unit", 30)),
    )
    assert places(made) == ""


def test_required_blocks_go_before_every_priority() -> None:
    layout = Layout(gap=bounds("layout.gap", "6 units"))
    made = plan(
        TEN,
        block("loud", after("unit", 5), priority=99, exact=True),
        block("law", after("unit", 4), required=True, exact=True),
        layout=layout,
    )
    assert places(made) == "law@4"


def test_a_fallback_stands_in_where_a_block_may_not_come() -> None:
    ad = block("ad", after("unit", 2), repeat=every("4 units"), priority=3, fallback="house")
    house = block("house")
    assert places(plan(TEN, ad, house)) == "ad@2 ad@6 ad@10"
    made = plan(TEN, ad, house, refused=("ad",))
    assert places(made) == "house@2 house@6 house@10"
    assert [placed.ordinal for placed in made.placements] == [1, 2, 3]
    assert made.placements[0].block.priority == 3


def test_a_fallback_of_a_fallback_stands_in_where_both_may_not() -> None:
    chain = (block("ad", after("unit", 2), fallback="house"), block("house", fallback="last"), block("last"))
    made = plan(TEN, *chain, refused=("ad", "house"))
    assert places(made) == "last@2"


def test_a_block_without_a_place_says_that_it_stands_by() -> None:
    made = plan(TEN, block("ad", after("unit", 2), fallback="house"), block("house"))
    assert [reason.code for reason in why(made, "house")] == ["stand-by"]


def test_a_stand_in_keeps_what_it_asks_for_itself() -> None:
    made = plan(
        TEN, block("ad", after("unit", 2), fallback="x"), block("x", after("unit", 8)), refused=("ad",)
    )
    assert places(made) == "x@2 x@8"


DENSE = Layout(density=(Density("layout.density.mobile", "mobile", 0.1),))


def test_ads_take_no_more_of_the_body_than_the_density_allows() -> None:
    # Ten paragraphs are 5,000 px on mobile: with a tenth of all, ads may take 555.
    ads = [block(f"ad{n}", after("unit", 3 * n), priority=-n) for n in (1, 2, 3)]
    heights = {f"ad{n}": (250, 250) for n in (1, 2, 3)}
    made = plan(TEN, *ads, layout=DENSE, heights=heights)
    assert places(made) == "ad1@3 ad2@6"
    assert reasons_at(made, "ad3", 9) == ["density layout.density.mobile: at most 10% ads on mobile, 13.0%"]


def test_density_is_of_the_body_and_of_ads_alone() -> None:
    heights = {"ad": (550, 550), "ad2": (250, 250)}
    made = plan(
        TEN,
        block("ad", after("unit", 3)),
        block("ad2", stack("page-top")),
        block("x", after("unit", 6)),
        layout=DENSE,
        heights=heights,
    )
    assert places(made) == "ad2@page-top ad@3 x@6"


def test_density_holds_for_the_devices_of_the_plan() -> None:
    heights = {"ad": (1_000, 1_000)}
    for devices, placed in ((("mobile",), ""), (("desktop",), "ad@3")):
        made = plan(TEN, block("ad", after("unit", 3)), layout=DENSE, heights=heights, devices=devices)
        assert places(made) == placed


def test_ads_of_the_site_take_their_part_of_the_density() -> None:
    layout = Layout(density=(Density("layout.density", "mobile", 0.1),))
    story = "p50 p50 a0 " + " ".join(["p50"] * 8)
    heights = {"ad": (400, 400)}
    made = plan(story, block("ad", after("unit", 8)), layout=layout, heights=heights)
    assert places(made) == ""
    assert places(plan(TEN, block("ad", after("unit", 8)), layout=layout, heights=heights)) == "ad@8"


def test_blocks_keep_their_gap_to_what_the_site_has_there_itself() -> None:
    layout = Layout(gap=bounds("layout.gap", "2 units"), ads_apart=bounds("layout.ads_apart", "4 units"))
    made = plan(
        "p50 p50 p50 a0 p50 p50 p50 p50 p50 p50",
        block("x", after("unit", 4)),
        block("ad", after("unit", 4), exact=True),
        layout=layout,
    )
    assert places(made) == "x@6"
    assert reasons_at(made, "x", 4)[0] == "existing layout.gap[0]: 2 units, 0 units to the site's own ad"
    assert "existing layout.ads_apart[0]: 4 units, 0 units to the site's own ad" in reasons_at(made, "ad", 4)


def test_blocks_keep_away_from_what_the_browser_will_add() -> None:
    layout = Layout(gap=bounds("layout.gap", "3 units"))
    player = Elsewhere("player", after("unit", 4), (200, 200))
    made = plan(TEN, block("x", after("unit", 5)), layout=layout, elsewhere=(player,))
    assert places(made) == "x@7"
    assert reasons_at(made, "x", 5)[0] == "gap layout.gap[0]: 3 units, 1 unit to player"


def test_what_the_browser_will_add_takes_its_part_of_the_density() -> None:
    player = Elsewhere("player", at("50%"), (400, 400))
    heights = {"ad": (250, 250)}
    ask = block("ad", after("unit", 1))
    assert places(plan(TEN, ask, layout=DENSE, heights=heights, elsewhere=(player,))) == ""
    quiet = Elsewhere("player", at("50%"), (400, 400), is_ad=False)
    assert places(plan(TEN, ask, layout=DENSE, heights=heights, elsewhere=(quiet,))) == "ad@1"


def test_a_stack_keeps_nothing_to_what_the_browser_will_add_and_says_nothing_of_it() -> None:
    layout = Layout(gap=bounds("layout.gap", "3 units"), blocks=Limit("layout.blocks", 1))
    player = Elsewhere("player", after("unit", 1), (200, 200))
    top = block("x", stack("body-start")), block("y", stack("body-start"), priority=1)
    made = plan(TEN, *top, layout=layout, elsewhere=(player,))
    assert places(made) == "y@body-start"
    [decision] = [each for each in decisions_of(made) if each.block == "x"]
    assert [reason.code for reason in decision.reasons] == ["blocks"]


def test_the_very_gap_of_what_the_browser_will_add_is_taken() -> None:
    player = Elsewhere("player", after("unit", 4), (200, 200))
    made = plan(TEN, block("x", after("unit", 4)), elsewhere=(player,))
    assert places(made) == "x@3"
    assert reasons_at(made, "x", 4)[0] == "taken elsewhere.player.place: a spot of its own, player"


def test_fallbacks_in_a_circle_stand_in_for_nobody() -> None:
    # No file has one, but two overrides together may.
    circle = (block("a", after("unit", 2), fallback="b"), block("b", after("unit", 4), fallback="a"))
    assert places(plan(TEN, *circle, refused=("a", "b"))) == ""
    assert places(plan(TEN, *circle, refused=("a",))) == "b@2 b@4"


def test_max_of_a_stand_in_holds_whatever_asks_for_it() -> None:
    house = block("house", after("unit", 9), own=Own(most=Limit("blocks.house.max", 2)))
    low = block("ad1", after("unit", 1), repeat=every("3 units", most=2), fallback="house")
    high = block("ad2", after("unit", 5), priority=1, fallback="house")
    made = plan(TEN, low, high, house, refused=("ad1", "ad2"))
    assert places(made) == "house@1 house@5"
    assert "max blocks.house.max: at most 2 copies, 2 copies placed" in reasons_at(made, "house", 8)


def test_max_of_a_block_holds_for_its_stand_in() -> None:
    low = block(
        "ad1", after("unit", 2), repeat=every("2 units"), fallback="house", own=Own(most=Limit("max", 2))
    )
    made = plan(TEN, low, block("house", stack("body-end")), refused=("ad1",))
    assert places(made) == "house@2 house@4 house@body-end"
    assert "max max: at most 2 copies, 2 copies placed" in reasons_at(made, "house", 6)


def test_a_stand_in_may_be_nearer_to_its_own_copies_than_every() -> None:
    ad = block("ad", after("unit", 2), repeat=every("4 units", most=1), fallback="house")
    made = plan(TEN, ad, block("house", after("unit", 4)), refused=("ad",))
    assert places(made) == "house@2 house@4 house@6"
    assert not any("every" in reason for reason in reasons_at(made, "house", 8) if "to house" not in reason)
