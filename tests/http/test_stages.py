"""A version that is staged: real Redis, several workers, and each page wholly of one version."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Site
from newshole.live.appending import Change
from newshole.live.entries import Unit
from newshole.live.ledger import Ledger
from newshole.live.publishing import advance, halt, roll_back, stage
from newshole.live.staging.stage import Stage, page_name
from newshole.live.switching import turn_off, turn_on
from newshole.types import Switch
from tests.http.published import (
    OLD,
    PATHS,
    ledger_at,
    new_at,
    release,
    shown,
    until_shown,
    until_told,
    worker,
)
from tests.live.rules import FIRST, SECOND, WRONG, source_of
from tests.store.servers import Server, running
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("_quiet")
NAMES = st.text(max_size=40)


async def begin(ledger: Ledger, text: str, share: float, unit: Unit = "url") -> Change:
    change = await stage(ledger, source_of(text), share=share, unit=unit, by="anna", note="", clock=time.time)
    assert change is not None
    return change


async def raised(ledger: Ledger, share: float) -> Change:
    change = await advance(ledger, share, by="anna", clock=time.time)
    assert change is not None
    return change


@given(NAMES, st.floats(0, 100), st.floats(0, 100))
def test_a_larger_share_moves_no_page_back(name: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    stages = [Stage(Site(), "ab" * 16, share, "url") for share in (low, high)]
    assert not stages[0].takes(name) or stages[1].takes(name)
    assert not Stage(Site(), "ab" * 16, 0.0, "url").takes(name)
    assert Stage(Site(), "ab" * 16, 100.0, "url").takes(name)


def test_a_share_is_about_that_many_pages_and_others_for_another_version() -> None:
    first, second = (
        {n for n in range(10_000) if Stage(Site(), digest, 10.0, "url").takes(f"news.example/{n}")}
        for digest in ("ab" * 16, "cd" * 16)
    )
    assert 850 < len(first) < 1150
    assert 850 < len(second) < 1150
    assert len(first & second) < 200


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/a/b",
        "http://news.example:8000/a/b?x=1",
        "https://NEWS.example/a/b/",
        "https://news.example/a/%62#c",
    ],
)
def test_one_page_has_one_name_however_it_is_asked_for(url: str) -> None:
    assert page_name(url) == "news.example/a/b"


def test_what_is_no_address_is_a_name_too() -> None:
    assert page_name("https://[a/b") == "https://[a/b"


def test_two_workers_agree_on_every_page_and_none_goes_back_until_all_are_new(
    redis: Server, tmp_path: Path
) -> None:
    async def serve() -> None:
        workers = [worker(redis, tmp_path / str(n)) for n in range(2)]
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            for each in workers:
                await until_shown(each, OLD)
            await until_told(ledger, await begin(ledger, SECOND, 20), took=2)
            before: set[str] = set()
            for share in (20.0, 60.0):
                if share > 20:
                    await until_told(ledger, await raised(ledger, share), took=2)
                found = [await new_at(each) for each in workers]
                assert found[0] == found[1] > before
                assert len(found[0]) < len(PATHS)
                before = found[0]
            assert {each.status.version for each in workers} == {source_of(FIRST).digest}
            await until_told(ledger, await raised(ledger, 100), took=2)
            for each in workers:
                assert await new_at(each) == set(PATHS)
                assert each.stage is None
                await each.close()

    asyncio.run(serve())


def test_a_halt_and_a_rollback_end_what_is_staged_everywhere(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, SECOND)
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            ends: list[Callable[[], Awaitable[object]]] = [
                lambda: halt(ledger, by="bo", reason="x", clock=time.time),
                lambda: roll_back(ledger, None, by="bo", note="", clock=time.time),
            ]
            for end in ends:
                await until_told(ledger, await begin(ledger, SECOND + "# again\n", 50), took=1)
                assert await new_at(newshole)
                await end()
                await until(lambda: newshole.stage is None)
            assert await new_at(newshole) == set(PATHS)
            assert newshole.status.version == source_of(SECOND).digest
        await newshole.close()

    asyncio.run(serve())


def test_what_cannot_be_staged_is_refused_told_and_the_version_in_service_stays_everywhere(
    redis: Server, tmp_path: Path
) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            outcome = await until_told(ledger, await begin(ledger, WRONG, 50), refused=1)
            assert outcome.refused[0].problem.startswith("site.yaml:8:8")
            assert await new_at(newshole) == set()
            assert "site.yaml:8:8" in newshole.status.problem
            await halt(ledger, by="bo", reason="wrong", clock=time.time)
            await until(lambda: newshole.status.problem == "")
        await newshole.close()

    asyncio.run(serve())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # a connection that was being made, redis-py's
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # redis-py's
def test_a_restart_without_redis_knows_the_version_in_service_alone(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            await until_told(ledger, await begin(ledger, SECOND, 50), took=1)
            assert await new_at(newshole)
        redis.kill()
        assert await new_at(newshole)
        again = worker(redis, tmp_path)
        assert await new_at(again) == set()
        assert again.is_ready
        for each in (newshole, again):
            await each.close()

    asyncio.run(serve())
    gc.collect()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # a connection that was being made, redis-py's
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # redis-py's
def test_when_redis_is_gone_in_the_middle_the_share_stays_and_goes_on_after(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    folder.mkdir()
    redis = Server(folder, "--appendonly", "yes", "--appendfsync", "always")

    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            await until_told(ledger, await begin(ledger, SECOND, 30), took=1)
            found = await new_at(newshole)
            redis.kill()
            await until(lambda: newshole.status.follows is False)
            assert await new_at(newshole) == found
            redis.start()
            await until_told(ledger, await raised(ledger, 90), took=1)
            assert await new_at(newshole) > found
        await newshole.close()

    with running(redis):
        asyncio.run(serve())
    gc.collect()


def test_switches_hold_on_pages_of_both_versions(redis: Server, tmp_path: Path) -> None:
    async def serve() -> None:
        newshole = worker(redis, tmp_path)
        async with ledger_at(redis) as ledger:
            await release(ledger, FIRST)
            await until_shown(newshole, OLD)
            await until_told(ledger, await begin(ledger, SECOND, 50), took=1)
            await new_at(newshole)
            off = await turn_off(ledger, (Switch("block", "spot"),), at=time.time())
            await until_told(ledger, off, took=1)
            texts = [await shown(newshole, path) for path in PATHS]
            assert {len(each) for each in texts} == {2}
            assert {each[0] for each in texts} == {b"first", b"second"}
            on = await turn_on(ledger, (("block", "spot"),), at=time.time(), by="", reason="")
            await until_told(ledger, on[0], took=1)
            assert await new_at(newshole)
        await newshole.close()

    asyncio.run(serve())
