"""A purged page is gone: at once here, and within two seconds in every worker that shares a store."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from newshole.errors import UsageError
from newshole.http.pagecache import Settings, purge_pages
from newshole.http.pagecache.purge_log import OFTEN, OLDEST, TOGETHER
from newshole.http.pagecache.settings import TRACKING
from newshole.store import GuardedStore
from newshole.store.redis import open_redis
from tests.http.asgi import asked, asks
from tests.http.pagecache.sites import SHARED, URL, Case, Clock, control
from tests.store.servers import Server
from tests.waiting import PATIENCE, until

TAGS = (b"surrogate-key", b"news bridge")
NEW = b"<p>new</p>"

PURGES: list[dict[str, Any]] = [
    {"urls": [URL]},
    {"urls": ["http://NEWS.example/news/bridge"]},
    {"tags": ["bridge"]},
    {"tags": ["Bridge", "other"]},
    {"everything": True},
]


@pytest.mark.parametrize("what", PURGES)
def test_a_purged_page_is_fetched_again(what: dict[str, Any]) -> None:
    case = Case(SHARED, TAGS)

    async def check() -> None:
        await case.ask()
        assert await case.cache.purge(**what)
        case.site.content = NEW
        for _ in range(2):
            assert (await case.ask()).body == NEW

    asyncio.run(check())
    assert case.outcomes() == {"miss": 2, "hit": 1}


@pytest.mark.parametrize("what", [{"urls": [URL + "?a"]}, {"tags": ["sport"]}, {}])
def test_a_purge_leaves_what_it_does_not_name(what: dict[str, Any]) -> None:
    case = Case(SHARED, TAGS)

    async def check() -> None:
        await case.ask()
        await case.cache.purge(**what)
        await case.ask()

    asyncio.run(check())
    assert case.outcomes() == {"miss": 1, "hit": 1}


def test_a_host_with_the_dot_of_the_root_has_pages_of_its_own_that_are_purged_with_the_others() -> None:
    case = Case(SHARED)
    rooted = {**asked(), "headers": [(b"host", b"news.example.")]}

    async def check() -> None:
        for _ in range(2):
            await case.ask()
            await asks(case.cache, rooted)
            await case.cache.purge(urls=[URL])

    asyncio.run(check())
    assert case.outcomes() == {"miss": 4}


def test_all_variants_of_an_address_are_purged() -> None:
    case = Case(SHARED, (b"vary", b"x-a"))

    async def check() -> None:
        for value in (b"1", b"2"):
            await case.ask((b"x-a", value))
        await case.cache.purge(urls=[URL])
        for value in (b"1", b"2"):
            await case.ask((b"x-a", value))

    asyncio.run(check())
    assert case.outcomes() == {"miss": 4}


def test_a_page_that_was_on_its_way_when_it_was_purged_is_not_kept() -> None:
    case = Case(SHARED, TAGS)

    async def check() -> None:
        gate = asyncio.Event()
        case.site.hold = gate.wait
        asking = [asyncio.create_task(case.ask()) for _ in range(3)]
        await case.settle()
        await case.cache.purge(tags=["news"])
        case.site.content = NEW
        gate.set()
        await asyncio.gather(*asking)
        await case.ask()

    asyncio.run(check())
    assert case.refused() == {"purged-meanwhile": 1}
    assert case.fetched == 2


def test_a_page_that_was_purged_while_the_site_failed_does_not_stand_in() -> None:
    case = Case(control("max-age=60, stale-if-error=300"), TAGS)

    async def check() -> None:
        await case.ask()
        case.clock.now += 60
        gate = asyncio.Event()
        case.site.hold, case.site.status = gate.wait, 503
        asking = asyncio.create_task(case.ask())
        await case.settle()
        await case.cache.purge(tags=["news"])
        gate.set()
        assert (await asking).messages[0]["status"] == 503

    asyncio.run(check())


def test_a_soft_purge_makes_a_page_stale() -> None:
    case = Case(control("max-age=60, stale-while-revalidate=30"), TAGS)

    async def check() -> None:
        await case.ask()
        await case.cache.purge(tags=["news"], soft=True)
        old, case.site.content = case.site.content, NEW
        assert (await case.ask()).body == old
        await case.settle()
        assert (await case.ask()).body == NEW
        await case.cache.purge(tags=["news"], soft=True)
        case.clock.now += 30
        case.site.content = old
        assert (await case.ask()).body == old

    asyncio.run(check())
    assert case.outcomes() == {"miss": 1, "stale": 1, "hit": 1, "revalidated": 1}


def test_every_address_that_is_none_is_told() -> None:
    with pytest.raises(UsageError, match=r"address: /a, news\.example/b: write"):
        asyncio.run(Case().cache.purge(urls=["/a", URL, "news.example/b"]))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "LOCK"])
def test_what_is_written_to_is_purged(method: str) -> None:
    case = Case(SHARED)

    async def check() -> None:
        await case.ask()
        await case.ask(method=method)
        await case.ask()  # the writer's own browser asks at once

    asyncio.run(check())
    assert case.outcomes() == {"miss": 2, "passed": 1}


@pytest.mark.parametrize(
    ("method", "status", "header", "fetched"),
    [
        ("POST", 303, (b"location", b"/news/bridge"), 3),
        ("POST", 201, (b"content-location", URL.encode()), 3),
        ("POST", 303, (b"location", b"https://other.example/news/bridge"), 2),
        ("POST", 404, (b"location", b"/news/bridge"), 2),
        ("POST", 500, (b"location", b"/news/bridge"), 2),
        ("OPTIONS", 200, (b"location", b"/news/bridge"), 2),
        ("POST", 303, (b"location", b"http://[no-address"), 2),
    ],
)
def test_what_a_write_points_to_on_the_same_host_is_purged_where_it_succeeds(
    method: str, status: int, header: tuple[bytes, bytes], fetched: int
) -> None:
    case = Case(SHARED)

    async def check() -> None:
        await case.ask()
        case.site.status, case.site.headers = status, [SHARED, header]
        await case.ask(path="/comments", method=method)
        case.site.status = 200
        await case.ask()

    asyncio.run(check())
    assert case.fetched == fetched


def test_a_write_is_to_its_own_address_whatever_else_it_names() -> None:
    case = Case(SHARED)

    async def check() -> None:
        await case.ask()
        case.site.headers.append((b"location", b"http://[no-address"))
        await case.ask(method="POST")
        await case.ask()

    asyncio.run(check())
    assert case.outcomes() == {"miss": 2, "passed": 1}


def test_parameters_that_count_in_no_key_count_in_no_purge() -> None:
    case = Case(SHARED, settings=Settings(ignored_parameters=TRACKING))

    async def check() -> None:
        await case.ask(query_string=b"page=2")
        await case.ask(query_string=b"page=2&utm_source=a", method="POST")
        await case.ask(query_string=b"page=2")
        await case.cache.purge(urls=[URL + "?gclid=1&page=2"])
        await case.ask(query_string=b"page=2")

    asyncio.run(check())
    assert case.outcomes() == {"miss": 3, "passed": 1}


def worker(redis: Server, clock: Clock, **settings: Any) -> Case:
    return Case(
        SHARED,
        TAGS,
        store=GuardedStore(open_redis(redis.url), deadline=PATIENCE),
        clock=clock,
        settings=Settings(**settings),
    )


def test_a_worker_reads_the_log_often_enough_to_keep_the_promise() -> None:
    assert OFTEN < OLDEST
    assert TOGETHER + OLDEST < 2


async def until_new(case: Case) -> None:
    """Ask until the new page comes; busy machines are given more than what is promised."""
    async with asyncio.timeout(PATIENCE):
        while (await case.ask()).body != NEW:  # noqa: ASYNC110 - asking brings it about
            await asyncio.sleep(0.02)


async def ready(*cases: Case) -> None:
    """Have every worker know the log."""
    async with asyncio.timeout(PATIENCE):
        for case in cases:
            while not case.cache.purge_log.is_shared:
                await case.ask()
                await asyncio.sleep(0.02)


async def close(*cases: Case) -> None:
    for case in cases:
        await case.cache.close()


@pytest.mark.parametrize("what", PURGES)
def test_a_purge_is_seen_by_every_worker(redis: Server, what: dict[str, Any]) -> None:
    async def check() -> None:
        clock = Clock()
        first, second, late = (worker(redis, clock) for _ in range(3))
        await ready(first, second)
        for case in (first, second):
            await case.ask()
        for case in (first, second, late):
            case.site.content = NEW
        assert await first.cache.purge(**what)
        assert (await first.ask()).body == NEW
        await until_new(second)
        await until_new(late)
        assert second.cache.tally.events["purges-heard"] >= 1
        await close(first, second, late)

    asyncio.run(check())


def test_many_writes_are_few_entries_of_the_log_and_every_worker_hears_of_them(redis: Server) -> None:
    async def check() -> None:
        clock = Clock()
        first, second = worker(redis, clock), worker(redis, clock)
        await ready(first, second)
        await second.ask()
        before = redis.ask("XLEN", "newshole:purges")
        for number in range(100):
            await first.ask(path=f"/counters/{number}", method="POST")
        await first.ask(method="POST")
        second.site.content = NEW
        await until_new(second)
        assert redis.ask("XLEN", "newshole:purges") - before < 10
        await close(first, second)

    asyncio.run(check())


def test_what_was_written_to_last_is_told_at_the_end(redis: Server) -> None:
    async def check() -> None:
        clock = Clock()
        first, second = worker(redis, clock), worker(redis, clock)
        await ready(first, second)
        await second.ask()
        await first.ask(method="POST")
        await close(first)
        second.site.content = NEW
        await until_new(second)
        await close(second)

    asyncio.run(check())


def test_a_command_outside_of_the_workers_purges_them(redis: Server) -> None:
    async def check() -> None:
        case = worker(redis, Clock())
        await ready(case)
        await case.ask()
        case.site.content = NEW
        outside = GuardedStore(open_redis(redis.url), deadline=PATIENCE)
        assert await purge_pages(outside, tags=["news"])
        await outside.close()
        await until_new(case)
        await close(case)

    asyncio.run(check())


def test_a_soft_purge_reaches_other_workers_too(redis: Server) -> None:
    async def check() -> None:
        clock = Clock()
        first, second = worker(redis, clock), worker(redis, clock)
        for case in (first, second):
            case.site.headers = [control("max-age=60, stale-while-revalidate=3000"), TAGS]
        await ready(first, second)
        await second.ask()
        second.site.content = NEW
        await first.cache.purge(everything=True, soft=True)
        await until_new(second)
        assert second.outcomes()["stale"] >= 1
        await close(first, second)

    asyncio.run(check())


def test_a_purge_that_the_store_does_not_take_holds_here_and_says_so(redis: Server) -> None:
    async def check() -> None:
        case = worker(redis, Clock())
        await ready(case)
        await case.ask()
        redis.kill()
        case.site.content = NEW
        assert not await case.cache.purge(tags=["news"])
        assert (await case.ask()).body == NEW
        outside = GuardedStore(open_redis(redis.url), deadline=PATIENCE)
        assert not await purge_pages(outside, everything=True)
        await outside.close()
        await close(case)

    asyncio.run(check())


def test_a_page_of_the_store_whose_purges_are_forgotten_is_not_used(redis: Server) -> None:
    async def check() -> None:
        clock = Clock()
        first = worker(redis, clock)
        await ready(first)
        await first.ask(query_string=b"a")
        await stored(redis, 2)
        redis.ask("DEL", "newshole:purges")
        second = worker(redis, clock)
        await ready(second)
        await second.ask(query_string=b"a")
        assert second.outcomes()["miss"] == second.fetched
        assert b"a" in [scope["query_string"] for scope in second.site.asked]
        await close(first, second)

    asyncio.run(check())


async def stored(redis: Server, number: int) -> None:
    """Wait until so many keys stand in the store."""
    await until(lambda: redis.ask("DBSIZE") >= number)
