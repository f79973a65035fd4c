"""Small pictures of pages: what they draw, to which scale, and what they say in words."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, fromstring

from hypothesis import given
from hypothesis import strategies as st

from newshole import Reader, Site
from newshole.plan.planner import Plan
from newshole.review.changes import compared
from newshole.review.pictures import PATTERNS, Box, Shape, Sketch, in_words, pair, picture, sketches
from tests.cli.conftest import RULES, STORY

SHAPES: Final[tuple[Shape, ...]] = ("text", "heading", "figure", "own", "ad", "block")

boxes = st.builds(
    Box,
    shape=st.sampled_from(SHAPES),
    height=st.floats(0.1, 5_000),
    name=st.text(max_size=40),
    where=st.text(max_size=20),
    change=st.sampled_from((None, "gained", "lost", "moved")),
)
sketched = st.builds(Sketch, st.lists(boxes, max_size=40).map(tuple))


def drawn(svg: str) -> Element:
    """A picture as an element of XML, which has to be well-formed."""
    return fromstring(svg)  # noqa: S314 - made here


def rectangles(svg: str) -> list[tuple[float, float]]:
    """From where to where every box reaches, but for the paper below those of ours."""
    found = [each for each in drawn(svg).iter("rect") if each.get("class") != "b-paper"]
    return [
        (float(each.get("y", "")), float(each.get("y", "")) + float(each.get("height", ""))) for each in found
    ]


@given(sketched)
def test_every_box_is_drawn_once_below_the_one_before_and_inside_the_picture(sketch: Sketch) -> None:
    svg = picture(_plain(sketch), "Before")
    found = rectangles(svg)
    top, height = map(float, drawn(svg).get("viewBox", "").split()[1::2])
    assert len(found) == len(sketch.boxes)
    assert all(low <= high + 0.9 for (_, low), (high, _) in pairwise(found))
    assert all(top <= low and high <= top + height for low, high in found)


@given(sketched)
def test_labels_of_blocks_never_touch(sketch: Sketch) -> None:
    svg = picture(_plain(sketch), "Before")
    at = [float(each.get("y", "")) for each in drawn(svg).iter("text")]
    assert len(at) == sum(each.shape in ("ad", "block") for each in sketch.boxes)
    assert all(below - above >= 11.8 for above, below in pairwise(at))


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_name_breaks_out_of_a_picture(name: str, where: str) -> None:
    box = Box("ad", 250, f'"><script>{name}', f"'\"<{where}")
    svg = picture(Sketch((box,)), "<b>")
    assert "<script" not in svg
    assert "<b>" not in svg


def _plain(sketch: Sketch) -> Sketch:
    """Without characters that XML has none of: HTML, which pictures are for, has."""
    return Sketch(
        tuple(
            Box(each.shape, each.height, _letters(each.name), _letters(each.where), each.change)
            for each in sketch.boxes
        )
    )


def _letters(text: str) -> str:
    return re.sub(r"[^\w <>&\"']", "", text)


def test_two_pictures_of_a_page_have_one_scale() -> None:
    short, long = Sketch((Box("text", 1_000),)), Sketch((Box("text", 1_000), Box("ad", 250, "a")))
    (first,), (same, _) = map(rectangles, pair(short, long))
    assert first == same


def test_changes_are_told_by_sign_and_dash_and_in_words_not_by_colour_alone() -> None:
    sketch = Sketch((Box("text", 100), Box("ad", 250, "mpu", "after paragraph 2", "lost")))
    svg = picture(sketch, "Before")
    assert "− mpu" in svg
    assert 'class="b-ad c-lost"' in svg
    assert drawn(svg).get("aria-label") == "Before: 1 unit; mpu after paragraph 2 (lost)"
    assert drawn(svg).get("role") == "img"


def test_a_page_that_is_left_untouched_says_so() -> None:
    assert in_words(Sketch((Box("text", 100),), "too-large")) == "the page is left untouched, 1 unit"


def test_the_patterns_that_boxes_are_filled_with_are_there() -> None:
    named = {each.get("id") for each in drawn(PATTERNS).iter("pattern")}
    assert named == {"nh-text", "nh-ad", "nh-block"}


def test_the_units_and_blocks_of_a_page_are_drawn_as_they_stand_on_it(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text("utf-8").replace("nth: 2", "nth: -1"), "utf-8")
    page, url, reader = STORY.read_bytes(), "https://a.example/", Reader(device="mobile")
    before, after = (Site.load(each).compose(page, url=url, reader=reader) for each in (RULES, rules))
    changes = compared(url, before, after, "mobile").changes
    found = sketches(before, after, changes, "mobile")
    for sketch, composition in zip(found, (before, after), strict=True):
        plan = composition.plan
        assert isinstance(plan, Plan)
        ours = [each.name for each in sketch.boxes if each.shape in ("ad", "block")]
        assert ours == [each.block.id for each in plan.placements]
        units = sum(each.shape not in ("ad", "block") for each in sketch.boxes)
        assert units == len(plan.considered.survey.outline.units)
    marked = [[(each.name, each.change) for each in sketch.boxes if each.change] for sketch in found]
    assert marked[0] == marked[1] != []
