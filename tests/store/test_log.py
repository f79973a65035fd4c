"""A log in Redis: values in an order that all see alike, bounded, and no failure that reaches anybody."""

from __future__ import annotations

import asyncio

import pytest

from newshole.store import GuardedLog, GuardedStore, MemoryStore
from newshole.store.redis import open_redis
from tests.store.moody import run
from tests.store.servers import Server, cluster_url
from tests.waiting import PATIENCE

START = (0, 0)


def opened(url: str, key: bytes, most: int = 1000) -> tuple[GuardedStore, GuardedLog]:
    guard = GuardedStore(open_redis(url), deadline=PATIENCE)
    return guard, GuardedLog(guard, key, most=most, ttl=60)


async def fill(log: GuardedLog) -> None:
    """Append and read in parts."""
    assert await log.after(START, most=10) == []
    for number in range(5):
        assert await log.append(b"%d" % number)
    first = await log.after(START, most=3)
    assert first is not None
    assert [value for _, value in first] == [b"0", b"1", b"2"]
    rest = await log.after(first[-1][0], most=3)
    assert rest is not None
    assert [value for _, value in rest] == [b"3", b"4"]
    positions = [position for position, _ in first + rest]
    assert positions == sorted(set(positions))
    assert await log.after(positions[-1], most=3) == []


def test_values_are_read_in_order_behind_a_position(server: Server) -> None:
    guard, log = opened(server.url, b"log-order")
    run(guard, lambda: fill(log))


@pytest.mark.slow
def test_a_log_in_a_cluster_is_as_any(nodes: list[Server]) -> None:
    guard, log = opened(cluster_url(nodes), b"log-cluster")

    async def check() -> None:
        await guard.get(b"x")
        await asyncio.sleep(0.5)  # the first question finds out where the nodes are
        await fill(log)

    run(guard, check)


def test_a_log_is_bounded_and_expires(server: Server) -> None:
    guard, log = opened(server.url, b"log-bounded", most=100)

    async def check() -> None:
        for number in range(400):
            assert await log.append(b"%d" % number)
        kept = await log.after(START, most=1000)
        assert kept is not None
        assert 100 <= len(kept) < 300
        assert kept[-1][1] == b"399"
        assert 0 < server.ask("PTTL", "newshole:log-bounded") <= 60_000

    run(guard, check)


def test_what_is_no_log_is_none(server: Server) -> None:
    server.ask("SET", "newshole:log-string", "x")
    guard, log = opened(server.url, b"log-string")

    async def check() -> None:
        assert await log.after(START, most=10) is None

    run(guard, check)


def test_a_store_that_is_gone_is_told_apart_from_an_empty_log() -> None:
    guard, log = opened("redis://127.0.0.1:1", b"log")

    async def check() -> None:
        assert not await log.append(b"1")
        assert await log.after(START, most=10) is None

    run(guard, check)


def test_a_store_that_keeps_no_logs_says_so() -> None:
    guard = GuardedStore(MemoryStore())

    async def check() -> None:
        for log in (GuardedLog(guard, b"log", most=1, ttl=1), GuardedLog(None, b"log", most=1, ttl=1)):
            assert not log
            assert not await log.append(b"1")
            assert await log.after(START, most=10) is None

    run(guard, check)


def test_a_key_that_holds_something_else_takes_no_value_and_says_so(server: Server) -> None:
    guard, log = opened(server.url, b"log-other")

    async def fill_other() -> None:
        await guard.store.put(b"log-other", b"no stream", ttl=60)
        assert not await log.append(b"1")
        assert await log.after(START, most=10) is None

    run(guard, fill_other)
