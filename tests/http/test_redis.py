"""newshole on a real Redis: plans are shared, and whatever happens to it, every page is composed."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest

from newshole import Newshole, Site
from tests.http.asgi import STORY, asked, asks, page
from tests.store.servers import Server, cluster
from tests.waiting import PATIENCE, until

URL = "https://news.example/news/bridge"


def mounted(site: Site, redis: str, content: bytes = STORY) -> Newshole:
    return Newshole(page(content), site=site, redis=redis, secret="of the newsroom")  # noqa: S106 - an example


def plans_in(redis: Server) -> list[bytes]:
    """The keys of plans, without those by which workers say what they serve."""
    return sorted(key for key in redis.ask("KEYS", "*") if not key.startswith(b"newshole:live:"))


def patient(site: Site, redis: str) -> Newshole:
    """One that waits for Redis as long as a busy machine makes it."""
    newshole = mounted(site, redis)
    assert newshole.store is not None
    newshole.store.deadline = PATIENCE
    return newshole


async def ask_many(newshole: Newshole, first: int, last: int, *, at_once: int = 16) -> None:
    """Ask for as many addresses, all of them new; each page is as it should be."""
    places = asyncio.Semaphore(at_once)
    expected = newshole.site.compose(STORY, url=URL).html

    async def one(number: int) -> None:
        async with places, asyncio.timeout(PATIENCE):
            client = await asks(newshole, asked(query_string=b"n=%d" % number))
            assert client.body == expected

    await asyncio.gather(*(one(number) for number in range(first, last)))


def test_a_second_worker_takes_the_plans_of_the_first(site: Site, redis: Server) -> None:
    async def serve() -> None:
        first, second = patient(site, redis.url), patient(site, redis.url)
        await ask_many(first, 0, 20)
        await until(lambda: len(plans_in(redis)) == 20)
        await ask_many(second, 0, 20, at_once=1)
        await ask_many(second, 0, 20)
        assert first.tally.plans["plan-anew"] == 20
        assert (second.tally.plans["plan-store"], second.tally.plans["plan-here"]) == (20, 20)
        assert second.tally.plans["plan-anew"] == 0
        for each in (first, second):
            await each.close()

    asyncio.run(serve())


def test_values_spoilt_in_redis_move_nothing(site: Site, redis: Server) -> None:
    async def serve() -> None:
        first, second = patient(site, redis.url), patient(site, redis.url)
        await ask_many(first, 0, 8)
        await until(lambda: len(plans_in(redis)) == 8)
        keys = plans_in(redis)
        values = [redis.ask("GET", key) for key in keys]
        for number, (key, value) in enumerate(zip(keys, values, strict=True)):
            spoilt = [values[number - 1], value[:-1], value + b"x", bytes([value[0] ^ 1]) + value[1:]]
            redis.ask("SET", key, spoilt[number % 4])
        await ask_many(second, 0, 8, at_once=1)
        assert (second.tally.plans["plan-unsound"], second.tally.plans["plan-anew"]) == (8, 8)
        for each in (first, second):
            await each.close()

    asyncio.run(serve())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("harm", "counted"), [("freeze", "store-timeout"), ("kill", "store-error"), ("fill", "store-full")]
)
def test_no_request_fails_or_waits_for_redis_whatever_happens_to_it(
    site: Site, redis: Server, harm: str, counted: str
) -> None:
    async def serve() -> None:
        newshole = mounted(site, redis.url)
        await ask_many(newshole, 0, 100)
        if harm == "fill":
            redis.ask("CONFIG", "SET", "maxmemory", 1, "maxmemory-policy", "noeviction")
        else:
            getattr(redis, harm)()
        await ask_many(newshole, 100, 600)
        assert newshole.store is not None
        assert newshole.store.counts[counted] > 0
        if harm == "freeze":
            redis.thaw()
        elif harm == "kill":
            redis.start()
        if harm != "fill":
            await back(newshole)
        await newshole.close()

    async def back(newshole: Newshole) -> None:
        assert newshole.store is not None
        store = newshole.store
        await until(lambda: store.state == "closed")
        hits = newshole.store.counts["store-hit"] + newshole.store.counts["store-miss"]
        await ask_many(newshole, 600, 620)
        assert newshole.store.counts["store-hit"] + newshole.store.counts["store-miss"] > hits

    asyncio.run(serve())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_cluster_that_loses_a_node_serves_on(site: Site, tmp_path: Path) -> None:
    async def serve(ports: str, lost: Server) -> None:
        newshole = mounted(site, f"redis+cluster://{ports}")
        await ask_many(newshole, 0, 60)
        lost.kill()
        await ask_many(newshole, 60, 300)
        await newshole.close()

    with cluster(tmp_path) as nodes:
        asyncio.run(serve(",".join(f"127.0.0.1:{each.port}" for each in nodes), nodes[1]))
    gc.collect()  # redis-py forgets to close what it had to a node that is lost
