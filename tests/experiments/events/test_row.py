"""Lines become rows again, and nothing else does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.experiments.events.row import KINDS, MOST_BYTES, Row, decode, identity

TEXT = st.text(max_size=20)
ROWS = st.builds(
    Row,
    id=st.binary(min_size=12, max_size=12).map(bytes.hex),
    ms=st.integers(0, 2**52 - 1),
    kind=st.sampled_from(KINDS),
    view_id=TEXT,
    experiment=TEXT,
    arm=TEXT,
    unit=TEXT,
    page=TEXT,
    block=TEXT,
    position=st.integers(0, 100),
    value=st.floats(0, 1e9),
    rules=TEXT,
    attributes=st.dictionaries(TEXT, TEXT, max_size=4),
)
GOOD = {"id": "0" * 24, "ms": 1, "kind": "click"}


@given(row=ROWS)
def test_a_row_comes_back_as_it_was(row: Row) -> None:
    line = row.encode()
    assert b"\n" not in line
    assert decode(line) == row


@given(row=ROWS, cut=st.integers(0, 200))
def test_a_torn_line_is_none(row: Row, cut: int) -> None:
    line = row.encode()
    assert decode(line[: min(cut, len(line) - 1)]) is None


SAID = st.recursive(st.none() | TEXT | st.integers(), st.lists)


@given(line=st.binary(max_size=80) | SAID.map(lambda said: json.dumps(said).encode()))
def test_anything_else_is_none(line: bytes) -> None:
    assert decode(line) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "zz"}, {"id": 5}, {"ms": -1}, {"ms": 2**60}, {"ms": True}, {"ms": "1"}, {"kind": "bought"},
        {"value": "1"}, {"attributes": {"a": 1}}, {"attributes": []}, {"more": ""}, {"page": None},
        {"page": "x" * MOST_BYTES},
    ],
)  # fmt: skip
def test_a_row_with_a_fault_is_none(wrong: dict[str, object]) -> None:
    assert decode(json.dumps(GOOD).encode()) is not None
    assert decode(json.dumps({**GOOD, **wrong}).encode()) is None


@pytest.mark.parametrize("lacking", GOOD)
def test_a_row_that_lacks_what_all_have_is_none(lacking: str) -> None:
    said = {key: value for key, value in GOOD.items() if key != lacking}
    assert decode(json.dumps(said).encode()) is None


def test_one_thing_has_one_id() -> None:
    assert identity("click", "v1", "ad", 1) == identity("click", "v1", "ad", 1)
    different = {
        identity("click", *parts)
        for parts in (("v1", "ad", 1), ("v1", "ad1"), ("v1ad", 1), ("v1", "ad", "1"))
    }
    assert len(different) == 4
