"""The proof refuses every insertion that a browser would make something else of."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from newshole.page.document import Document, parse_part
from newshole.page.proof import unproven
from newshole.types import Insertion
from tests.budget import examples

PLAIN = b'<aside data-newshole="x">x</aside>'
LINK = b'<aside data-newshole="x"><a href="/x">x</a></aside>'
FORM = b'<aside data-newshole="x"><form action="/x"><input></form></aside>'
STRAY = b'<aside data-newshole="x"></b></a></nobr>x</aside>'
STYLED = b"<style data-newshole-runtime>p{}</style>" + PLAIN


def check_proved(page: str, fragment: bytes = PLAIN) -> None:
    assert _unproven(page, fragment) == ()


def check_refused(page: str, fragment: bytes = PLAIN) -> None:
    assert _unproven(page, fragment) == (0,)


def _unproven(page: str, fragment: bytes) -> tuple[int, ...]:
    """The page with an insertion where `|` stands."""
    offset = page.index("|")
    return unproven(Document(page.replace("|", "").encode()), [Insertion(offset, fragment, "x")])


@pytest.mark.parametrize("fragment", [PLAIN, LINK, FORM, STYLED])
@pytest.mark.parametrize(
    "page",
    [
        "<p>a</p>|<p>b</p>",
        "<p>a|<p>b",
        "<div>|</div>",
        "<body>|text",
        "<p>a</p> |\n text <!-- c --> more",
        "<!doctype html><p>a</p>|<p>b</p>",
        "\ufeff<p>a</p>|<p>b</p>".lstrip("\ufeff"),
    ],
)
def test_a_block_between_paragraphs_is_proved(page: str, fragment: bytes) -> None:
    check_proved(page, fragment)


def test_a_link_under_an_unclosed_link_is_refused() -> None:
    check_refused("<div><a href=/>a<div>|</div></div>", LINK)


def test_a_block_under_an_unclosed_bold_is_refused() -> None:
    check_refused("<p><b>a<p>b</p>|<p>c</p>")


def test_a_form_inside_a_form_is_refused_and_a_plain_block_is_not() -> None:
    page = "<form><p>a</p>|<p>b</p></form>"
    check_refused(page, FORM)
    check_proved(page, PLAIN)


@pytest.mark.parametrize(
    "element",
    ["script", "style", "textarea", "title", "noscript", "iframe", "template", "svg", "select"],
)
def test_no_block_stands_inside_an_element_that_is_not_flow(element: str) -> None:
    check_refused(f"<p>a</p><{element}>|</{element}><p>b</p>")


def test_no_block_stands_inside_a_comment_or_a_tag() -> None:
    check_refused("<p>a</p><!-- | --><p>b</p>")
    check_refused("<p class='|'>a</p>")


def test_a_paragraph_may_not_be_cut_in_two() -> None:
    check_refused("<p>a|b</p>")


def test_only_the_bad_ones_are_named() -> None:
    page = b"<p>a</p><textarea></textarea><p>b</p>"
    spots = [8, 18, len(page)]
    insertions = [Insertion(offset, PLAIN, str(offset)) for offset in spots]
    assert unproven(Document(page), insertions) == (1,)


def test_a_byte_order_mark_does_not_shift_the_proof() -> None:
    page = b"\xef\xbb\xbf<p>a</p><p>b</p>"
    assert unproven(Document(page), [Insertion(11, PLAIN, "x")]) == ()


def test_a_page_whose_own_markup_claims_to_be_ours_is_never_proved() -> None:
    check_refused(f"<p>a</p>|<p>b</p>{PLAIN.decode()}")


LEAKS = st.lists(
    st.sampled_from(
        (
            "<p>text</p>|\n|<h2>t</h2>|<b>|</b>|</a>|<a href=x>|<i>|</i>|<form>|</form>|<p>x|</p>|<div>|"
            "</div>|<table>|</table>|<nobr>|</nobr>|<td>|<select>|</select>|<object>|</object>|<svg>|</svg>|text"
        ).split("|")
    ),
    max_size=12,
).map("".join)


FIRST = st.sampled_from(["\n", "<p>t", "<div><p class='x'>t", "<h2>t</h2>", "<!-- c -->", "<script>t"])
NEXT = st.sampled_from(["", "\n", "<!-- c -->\n", "<!-- c --><p>t"])


@pytest.mark.slow
@given(LEAKS, st.sampled_from(["div", "article", "section", "main"]), FIRST, LEAKS, NEXT, LEAKS, st.data())
@examples(800)
def test_what_a_part_proves_the_whole_page_proves(
    before: str, tag: str, first: str, inside: str, following: str, behind: str, data: st.DataObject
) -> None:
    page = f"<!doctype html>{before}<{tag}>{first}{inside}</{tag}>{following}{behind}".encode()
    document = Document(page)
    found = document.select(tag)
    assume(found)
    start, end = document.inner_start(found[0]), document.inner_end(found[0])
    assume(start is not None and end is not None and start < end)
    offsets = data.draw(st.lists(st.integers(start, end), min_size=1, max_size=2).map(sorted))
    fragments = st.sampled_from([PLAIN, LINK, FORM, STRAY, STYLED])
    insertions = [Insertion(offset, data.draw(fragments), "x") for offset in offsets]
    if not unproven(document, insertions, found[0]):
        assert unproven(Document(page), insertions) == ()


def test_formatting_left_open_before_the_story_is_not_overlooked() -> None:
    before = "<p><b>a</p><div>"
    document = Document(f"{before}</b><p>b</p></div>{'<p>d</p>' * 20}".encode())
    story = document.select("div")[0]
    assert unproven(document, [Insertion(len(before), PLAIN, "x")], story) == (0,)


def test_formatting_left_open_in_the_story_is_not_overlooked() -> None:
    page = f"<article>\n<p>a</p><p><a href=/>b</p></article><p>c</p>{'<p>d</p>' * 20}".encode()
    document = Document(page)
    insertion = Insertion(page.index(b"</article>"), LINK, "x")
    assert unproven(document, [insertion], document.select("article")[0]) == (0,)


@pytest.mark.parametrize("fragment", [PLAIN, LINK, STYLED])
def test_a_part_of_a_real_page_is_enough(fragment: bytes) -> None:
    page = f"<title>x</title>{'<nav>n</nav>' * 90}<article>\n<p>a</p><p>b</p></article>".encode()
    document = Document(page)
    insertion = Insertion(page.index(b"<p>b"), fragment, "x")
    with patch("newshole.page.proof.parse_tree", side_effect=AssertionError):
        assert unproven(document, [insertion], document.select("article")[0]) == ()


@pytest.mark.parametrize(
    "opening", ["<article>\n", "<article><p>x</p>", "<article><div class='x'><p>x</p></div>"]
)
def test_a_part_is_parsed_once_where_text_stands_behind_it(opening: str) -> None:
    page = f"<title>x</title>{'<nav>n</nav>' * 9}{opening}<p>a</p><p>b</p></article><!-- c -->\n".encode()
    document = Document(page)
    insertion = Insertion(page.index(b"<p>b"), LINK, "x")
    with patch("newshole.page.proof.parse_part", wraps=parse_part) as parsed:
        assert unproven(document, [insertion], document.select("article")[0]) == ()
    assert parsed.call_count == 1
