"""What is malformed in `Cache-Control` is never taken for permission."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.http.directives import FOREVER, read_directives, seconds


@pytest.mark.parametrize(
    ("written", "lifetime"),
    [
        (b"max-age=60", 60),
        (b"MAX-AGE=60", 60),
        (b'max-age="60"', 60),
        (b"max-age=007", 7),
        (b"public,max-age=60", 60),
        (b'extension="a, max-age=1", max-age=60', 60),
        (b"max-age=60, max-age=60", 60),
        (b"max-age=60, max-age=5", 5),
        (b"max-age=0000000000000500, max-age=60", 60),
        (b"max-age=99999999999999999999", FOREVER),
        (b"max-age", 0),
        (b"max-age=", 0),
        (b"max-age=1.5", 0),
        (b"max-age=-5", 0),
        (b"max-age = 60", 0),
        (b"max-age=60 seconds", 0),
        (b"max-age=60, max-age=x", 0),
        (b"xmax-age=60", None),
        (b"max-age-x=60", None),
        (b"", None),
        (b",,, ,", None),
    ],
)
def test_a_lifetime_that_cannot_be_read_is_none(written: bytes, lifetime: int | None) -> None:
    assert seconds(read_directives(written), b"max-age") == lifetime


@pytest.mark.parametrize(
    "written",
    [b'x="a, private', b'"", private', b'private="set-cookie"', b'a="b\\"c", private', b"private x"],
)
def test_a_word_that_forbids_is_found_whatever_stands_around_it(written: bytes) -> None:
    assert b"private" in read_directives(written)


def test_a_word_in_quotes_says_nothing() -> None:
    assert set(read_directives(b'x="private, no-store", y')) == {b"x", b"y"}


@given(st.binary(max_size=80))
def test_any_field_can_be_read(written: bytes) -> None:
    directives = read_directives(written)
    assert all(name == name.lower() and name for name in directives)
    assert (seconds(directives, b"max-age") or 0) >= 0
