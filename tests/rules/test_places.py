"""Distances and places, in every form."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.page.outline import STACKS
from newshole.rules.layout import Distance
from newshole.rules.places import AnchorKind, StackName
from newshole.rules.ruleset import Anchor, At, Between, Place, Repeat, Stack
from tests.rules.files import block, mistakes, rules


def place(folder: Path, written: str) -> Place:
    [found] = block(folder, f"place: {written}").prefer
    return found


@pytest.mark.parametrize(
    ("written", "distance"),
    [
        ("3 units", Distance(3, "units")),
        ("1 unit", Distance(1, "units")),
        ("4 paragraphs", Distance(4, "paragraphs")),
        ("350 words", Distance(350, "words")),
        ("1  word", Distance(1, "words")),
        ("0 units", Distance(0, "units")),
        ("900 px", Distance(900, "px")),
        ("900px", Distance(900, "px")),
        ("1 screen", Distance(1, "screens")),
        ("1.25 screens", Distance(1.25, "screens")),
        ("'5 of \".post > p\"'", Distance(5, "of", ".post > p")),
    ],
)
def test_a_distance_is_a_number_and_a_measure(tmp_path: Path, written: str, distance: Distance) -> None:
    assert [each.distance for each in rules(tmp_path, f"layout: {{gap: {written}}}").layout.gap] == [distance]


@pytest.mark.parametrize(
    "written",
    [
        "3",
        "words",
        "3units",
        "-3 units",
        "+3 units",
        "1.5 units",
        "3 Units",
        "3 units.",
        "' 3 units'",
        "٣ units",
        "1234567 words",
        "3 units and 5 words",
        "1.5 px",
        "1.234 screens",
        "5 of .post",
        "28%",
        "3 unit units",
        '"3 units\\n"',
    ],
)
def test_nothing_else_is_a_distance(tmp_path: Path, written: str) -> None:
    [found] = mistakes(tmp_path, f"layout: {{gap: {written}}}")
    assert found.startswith("1:15: layout.gap: expected a distance")


@given(st.integers(0, 999_999), st.sampled_from(["units", "paragraphs", "words"]))
def test_a_distance_reads_as_it_is_written(
    tmp_path_factory: pytest.TempPathFactory, amount: int, measure: str
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    [start] = rules(folder, f"layout: {{start: {amount} {measure}}}").layout.start
    again = rules(folder, f"layout: {{start: {start.distance}}}").layout.start
    assert (start.distance.amount, again) == (amount, (start,))


@pytest.mark.parametrize("stack", STACKS)
def test_every_stack_is_a_place(tmp_path: Path, stack: str) -> None:
    assert place(tmp_path, stack) == Stack("blocks.x.place", stack)


def test_the_stacks_of_the_rules_are_those_of_the_page() -> None:
    assert set(StackName.__args__) == set(STACKS)  # type: ignore[attr-defined]  # a Literal has them


@pytest.mark.parametrize("kind", AnchorKind.__args__)  # type: ignore[attr-defined]  # a Literal has them
@pytest.mark.parametrize("side", ["after", "before"])
def test_a_place_is_right_after_or_before_any_unit(tmp_path: Path, side: str, kind: str) -> None:
    found = place(tmp_path, f"{{{side}: {kind}}}")
    assert found == Anchor("blocks.x.place", side, kind, (1,))  # type: ignore[arg-type]  # one of the two


@pytest.mark.parametrize(
    ("written", "nth"),
    [
        ("3", (3,)),
        ("-2", (-2,)),
        ("first", (1,)),
        ("last", (-1,)),
        ("[2, 5, -1]", (2, 5, -1)),
        ("[first, last]", (1, -1)),
    ],
)
def test_nth_counts_from_either_end_and_of_a_list_each(
    tmp_path: Path, written: str, nth: tuple[int, ...]
) -> None:
    assert place(tmp_path, f"{{after: paragraph, nth: {written}}}") == Anchor(
        "blocks.x.place", "after", "paragraph", nth
    )


@pytest.mark.parametrize(
    ("written", "point"),
    [
        ("30%", At("blocks.x.place", percent=30)),
        ("12.5 %", At("blocks.x.place", percent=12.5)),
        ("0%", At("blocks.x.place", percent=0)),
        ("100%", At("blocks.x.place", percent=100)),
        ("250 words", At("blocks.x.place", (Distance(250, "words"),))),
        (
            "{mobile: 1 screen, desktop: 300 px}",
            At("blocks.x.place", (Distance(1, "screens", "", "mobile"), Distance(300, "px", "", "desktop"))),
        ),
        ("4 paragraphs", At("blocks.x.place", (Distance(4, "paragraphs"),))),
    ],
)
def test_a_point_is_a_part_of_the_text_or_a_distance(tmp_path: Path, written: str, point: At) -> None:
    assert place(tmp_path, f"{{at: {written}}}") == point


@pytest.mark.parametrize("written", ["101%", "-1%", "30", "30 percent", "1e1%", "half", "[30%]"])
def test_nothing_else_is_a_point(tmp_path: Path, written: str) -> None:
    [found] = mistakes(tmp_path, f"blocks: {{x: {{kind: source, place: {{at: {written}}}}}}}")
    assert "blocks.x.place.at: expected a p" in found


def test_prefer_is_a_list_of_places_in_their_order(tmp_path: Path) -> None:
    assert block(tmp_path, "prefer: [{after: image}, body-end, {at: 50%}]").prefer == (
        Anchor("blocks.x.prefer[0]", "after", "image", (1,)),
        Stack("blocks.x.prefer[1]", "body-end"),
        At("blocks.x.prefer[2]", percent=50),
    )


def test_repeat_stands_alone_or_with_a_place(tmp_path: Path) -> None:
    alone = block(tmp_path, "repeat: {every: 350 words, from: 2 paragraphs, max: 3}")
    assert alone.prefer == ()
    assert alone.repeat == Repeat(
        "blocks.x.repeat", (Distance(350, "words"),), (Distance(2, "paragraphs"),), 3
    )
    both = block(tmp_path, "place: {after: unit}, repeat: {every: 4 units}")
    assert len(both.prefer) == 1
    assert both.repeat == Repeat("blocks.x.repeat", (Distance(4, "units"),))


def test_repeat_goes_with_a_list_of_places_of_which_one_is_in_the_text(tmp_path: Path) -> None:
    made = block(tmp_path, "prefer: [{after: image}, body-end], repeat: {every: 4 units}")
    assert (len(made.prefer), made.repeat is not None) == (2, True)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("[40%]", "two percentages such as [40%, 70%]"),
        ("[70%, 40%]", "two percentages, the lower one first"),
        ("[40 words, 70%]", 'a percentage from 0 to 100, such as "30%"'),
        ("40%", "two percentages such as [40%, 70%]"),
    ],
)
def test_between_is_two_percentages_in_order(tmp_path: Path, written: str, told: str) -> None:
    [found] = mistakes(tmp_path, f"blocks: {{x: {{kind: source, place: {{between: {written}}}}}}}")
    assert f"blocks.x.place.between: expected {told}, found" in found


def test_between_is_a_part_of_the_text(tmp_path: Path) -> None:
    assert place(tmp_path, "{between: [40%, 70%]}") == Between("blocks.x.place", 40, 70)


def test_a_distance_may_differ_by_device_and_each_is_a_bound_of_its_own(tmp_path: Path) -> None:
    gap = rules(tmp_path, "layout: {gap: [3 units, {mobile: 1.2 screens, desktop: 700 px}]}").layout.gap
    assert [(bound.path, str(bound.distance), bound.distance.device) for bound in gap] == [
        ("layout.gap[0]", "3 units", None),
        ("layout.gap[1].mobile", "1.2 screens", "mobile"),
        ("layout.gap[1].desktop", "700 px", "desktop"),
    ]


def test_a_selector_in_a_distance_is_checked(tmp_path: Path) -> None:
    [found] = mistakes(tmp_path, "layout: {gap: '5 of \".post >> x\"'}")
    assert found.startswith("1:15: layout.gap: not a CSS selector: ")
