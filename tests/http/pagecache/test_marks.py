"""Which pages a purge meets: those that were asked for before it, and none that came after."""

from __future__ import annotations

import pytest

from newshole.http.pagecache import marks as module
from newshole.http.pagecache.marks import BATCH, START, Marks, read_marks, write_marks
from newshole.http.pagecache.tags import EVERYTHING, WIDTH, read_tags, tag_mark, url_mark

URL, TAG = url_mark("https://news.example/a"), tag_mark(b"news")


def purged(mark: bytes, position: tuple[int, int] = (5, 0), *, soft: bool = False) -> Marks:
    marks = Marks()
    marks.add([mark], position, soft=soft, now=100.0)
    return marks


@pytest.mark.parametrize("mark", [URL, TAG, EVERYTHING])
def test_a_purge_meets_what_was_asked_for_before_it(mark: bytes) -> None:
    marks = purged(mark)
    assert marks.has_purged((URL, TAG), (4, 9))
    assert not marks.has_purged((URL, TAG), (5, 0))
    assert marks.seen == (5, 0)
    assert marks.has_purged((tag_mark(b"other"),), (4, 9)) == (mark == EVERYTHING)


@pytest.mark.parametrize("mark", [URL, TAG, EVERYTHING])
def test_a_soft_purge_makes_stale_what_was_asked_for_before_it(mark: bytes) -> None:
    marks = purged(mark, soft=True)
    assert not marks.has_purged((URL, TAG), (4, 9))
    assert marks.softened((URL, TAG), (4, 9)) == 100.0
    assert marks.softened((URL, TAG), (5, 0)) is None


def test_what_is_older_than_all_that_is_known_is_purged() -> None:
    marks = Marks()
    marks.begin((3, 0))
    assert marks.has_purged((URL,), START)
    assert not marks.has_purged((URL,), (3, 0))


@pytest.mark.parametrize("soft", [True, False])
def test_forgetting_a_purge_forgets_what_it_might_have_met(
    monkeypatch: pytest.MonkeyPatch, *, soft: bool
) -> None:
    monkeypatch.setattr(module, "MOST_MARKS", 3)
    marks = Marks()
    for number in range(1, 6):
        marks.add([tag_mark(b"%d" % number)], (number, 0), soft=soft, now=0.0)
    assert marks.has_purged((URL,), (1, 9))
    assert not marks.has_purged((URL,), (2, 0))


def test_marks_go_through_the_log() -> None:
    every = [tag_mark(b"%d" % number) for number in range(BATCH + 1)]
    for soft in (True, False):
        values = write_marks([*every, every[0]], soft=soft)
        assert len(values) == 2
        read = [read_marks(value) for value in values]
        assert {mark for each in read if each for mark in each[0]} == set(every)
        assert {each[1] for each in read if each} == {soft}


@pytest.mark.parametrize("value", [b"", b"\x01", b"\x01x", b"\x02h", b"\x01h" + bytes(WIDTH + 1)])
def test_what_is_no_purge_is_none(value: bytes) -> None:
    assert read_marks(value) is None


def test_tags_are_read_as_each_header_parts_them() -> None:
    spaced = read_tags({b"surrogate-key": b"News  Sport"})
    parted = read_tags({b"cache-tag": b"news, sport"})
    assert spaced == parted == tuple(sorted((tag_mark(b"news"), tag_mark(b"sport"))))
    assert tag_mark(b"a b") in read_tags({b"cache-tag": b"a b,c"})
    assert read_tags({}) == ()


def test_an_address_is_one_whatever_its_scheme_and_case_of_host() -> None:
    assert url_mark("http://News.example:80/a?b=1#c") == url_mark("https://news.example/a?b=1")
    assert url_mark("https://news.example") == url_mark("https://news.example/")
    assert url_mark("https://news.example/ä") == url_mark("https://news.example/%C3%A4")
    assert len({url_mark(f"https://news.example/{each}") for each in ("a", "A", "a?", "a?b", "a/")}) == 4
    for wrong in ("/a", "news.example/a", ""):
        with pytest.raises(ValueError, match="absolute"):
            url_mark(wrong)
