"""Elements that rules select: the edges at which a block can stand, and why others have none."""

from __future__ import annotations

from typing import Literal

import pytest

from newshole.page.document import Document
from newshole.page.selected import MOST, Found, Wanted, select

Where = Literal["before", "after", "prepend", "append"]


def found(page: str, selector: str, where: Where, *nth: int, limit: int | None = None) -> Found:
    document = Document(page.encode())
    wanted = Wanted(selector, where, nth)
    return select(document, [wanted], len(page.encode()) if limit is None else limit)[wanted]


PAGE = "<body><main><div class=a>x</div><div class=a>y</div><hr class=a></main></body>"


@pytest.mark.parametrize(
    ("where", "edges"),
    [
        ("before", ["<div class=a>x", "<div class=a>y", "<hr"]),
        ("after", ["<div class=a>y", "<hr", "</main>"]),
        ("prepend", ["x</div>", "y</div>"]),
        ("append", ["</div><div", "</div><hr"]),
    ],
)
def test_edges_are_those_of_the_tags(where: Where, edges: list[str]) -> None:
    assert [PAGE[at:] for at in found(PAGE, ".a", where).offsets] == [
        PAGE[PAGE.index(edge) :] for edge in edges
    ]


@pytest.mark.parametrize(
    ("nth", "texts"),
    [((1,), "x"), ((2,), "y"), ((-1,), "z"), ((3, 1, 1), "zx"), ((9,), ""), ((-9, 2), "y"), ((), "xyz")],
)
def test_nth_counts_from_either_end(nth: tuple[int, ...], texts: str) -> None:
    page = "<div>x</div><p></p><div>y</div><p></p><div>z</div>"
    assert "".join(page[at] for at in found(page, "div", "prepend", *nth).offsets) == texts


@pytest.mark.parametrize(
    "page",
    [
        "<ul><li class=a>x</li></ul>",
        "<table><tr><td class=a>x</td></tr></table>",
        "<p><b class=a>x</b></p>",
        "<h2><span class=a>x</span></h2>",
        "<a href=/><div class=a>x</div></a>",
        "<button><div class=a>x</div></button>",
        "<figure><img class=a><figcaption>x</figcaption></figure>",
        "<nav><div class=a>x</div></nav>",
        "<svg><g class=a></g></svg>",
        "<head><meta class=a><title>x</title></head><p>x",
        "<noscript><div class=a>x</div></noscript><p class=b>",
        "<template><div class=a>x</div></template>",
    ],
)
@pytest.mark.parametrize("where", ["before", "after", "prepend", "append"])
def test_no_place_where_no_block_may_stand(page: str, where: Where) -> None:
    assert found(page, ".a", where).offsets == ()


@pytest.mark.parametrize("where", ["prepend", "append"])
@pytest.mark.parametrize(
    "tag", ["p", "ul", "li", "table", "h1", "pre", "a", "script", "head", "html", "hr", "img"]
)
def test_nothing_goes_into_an_element_that_holds_no_blocks(tag: str, where: Where) -> None:
    page = f"<html><head></head><body><div><{tag} class=a>x</{tag}></div></body></html>"
    assert found(page, tag, where).offsets == ()


@pytest.mark.parametrize("tag", ["html", "head", "body"])
@pytest.mark.parametrize("where", ["before", "after"])
def test_nothing_goes_beside_the_body(tag: str, where: Where) -> None:
    assert found("<html><head></head><body>x</body></html>", tag, where).offsets == ()


def test_an_edge_that_the_source_does_not_show_is_lacking_with_its_reason() -> None:
    page = "<div><p class=a>x<p class=a>y</p></div>"
    assert found(page, ".a", "after") == Found(
        2, (page.index("</div>"),), "its tag is left out in the source"
    )


def test_an_element_that_a_script_draws_again_is_left_alone() -> None:
    page = '<div id="__next"><div class=a>x</div></div><div class=a>y</div>'
    assert found(page, ".a", "before") == Found(2, (page.rindex("<div"),), "a script draws it again")


def test_no_place_lies_behind_what_parsers_disagree_on() -> None:
    page = "<div class=a>x</div><div class=a>y</div>"
    assert found(page, ".a", "before", limit=5) == Found(2, (0,), "parsers disagree on the markup there")


def test_a_selector_that_nothing_fits_finds_nothing() -> None:
    assert found("<p>x", ".a", "after") == Found(0)


def test_a_selector_in_any_script_finds_its_element() -> None:
    assert found("<div class=żółw>x</div>", ".żółw", "before").offsets == (0,)


def test_at_most_fifty_elements_are_looked_at() -> None:
    assert MOST == 50
    made = found("<div class=a>x</div>" * 60, ".a", "after")
    assert (made.count, len(made.offsets)) == (60, 50)


def test_offsets_are_bytes_behind_a_byte_order_mark() -> None:
    page = "\ufeffé<div class=a>x</div>"
    [at] = found(page, ".a", "before").offsets
    assert page.encode()[at:].startswith(b"<div")
