"""Stories as operators write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.library.ledger import MOST_BYTES
from newshole.library.written import EntriesError, read_entries

LINE = b'{"url": "/bridge", "title": "Bridge", "published": "2026-03-01T12:00:00Z", "image": "b.jpg"}'


def test_a_line_is_a_story_with_its_addresses_read_against_the_base() -> None:
    (entry,) = read_entries(b"\xef\xbb\xbf" + LINE + b"\n\n", "https://news.example/")
    assert (entry.url, entry.title, entry.source) == ("https://news.example/bridge", "Bridge", "import")
    assert entry.image == "https://news.example/b.jpg"
    assert entry.published == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_list_is_read_as_lines_are() -> None:
    assert read_entries(b"[" + LINE + b"]", "https://a.example") == read_entries(LINE, "https://a.example")


def test_every_mistake_is_told_with_its_line() -> None:
    document = b"\n".join(
        [
            LINE,
            b'{"url": "ftp://a.example/x", "title": "X"}',
            b'{"url": "https://a.example/x"}',
            b'{"url": "https://a.example/x", "title": " "}',
            b'{"url": "https://a.example/x", "title": "X", "published": "2026-03-01T12:00:00"}',
            b'{"url": "https://a.example/x", "title": "X", "level": "grave"}',
            b"nonsense",
        ]
    )
    with pytest.raises(EntriesError) as raised:
        read_entries(document, "https://a.example")
    lines = str(raised.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"line {n}" for n in range(2, 8)]
    assert lines[0].endswith('no address of a story: "ftp://a.example/x"; write https://news.example/story')


def test_a_story_that_no_ledger_would_keep_is_a_mistake() -> None:
    large = b'{"url": "https://a.example/x", "title": "X", "tags": ["%s"]}' % (b"x" * MOST_BYTES)
    with pytest.raises(EntriesError, match="line 1: a story of more than 16,384 bytes is not kept"):
        read_entries(large)


def test_of_very_many_mistakes_some_are_told() -> None:
    with pytest.raises(EntriesError, match=r"and 80 more$"):
        read_entries(b"x\n" * 100)


@given(st.binary(max_size=300))
def test_no_document_raises_anything_else(document: bytes) -> None:
    with suppress(EntriesError):
        assert all(each.title for each in read_entries(document, "https://a.example"))
