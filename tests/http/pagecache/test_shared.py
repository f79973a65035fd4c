"""Workers that share a Redis share pages, and no request fails whatever happens to it."""

from __future__ import annotations

import asyncio

import pytest

from newshole.http.pagecache import Settings
from newshole.store import GuardedStore, MemoryStore
from newshole.store.redis import open_redis
from tests.http.asgi import STORY
from tests.http.pagecache.sites import SHARED, TAG, Case, Clock, control
from tests.store.servers import Server
from tests.waiting import PATIENCE, until

SECRET = "of the newsroom"  # noqa: S105 - an example


def worker(
    redis: Server,
    *headers: tuple[bytes, bytes],
    clock: Clock,
    secret: str = SECRET,
    largest: int = 100_000,
    deadline: float = PATIENCE,
) -> Case:
    store, settings = GuardedStore(open_redis(redis.url), deadline=deadline), Settings(largest_shared=largest)
    return Case(*headers, store=store, clock=clock, secret=secret, settings=settings)


async def ready(*cases: Case) -> None:
    """Have every worker know the log, by addresses that no test asks for."""
    async with asyncio.timeout(PATIENCE):
        for case in cases:
            while not case.cache.purge_log.is_shared:
                await case.ask(path="/ready", method="HEAD")
                await asyncio.sleep(0.02)
            case.site.asked.clear()


async def close(*cases: Case) -> None:
    for case in cases:
        await case.cache.close()


@pytest.mark.parametrize("vary", [[], [(b"vary", b"Accept-Language")]])
def test_a_second_worker_takes_the_pages_of_the_first(redis: Server, vary: list[tuple[bytes, bytes]]) -> None:
    async def check() -> None:
        clock = Clock()
        first, second = (worker(redis, SHARED, *vary, clock=clock) for _ in range(2))
        await ready(first, second)
        await first.ask((b"accept-language", b"de"))
        keys = 3 if vary else 2
        await until(lambda: redis.ask("DBSIZE") == keys)
        clock.now += 10
        client = await second.ask((b"accept-language", b"de"))
        assert (client.body, client.header(b"age")) == (STORY, b"10")
        assert second.fetched == 0
        await second.ask((b"accept-language", b"en"))
        assert second.fetched == (1 if vary else 0)
        await close(first, second)

    asyncio.run(check())


def test_a_restarted_worker_finds_the_pages_again_and_asks_whether_they_changed(redis: Server) -> None:
    async def check() -> None:
        clock = Clock()
        first, second = (worker(redis, SHARED, TAG, clock=clock) for _ in range(2))
        await ready(first)
        await first.ask()
        await until(lambda: redis.ask("DBSIZE") == 2)
        await close(first)
        clock.now += 61
        await ready(second)
        assert (await second.ask()).body == STORY
        assert second.site.seen(b"if-none-match") == TAG[1]
        assert second.outcomes()["revalidated"] == 1
        await close(second)

    asyncio.run(check())


def test_a_thousand_who_ask_at_once_cost_the_site_one_fetch_and_redis_one_question(redis: Server) -> None:
    async def check() -> None:
        case = worker(redis, SHARED, clock=Clock())
        await ready(case)
        assert case.cache.store is not None
        before = case.cache.store.counts.total()
        clients = await asyncio.gather(*(case.ask() for _ in range(1000)))
        assert {client.body for client in clients} == {STORY}
        assert case.fetched == 1
        assert case.cache.store.counts.total() == before + 1
        await close(case)

    asyncio.run(check())


def test_large_pages_stay_in_the_process(redis: Server) -> None:
    async def check() -> None:
        case = worker(redis, SHARED, clock=Clock(), largest=1000)
        await ready(case)
        await case.ask()
        await case.ask()
        await asyncio.sleep(0.05)
        assert redis.ask("DBSIZE") == 1
        assert case.fetched == 1
        await close(case)

    asyncio.run(check())


