"""From the segments into a sink, with a real Redis between, and without: whatever happens to it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from newshole.experiments.events.row import Row, identity
from newshole.experiments.events.segments import Segments, ready
from newshole.experiments.events.shipping import (
    AGAIN,
    MOST_WAITING,
    Shipper,
    Taken,
    take,
    take_segments,
    unpacked,
)
from newshole.experiments.events.sinks.sqlite import SqliteSink, SqliteTable
from newshole.store import StoreError
from newshole.store.queue import Parcel, RedisQueue, open_queue
from tests.store.servers import Server, running

KEY = b"events:test"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    with running(made):
        yield made


@asynccontextmanager
async def opened(server: Server) -> AsyncIterator[RedisQueue]:
    queue = open_queue(server.url, KEY)
    try:
        yield queue
    finally:
        await queue.close()
        await asyncio.sleep(0.01)  # connections close in the next turns of the loop


def rows(count: int, *, first: int = 0) -> list[Row]:
    return [
        Row(identity("click", n), 1_800_000_000_000 + n, "click", f"v{n}")
        for n in range(first, first + count)
    ]


def write(folder: Path, own: Sequence[Row]) -> None:
    segments = Segments(folder)
    for row in own:
        assert segments.append(row.encode())
    segments.close()


def kept(path: Path) -> int:
    table = SqliteTable(path)
    try:
        return int(table.ask("select count(*) from events")[0][0])
    finally:
        table.close()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_segments_go_into_a_sink_without_redis(tmp_path: Path) -> None:
    write(tmp_path / "segments", rows(5))
    sink = SqliteSink(tmp_path / "events")
    assert take_segments(tmp_path / "segments", sink) == Taken(rows=5)
    assert take_segments(tmp_path / "segments", sink) == Taken()
    sink.close()
    assert kept(tmp_path / "events") == 5
    assert ready(tmp_path / "segments") == []


def test_a_sink_that_fails_leaves_the_segment(tmp_path: Path) -> None:
    write(tmp_path / "segments", rows(5))
    sink = SqliteSink(tmp_path / "events")
    sink.close()
    with pytest.raises(Exception, match="closed"):
        take_segments(tmp_path / "segments", sink)
    assert len(ready(tmp_path / "segments")) == 1


def test_lines_that_are_no_rows_are_counted_and_left_out(tmp_path: Path) -> None:
    segments = Segments(tmp_path / "segments")
    for line in (rows(1)[0].encode(), b"{", rows(1)[0].encode()[:-4]):
        segments.append(line)
    segments.close()
    sink = SqliteSink(tmp_path / "events")
    assert take_segments(tmp_path / "segments", sink) == Taken(rows=1, torn=2)
    sink.close()


def test_segments_are_deleted_when_the_sink_has_them(server: Server, tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(server) as queue:
            shipper, sink = Shipper(tmp_path / "segments", queue), SqliteSink(tmp_path / "events")
            write(shipper.folder, rows(5))
            write(shipper.folder, rows(5, first=5))
            assert await shipper.ship() == 2
            assert len(ready(shipper.folder)) == 2
            assert await take(queue, sink, b"one") == Taken(rows=10)
            assert await shipper.ship() == 0
            assert ready(shipper.folder) == []
            assert await queue.length() == 0
            sink.close()

    asyncio.run(run())
    assert kept(tmp_path / "events") == 10


def test_a_redis_that_forgets_everything_loses_nothing(server: Server, tmp_path: Path) -> None:
    async def run() -> None:
        clock = Clock()
        async with opened(server) as queue:
            shipper = Shipper(tmp_path / "segments", queue, clock)
            write(shipper.folder, rows(5))
            assert await shipper.ship() == 1
            server.kill()
            with pytest.raises(StoreError):
                await shipper.ship()
            server.start()
            assert await shipper.ship() == 1
            assert await queue.length() == 0
            clock.now += AGAIN
            assert await shipper.ship() == 1
            assert await queue.length() == 1
            sink = SqliteSink(tmp_path / "events")
            assert await take(queue, sink, b"one") == Taken(rows=5)
            sink.close()
            assert await shipper.ship() == 0

    asyncio.run(run())
    assert kept(tmp_path / "events") == 5
    assert ready(tmp_path / "segments") == []


def test_a_frozen_redis_is_not_waited_for(server: Server, tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(server) as queue:
            shipper = Shipper(tmp_path / "segments", queue)
            write(shipper.folder, rows(5))
            server.freeze()
            with pytest.raises(StoreError):
                await asyncio.wait_for(shipper.ship(), 30)
            server.thaw()
            assert await shipper.ship() == 1

    asyncio.run(run())


def test_what_a_new_worker_brings_again_is_kept_once(server: Server, tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(server) as queue:
            write(tmp_path / "segments", rows(5))
            assert await Shipper(tmp_path / "segments", queue).ship() == 1
            assert await Shipper(tmp_path / "segments", queue).ship() == 1
            assert await queue.length() == 2
            sink = SqliteSink(tmp_path / "events")
            assert await take(queue, sink, b"one") == Taken(rows=10)
            sink.close()

    asyncio.run(run())
    assert kept(tmp_path / "events") == 5


def test_a_full_queue_leaves_segments_on_the_disk(server: Server, tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(server) as queue:
            for n in range(MOST_WAITING):
                assert await queue.bring(b"%d" % n, b"", most=MOST_WAITING)
            shipper = Shipper(tmp_path / "segments", queue)
            write(shipper.folder, rows(5))
            write(shipper.folder, rows(5, first=5))
            assert await shipper.ship() == 2
            assert await queue.length() == MOST_WAITING

    asyncio.run(run())
    assert len(ready(tmp_path / "segments")) == 2


def test_one_sink_takes_at_a_time_and_another_follows_it(server: Server, tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(server) as queue:
            assert await queue.lease(b"one", seconds=0.3)
            assert await queue.lease(b"one", seconds=0.3)
            sink = SqliteSink(tmp_path / "events")
            write(tmp_path / "segments", rows(5))
            await Shipper(tmp_path / "segments", queue).ship()
            assert await take(queue, sink, b"two") is None
            await asyncio.sleep(0.4)
            assert await take(queue, sink, b"two") == Taken(rows=5)
            sink.close()

    asyncio.run(run())


def test_what_a_sink_did_not_keep_is_not_settled(server: Server, tmp_path: Path) -> None:
    async def run() -> None:
        async with opened(server) as queue:
            shipper, sink = Shipper(tmp_path / "segments", queue), SqliteSink(tmp_path / "events")
            write(shipper.folder, rows(5))
            await shipper.ship()
            sink.close()
            with pytest.raises(Exception, match="closed"):
                await take(queue, sink, b"one")
            assert await queue.length() == 1
            assert await shipper.ship() == 1

    asyncio.run(run())


BOMB = zlib.compress(b"a\n" * 40_000_000)
CUT = zlib.compress(b"a\n")[:-3]


@pytest.mark.parametrize("value", [b"", b"x", CUT, BOMB], ids=["none", "bad", "cut", "bomb"])
def test_a_damaged_parcel_is_brought_again(server: Server, tmp_path: Path, value: bytes) -> None:
    async def run() -> None:
        clock = Clock()
        async with opened(server) as queue:
            shipper, sink = Shipper(tmp_path / "segments", queue, clock), SqliteSink(tmp_path / "events")
            write(shipper.folder, rows(5))
            name = ready(shipper.folder)[0].stem.encode()
            await queue.bring(name, value, most=1)
            shipper.brought[ready(shipper.folder)[0]] = clock.now
            assert await take(queue, sink, b"one") == Taken()
            assert await shipper.ship() == 1
            clock.now += AGAIN
            assert await shipper.ship() == 1
            assert await take(queue, sink, b"one") == Taken(rows=5)
            sink.close()

    asyncio.run(run())
    assert kept(tmp_path / "events") == 5


def test_a_parcel_unpacks_to_its_records() -> None:
    assert unpacked(Parcel(b"1-1", b"n", zlib.compress(b"one\n\ntwo\nthree"))) == [b"one", b"two"]
