"""The solver against every plan there is, on stories small enough to list them all."""

from __future__ import annotations

import sys
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from newshole.plan.bounds import Nearness
from newshole.plan.solver import STEPS, solve
from newshole.plan.targets import Copy
from newshole.rules.ruleset import Layout, Limit
from tests.plan.words import after, block, bounds, every, plan, stack

SIX = "p30 p60 h5 p20 i0 p40"

asked = st.lists(
    st.tuples(
        st.builds(after, st.just("unit"), st.integers(1, 6)) | st.just(stack("body-start")),
        st.integers(0, 1),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)
layouts = st.builds(
    Layout,
    gap=st.sampled_from([(), bounds("gap", "2 units"), bounds("gap", "1 units", "70 words")]),
    ads=st.sampled_from([None, Limit("layout.ads", 1)]),
    blocks=st.sampled_from([None, Limit("layout.blocks", 2)]),
)


def score(copies: tuple[Copy, ...], spots: tuple[int | None, ...]) -> tuple[tuple[int, int], ...]:
    """Left out and cost for each tier, from the highest."""
    tiers = sorted({copy.block.priority for copy in copies}, reverse=True)
    return tuple(
        (
            sum(spot is None for _, spot in of_tier),
            sum(copy.costs[spot] for copy, spot in of_tier if spot is not None),
        )
        for tier in tiers
        if (of_tier := [each for each in zip(copies, spots, strict=True) if each[0].block.priority == tier])
    )


def is_allowed(
    copies: tuple[Copy, ...], spots: tuple[int | None, ...], near: Nearness, layout: Layout
) -> bool:
    placed = [(copy, spot) for copy, spot in zip(copies, spots, strict=True) if spot is not None]
    ads = sum(copy.block.kind == "ad" for copy, _ in placed)
    if len(placed) > (layout.blocks.most if layout.blocks else 99) or ads > (
        layout.ads.most if layout.ads else 99
    ):
        return False
    return not any(
        near.mask(one) >> other & 1 for n, (_, one) in enumerate(placed) for _, other in placed[n + 1 :]
    )


@settings(deadline=None)
@given(asked, layouts)
def test_no_other_plan_scores_better(each: list[tuple[object, int, bool, bool]], layout: Layout) -> None:
    blocks = [
        block(("ad" if is_ad else "x") + str(n), place, priority=priority, exact=exact)  # type: ignore[arg-type]
        for n, (place, priority, exact, is_ad) in enumerate(each)
    ]
    considered = plan(SIX, *blocks, layout=layout).considered
    copies, near = considered.copies, Nearness(considered.body.spots, layout.gap)
    solution = solve(copies, {}, near, layout)
    assert not solution.cut
    assert is_allowed(copies, solution.spots, near, layout)
    options = [[None, *copy.costs] for copy in copies]
    best = min(score(copies, spots) for spots in product(*options) if is_allowed(copies, spots, near, layout))
    assert score(copies, solution.spots) == best


def test_a_search_that_is_cut_short_still_gives_a_plan_and_says_so() -> None:
    gap = Layout(gap=bounds("layout.gap", "3 units"))
    crowd = [block(f"x{n}", after("unit", 1 + n * 7 % 60)) for n in range(30)]
    made = plan(" ".join(["p50", "p31", "p77"] * 20), *crowd, layout=gap)
    assert made.cut
    assert len(made.placements) >= 15
    assert STEPS > 0


def test_a_plan_without_conflict_takes_one_step_a_copy() -> None:
    blocks = [block(f"x{n}", after("unit", 2 * n)) for n in range(1, 20)]
    made = plan(" ".join(["p50"] * 40), *blocks)
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