def test_every_key_goes_by_itself(redis: Server) -> None:
    async def check() -> None:
        case = worker(redis, SHARED, (b"vary", b"x-a"), clock=Clock())
        await ready(case)
        await case.ask()
        await until(lambda: redis.ask("DBSIZE") == 3)
        assert all(redis.ask("PTTL", key) > 0 for key in redis.ask("KEYS", "*"))
        await close(case)

    asyncio.run(check())


def test_values_spoilt_in_redis_are_no_pages(redis: Server) -> None:
    async def check() -> None:
        clock = Clock()
        first, second = (worker(redis, SHARED, clock=clock) for _ in range(2))
        await ready(first, second)
        for number in range(8):
            await first.ask(query_string=b"%d" % number)
        await until(lambda: redis.ask("DBSIZE") == 9)
        keys = sorted(redis.ask("KEYS", "newshole:page:*"))
        values = [redis.ask("GET", key) for key in keys]
        for number, (key, value) in enumerate(zip(keys, values, strict=True)):
            spoilt = [
                values[number - 1], value[:-1], value + b"x", value.replace(b"council", b"COUNCIL"),
            ]  # fmt: skip
            redis.ask("SET", key, spoilt[number % 4])
        for number in range(8):
            assert (await second.ask(query_string=b"%d" % number)).body == STORY
        assert second.fetched == 8
        assert second.cache.tally.events["page-unsound"] == 8
        await close(first, second)

    asyncio.run(check())


def test_a_worker_with_another_secret_takes_no_pages(redis: Server) -> None:
    async def check() -> None:
        clock = Clock()
        first = worker(redis, SHARED, clock=clock)
        second = worker(redis, SHARED, clock=clock, secret="another")  # noqa: S106 - an example
        await ready(first, second)
        await first.ask()
        await until(lambda: redis.ask("DBSIZE") == 2)
        await second.ask()
        assert second.fetched == 1
        await close(first, second)

    asyncio.run(check())


def test_a_page_that_is_gone_is_gone_from_the_store(redis: Server) -> None:
    async def check() -> None:
        clock = Clock()
        first = worker(redis, control("max-age=60, stale-while-revalidate=900"), clock=clock)
        second = worker(redis, SHARED, clock=clock)
        await ready(first, second)
        await first.ask()
        await until(lambda: redis.ask("DBSIZE") == 2)
        clock.now += 60
        first.site.status = second.site.status = 410
        await first.ask()
        await until(lambda: redis.ask("DBSIZE") == 1)
        assert (await second.ask()).messages[0]["status"] == 410
        await close(first, second)

    asyncio.run(check())


def test_a_store_without_a_log_is_not_used_for_pages() -> None:
    async def check() -> None:
        store = GuardedStore(MemoryStore())
        case = Case(SHARED, store=store)
        await case.ask_twice()
        assert case.fetched == 1
        assert not store.counts
        await close(case)

    asyncio.run(check())


@pytest.mark.parametrize("harm", ["freeze", "kill"])
def test_no_request_fails_whatever_happens_to_redis(redis: Server, harm: str) -> None:
    async def check() -> None:
        case = worker(redis, SHARED, clock=Clock(), deadline=0.5)
        await ready(case)
        await case.ask(query_string=b"kept")
        getattr(redis, harm)()
        for number in range(60):
            assert (await case.ask(query_string=b"%d" % number)).body == STORY
        fetched = case.fetched
        assert (await case.ask(query_string=b"kept")).body == STORY
        assert case.fetched == fetched
        assert case.cache.store is not None
        assert case.cache.store.state != "closed"
        await close(case)

    asyncio.run(check())


def test_a_worker_that_never_reached_redis_keeps_pages_for_itself() -> None:
    async def check() -> None:
        case = Case(SHARED, store=GuardedStore(open_redis("redis://127.0.0.1:1")))
        for _ in range(5):
            assert (await case.ask()).body == STORY
        assert case.fetched == 1
        assert await case.cache.purge(everything=True) is False
        await case.ask()
        assert case.fetched == 2
        await close(case)

    asyncio.run(check())
