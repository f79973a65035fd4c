"""PHP's serialised values are read strictly, within bounds, and nothing is run."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.importing import php
from newshole.importing.php import NotPhpError, Php, unserialize
from tests.importing.exports import serialize

KEYS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.binary(max_size=8))
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.binary(max_size=20),
    ),
    lambda inside: st.dictionaries(KEYS, inside, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_was_serialised_is_read_back(value: Php) -> None:
    assert unserialize(serialize(value)) == value


@given(st.binary(max_size=200))
def test_no_bytes_do_anything_but_be_refused(noise: bytes) -> None:
    offset = 0
    try:
        unserialize(noise)
    except NotPhpError as error:
        offset = error.offset
    assert 0 <= offset <= len(noise)


@given(VALUES, st.data())
def test_a_spoilt_byte_is_refused_or_read_as_another_value(value: Php, data: st.DataObject) -> None:
    spoilt = bytearray(serialize(value))
    at = data.draw(st.integers(0, len(spoilt) - 1))
    spoilt[at] = data.draw(st.integers(0, 255))
    with suppress(NotPhpError):
        assert len(serialize(unserialize(bytes(spoilt)))) <= len(spoilt) + 40


@given(VALUES, st.data())
def test_a_text_that_is_cut_off_is_always_refused(value: Php, data: st.DataObject) -> None:
    serialized = serialize(value)
    with pytest.raises(NotPhpError):
        unserialize(serialized[: data.draw(st.integers(0, len(serialized) - 1))])


@pytest.mark.parametrize(
    ("serialized", "value"),
    [
        (b"d:INF;", math.inf),
        (b"d:-INF;", -math.inf),
        (b"d:1.5E-7;", 1.5e-7),
        (b's:3:"\xc5\x82;";', "ł;".encode()),
        (b's:4:"a";b";', b'a";b'),
        (b'a:2:{i:1;N;i:1;s:0:"";}', {1: b""}),
    ],
)
def test_lengths_are_in_bytes_and_the_last_of_a_key_counts(serialized: bytes, value: Php) -> None:
    assert unserialize(serialized) == value


def test_what_is_no_number_is_read_as_such() -> None:
    read = unserialize(b"d:NAN;")
    assert isinstance(read, float)
    assert math.isnan(read)


@pytest.mark.parametrize(
    ("serialized", "sentence"),
    [
        (b"", "it ends too early at byte 0"),
        (b'O:8:"stdClass":0:{}', "an object, which is not read at byte 0"),
        (b'C:3:"Foo":2:{x}', "an object, which is not read at byte 0"),
        (b'a:1:{i:0;O:3:"Bad":1:{s:1:"a";i:1;}}', "an object, which is not read at byte 9"),
        (b'E:7:"Foo:Bar";', "an enumeration, which is not read at byte 0"),
        (b"a:2:{i:0;i:1;i:1;R:2;}", "a reference, which is not read at byte 17"),
        (b"i:1;i:2;", "something follows the value at byte 4"),
        (b's:5:"abc";', "a text of 5 bytes does not end there at byte 0"),
        (b"a:2:{i:0;i:1;}", "a key is neither a number nor a text at byte 13"),
        (b"a:1:{i:0;i:1;i:1;i:2;}", "an array of 1 does not end there at byte 0"),
        (b"a:999999999:{}", "a key is neither a number nor a text at byte 13"),
        (b"i:1e3;", "a number is spoilt at byte 0"),
        (b"b:2;", "a truth value is spoilt at byte 0"),
        (b"x", "no value at byte 0"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(serialized: bytes, sentence: str) -> None:
    with pytest.raises(NotPhpError) as caught:
        unserialize(serialized)
    assert str(caught.value) == sentence


def test_depth_is_bounded() -> None:
    deep = b"a:1:{i:0;" * (php.MOST_DEPTH + 1) + b"N;" + b"}" * (php.MOST_DEPTH + 1)
    with pytest.raises(NotPhpError, match="nested more than 16 deep"):
        unserialize(deep)
    assert unserialize(deep[9:-1]) is not None


def test_size_and_number_of_values_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(php, "MOST_VALUES", 5)
    assert unserialize(b"a:2:{i:0;N;i:1;N;}") == {0: None, 1: None}
    with pytest.raises(NotPhpError, match="more than 5 values"):
        unserialize(b"a:3:{i:0;N;i:1;N;i:2;N;}")
    monkeypatch.setattr(php, "MOST_BYTES", 3)
    with pytest.raises(NotPhpError, match="more than 3 bytes"):
        unserialize(b"i:10;")
