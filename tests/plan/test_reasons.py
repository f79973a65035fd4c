"""Reasons are those of the plan: a bound is named where it forbids a spot, and only there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newshole.plan.decisions import decisions_of
from newshole.plan.planner import Plan
from newshole.plan.targets import Copy
from newshole.rules.layout import Layout, Limit, Own
from newshole.rules.ruleset import Between, Elsewhere
from newshole.types import Decision
from tests.budget import examples
from tests.plan.test_solver import go_together
from tests.plan.test_solver import layouts as some_layouts
from tests.plan.test_solver import owns as some_owns
from tests.plan.words import after, at, block, bounds, every, plan, stack

NAMES = ["x0", "ad1", "x2", "ad3"]
STATIC = {"story", "start", "end", "existing", "avoid", "inside", "markup", "not-asked"}
JOINT = {"gap", "ads-apart", "taken", "excludes", "group", "blocks", "ads", "max", "density"}

stories = st.lists(st.sampled_from("p60 p30 h5 i0 p40 p20 a0 r10".split()), min_size=5, max_size=8)
somewhere = st.one_of(
    st.builds(after, st.just("unit"), st.integers(1, 7)),
    st.builds(stack, st.sampled_from(["body-start", "body-end", "page-top"])),
    st.builds(at, st.sampled_from(["30%", "120 words"])),
    st.builds(Between, st.just("place"), st.sampled_from([0, 40]), st.sampled_from([60, 100])),
)
some_blocks = st.tuples(
    somewhere,
    st.integers(0, 2),
    st.booleans(),
    st.sampled_from([None, None, every("50 words", most=2)]),
    st.builds(
        lambda own, most, start: Own(
            own.gap, start, None, None, most=most, excludes=own.excludes, group=own.group
        ),
        some_owns,
        st.sampled_from([None, None, Limit("most", 1)]),
        st.sampled_from([None, None, bounds("start", "2 units")]),
    ),
)
layouts = st.builds(
    lambda layout, start: Layout(
        layout.gap, layout.ads_apart, start, density=layout.density, ads=layout.ads, blocks=layout.blocks
    ),
    some_layouts,
    st.sampled_from([(), bounds("layout.start", "1 units")]),
)
players = st.lists(
    st.builds(Elsewhere, st.just("player"), somewhere, st.just((100, 50)), st.booleans()),
    max_size=1,
)


@examples(150)
@given(stories, st.lists(some_blocks, min_size=1, max_size=4), layouts, players)
def test_a_bound_is_named_where_it_forbids_a_spot_and_only_there(
    story: list[str],
    each: list[tuple[object, int, bool, object, Own]],
    layout: Layout,
    there: list[Elsewhere],
) -> None:
    made_of = [
        block(name, place, priority=priority, exact=exact, repeat=repeat, own=own)  # type: ignore[arg-type]
        for name, (place, priority, exact, repeat, own) in zip(NAMES, each, strict=False)
    ]
    heights = {name: (150, 100) for name in NAMES if name.startswith("ad")}
    made = plan(" ".join(story), *made_of, layout=layout, heights=heights, elsewhere=tuple(there))
    for decision in decisions_of(made):
        if decision.gap is not None and not decision.placed:
            assert_agrees(decision, decision.gap, made)


def assert_agrees(decision: Decision, gap: int, made: Plan) -> None:
    codes = {reason.code for reason in decision.reasons}
    copies = [
        copy for copy in made.considered.copies if copy.block.id == decision.block and gap in copy.costs
    ]
    to_player = any(reason.found.endswith("player") for reason in decision.reasons)
    is_static = (
        to_player or bool(codes & STATIC) or any(each.startswith(("after-", "before-")) for each in codes)
    )
    assert is_static == (not copies), decision
    if copies:
        assert bool(codes & JOINT) == (not is_free(copies[0], gap, made)), decision


def is_free(copy: Copy, gap: int, made: Plan) -> bool:
    """Whether one more copy could stand at a spot beside all that are placed."""
    layout, room = made.considered.rules.layout, made.considered.room
    placed = [(each.block, each.spot.index) for each in made.placements]
    others = [(Copy(each, (0, 0), {}), spot) for each, spot in placed]
    used, ads = room.used, 0
    for each, spot in placed:
        used, ads = room.with_ad(used, room.heights.get(each.id, ()), spot), ads + (each.kind == "ad")
    own = copy.block.own.most
    return (
        all(go_together((copy, gap), other, made.considered) for other in others)
        and (layout.blocks is None or len(placed) < layout.blocks.most)
        and (own is None or sum(each is copy.block for each, _ in placed) < own.most)
        and (
            copy.block.kind != "ad"
            or (
                (layout.ads is None or ads < layout.ads.most)
                and (
                    not made.considered.survey.spots.inside >> gap & 1
                    or room.holds(used, room.heights.get(copy.block.id, ()))
                )
            )
        )
    )
