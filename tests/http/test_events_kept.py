"""No exposure is lost and none is counted twice, whatever happens to the worker, to Redis, or to the disk."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

import pytest

from newshole import Newshole
from newshole.experiments.events.segments import ready, records
from newshole.experiments.events.shipping import KEY, take, take_segments
from newshole.experiments.events.sinks.sqlite import SqliteSink, SqliteTable
from newshole.http.pagecache import PageCache
from newshole.store.queue import open_queue
from tests.http import measured as site
from tests.http.asgi import PATH, STORY, asked, asks, page
from tests.http.measured import attribute, exposed, measured, reader
from tests.store.servers import Server, free_port, running
from tests.waiting import PATIENCE, eventually

KILLS: Final = 50
ALL: Final = 100_000


def told(file: Path) -> list[tuple[str, int]]:
    """The views that a sink has exposures of, and how many."""
    table = SqliteTable(file)
    try:
        found = table.ask("select view_id, count(*) from events where kind = 'exposure' group by view_id")
        return [(str(view), int(count)) for view, count in found]
    finally:
        table.close()


class Worker:
    """A server that is killed and started again on the same port."""

    def __init__(self, *arguments: str) -> None:
        self.port = free_port()
        self.command = [sys.executable, "-m", "tests.http.measured_server", *arguments, str(self.port)]
        self.views: list[str] = []
        self.begin()

    def begin(self) -> None:
        self.process = subprocess.Popen(self.command)
        eventually(self.answers)

    def answers(self) -> bool:
        with suppress(OSError, HTTPException):
            return self.view("first") != ""
        return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def view(self, name: str) -> str:
        """The id of a view whose page a reader has got, whole."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            client.request("GET", PATH, headers={"Host": "news.example", "Cookie": f"reader={name}"})
            view = attribute(client.getresponse().read(), "view")
            self.views.append(view)
            return view
        finally:
            client.close()

    def load(self, name: str, over: threading.Event) -> None:
        """Ask for pages until it is killed."""
        while not over.is_set():
            with suppress(OSError, HTTPException):
                self.view(name)


@pytest.mark.slow
def test_a_worker_that_is_killed_under_load_loses_no_exposure(tmp_path: Path) -> None:
    events = tmp_path / "events"
    worker = Worker(str(site.rules(tmp_path)), str(events))
    for number in range(KILLS):
        over = threading.Event()
        loads = [threading.Thread(target=worker.load, args=(f"{number} {n}", over)) for n in range(2)]
        for each in loads:
            each.start()
        seen = len(worker.views)
        eventually(lambda seen=seen: len(worker.views) > seen + 5)  # type: ignore[misc]
        worker.kill()
        over.set()
        for each in loads:
            each.join()
        if number < KILLS - 1:
            worker.begin()
    sink = SqliteSink(tmp_path / "events.db")
    # A sink that was killed before it deleted what it had taken takes it again.
    segments = {path: path.read_bytes() for path in ready(events)}
    take_segments(events, sink)
    for path, content in segments.items():
        path.write_bytes(content)
    take_segments(events, sink)
    sink.close()
    found = dict(told(tmp_path / "events.db"))
    assert set(worker.views) <= found.keys()
    assert set(found.values()) == {1}
    assert len(worker.views) > KILLS * 5


_FULL: Final = """
import resource, sys
from pathlib import Path
from tests.http import measured as site
from tests.http.asgi import ask, asked

folder = Path(sys.argv[1])
newshole = site.measured(folder, site.rules(folder))
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
pages = [ask(newshole, asked(headers=site.reader("ada"))).body for _ in range(50)]
assert all(page.count(b'data-newshole="inline"') == 1 for page in pages)
print(newshole.events.segments.tally.kept, newshole.events.segments.tally.lost)
"""


def test_on_a_full_disk_pages_are_served_and_what_is_lost_is_counted(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path)], capture_output=True, text=True, check=True
    )
    kept, lost = map(int, done.stdout.split())
    assert kept > 0
    assert lost > 0
    assert kept + lost == 50
    lines = [line for path in ready(tmp_path / "events") for line in records(path)]
    assert len(lines) == kept


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    with running(made):
        yield made


@asynccontextmanager
async def shipping(tmp_path: Path, server: Server) -> AsyncIterator[Newshole]:
    """A site whose segments go into a Redis."""
    newshole = measured(tmp_path, site.rules(tmp_path), events_redis=server.url)
    try:
        yield newshole
    finally:
        await newshole.close()
        await asyncio.sleep(0.01)  # connections close in the next turns of the loop


async def views(newshole: Newshole, count: int) -> set[str]:
    """The ids of some views."""
    scopes = (asked(headers=reader(str(number))) for number in range(count))
    return {attribute((await asks(newshole, scope)).body, "view") for scope in scopes}


