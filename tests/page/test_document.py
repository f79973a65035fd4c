"""Offsets are of bytes and text is of characters, whatever the page's encoding and line endings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.page.document import UTF8_MARK, Document, check_selector
from tests.pages import SOUP

PARTS = [
    b"<p>",
    b"</p>",
    b"<div>",
    b"</div>",
    b"\r\n",
    b"\r",
    b"\n",
    b"\x00",
    b"\x95\x5c",
    b"\xe9",
    b"&amp;",
    b"a",
]


def check_offsets(document: Document) -> None:
    """Every known offset is at a tag of that element in the page's own bytes."""
    page = document.page.lower()
    for element in document.select("*"):
        start, inner_start = document.start(element), document.inner_start(element)
        inner_end, end = document.inner_end(element), document.end(element)
        assert (start is None) == (inner_start is None)
        assert (inner_end is None) == (end is None)
        if start is not None and inner_start is not None:
            assert page[start : start + 1] == b"<"
            assert page[inner_start - 1 : inner_start] == b">"
        if inner_end is not None and end is not None:
            assert page[inner_end : inner_end + 2] == b"</"
            assert page[end - 1 : end] == b">"


@given(st.lists(st.sampled_from(PARTS), max_size=40).map(b"".join), st.booleans())
def test_offsets_are_at_tags_whatever_the_bytes(page: bytes, marked: bool) -> None:
    check_offsets(Document((UTF8_MARK if marked else b"") + page, "cp932"))


@given(SOUP)
def test_offsets_are_at_tags_in_any_markup(soup: str) -> None:
    check_offsets(Document(soup.encode()))


@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", UTF8_MARK])
def test_line_endings_and_the_byte_order_mark_do_not_shift_offsets(line: str, mark: bytes) -> None:
    page = mark + f"{line}<!doctype html>{line}{line}<p{line}class=é>{line}é{line}</p>{line}<b>x</b>".encode()
    document = Document(page)
    [element] = document.select("b")
    assert document.start(element) == page.index(b"<b>")
    assert document.end(element) == len(page)


@pytest.mark.parametrize(
    ("encoding", "markup", "text"),
    [
        ("utf-8", "<p>表示 &eacute; &#34920;</p>", "表示 é 表"),
        ("cp932", "<p>表示 &eacute; &#34920;</p>", "表示 é 表"),
        ("big5hkscs", "<p>功能 <b>表示</b></p>", "功能 表示"),
        ("cp1251", "<p>Мир&nbsp;&mdash; <i>труд</i></p>", "Мир\u00a0— труд"),
        ("utf-8", "<p> a \r\n\t b </p>", "a b"),
        ("utf-8", "<p>é 1 < 2</p>", "é 1 < 2"),
        ("utf-8", "<p>é &nbsp;表", "é \u00a0表"),
    ],
)
def test_text_is_decoded_from_the_bytes_of_the_page(encoding: str, markup: str, text: str) -> None:
    document = Document(markup.encode(encoding), encoding)
    assert document.text(document.select("p")[0]) == text


@pytest.mark.parametrize("written", ['"表示 &quot;é"', "'表示 &quot;é'", "表示&#32;&quot;é"])
def test_attributes_are_decoded_from_the_bytes_of_the_page(written: str) -> None:
    page = f"<p title={written} class=x>"
    document = Document(page.encode("utf-8"))
    assert document.attribute(document.select("p")[0], "title") == '表示 "é'
    assert document.attribute(document.select("p")[0], "id") is None
    page = page.replace("é", "&eacute;")
    document = Document(page.encode("shift_jis"), "cp932")
    assert document.attribute(document.select("p")[0], "title") == '表示 "é'


def test_bytes_that_the_encoding_does_not_have_are_no_error() -> None:
    document = Document(b"<p title='a\xff\xfe'>b\xff\xfe</p>", "utf-8")
    [element] = document.select("p")
    assert document.text(element) == "b\ufffd\ufffd"
    assert document.attribute(element, "title") == "a\ufffd\ufffd"


@pytest.mark.parametrize(
    "selector", [".表示", "#表示", "[class='表示']", "div > .表示:first-child", ".x, .表示"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp", "gb18030", "big5hkscs"])
def test_selectors_in_any_script_find_their_elements(selector: str, encoding: str) -> None:
    page = "<!doctype html><div><p class=表示 id=表示>a</p><p class=示表>b</p></div>"
    document = Document(page.encode(encoding), encoding)
    assert [document.text(each) for each in document.select(selector)] == ["a"]


def test_a_selector_that_the_encoding_cannot_write_finds_nothing() -> None:
    assert Document(b"<p class=x>", "cp1251").select(".表示") == []


@pytest.mark.parametrize(
    "selector", [".x", "div > p:not(.a)", "article :is(p, h2)", "[data-x='é' i]", ".表示"]
)
def test_a_selector_that_can_be_used_is_right(selector: str) -> None:
    assert check_selector(selector) is None


@pytest.mark.parametrize("selector", ["", ">", "p[", "..x", "p:nosuch"])
def test_a_selector_that_cannot_be_used_is_told(selector: str) -> None:
    assert check_selector(selector)


@given(st.text(max_size=200), st.sampled_from(["utf-8", "cp932", "gb18030", "cp1251"]))
def test_text_of_any_page_can_be_read(text: str, encoding: str) -> None:
    document = Document(f"<p title='{text}'>{text}<b>{text}".encode(encoding, "replace"), encoding)
    for element in document.select("*"):
        assert isinstance(document.text(element), str)
        assert isinstance(document.raw_text(element), str)
        assert isinstance(document.attribute(element, "title"), str | None)
