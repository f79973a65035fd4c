"""Edges are where the source has them, and a block at one stands in plain flow."""

from __future__ import annotations

import pytest

from newshole.page.body import find_body
from newshole.page.document import Document
from newshole.page.edges import NOT_IN_FLOW, is_in_flow
from newshole.page.outline import STACKS, outline
from tests.pages import NEVER_INSIDE, SENTENCE

LONG = f"<p>{SENTENCE * 3}</p>"
FIVE = LONG * 5
H1 = "<h1>The bridge is mended</h1>"


WHOLE = f"<html><head></head><body><main>{H1}<article>{FIVE}</article></main></body></html>"


def stacks(page: str) -> dict[str, str]:
    """The page's source right before and right behind each stack, parted by a bar."""
    document = Document(page.encode())
    body = find_body(document)
    assert body is not None
    found = outline(document, body, None)
    assert found is not None
    assert [*found.stacks] == [each for each in STACKS if each in found.stacks]
    return {name: f"{page[:at][-6:]}|{page[at:][:6]}" for name, at in found.stacks.items()}


def test_no_block_stands_where_the_tests_forbid_it() -> None:
    assert NEVER_INSIDE <= NOT_IN_FLOW


@pytest.mark.parametrize("tag", ["ul", "blockquote", "figure", "pre", "a", "h2", "template", "nav", "form"])
def test_what_stands_in_an_element_that_holds_no_blocks_is_not_in_flow_at_any_depth(tag: str) -> None:
    document = Document(f"<body><section><div>a</div></section><{tag}><div><div>b".encode())
    plain, *_, inner = document.select("div")
    assert is_in_flow(plain)
    assert is_in_flow(inner) == (tag == "form")


def test_all_seven_stacks_of_a_whole_page() -> None:
    assert stacks(WHOLE) == {
        "page-top": "<body>|<main>",
        "headline-before": "<main>|<h1>Th",
        "headline-after": "d</h1>|<artic",
        "body-start": "ticle>|<p>The",
        "body-end": ". </p>|</arti",
        "body-after": "ticle>|</main",
        "page-bottom": "/main>|</body",
    }


@pytest.mark.parametrize("tags", [["<body>"], ["</body>"], ["<html>", "<body>"], ["<head></head>"]])
def test_all_seven_stacks_where_optional_tags_are_missing(tags: list[str]) -> None:
    page = WHOLE
    for tag in tags:
        page = page.replace(tag, "")
    assert set(stacks(page)) == set(STACKS)


def test_a_page_cut_off_has_no_stacks_where_it_ends() -> None:
    cut = WHOLE.partition("</article>")[0]
    assert set(stacks(cut)) == set(STACKS) - {"body-after", "page-bottom"}
    assert set(stacks(cut[:-4])) == set(STACKS) - {"body-end", "body-after", "page-bottom"}


@pytest.mark.parametrize(
    ("headline", "before", "after"),
    [
        (f"<header>{H1}</header>", "eader>|<h1>Th", "d</h1>|</head"),
        (f"<hgroup>{H1}<p>a</p></hgroup>", "<main>|<hgrou", "group>|<artic"),
        (f"<a href=/>{H1}</a>", "<main>|<a hre", "1></a>|<artic"),
        (f"<div><span><a href=/>{H1}</a></span></div>", "><div>|<span>", "/span>|</div>"),
    ],
)
def test_blocks_at_the_headline_stand_around_what_holds_only_it(
    headline: str, before: str, after: str
) -> None:
    found = stacks(WHOLE.replace(H1, headline))
    assert (found["headline-before"], found["headline-after"]) == (before, after)


@pytest.mark.parametrize("around", ["ul><li", "table><tr><td", "nav", "button"])
def test_no_block_at_a_headline_that_is_not_in_flow(around: str) -> None:
    closed = "".join(f"</{tag}>" for tag in reversed(around.split("><")))
    found = stacks(WHOLE.replace(H1, f"<{around}>{H1}{closed}"))
    assert "headline-before" not in found
    assert "headline-after" not in found


def test_a_headline_in_the_body_is_before_the_story() -> None:
    page = f"<body><article>{H1}<p>By A. Writer</p>{FIVE}</article></body>"
    assert stacks(page)["body-start"] == "er</p>|<p>The"


def test_where_the_body_is_the_page_blocks_after_it_stand_behind_the_story() -> None:
    found = stacks(f"<body>{H1}{FIVE}</body>")
    assert found["body-after"] == found["body-end"] == ". </p>|</body"


AROUND = {"page-top", "page-bottom"}
CELL = {*AROUND, "body-start", "body-end", "body-after"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (f"<table><tr><td>{FIVE}</td></tr></table>", CELL),
        (f"<table><tr><td><a href=/>menu</a></td><td>{FIVE}</td></tr></table>", CELL),
        (f"<table><tr><td><table><tr><td>{FIVE}</td></tr></table></td></tr></table>", CELL),
        (f"<dl><dd>{FIVE}</dd></dl>", CELL),
        (f"<table><tr><td>{FIVE}</td><td><form>{FIVE}</form></td></tr></table>", AROUND),
        (f"<ul><li><table><tr><td>{FIVE}</td></tr></table></li></ul>", AROUND),
    ],
)
def test_a_block_stands_in_a_cell_that_holds_the_text_of_its_row(row: str, expected: set[str]) -> None:
    assert set(stacks(f"<body>{row}</body>")) == expected


@pytest.mark.parametrize("left_open", ["<figure><img src=x>", "<ul><li>a", "<blockquote>a", "<h2>a"])
def test_no_block_stands_in_what_the_page_leaves_open(left_open: str) -> None:
    assert "page-bottom" not in stacks(f"<body><article>{FIVE}</article>{left_open}</body>")
    assert (
        stacks(f"<body><article>{FIVE}{left_open}</article></body>").get("body-end") != f"{left_open}|</arti"
    )
    assert "page-bottom" in stacks(f"<body><article>{FIVE}</article><div><p>a</body>")


def test_no_stack_where_the_source_shows_no_edge() -> None:
    assert "body-end" not in stacks(f"<body><article>{FIVE}<p>{SENTENCE * 2}")
