"""What workers tell each other of stories: in a file and in a real Redis, under the same tests."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.library import saved, shared
from newshole.library.entry import Entry
from newshole.library.ledger import (
    MOST_BYTES,
    START,
    VIEWS_KEPT,
    Change,
    Count,
    Ledger,
    LedgerError,
    LedgerFullError,
    decode_change,
    decode_count,
    encode_change,
    encode_count,
)
from newshole.library.saved import SavedLedger
from newshole.library.shared import SharedLedger
from newshole.store.archive import open_redis_archive
from tests.store.servers import Server, running

SECRET = b"of the newsroom"
BRIDGE = "https://news.example/bridge"
STORY = Entry(
    url=BRIDGE,
    title='The bridge "reopens"',
    image="https://news.example/bridge.jpg",
    section="City",
    tags=("bridge", "river"),
    language="en-GB",
    published=datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))),
    terms=("bridge", "council"),
    level="review",
    seen=1000.5,
)

Open: TypeAlias = Callable[[str], Ledger]
Check: TypeAlias = Callable[[Ledger, Ledger], Awaitable[None]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"))
    with running(server):
        yield server


@pytest.fixture(params=["file", "redis"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the ledger of a site's name; each time another worker's."""
    if request.param == "file":
        return lambda name: SavedLedger(tmp_path / "library.db", name)
    url = request.getfixturevalue("server").url
    return lambda name: SharedLedger(open_redis_archive(url), name, SECRET)


def run(opened: Open, check: Check) -> None:
    """A check on the ledgers of two workers of one site."""

    async def checked() -> None:
        name = uuid.uuid4().hex
        async with closing(opened(name)) as one, closing(opened(name)) as other:
            await check(one, other)

    asyncio.run(checked())


@asynccontextmanager
async def closing(ledger: Ledger) -> AsyncIterator[Ledger]:
    try:
        yield ledger
    finally:
        await ledger.close()


def learned(entry: Entry = STORY) -> Change:
    return Change("learned", entry.url, entry)


def test_what_one_worker_tells_the_other_reads_once_and_in_order(opened: Open) -> None:
    async def check(one: Ledger, other: Ledger) -> None:
        assert (await other.news()).changes == ()
        dropped = Change("dropped", "https://news.example/old")
        await one.tell([learned(), dropped])
        news = await other.news()
        assert news.changes == (learned(), dropped)
        assert (await other.news(news.position)).changes == ()
        await one.tell([Change("dropped", BRIDGE)])
        assert (await other.news(news.position)).changes == (Change("dropped", BRIDGE),)

    run(opened, check)


def test_views_are_read_once_with_who_counted_them(opened: Open) -> None:
    async def check(one: Ledger, other: Ledger) -> None:
        count = Count("w1", 1000.0, {BRIDGE: 3})
        await one.count(count)
        news = await other.news()
        assert news.counts == (count,)
        assert (await other.news(news.position)).counts == ()

    run(opened, check)


def test_two_sites_never_mix(opened: Open) -> None:
    async def check(one: Ledger, _other: Ledger) -> None:
        await one.tell([learned()])
        await one.count(Count("w1", 1.0, {BRIDGE: 1}))
        async with closing(opened(uuid.uuid4().hex)) as foreign:
            news = await foreign.news()
        assert (news.changes, news.counts) == ((), ())

    run(opened, check)


def test_a_forgotten_story_is_forgotten_for_who_comes_later_until_it_is_remembered(opened: Open) -> None:
    async def check(one: Ledger, other: Ledger) -> None:
        await one.tell([learned(), Change("forgotten", BRIDGE), learned()])
        assert "forgotten" in [each.kind for each in (await other.news()).changes]
        await one.tell([Change("remembered", BRIDGE)])
        assert (await other.news()).changes[-1].kind == "remembered"

    run(opened, check)


