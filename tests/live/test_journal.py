"""The journal: a row where something changes, none where nothing does, and what is known of the past."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.live.past import journal as recording
from newshole.live.past import journal_file
from newshole.live.past.journal import DROPPED, FAULT, KEPT, MOST_A_MINUTE, Journal
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.served import DAY, Circumstances, Served, address_of, decode, encode
from newshole.types import Switch

AT: Final = 1_800_000_000.0
PHONE: Final = Circumstances("mobile")
SERVED: Final = Served(
    AT, "news.example/a", "", "rules", Circumstances("desktop"), None, ("ad",), (9,), page="p", is_kept=True
)


@pytest.fixture
def file(tmp_path: Path) -> JournalFile:
    return JournalFile(tmp_path / "journal.db")


def body_of(text: bytes) -> Callable[[], bytes]:
    return lambda: text


def kept(journal: Journal) -> list[Served]:
    """All rows of a journal, once they are written."""
    asyncio.run(journal.close())
    rows = asked(journal.file, "SELECT document FROM served ORDER BY number")
    return [row for (document,) in rows if (row := decode(document)) is not None]


def asked(file: JournalFile, query: str) -> list[Any]:
    with closing(sqlite3.connect(file.file)) as database:
        return database.execute(query).fetchall()


def test_a_row_is_written_where_something_changes_and_none_where_nothing_does(file: JournalFile) -> None:
    journal = Journal(file)
    off = Switch("block", "ad", since=AT)
    changes = [
        SERVED,
        replace(SERVED, at=AT + 1),
        replace(SERVED, at=AT + 2, offsets=(12,)),
        replace(SERVED, at=AT + 3, offsets=(12,), circumstances=PHONE),
        replace(SERVED, at=AT + 4, offsets=(12,), rules="others"),
        replace(SERVED, at=AT + 5, offsets=(), blocks=(), untouched="nothing-placed", rules="others"),
        replace(SERVED, at=AT + 6, offsets=(12,), rules="others", switches=(off,)),
        replace(SERVED, at=AT + 7, offsets=(12,), rules="others", switches=(off,)),
        replace(SERVED, at=AT + 8, offsets=(12,), circumstances=PHONE),
    ]
    for each in changes:
        journal.note(each)
    assert kept(journal) == [changes[n] for n in (0, 2, 3, 4, 5, 6)]
    assert journal.counts == {KEPT: 6}


def test_pages_that_are_others_every_time_make_a_row_a_minute(file: JournalFile) -> None:
    journal = Journal(file)
    for n in range(200):
        journal.note(replace(SERVED, at=AT + n, page=f"p{n}"))
    assert [row.at - AT for row in kept(journal)] == [0, 60, 120, 180]


def test_what_does_not_change_is_written_once_a_day(file: JournalFile) -> None:
    journal = Journal(file)
    for hour in range(50):
        journal.note(replace(SERVED, at=AT + hour * 3600))
    assert [row.at - AT for row in kept(journal)] == [0, DAY, 2 * DAY]


def test_two_workers_write_one_row(file: JournalFile) -> None:
    one, other = Journal(file), Journal(JournalFile(file.file))
    one.note(SERVED, body_of(b"page"))
    assert len(kept(one)) == 1
    other.note(replace(SERVED, at=AT + 1), body_of(b"page"))
    assert len(kept(other)) == 1
    assert other.counts == {KEPT: 0}


def test_the_bytes_of_a_page_are_kept_once_for_all_rows(file: JournalFile) -> None:
    journal = Journal(file)
    read: list[int] = []

    def read_page() -> bytes:
        read.append(1)
        return b"<p>page" * 999

    journal.note(SERVED, read_page)
    journal.note(replace(SERVED, circumstances=PHONE), read_page)
    kept(journal)
    assert file.page("p") == b"<p>page" * 999
    assert file.page("q") is None
    assert asked(file, "SELECT count(*) FROM pages") == [(1,)]


def test_a_page_that_cannot_be_read_costs_no_row(file: JournalFile) -> None:
    journal = Journal(file)

    def fail() -> bytes:
        raise ValueError

    journal.note(SERVED, fail)
    assert kept(journal) == [SERVED]
    assert file.page("p") is None


def test_where_the_thread_falls_behind_rows_are_dropped_and_counted(
    file: JournalFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST_WAITING", 2)
    monkeypatch.setattr(recording, "ROOM", 100)
    journal = Journal(file)
    go = threading.Event()

    def wait() -> bytes:
        assert go.wait(20)
        return b""

    journal.note(SERVED, wait)
    while journal._waiting:  # noqa: SLF001 - until the thread has it
        time.sleep(0.001)
    for n in range(4):
        journal.note(replace(SERVED, address=f"news.example/{n}"))
    journal.note(replace(SERVED, address="news.example/large"), body_of(b""), 101)
    assert journal.counts[DROPPED] == 3
    go.set()
    assert len(kept(journal)) == 3


def test_what_could_not_be_written_is_written_when_it_is_met_again(
    file: JournalFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "PATIENCE", 0.01)
    journal = Journal(file)
    journal.note(SERVED)
    assert len(kept(journal)) == 1
    new = replace(SERVED, at=AT + 1, rules="others")
    with closing(sqlite3.connect(file.file)) as held:
        held.execute("BEGIN IMMEDIATE")
        journal.note(new)
        asyncio.run(journal.close())
    assert journal.counts[FAULT] == 1
    journal.note(replace(new, at=AT + 60))
    assert [row.at for row in kept(journal)] == [AT, AT + 60]


def test_a_row_that_cannot_be_written_ends_the_writing_of_no_other(file: JournalFile) -> None:
    journal = Journal(file)
    journal.note(replace(SERVED, switches=(Switch("all", reason="\ud800"),)))
    asyncio.run(journal.close())
    journal.note(replace(SERVED, at=AT + 1))
    assert len(kept(journal)) == 1
    assert journal.counts == {FAULT: 1, KEPT: 1}


def test_whoever_makes_up_queries_gets_a_share_of_the_rows_alone(file: JournalFile) -> None:
    journal = Journal(file)
    for n in range(900):
        journal.note(replace(SERVED, at=AT + n / 10, query=str(n)))
    assert len(kept(journal)) == 2 * MOST_A_MINUTE
    assert journal.counts[DROPPED] == 900 - 2 * MOST_A_MINUTE
    journal.note(replace(SERVED, at=AT + 90, address="news.example/b"))
    assert len(kept(journal)) == 2 * MOST_A_MINUTE + 1


def test_the_pages_of_one_transaction_are_in_memory_one_by_one(file: JournalFile) -> None:
    journal, alive = Journal(file), list[int]()

    def read_page() -> bytes:
        page = Body(b"<p>page")
        alive.append(Body.alive)
        return page

    for n in range(9):
        journal.note(replace(SERVED, address=f"news.example/{n}", page=f"p{n}"), read_page)
    assert len(kept(journal)) == 9
    assert max(alive) <= 2


def test_many_bytes_are_pruned_before_the_usual_time(tmp_path: Path) -> None:
    journal = Journal(JournalFile(tmp_path / "journal.db", most_bytes=400), clock=lambda: AT)
    for n in range(20):
        journal.note(replace(SERVED, at=AT + n, address=str(n), page=f"p{n}"), body_of(os.urandom(90)), 90)
        asyncio.run(journal.close())
    ((size,),) = asked(journal.file, "SELECT sum(size) FROM pages")
    assert size <= 600


def test_a_clock_that_is_set_back_ends_no_writing(file: JournalFile) -> None:
    journal = Journal(file)
    early = replace(SERVED, at=AT - 9 * DAY)
    for each in (SERVED, early, replace(early, at=early.at + 60)):
        journal.note(each)
    assert [row.at for row in kept(journal)] == [AT, early.at]


def test_rules_that_look_at_no_device_count_for_every_one(file: JournalFile) -> None:
    rows = [
        replace(SERVED, circumstances=PHONE, rules="old"),
        replace(SERVED, at=AT + 10, circumstances=Circumstances(), rules="new"),
        replace(SERVED, at=AT + 20, circumstances=PHONE, rules="newest"),
    ]
    file.write([(row, None) for row in rows])

    def rules(after: float, device: str | None) -> list[str]:
        return [row.rules for row in file.lookup("news.example/a", "", AT + after, device)]

    assert [rules(each, "mobile") for each in (9, 19, 29)] == [["old"], ["new"], ["newest"]]
    assert [rules(each, "desktop") for each in (9, 19, 29)] == [[], ["new"], ["new"]]
    assert [rules(each, None) for each in (9, 19, 29)] == [["old"], ["new"], ["newest", "new"]]


class Body(bytes):
    """A page that is counted for as long as it is in memory."""

    alive: ClassVar[int] = 0

    def __init__(self, *_: bytes) -> None:
        Body.alive += 1

    def __del__(self) -> None:
        Body.alive -= 1


def test_a_file_that_cannot_be_written_is_counted(tmp_path: Path) -> None:
    (tmp_path / "no.db").write_bytes(b"no database" * 999)
    journal = Journal(JournalFile(tmp_path / "no.db"))
    journal.note(SERVED)
    asyncio.run(journal.close())
    assert journal.counts == {FAULT: 1}


def test_a_journal_goes_on_after_it_was_closed(file: JournalFile) -> None:
    journal = Journal(file)
    journal.note(SERVED)
    assert len(kept(journal)) == 1
    journal.note(replace(SERVED, rules="others", at=AT + 1))
    assert len(kept(journal)) == 2


def test_what_was_served_at_a_moment_is_the_last_row_of_each_kind_of_reader(file: JournalFile) -> None:
    rows = [
        SERVED,
        replace(SERVED, at=AT + 10, circumstances=PHONE),
        replace(SERVED, at=AT + 20, offsets=(12,)),
        replace(SERVED, at=AT + 30, address="news.example/b"),
    ]
    file.write([(row, None) for row in rows])
    assert file.lookup("news.example/a", "", AT - 1) == []
    assert file.lookup("news.example/a", "", AT + 15) == [rows[1], rows[0]]
    assert file.lookup("news.example/a", "", AT + 99) == [rows[2], rows[1]]
    assert file.lookup("news.example/a", "", AT + 99, "mobile") == [rows[1]]


def test_what_nobody_asked_for_any_more_is_not_in_force(file: JournalFile) -> None:
    arm = replace(SERVED, arms={"old-test": "wide"})
    file.write([(arm, None), (replace(SERVED, at=AT + 2 * DAY), None)])
    assert [row.arms for row in file.lookup("news.example/a", "", AT + 2 * DAY)] == [{}]
    assert [row.arms for row in file.lookup("news.example/a", "", AT + DAY)] == [{"old-test": "wide"}]


def test_a_query_that_is_not_known_is_taken_for_none(file: JournalFile) -> None:
    file.write([(SERVED, None), (replace(SERVED, query="known", offsets=(12,)), None)])
    assert [row.query for row in file.lookup("news.example/a", "known", AT)] == ["known"]
    assert [row.query for row in file.lookup("news.example/a", "other", AT)] == [""]


def test_queries_that_are_made_up_hide_nothing(file: JournalFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "LOOKED_AT", 5)
    file.write((replace(SERVED, at=AT + n, query=str(n or "")), None) for n in range(30))
    assert [row.query for row in file.lookup("news.example/a", "1", AT + 99)] == ["1"]
    assert [row.query for row in file.lookup("news.example/a", "unknown", AT + 99)] == [""]


def test_old_rows_go_and_the_pages_that_no_row_is_about(file: JournalFile) -> None:
    file.write([(SERVED, b"old"), (replace(SERVED, at=AT + DAY, page="new", offsets=(1,)), b"new")])
    file.prune(AT + journal_file.KEPT + 1)
    assert file.page("p") is None
    assert file.page("new") == b"new"
    assert len(file.lookup("news.example/a", "", AT + 2 * DAY)) == 1


def test_over_the_bound_the_pages_go_that_were_served_longest_ago(tmp_path: Path) -> None:
    file = JournalFile(tmp_path, most_bytes=20, most_rows=3)
    for n in range(5):
        file.write([(replace(SERVED, at=AT + n, page=f"p{n}", offsets=(n,)), b"%d" % n)])
    file.prune(AT + 9)
    assert (tmp_path / "journal.db").stat().st_mode & 0o777 == 0o600
    assert [n for n in range(5) if file.page(f"p{n}") is not None] == [3, 4]
    assert asked(file, "SELECT count(*) FROM served") == [(3,)]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://News.Example/a?b=1", "news.example/a"),
        ("http://ed:pw@news.example:8080", "news.example:8080/"),
        ("https://[::1", ""),
    ],
)
def test_an_address_is_host_and_path(url: str, address: str) -> None:
    assert address_of(url)[0] == address


def test_of_a_query_a_digest_is_kept_which_a_secret_makes_another() -> None:
    found = {address_of("https://a/b?c", secret)[1] for secret in (b"", b"one", b"other" * 99)}
    assert len(found) == 3
    assert not any(each == "c" for each in found)
    assert address_of("https://a/b?")[1] == ""


@given(
    st.builds(
        Served,
        st.floats(0, 1e10),
        st.text(max_size=9),
        st.text(max_size=9),
        st.text(max_size=9),
        st.builds(Circumstances, st.sampled_from(["mobile", "desktop"]), logged_in=st.booleans()),
        st.none() | st.text(max_size=9),
        arms=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
        switches=st.lists(st.builds(Switch, st.just("all"), until=st.none() | st.floats(0, 1e9))).map(tuple),
    )
)
def test_a_row_is_read_as_it_was_written(served: Served) -> None:
    assert decode(encode(served)) == served


def test_what_is_no_row_is_none() -> None:
    assert decode(b'{"at": 1}') is None
    assert decode(b"\xff") is None
