"""When a rule holds: what a story and its reader are, against what is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.rules.globs import LONGEST_PATH
from newshole.rules.targeting import condition
from newshole.types import Reader, Reason, Story

STORY = Story(
    section="Business", tags=("Trade", "War in Ukraine"), types=("NewsArticle", "article"), language="en-GB"
)


def holds(fact: str, *values: str, story: Story = STORY, path: str = "/", negated: bool = False) -> bool:
    return condition("when", fact, values, negated=negated).refusal(story, Reader(), path) is None


@pytest.mark.parametrize(
    ("fact", "value", "expected"),
    [
        ("section", "Business", True),
        ("section", "business", True),
        ("section", " BUSINESS ", True),
        ("section", "Busi", False),
        ("tag", "trade", True),
        ("tag", "war in ukraine", True),
        ("tag", "war", False),
        ("type", "newsarticle", True),
        ("type", "Recipe", False),
        ("language", "en", True),
        ("language", "en-gb", True),
        ("language", "en_GB", True),
        ("language", "en-US", False),
        ("language", "e", False),
        ("device", "desktop", True),
        ("device", "mobile", False),
    ],
)
def test_a_value_fits_what_the_page_is(fact: str, value: str, *, expected: bool) -> None:
    assert holds(fact, value) is expected
    assert holds(fact, value, negated=True) is not expected


def test_of_a_list_one_must_fit() -> None:
    assert holds("section", "Sport", "Business")
    assert not holds("section", "Sport", "Culture")
    assert not holds("section", "Sport", "Business", negated=True)


def test_letters_of_every_script_are_compared_without_regard_to_case() -> None:
    assert holds("section", "straße", story=Story(section="STRASSE"))
    assert holds("section", "экономика", story=Story(section="ЭКОНОМИКА"))


@pytest.mark.parametrize("values", [("present",), ("present", "Sport"), ("Sport", "present")])
def test_present_asks_for_any_value(values: tuple[str, ...]) -> None:
    assert holds("section", *values)
    assert not holds("section", *values, story=Story())
    assert holds("section", *values, story=Story(), negated=True)
    assert not holds("section", *values, negated=True)


def test_a_page_without_the_fact_is_not_the_value_that_is_excluded() -> None:
    assert holds("section", "Obituaries", story=Story(), negated=True)
    assert not holds("section", "Obituaries", story=Story())


@pytest.mark.parametrize(
    ("glob", "fitting", "other"),
    [
        ("/world", ["/world", "/world/"], ["/", "/world/a", "/worlds", "/a/world", "/World"]),
        ("/world/**", ["/world/a", "/world/a/b/"], ["/world", "/world/", "/worldly/a"]),
        ("/world/*", ["/world/a", "/world/a/"], ["/world", "/world/a/b"]),
        ("/*/story", ["/a/story"], ["/story", "/a/b/story"]),
        ("/**/story", ["/story", "/a/story", "/a/b/story"], ["/story/a", "/astory"]),
        ("**/story", ["/story", "/a/story"], ["/story/b"]),
        ("/a/**/z", ["/a/z", "/a/b/c/z"], ["/a", "/z", "/a/zz"]),
        ("/a-*-z", ["/a-b-z", "/a--z"], ["/a-z", "/a-b/c-z"]),
        ("/*.html", ["/a.html", "/.html"], ["/a.htm", "/a.html/b", "/axhtml"]),
        ("/zażółć/*", ["/za%C5%BC%C3%B3%C5%82%C4%87/a"], ["/zazolc/a"]),
        ("/a%20b", ["/a b", "/a%20b"], ["/a+b"]),
        ("/", ["/"], ["", "/a"]),
        ("/**", ["/a", "/a/b"], ["/"]),
    ],
)
def test_a_path_is_compared_part_by_part(glob: str, fitting: list[str], other: list[str]) -> None:
    found = {path for path in fitting + other if holds("path", glob, path=path)}
    assert found == set(fitting)


@given(st.lists(st.sampled_from(["a", "b", "ab", "*", "a*", "*b", "a*b", "**"]), min_size=1, max_size=6))
def test_a_glob_fits_the_path_it_looks_like(parts: list[str]) -> None:
    glob = "/" + "/".join(parts)
    assert holds("path", glob, path=glob.replace("*", "x"))


def test_a_long_path_is_never_slow() -> None:
    """No time decides; a pattern that backtracks would not end at all."""
    globs = ["/" + "*a" * 20, "/**" * 10 + "/z", "/" + "/".join(["**", "a*"] * 10)]
    path = "/" + "a/" * (LONGEST_PATH // 2 - 20)
    assert not holds("path", *globs[:2], path=path)
    assert not holds("path", globs[0], path="/" + "a" * (LONGEST_PATH - 10) + "b")
    assert not holds("path", "/**", path="/" + "a" * LONGEST_PATH)


def test_a_refusal_says_what_was_asked_for_and_what_was_found() -> None:
    asked = condition("blocks.x.when.tag", "tag", ("A", "B"))
    assert asked.refusal(STORY, Reader(), "/") == Reason(
        "when", "blocks.x.when.tag", "A or B", "Trade, War in Ukraine"
    )
    asked = condition("w", "section", ("Business",), negated=True)
    assert asked.refusal(STORY, Reader(), "/") == Reason("when", "w", "not Business", "Business")
    asked = condition("w", "section", ("present",))
    assert asked.refusal(Story(), Reader(), "/") == Reason("when", "w", "present", "none")
    asked = condition("w", "section", ("present",), negated=True)
    assert asked.refusal(STORY, Reader(), "/") == Reason("when", "w", "none", "Business")
