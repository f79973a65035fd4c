"""Whatever happens to Redis: no reader waits, no request fails, and it is used again soon after."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from redis.crc import key_slot

from newshole.store import GuardedStore
from newshole.store.redis import open_redis
from tests.store.servers import Server, SlowWay, cluster, cluster_url
from tests.waiting import PATIENCE

TTL = 60.0
KEY = b"page"


Check = Callable[[GuardedStore], Awaitable[None]]


def run(url: str, check: Check) -> GuardedStore:
    """Run a check in an event loop of its own, which nothing is left in."""

    async def checked() -> GuardedStore:
        async with guarding(url) as guard:
            await check(guard)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return guard

    return asyncio.run(checked())


@contextlib.asynccontextmanager
async def guarding(url: str) -> AsyncIterator[GuardedStore]:
    """A guard around the Redis at an address."""
    guard = GuardedStore(open_redis(url))
    try:
        yield guard
    finally:
        await guard.close()


async def put(guard: GuardedStore, *keys: bytes) -> None:
    """Put keys that are their own values, and wait until they are there."""
    for key in keys:
        while await read(guard, key) is None:
            guard.put_later(key, key, ttl=TTL)
            await asyncio.sleep(0.02)


async def counted(guard: GuardedStore, name: str, number: int) -> None:
    """Wait until something has been counted so often."""
    async with asyncio.timeout(PATIENCE):
        while guard.counts[name] < number:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.005)
    assert guard.counts[name] == number


async def read(guard: GuardedStore, key: bytes = KEY) -> bytes | None:
    """Read a key that is its own value or nothing, whether or not the store answers."""
    async with asyncio.timeout(PATIENCE):
        found = await guard.get(key)
    assert found in (None, key)
    return found


async def open_breaker(guard: GuardedStore, key: bytes = KEY) -> None:
    """Read until the store is not asked any more, which is soon."""
    for _ in range(30):
        assert await read(guard, key) is None
        if guard.counts["store-skipped"]:
            break
    else:
        pytest.fail("the breaker did not open")
    skipped = guard.counts["store-skipped"]
    for _ in range(1000):
        assert await guard.get(key) is None
    assert guard.counts["store-skipped"] - skipped == 1000


async def back(guard: GuardedStore, key: bytes = KEY) -> None:
    """Read until the store serves again."""
    async with asyncio.timeout(PATIENCE):
        while await read(guard, key) is None:
            guard.put_later(key, key, ttl=TTL)
            await asyncio.sleep(0.02)
    assert guard.state == "closed"


@pytest.mark.slow
def test_frozen(own_server: Server) -> None:
    async def check(guard: GuardedStore) -> None:
        await put(guard, KEY)
        own_server.freeze()
        await open_breaker(guard)
        await asyncio.sleep(0.5)
        assert guard.state != "closed"
        own_server.thaw()
        await back(guard)

    run(own_server.url, check)


@pytest.mark.slow
def test_killed(own_server: Server) -> None:
    async def check(guard: GuardedStore) -> None:
        await put(guard, KEY)
        own_server.kill()
        await open_breaker(guard)
        await asyncio.to_thread(own_server.start)
        await back(guard)

    run(own_server.url, check)


def test_never_there(tmp_path: Path) -> None:
    run(Server(tmp_path).url, open_breaker)


def test_full(own_server: Server) -> None:
    async def check(guard: GuardedStore) -> None:
        await put(guard, KEY)
        own_server.ask("CONFIG", "SET", "maxmemory", "1")
        own_server.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")
        for number in range(20):
            guard.put_later(b"%d" % number, b"x" * 1000, ttl=TTL)
            await counted(guard, "store-full", number + 1)
        assert guard.state == "closed"
        await back(guard)

    run(own_server.url, check)


def test_read_only(own_server: Server, server: Server) -> None:
    async def check(guard: GuardedStore) -> None:
        await put(guard, KEY)
        own_server.ask("REPLICAOF", "127.0.0.1", server.port)
        guard.put_later(b"other", b"value", ttl=TTL)
        await counted(guard, "store-full", 1)
        assert guard.state == "closed"

    run(own_server.url, check)


@pytest.mark.parametrize(
    "poison",
    [("LPUSH", "x"), ("SADD", "x"), ("HSET", "x", "y"), ("XADD", "*", "x", "y")],
    ids=["list", "set", "hash", "stream"],
)
def test_poisoned(own_server: Server, poison: tuple[str, ...]) -> None:
    async def check(guard: GuardedStore) -> None:
        own_server.ask(poison[0], b"newshole:" + KEY, *poison[1:])
        for _ in range(20):
            assert await read(guard) is None
        assert guard.state == "closed"
        assert guard.counts.keys() <= {"store-miss", "store-timeout"}
        await put(guard, KEY)

    run(own_server.url, check)


@pytest.mark.slow
def test_slow(server: Server) -> None:
    async def check() -> None:
        async with SlowWay(server.port, 0.0) as way, guarding(way.url) as guard:
            await put(guard, KEY)
            way.delay = 0.04
            await open_breaker(guard)
            way.delay = 0.0
            await back(guard)

    asyncio.run(check())


def test_hundreds_at_once_are_served(server: Server) -> None:
    keys = [b"load-%d" % number for number in range(400)]

    async def later(guard: GuardedStore, key: bytes) -> bytes | None:
        await asyncio.sleep(int(key[5:]) % 20 / 100)
        return await guard.get(key)

    async def check(guard: GuardedStore) -> None:
        for key in keys:
            guard.put_later(key, key, ttl=TTL)
            await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE):
            while guard.counts["store-hit"] < 50:
                found = await asyncio.gather(*(later(guard, key) for key in keys))
                assert all(value in (None, key) for key, value in zip(keys, found, strict=True))
        await back(guard, keys[0])

    run(server.url, check)


@pytest.mark.slow
def test_frozen_under_load(own_server: Server) -> None:
    keys = [b"load-%d" % number for number in range(300)]

    async def check(guard: GuardedStore) -> None:
        await put(guard, *keys[:20])
        own_server.freeze()
        assert set(await asyncio.gather(*(read(guard, key) for key in keys))) == {None}
        await asyncio.sleep(0.3)
        await open_breaker(guard)
        own_server.thaw()
        await back(guard, keys[0])
        for key in keys[:20]:
            await back(guard, key)

    run(own_server.url, check)


@pytest.fixture
def own_nodes(tmp_path: Path) -> Iterator[list[Server]]:
    """A cluster to be maltreated."""
    with cluster(tmp_path) as nodes:
        yield nodes


def key_of(slots: range) -> Iterator[bytes]:
    """Keys in these slots."""
    return (key for number in range(10_000) if key_slot(b"newshole:" + (key := b"%d" % number)) in slots)


LOST, KEPT = range(5461), range(5461, 16384)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["killed", "frozen"])
def test_a_node_of_a_cluster_lost(own_nodes: list[Server], way: str) -> None:
    lost = [key for key, _ in zip(key_of(LOST), range(20), strict=False)]
    kept = [key for key, _ in zip(key_of(KEPT), range(20), strict=False)]

    async def check(guard: GuardedStore) -> None:
        await put(guard, *lost, *kept)
        if way == "killed":
            own_nodes[0].kill()
        else:
            own_nodes[0].freeze()
        hits = guard.counts["store-hit"]
        async with asyncio.timeout(PATIENCE):
            while guard.counts["store-hit"] - hits < 500:
                for key in kept:
                    assert await read(guard, lost[0]) is None
                    await read(guard, key)
        if way == "killed":
            await asyncio.to_thread(own_nodes[0].start)
        else:
            own_nodes[0].thaw()
        await back(guard, lost[0])

    run(cluster_url(own_nodes), check)


def test_a_slot_of_a_cluster_on_its_way_and_arrived(own_nodes: list[Server]) -> None:
    moving = next(key_of(LOST))
    slot = key_slot(b"newshole:" + moving)
    source, target, other = own_nodes
    names = {node: node.ask("CLUSTER", "MYID").decode() for node in own_nodes}

    async def check(guard: GuardedStore) -> None:
        assert await read(guard, moving) is None
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", names[source])
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", names[target])
        assert await read(guard, moving) is None
        guard.put_later(moving, moving, ttl=TTL)
        await asyncio.sleep(0.1)
        for node in (target, source, other):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", names[target])
        await back(guard, moving)
        assert target.ask("GET", b"newshole:" + moving) == moving

    guard = run(cluster_url(own_nodes), check)
    assert guard.counts["store-error"] + guard.counts["store-refused"] == 0