def test_much_is_read_in_parts(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved, "MOST_ROWS", 2)
    monkeypatch.setattr(shared, "MOST_READ", 2)
    changes = [Change("dropped", f"https://news.example/{n}") for n in range(5)]

    async def check(one: Ledger, other: Ledger) -> None:
        await one.tell(changes)
        position = (START, START)
        found: list[Change] = []
        while (news := await other.news(position)).changes:
            position = news.position
            found += news.changes
        assert found == changes

    run(opened, check)


def test_of_many_stories_the_oldest_go_and_what_is_forgotten_stays(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (saved, shared):
        monkeypatch.setattr(module, "MOST_CHANGES", 100)

    async def check(one: Ledger, other: Ledger) -> None:
        await one.tell([Change("forgotten", BRIDGE)])
        for n in range(0, 600, 100):
            await one.tell([Change("dropped", f"https://news.example/{n + m}") for m in range(100)])
        changes = (await other.news()).changes
        assert 100 < len(changes) < 400  # Redis trims a stream by whole nodes
        assert Change("forgotten", BRIDGE) in changes
        assert changes[-1].url == "https://news.example/599"

    run(opened, check)


def test_no_more_is_forgotten_than_can_be_kept(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (saved, shared):
        monkeypatch.setattr(module, "MOST_FORGOTTEN", 1)

    async def check(one: Ledger, other: Ledger) -> None:
        await one.tell([Change("forgotten", BRIDGE)])
        with pytest.raises(LedgerFullError, match="remember some first"):
            await one.tell([Change("forgotten", f"{BRIDGE}-2")])
        assert {*(await other.news()).changes} == {Change("forgotten", BRIDGE)}

    run(opened, check)


def test_a_story_that_is_learned_again_is_one_row_in_the_file(tmp_path: Path) -> None:
    async def check(one: Ledger, other: Ledger) -> None:
        await one.tell([learned()])
        await one.tell([learned()])
        assert (await other.news()).changes == (learned(),)

    run(lambda name: SavedLedger(tmp_path / "library.db", name), check)


def test_views_of_long_ago_leave_the_file(tmp_path: Path) -> None:
    async def check(one: Ledger, other: Ledger) -> None:
        await one.count(Count("w1", 1.0, {BRIDGE: 1}))
        late = Count("w1", VIEWS_KEPT + 2.0, {BRIDGE: 1})
        await one.count(late)
        assert (await other.news()).counts == (late,)

    run(lambda name: SavedLedger(tmp_path / "library.db", name), check)


@pytest.mark.parametrize("content", [b"no database, whatever it is called" * 100, b"\0" * 4096])
def test_a_file_that_is_no_database_is_an_error_and_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "library.db"
    file.write_bytes(content)

    async def check(one: Ledger, _other: Ledger) -> None:
        with pytest.raises(LedgerError, match=r"library\.db"):
            await one.news()

    run(lambda name: SavedLedger(file, name), check)
    assert file.read_bytes() == content


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    async def check(one: Ledger, _other: Ledger) -> None:
        with pytest.raises(LedgerError):
            await one.tell([learned()])

    run(lambda name: SavedLedger(tmp_path / "none" / "library.db", name), check)


def test_a_full_disk_is_an_error_and_what_was_written_stays(tmp_path: Path) -> None:
    async def check(one: Ledger, other: Ledger) -> None:
        await one.tell([learned()])
        many = [Change("dropped", f"{BRIDGE}-{n}-{'x' * 1000}") for n in range(300)]
        with files_of_at_most(150_000), pytest.raises(LedgerError, match=r"library\.db"):
            await one.tell(many)
        assert (await other.news()).changes == (learned(),)
        await one.tell(many)
        assert len((await other.news()).changes) == 301

    run(lambda name: SavedLedger(tmp_path / "library.db", name), check)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Within it no file of this process grows over a size."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_row_that_is_damaged_is_left_out(tmp_path: Path) -> None:
    async def check(one: Ledger, other: Ledger) -> None:
        await one.tell([Change("dropped", BRIDGE), learned(STORY)])
        with sqlite3.connect(tmp_path / "library.db") as connection:
            connection.execute("UPDATE changes SET document = ?", (b'{"kind": "learned"}',))
        connection.close()
        news = await other.news()
        assert news.changes == ()
        assert news.position[0] > START

    run(lambda name: SavedLedger(tmp_path / "library.db", name), check)


def test_what_is_signed_with_another_secret_is_left_out(server: Server) -> None:
    async def check() -> None:
        name = uuid.uuid4().hex
        async with closing(SharedLedger(open_redis_archive(server.url), name, b"a stranger's")) as stranger:
            await stranger.tell([learned(), Change("forgotten", BRIDGE)])
            await stranger.count(Count("w1", 1.0, {BRIDGE: 9}))
        async with closing(SharedLedger(open_redis_archive(server.url), name, SECRET)) as ours:
            news = await ours.news()
        assert (news.changes, news.counts) == ((), ())

    asyncio.run(check())


def test_a_redis_that_is_down_is_an_error_without_its_address() -> None:
    async def check() -> None:
        url = "redis://:hunter2@127.0.0.1:1"
        async with closing(SharedLedger(open_redis_archive(url), "site")) as ledger:
            for work in (ledger.news(), ledger.tell([learned()]), ledger.count(Count("w", 1.0, {"u": 1}))):
                with pytest.raises(LedgerError) as raised:
                    await work
                assert "hunter2" not in str(raised.value)

    asyncio.run(check())


def test_an_entry_comes_back_as_it_was() -> None:
    assert decode_change(encode_change(learned())) == learned()
    bare = learned(Entry(BRIDGE, "Bridge", published=datetime(2026, 3, 1, tzinfo=UTC)))
    assert decode_change(encode_change(bare)) == bare


def test_a_story_that_is_too_large_is_not_written() -> None:
    assert encode_change(learned(Entry(BRIDGE, "x" * MOST_BYTES))) == b""


@given(document=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_document_can_raise(document: bytes) -> None:
    assert decode_change(document) is None
    assert decode_count(document) is None


@pytest.mark.parametrize(
    "document",
    [
        b'{"kind":"learned","url":"https://news.example/a"}',
        b'{"kind":"dropped","url":"https://a.example/","entry":{"url":"https://a.example/","title":"A"}}',
        b'{"kind":"learned","url":"https://a.example/","entry":{"url":"https://b.example/","title":"A"}}',
        b'{"kind":"learned","url":"https://a.example/","entry":{"url":"https://a.example/","title":"","level":"dire"}}',
        b'{"kind":"learned","url":"https://a.example/","entry":{"url":"https://a.example/","title":"","published":"2026-03-01T12:00:00"}}',
        b'{"kind":"learned","url":"https://a.example/","entry":{"url":"https://a.example/","title":"","seen":1e999}}',
        b'{"kind":"stolen","url":"https://news.example/a"}',
        b"x" * (MOST_BYTES + 1),
        b"",
    ],
)
def test_a_change_that_cannot_be_is_none(document: bytes) -> None:
    assert decode_change(document) is None


def test_views_that_are_none_are_no_count() -> None:
    assert decode_count(encode_count(Count("w", 1.0, {BRIDGE: -5}))) is None
    assert decode_count(encode_count(Count("w", 1.0, {BRIDGE: 5}))) == Count("w", 1.0, {BRIDGE: 5})


def test_a_file_that_was_spoilt_is_opened_anew_and_read_from_its_beginning(tmp_path: Path) -> None:
    file = tmp_path / "library.db"
    others = [learned(Entry(f"{BRIDGE}/{n}", "Bridge")) for n in range(3)]

    async def check() -> None:
        async with closing(SavedLedger(file, "site")) as one, closing(SavedLedger(file, "site")) as two:
            await one.tell(others)
            position = (await two.news()).position
            with sqlite3.connect(file) as connection:
                connection.execute("DROP TABLE changes")
            connection.close()
            for each in (one, two):
                with pytest.raises(LedgerError):
                    await each.tell([learned()])
            await one.tell([learned()])
            assert (await two.news(position)).changes == (learned(),)

    asyncio.run(check())
