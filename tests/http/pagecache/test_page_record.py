"""What comes out of a store is the page that went in, or nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newshole.http.pagecache.entry import Stored
from newshole.http.pagecache.page_record import decode, encode_names, encode_page
from newshole.http.pagecache.tags import WIDTH, tag_mark
from newshole.http.pagecache.terms import Terms

PAGE = Stored(
    b"https://news.example/a\0variant",
    b"https://news.example/a",
    (b"accept-encoding",),
    (tag_mark(b"url"), tag_mark(b"news")),
    ((b"content-type", b"text/html"), (b"x-latin", b"caf\xe9"), (b"content-length", b"4")),
    b"\x00\xff\r\n",
    Terms(60, while_revalidate=5, if_error=9, is_shared=True, may_be_stale=False),
    1_790_000_000.25,
    (1_790_000_000_000, 3),
)
SECRET = b"of the newsroom" * 9


def test_a_page_comes_back_as_it_went_in() -> None:
    for secret in (b"", SECRET):
        assert decode(encode_page(PAGE, secret), PAGE.key, PAGE.page, secret) == PAGE


def test_names_come_back_as_they_went_in() -> None:
    value = encode_names(PAGE.page, PAGE.names, SECRET)
    assert decode(value, PAGE.page, PAGE.page, SECRET) == PAGE.names


def test_a_value_counts_under_its_own_key_and_secret_only() -> None:
    value = encode_page(PAGE, SECRET)
    assert decode(value, PAGE.page, PAGE.page, SECRET) is None
    assert decode(value, PAGE.key, PAGE.page, b"") is None
    assert decode(encode_page(PAGE, b""), PAGE.key, PAGE.page, SECRET) is None


@given(at=st.integers(0), flip=st.integers(1, 255), cut=st.integers(0, 40), more=st.binary(max_size=3))
def test_a_spoilt_value_is_none(at: int, flip: int, cut: int, more: bytes) -> None:
    value = bytearray(encode_page(PAGE, SECRET))
    value[at % len(value)] ^= flip
    assert decode(bytes(value), PAGE.key, PAGE.page, SECRET) is None
    whole = encode_page(PAGE, SECRET)
    changed = whole[: len(whole) - cut] + more
    assert changed == whole or decode(changed, PAGE.key, PAGE.page, SECRET) is None


@given(st.binary(max_size=200))
def test_anything_else_is_none(value: bytes) -> None:
    assert decode(value, PAGE.key, PAGE.page, b"") is None


def test_a_value_without_a_secret_can_still_split_no_response() -> None:
    for headers in (((b"x-a", b"1\r\nx-b: 2"),), ((b"x a", b"1"),), ((b"x-a", b"\x00"),)):
        spoilt = Stored(
            PAGE.key, PAGE.page, PAGE.names, PAGE.marks, headers, b"", PAGE.terms, PAGE.born, PAGE.seen
        )
        assert decode(encode_page(spoilt, b""), PAGE.key, PAGE.page, b"") is None
    without = Stored(
        PAGE.key, PAGE.page, PAGE.names, (b"x" * (WIDTH - 1),), (), b"", PAGE.terms, PAGE.born, PAGE.seen
    )
    assert decode(encode_page(without, b""), PAGE.key, PAGE.page, b"") is None
