"""What every store does: the same tests for memory, one Redis and a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from newshole.store import MemoryStore, Store
from newshole.store.redis import open_redis
from tests.store.servers import cluster_url

Check = Callable[[Store], Awaitable[None]]

LONG = 60.0


@pytest.fixture(params=["memory", "redis", "cluster"])
def store(request: pytest.FixtureRequest) -> Store:
    """A store of each kind; the two of Redis keep what other tests put."""
    if request.param == "memory":
        return MemoryStore(1000, 10_000_000)
    if request.param == "redis":
        return open_redis(request.getfixturevalue("server").url)
    return open_redis(cluster_url(request.getfixturevalue("nodes")))


def run(store: Store, check: Check) -> None:
    """Run a check in an event loop of its own."""

    async def checked() -> None:
        try:
            await check(store)
        finally:
            await store.close()

    asyncio.run(checked())


def test_what_was_put_is_found(store: Store) -> None:
    async def check(store: Store) -> None:
        await store.put(b"found", b"value", ttl=LONG)
        assert await store.get(b"found") == b"value"

    run(store, check)


def test_what_was_not_put_is_none(store: Store) -> None:
    async def check(store: Store) -> None:
        assert await store.get(b"never") is None

    run(store, check)


def test_the_last_value_counts(store: Store) -> None:
    async def check(store: Store) -> None:
        await store.put(b"twice", b"first", ttl=LONG)
        await store.put(b"twice", b"second", ttl=LONG)
        assert await store.get(b"twice") == b"second"

    run(store, check)


@pytest.mark.parametrize(
    "value", [b"", b"\0\r\n$-1\r\n\xff", b"x" * 200_000], ids=["empty", "binary", "large"]
)
def test_any_bytes_are_a_value(store: Store, value: bytes) -> None:
    async def check(store: Store) -> None:
        await store.put(b"bytes", value, ttl=LONG)
        assert await store.get(b"bytes") == value

    run(store, check)


@pytest.mark.parametrize("key", [b"\0\xff\r\n*", b"{tag}x", b"{}", b"k" * 500])
def test_any_bytes_are_a_key(store: Store, key: bytes) -> None:
    async def check(store: Store) -> None:
        await store.put(key, key, ttl=LONG)
        assert await store.get(key) == key

    run(store, check)


def test_many_at_once_each_get_their_own(store: Store) -> None:
    async def check(store: Store) -> None:
        keys = [b"own-%d" % number for number in range(60)]
        for key in keys:
            await store.put(key, key * 3, ttl=LONG)
        found = []
        for start in range(0, len(keys), 12):
            found += await asyncio.gather(*map(store.get, keys[start : start + 12]))
        assert found == [key * 3 for key in keys]

    run(store, check)


def test_a_value_is_gone_after_its_time(store: Store) -> None:
    async def check(store: Store) -> None:
        await store.put(b"short", b"value", ttl=0.15)
        await store.put(b"long", b"value", ttl=LONG)
        async with asyncio.timeout(LONG):
            while await store.get(b"short") is not None:  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.02)
        assert await store.get(b"long") == b"value"

    run(store, check)


def test_a_closed_store_opens_again_in_the_same_loop_and_in_another(store: Store) -> None:
    async def check(store: Store) -> None:
        await store.put(b"again", b"value", ttl=LONG)
        await store.close()
        assert await store.get(b"again") == b"value"

    run(store, check)
    run(store, check)


def test_a_store_that_was_never_asked_closes(store: Store) -> None:
    async def check(store: Store) -> None:
        await store.close()
        await store.close()

    run(store, check)
