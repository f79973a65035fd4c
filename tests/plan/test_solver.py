"""The solver against every plan there is, on stories small enough to list them all."""

from __future__ import annotations

import sys
from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from newshole.plan.bounds import every_of, gap_of, too_near
from newshole.plan.planner import Considered
from newshole.plan.rivals import Rivals
from newshole.plan.solver import STEPS, solve
from newshole.plan.targets import Copy
from newshole.rules.layout import Density, Layout, Limit, Own
from newshole.rules.ruleset import Block
from tests.budget import examples
from tests.plan.words import after, block, bounds, every, plan, stack

SIX = "p30 p60 h5 p20 i0 p40"
NAMES = ["x0", "ad1", "x2", "ad3"]

owns = st.builds(
    Own,
    gap=st.sampled_from([None, None, (), bounds("own", "2 units"), bounds("own", "90 words")]),
    excludes=st.sampled_from([(), (), ("x0",), ("ad",)]),
    group=st.sampled_from([None, None, "one"]),
)
blocks = st.builds(
    lambda place, priority, exact, repeat, own, required: (place, priority, exact, repeat, own, required),
    st.builds(after, st.just("unit"), st.integers(1, 6)) | st.just(stack("body-start")),
    st.integers(0, 1),
    st.booleans(),
    st.sampled_from([None, None, every("50 words", most=1)]),
    owns,
    st.sampled_from([False, False, True]),
)
layouts = st.builds(
    Layout,
    gap=st.sampled_from([(), bounds("gap", "2 units"), bounds("gap", "1 units", "70 words")]),
    ads_apart=st.sampled_from([(), bounds("ads_apart", "3 units")]),
    density=st.sampled_from([(), (Density("layout.density", "mobile", 0.2),)]),
    ads=st.sampled_from([None, Limit("layout.ads", 1)]),
    blocks=st.sampled_from([None, Limit("layout.blocks", 2)]),
)


def tier(copy: Copy) -> tuple[bool, int]:
    return copy.block.required, copy.block.priority


def score(copies: tuple[Copy, ...], spots: tuple[int | None, ...]) -> tuple[tuple[int, int], ...]:
    """Left out and cost for each tier, from the highest."""
    tiers = sorted({tier(copy) for copy in copies}, reverse=True)
    return tuple(
        (
            sum(spot is None for _, spot in of_tier),
            sum(copy.costs[spot] for copy, spot in of_tier if spot is not None),
        )
        for each_tier in tiers
        if (of_tier := [each for each in zip(copies, spots, strict=True) if tier(each[0]) == each_tier])
    )


def go_together(one: tuple[Copy, int], other: tuple[Copy, int], considered: Considered) -> bool:
    """Whether two copies may stand at their spots, by the words of the rules."""
    survey, layout = considered.survey, considered.rules.layout
    (a, b), spots = (one[0].block, other[0].block), (survey.spots[one[1]], survey.spots[other[1]])
    if a.id != b.id and (excludes(a, b) or excludes(b, a) or (a.own.group and a.own.group == b.own.group)):
        return False
    if spots[0].offset == spots[1].offset and not (spots[0].stack and spots[1].stack):
        return False
    asked = [*gap_of(a, b, layout)]
    asked += layout.ads_apart if a.kind == b.kind == "ad" else ()
    asked += every_of(a) if a.id == b.id else ()
    return not [*too_near(*spots, asked, survey)]


def excludes(one: Block, other: Block) -> bool:
    return other.id in one.own.excludes or other.kind in one.own.excludes


def is_allowed(spots: tuple[int | None, ...], considered: Considered) -> bool:
    copies, layout, room = considered.copies, considered.rules.layout, considered.room
    placed = [(copy, spot) for copy, spot in zip(copies, spots, strict=True) if spot is not None]
    ads = [(copy, spot) for copy, spot in placed if copy.block.kind == "ad"]
    if len(placed) > (layout.blocks.most if layout.blocks else 99):
        return False
    if len(ads) > (layout.ads.most if layout.ads else 99):
        return False
    for n, most in enumerate(room.most):
        inside = [copy for copy, spot in ads if considered.survey.spots.inside >> spot & 1]
        if sum(room.heights[copy.block.id][n] for copy in inside) > most:
            return False
    return all(go_together(one, other, considered) for one, other in combinations(placed, 2))


@examples(300)
@given(st.lists(blocks, min_size=1, max_size=4), layouts)
def test_no_other_plan_scores_better(
    each: list[tuple[object, int, bool, object, Own, bool]], layout: Layout
) -> None:
    made = [
        block(name, place, priority=priority, exact=exact, repeat=repeat, own=own, required=required)  # type: ignore[arg-type]
        for name, (place, priority, exact, repeat, own, required) in zip(NAMES, each, strict=False)
    ]
    heights = {name: (250, 250) for name in NAMES if name.startswith("ad")}
    considered = plan(SIX, *made, layout=layout, heights=heights).considered
    copies = considered.copies
    solution = solve(copies, Rivals(made, layout, considered.survey), layout, considered.room)
    assert not solution.cut
    assert is_allowed(solution.spots, considered)
    options = [[None, *copy.costs] for copy in copies]
    best = min(score(copies, spots) for spots in product(*options) if is_allowed(spots, considered))
    assert score(copies, solution.spots) == best


def test_a_search_that_is_cut_short_still_gives_a_plan_and_says_so() -> None:
    gap = Layout(gap=bounds("layout.gap", "3 units"))
    crowd = [block(f"x{n}", after("unit", 1 + n * 7 % 60)) for n in range(30)]
    made = plan(" ".join(["p50", "p31", "p77"] * 20), *crowd, layout=gap)
    assert made.cut
    assert len(made.placements) >= 15
    assert STEPS > 0


def test_a_plan_without_conflict_takes_one_step_a_copy() -> None:
    alone = [block(f"x{n}", after("unit", 2 * n)) for n in range(1, 20)]
    made = plan(" ".join(["p50"] * 40), *alone)
    assert not made.cut
    assert len(made.placements) == 19


def test_more_copies_than_calls_may_nest_are_planned() -> None:
    crowd = [block(f"x{n}", repeat=every("2 units")) for n in range(60)]
    made = plan(" ".join(["p50"] * 100), *crowd)
    assert len(made.considered.copies) > sys.getrecursionlimit()
    assert len(made.placements) > 90


def test_copies_that_no_plan_has_room_for_do_not_make_the_search_longer() -> None:
    gap = Layout(gap=bounds("layout.gap", "3 units"))
    rivals = [block(f"rival{n}", after("unit", 3), exact=True) for n in range(3)]
    crowd = [block(f"x{n}", after("unit", 9 if n % 2 else 5)) for n in range(5)]
    made = plan(" ".join(["p50"] * 24), *rivals, *crowd, layout=gap)
    assert not made.cut
    assert len(made.placements) == 6


def test_tiers_that_a_page_has_no_room_for_do_not_make_the_search_longer() -> None:
    most = Layout(gap=bounds("layout.gap", "3 units"), blocks=Limit("layout.blocks", 4))
    crowd = [block(f"x{n}", after("unit", 4 * n), priority=-n // 2) for n in range(1, 40)]
    made = plan(" ".join(["p50"] * 200), *crowd, layout=most)
    assert not made.cut
    assert len(made.placements) == 4
