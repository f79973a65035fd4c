"""Rules in production: real Redis, real servers, and every response wholly of one version."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from newshole import Newshole, UsageError
from newshole.live.appending import Change
from newshole.live.entries import Published, TurnedOn
from newshole.live.ledger import Ledger
from newshole.live.outcomes import settled
from newshole.live.publishing import publish, roll_back
from newshole.live.switching import turn_off, turn_on
from newshole.store.archive import open_archive
from newshole.types import Switch
from tests.http.asgi import asked, asks, page
from tests.http.published import (
    NEW,
    OLD,
    RAW,
    SECRET,
    TEXT,
    ledger_at,
    release,
    shown,
    until_shown,
    until_told,
    worker,
)
from tests.http.servers import serving
from tests.live.rules import FIRST, SECOND, WRONG, source_of, written
from tests.store.servers import Server
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("_quiet")


def test_every_worker_goes_over_to_what_is_published_and_back(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        workers = [worker(redis, tmp_path / str(n)) for n in range(3)]
        async with ledger_at(redis) as ledger:
            for each in workers:
                assert await shown(each) == RAW
                assert each.counts["no-rules"] == 1
                assert not each.is_ready
            for text, texts in ((FIRST, OLD), (SECOND, NEW)):
                assert (await until_told(ledger, await release(ledger, text), took=3)).is_settled
                for each in workers:
                    assert await shown(each) == texts
                    assert each.status.version == source_of(text).digest
            back = await roll_back(ledger, None, by="bo", note="", clock=time.time)
            assert back is not None
            await until_told(ledger, back, took=3)
            for each in workers:
                assert await shown(each) == OLD
                assert each.site.since >= back.event.at
                await each.close()
            assert await ledger.workers() == []

    asyncio.run(serve())


def test_a_wrong_version_is_refused_and_told_and_the_last_good_one_stays(
    redis: Server, tmp_path: Path
) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            wrong = source_of(WRONG)
            await ledger.keep(wrong)
            await ledger.append(2, Published(wrong.digest, 2.0))
            change = Change(2, Published(wrong.digest, 2.0), None)  # type: ignore[arg-type]  # not looked at
            outcome = await until_told(ledger, change, refused=1)
            assert [each.problem.partition(": ")[0] for each in outcome.refused] == ["site.yaml:8:8"]
            assert await shown(newshole) == OLD
            assert newshole.desk is not None
            assert newshole.desk.board.counts["rules-refused"] == 1
            assert "site.yaml:8:8" in newshole.status.problem
            await release(ledger, SECOND)
            await until_shown(newshole, NEW)
            assert newshole.status.problem == ""
        await newshole.close()

    asyncio.run(serve())


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["kill", "freeze"])
def test_without_redis_pages_go_on_and_so_do_restarts_and_the_switch_file(
    redis: Server, tmp_path: Path, harm: str
) -> None:
    async def serve() -> None:
        file = tmp_path / "off.yaml"
        newshole = worker(redis, tmp_path, switches=file)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            off = Switch("block", "spot", "bo", "why")
            await settled(ledger, await turn_off(ledger, (off,), at=time.time()), patience=20)
            await until_shown(newshole, OLD[:2])
            await until(lambda: b'"block"' in next((tmp_path / "state").glob("*.rules")).read_bytes())
        getattr(redis, harm)()
        again = worker(redis, tmp_path, switches=file)
        assert again.is_ready
        for each in (newshole, again):
            assert await shown(each) == OLD[:2]
        written(tmp_path, "off: [{all: true}]\n", "off.yaml")
        for each in (newshole, again):
            await until_shown(each, RAW)
            assert each.counts["switched-off"] > 0
        file.unlink()
        for each in (newshole, again):
            await until_shown(each, OLD[:2])
        if harm == "freeze":
            redis.thaw()
        else:
            redis.start()
        async with ledger_at(redis) as ledger:
            if harm == "freeze":
                await turn_on(ledger, (("block", "spot"),), at=time.time(), by="", reason="")
            else:  # what was in Redis is gone: whoever publishes anew begins a new log
                await release(ledger, SECOND)
            for each in (newshole, again):
                await until_shown(each, OLD if harm == "freeze" else NEW)
        for each in (newshole, again):
            await each.close()

    asyncio.run(serve())


def test_rules_arrive_when_redis_does(redis: Server, tmp_path: Path) -> None:
    redis.kill()

    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        for _ in range(3):
            assert await shown(newshole) == RAW
        assert newshole.counts["no-rules"] == 3
        redis.start()
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
        await until_shown(newshole, OLD)
        assert newshole.is_ready
        await newshole.close()

    asyncio.run(serve())


def test_what_a_stranger_writes_into_redis_is_left_out(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            stranger = Ledger(ledger.archive, secret=b"guessed")
            await stranger.keep(source_of(SECOND))
            await stranger.append(2, Published(source_of(SECOND).digest, 2.0))
            assert newshole.desk is not None
            counts = newshole.desk.board.counts
            await until(lambda: counts["live-unsound"] >= 1)
            assert await shown(newshole) == OLD
            assert "another secret" in newshole.status.problem
        await newshole.close()

    asyncio.run(serve())


def test_files_that_were_lost_are_taken_once_they_are_published_again(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            redis.ask("DEL", "newshole:live:{site}:files")
            newshole = worker(redis, tmp_path)
            await asks(newshole, asked())
            await until(lambda: "its files are lost" in newshole.status.problem)
            assert newshole.desk is not None
            assert newshole.desk.board.counts["rules-refused"] == 1
            assert await publish(ledger, source_of(FIRST), by="", note="", clock=time.time) is None
            await until_shown(newshole, OLD)
            assert newshole.status.problem == ""
            assert newshole.desk.board.counts["rules-refused"] == 1
        await newshole.close()

    asyncio.run(serve())


def test_a_log_that_a_stranger_puts_in_place_of_ours_switches_nothing_on(
    redis: Server, tmp_path: Path
) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await turn_off(ledger, (Switch("kind", "html", reason="x"),), at=time.time())
            await asks(newshole, asked())
            await until(lambda: newshole.status.switches)
            assert newshole.desk is not None
            redis.ask("DEL", "newshole:live:{site}:log")
            await Ledger(ledger.archive, secret=b"guessed").append(1, TurnedOn((("kind", "html"),), 2.0))
            counts = newshole.desk.board.counts
            await until(lambda: counts["live-unsound"])
            assert [each.name for each in newshole.status.switches] == ["html"]
            assert await shown(newshole) == RAW
        await newshole.close()

    asyncio.run(serve())


def test_files_on_disk_that_are_damaged_are_as_good_as_none(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            state = tmp_path / "state"
            await until(lambda: list(state.glob("*.rules")))
            await newshole.close()
            next(state.glob("*.rules")).write_bytes(b"spoilt")
            again = worker(redis, tmp_path)
            assert not again.is_ready
            await until_shown(again, OLD)
            await again.close()

    asyncio.run(serve())


def test_a_state_folder_that_cannot_be_written_harms_nothing(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        blocked = written(tmp_path, "", "blocked")
        newshole = worker(redis, tmp_path, state=blocked / "state")
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
        assert newshole.desk is not None
        counts = newshole.desk.board.counts
        await until(lambda: counts["state-fault"] >= 1)
        await newshole.close()

    asyncio.run(serve())


@pytest.mark.slow
def test_under_load_every_response_is_wholly_of_one_version(redis: Server, tmp_path: Path) -> None:
    """Real servers, which start with what is published, and swap again and again while they answer."""

    async def change(ledger: Ledger) -> None:
        for text in (SECOND, FIRST, SECOND):
            await until_told(ledger, await release(ledger, text), took=2)

    async def ask(client: httpx.AsyncClient, address: str, seen: set[bytes], done: asyncio.Event) -> None:
        while not done.is_set():
            for path in ("/news/a", "/news/b", "/news/c"):
                answer = await client.get(address + path, headers={"host": "news.example"})
                found = set(TEXT.findall(answer.content))
                assert answer.status_code == 200
                assert len(TEXT.findall(answer.content)) == 3
                assert len(found) == 1
                assert TEXT.sub(rb"<p></p>", answer.content).count(b"<p></p>") == 3
                seen |= found

    async def load(addresses: list[str]) -> None:
        seen: set[bytes] = set()
        done = asyncio.Event()
        async with ledger_at(redis) as ledger, httpx.AsyncClient() as client:
            asking = [asyncio.create_task(ask(client, each, seen, done)) for each in addresses * 2]
            await change(ledger)
            done.set()
            await asyncio.gather(*asking)
        assert seen == {b"first", b"second"}

    async def begin() -> None:
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)

    asyncio.run(begin())
    first, second = (worker(redis, tmp_path / str(n)) for n in range(2))
    with serving(first) as one, serving(second) as two:
        assert first.is_ready
        asyncio.run(load([one, two]))


def test_published_rules_need_a_redis_and_a_name_that_can_be_one() -> None:
    with pytest.raises(UsageError, match='rules="published:sports" and name="news" are two names'):
        Newshole(page(), rules="published:sports", name="news", redis="redis://localhost")
    with pytest.raises(UsageError, match="needs redis="):
        Newshole(page(), rules="published")
    with pytest.raises(UsageError, match="no site can be named"):
        Newshole(page(), rules="published:a b", redis="redis://127.0.0.1:1")


def test_names_keep_sites_apart(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        one = worker(redis, tmp_path, rules="published:one")
        two = worker(redis, tmp_path, name="two")
        archive = open_archive(redis.url)
        for name, text in (("one", FIRST), ("two", SECOND)):
            await release(Ledger(archive, name, SECRET.encode()), text)
        await archive.close()
        await until_shown(one, OLD)
        await until_shown(two, NEW)
        for each in (one, two):
            await each.close()

    asyncio.run(serve())