async def taken(server: Server, file: Path) -> set[str]:
    """The views that a sink has once it has taken what waits."""
    queue = open_queue(server.url, KEY)
    sink = SqliteSink(file)
    try:
        await take(queue, sink, b"the sink")
    finally:
        sink.close()
        await queue.close()
    return {view for view, _ in told(file)}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments that are shipped at once."""
    monkeypatch.setattr("newshole.http.event_desk.ROUND", 0.05)
    monkeypatch.setattr("newshole.experiments.events.segments.SEGMENT_SECONDS", 0.0)
    monkeypatch.setattr("newshole.experiments.events.shipping.AGAIN", 0.5)


async def comes_about(server: Server, file: Path, wanted: set[str]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not wanted <= await taken(server, file):  # noqa: ASYNC110 - it is in a file
            await asyncio.sleep(0.1)


@pytest.mark.usefixtures("quick")
def test_a_worker_brings_its_segments_to_redis_and_deletes_those_that_a_sink_has(
    tmp_path: Path, server: Server
) -> None:
    async def run() -> None:
        async with shipping(tmp_path, server) as newshole:
            wanted = await views(newshole, 20)
            await comes_about(server, tmp_path / "events.db", wanted)
            await asyncio.to_thread(eventually, lambda: ready(tmp_path / "events") == [])

    asyncio.run(run())


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_while_redis_is_frozen_or_gone_pages_are_served_and_nothing_is_lost(
    tmp_path: Path, server: Server
) -> None:
    async def run() -> None:
        async with shipping(tmp_path, server) as newshole:
            assert newshole.events is not None
            wanted = await views(newshole, 20)
            server.freeze()
            wanted |= await views(newshole, 20)
            counts = newshole.events.counts
            await asyncio.to_thread(eventually, lambda: counts["ship-fault"] > 0)
            server.thaw()
            await asyncio.sleep(0.2)
            # It comes back without anything that it had.
            server.kill()
            wanted |= await views(newshole, 20)
            server.start()
            await comes_about(server, tmp_path / "events.db", wanted)
            assert newshole.events.segments.tally.lost == 0
        assert len(wanted) == 60

    asyncio.run(run())


def test_where_nothing_is_measured_no_folder_is_made_for_redis_either(tmp_path: Path, server: Server) -> None:
    async def run() -> None:
        async with shipping(tmp_path, server) as newshole:
            assert newshole.events is not None
            assert newshole.events.shipper is not None
            await newshole.events.ship(newshole.events.shipper)
            assert not (tmp_path / "events").exists()
            assert newshole.events.counts == {}

    asyncio.run(run())


def test_that_redis_is_away_does_not_hide_that_rows_are_lost(
    tmp_path: Path, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        async with shipping(tmp_path, server) as newshole:
            events = newshole.events
            assert events is not None
            assert events.shipper is not None
            await views(newshole, 1)
            events.segments.close()
            server.kill()
            await events.ship(events.shipper)
            shutil.rmtree(events.folder)
            events.folder.write_bytes(b"")
            await views(newshole, 1)

    asyncio.run(run())
    assert "segments of events wait" in caplog.text
    assert "rows of events are lost: 1 so far" in caplog.text


async def brings(newshole: Newshole) -> bool:
    """Whether a worker brings what it has just written, or what others have."""
    events = newshole.events
    assert events is not None
    assert events.shipper is not None
    await views(newshole, 1)
    events.segments.close()
    await events.ship(events.shipper)
    return bool(events.shipper.brought)


def test_of_all_who_write_to_a_folder_one_ships(tmp_path: Path, server: Server) -> None:
    async def run() -> None:
        async with shipping(tmp_path, server) as one, shipping(tmp_path, server) as other:
            assert await brings(one)
            assert not await brings(other)
            await one.close()
            assert await brings(other)

    asyncio.run(run())


@pytest.mark.slow
def test_of_many_interleaved_requests_each_is_counted_in_the_arm_that_its_reader_got(tmp_path: Path) -> None:
    kept = PageCache(page(STORY, (b"cache-control", b"public, max-age=600")))
    newshole = measured(tmp_path, site.rules(tmp_path, more=site.NONE_EXPERIMENT), kept)
    shown: Counter[tuple[str, str]] = Counter()
    seen: set[str] = set()

    async def read(numbers: Iterator[int]) -> None:
        for number in numbers:
            content = (await asks(newshole, asked(headers=reader(str(number % 997))))).body
            view = attribute(content, "view")
            assert view not in seen
            seen.add(view)
            shown[str(number % 997), "control" if b'data-newshole="inline"' in content else "bare"] += 1
            await asyncio.sleep(0)

    async def run() -> None:
        numbers = iter(range(ALL))
        await asyncio.gather(*(read(numbers) for _ in range(32)))
        await newshole.close()

    asyncio.run(run())
    found = exposed(newshole)
    assert {row.view_id for row in found} == seen
    assert len(found) == ALL
    assert Counter(row.arm for row in found) == Counter(
        arm for (_, arm), count in shown.items() for _ in range(count)
    )
    assert len({name for name, _ in shown}) == len(shown) == 997
