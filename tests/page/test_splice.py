"""Splicing keeps every byte of the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.page.splice import splice
from newshole.types import Insertion


def removed(composed: bytes, insertions: list[Insertion]) -> bytes:
    """The composed page with the insertions cut out again."""
    page, grown = composed, 0
    for insertion in insertions:
        at = insertion.offset + grown
        assert composed[at : at + len(insertion.html)] == insertion.html
        grown += len(insertion.html)
    for insertion in reversed(insertions):
        grown -= len(insertion.html)
        at = insertion.offset + grown
        page = page[:at] + page[at + len(insertion.html) :]
    return page


@given(st.binary(max_size=200), st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=20))))
def test_output_minus_insertions_is_the_input(page: bytes, asked: list[tuple[int, bytes]]) -> None:
    insertions = [Insertion(min(at, len(page)), html, "x") for at, html in sorted(asked)]
    assert removed(splice(page, insertions), insertions) == page


def test_insertions_at_one_offset_stand_in_their_order() -> None:
    assert splice(b"ab", [Insertion(1, b"1", "x"), Insertion(1, b"2", "y")]) == b"a12b"


@pytest.mark.parametrize("offsets", [(3,), (-1,), (2, 1)])
def test_an_offset_out_of_order_or_of_the_page_is_refused(offsets: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="offsets must rise"):
        splice(b"ab", [Insertion(offset, b"x", "x") for offset in offsets])
