"""The guard, around stores that fail on demand."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections import Counter

import pytest

from newshole.store import (
    GuardedStore,
    MemoryStore,
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreRefusedError,
)
from newshole.store.guarded import COUNTED, FAILURES, MOST_READS, MOST_WRITES
from tests.store.moody import Failing, Moody, run, trip
from tests.waiting import until

TTL = 60.0


def test_it_passes_on_what_a_store_says() -> None:
    guard = GuardedStore(Moody())

    async def check() -> None:
        assert await guard.get(b"key") == b"key"
        assert await guard.get(b"none") is None
        assert guard.counts == {"store-hit": 1, "store-miss": 1}

    run(guard, check)


def test_a_read_takes_no_longer_than_the_deadline() -> None:
    guard = GuardedStore(Moody(30.0))

    async def check() -> None:
        begun = time.monotonic()
        assert await guard.get(b"key") is None
        assert 0.015 < time.monotonic() - begun < 20  # the store would take thirty seconds

    run(guard, check)
    assert guard.counts == {"store-timeout": 1}


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (StoreError("x"), "store-error"),
        (StoreRefusedError("x"), "store-refused"),
        (StoreBusyError("x"), "store-skipped"),
        (RuntimeError("x"), "store-error"),
        (TimeoutError(), "store-timeout"),
    ],
)
def test_whatever_a_store_raises_is_a_miss_with_a_name(error: Exception, name: str) -> None:
    guard = GuardedStore(Moody(error))

    async def check() -> None:
        assert await guard.get(b"key") is None

    run(guard, check)
    assert guard.counts == {name: 1}


def test_a_read_goes_on_for_the_next_one_s_sake() -> None:
    store = Moody(0.05)
    guard = GuardedStore(store)
    ended = []

    async def get(key: bytes) -> bytes | None:
        await Moody.get(store, key)
        ended.append(key)
        return key

    store.get = get  # type: ignore[method-assign]

    async def check() -> None:
        assert await guard.get(b"key") is None
        await until(lambda: bool(ended))

    run(guard, check)


def test_a_visitor_who_leaves_cancels_no_read() -> None:
    store = Moody(0.01)
    guard = GuardedStore(store, deadline=5)

    async def check() -> None:
        visitors = [asyncio.create_task(guard.get(b"key")) for _ in range(20)]
        await asyncio.sleep(0)
        for visitor in visitors:
            visitor.cancel()
        await asyncio.gather(*visitors, return_exceptions=True)
        assert await guard.get(b"key") == b"key"

    run(guard, check)
    assert guard.counts == {"store-hit": 1}


def test_reads_beyond_the_bound_are_misses() -> None:
    guard = GuardedStore(Moody(0.05), deadline=5)

    async def check() -> None:
        found = await asyncio.gather(*(guard.get(b"key") for _ in range(MOST_READS + 10)))
        assert found.count(None) == 10
        assert guard.counts == {"store-hit": MOST_READS, "store-skipped": 10}

    run(guard, check)


def test_writing_makes_nobody_wait() -> None:
    store = Moody(0.01)
    guard = GuardedStore(store)

    async def check() -> None:
        guard.put_later(b"key", b"value", ttl=TTL)
        assert store.written == {}
        await until(lambda: b"key" in store.written)
        assert store.written[b"key"][0] == b"value"

    run(guard, check)


def test_expiries_differ() -> None:
    store = Moody()
    guard = GuardedStore(store)

    async def check() -> None:
        for number in range(100):
            guard.put_later(b"%d" % number, b"value", ttl=TTL)
        await until(lambda: len(store.written) == 100)
        times = {ttl for _, ttl in store.written.values()}
        assert len(times) > 90
        assert 0.9 * TTL <= min(times) < 0.95 * TTL
        assert 1.05 * TTL < max(times) <= 1.1 * TTL

    run(guard, check)


def test_writes_beyond_the_bound_are_dropped() -> None:
    store = Moody()
    guard = GuardedStore(store)

    async def check() -> None:
        for number in range(MOST_WRITES + 10):
            guard.put_later(b"%d" % number, b"value", ttl=TTL)
        await until(lambda: len(store.written) == MOST_WRITES)
        assert guard.counts == {"store-dropped": 10}

    run(guard, check)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (StoreFullError("x"), "store-full"),
        (StoreRefusedError("x"), "store-refused"),
        (StoreError("x"), "store-error"),
        (RuntimeError("x"), "store-error"),
        (StoreBusyError("x"), "store-dropped"),
    ],
)
def test_writes_that_fail_are_counted_and_leave_reads_alone(error: Exception, name: str) -> None:
    store = Moody(error)
    guard = GuardedStore(store)

    async def check() -> None:
        for number in range(3 * FAILURES):
            guard.put_later(b"%d" % number, b"value", ttl=TTL)
        await until(lambda: guard.counts[name] == 3 * FAILURES)
        store.mood = None
        assert guard.state == "closed"
        assert await guard.get(b"key") == b"key"

    run(guard, check)


def test_nothing_is_written_while_the_breaker_is_open() -> None:
    store = Moody(StoreError("x"))
    guard = GuardedStore(store)

    async def check() -> None:
        await trip(guard)
        guard.put_later(b"key", b"value", ttl=TTL)
        assert guard.counts["store-dropped"] == 1

    run(guard, check)


def test_closing_ends_everything() -> None:
    store = Moody(30.0)
    guard = GuardedStore(store)

    async def check() -> None:
        for _ in range(FAILURES):
            assert await guard.get(b"key") is None
        guard.put_later(b"other", b"value", ttl=TTL)
        assert len(asyncio.all_tasks()) > 1

    run(guard, check)
    assert store.closed == 1


def test_a_visitor_who_waits_when_it_closes_gets_nothing() -> None:
    guard = GuardedStore(Moody(30.0), deadline=30)

    async def check() -> None:
        waiting = asyncio.create_task(guard.get(b"key"))
        await asyncio.sleep(0.01)
        await guard.close()
        assert await waiting is None

    run(guard, check)


def test_a_store_that_fails_to_close_is_no_fault() -> None:
    class Stuck(Moody):
        async def close(self) -> None:
            raise StoreError("x")

    guard = GuardedStore(Stuck())

    async def check() -> None:
        await guard.get(b"key")

    run(guard, check)


def test_a_guard_serves_one_event_loop_after_another() -> None:
    store = Moody(StoreError("x"))
    guard = GuardedStore(store)

    async def leave_open() -> None:
        await trip(guard)

    async def check() -> None:
        assert await guard.get(b"key") is None
        await until(lambda: guard.state == "closed")
        assert await guard.get(b"key") == b"key"
        guard.put_later(b"key", b"value", ttl=TTL)
        await until(lambda: b"key" in store.written)

    asyncio.run(leave_open())
    assert guard.state == "open"
    store.mood = None
    run(guard, check)


def test_where_no_event_loop_of_asyncio_runs_nothing_is_asked() -> None:
    guard = GuardedStore(MemoryStore())
    guard.put_later(b"key", b"value", ttl=TTL)
    for ended in (guard.get(b"key"), guard.close()):
        with pytest.raises(StopIteration) as stopped:
            ended.send(None)
        assert stopped.value.value is None
    assert guard.counts == {"store-dropped": 1, "store-skipped": 1}


def test_a_guard_that_is_closed_is_let_go_of() -> None:
    async def check() -> weakref.ref[GuardedStore]:
        guard = GuardedStore(Failing())
        await trip(guard)
        guard.put_later(b"key", b"value", ttl=TTL)
        await guard.close()
        return weakref.ref(guard)

    gc.disable()
    try:
        assert asyncio.run(check())() is None
    finally:
        gc.enable()


def test_everything_counted_is_listed_and_the_other_way_round() -> None:
    counts: Counter[str] = Counter()
    errors = (StoreError("x"), StoreRefusedError("x"), StoreFullError("x"), StoreBusyError("x"))
    for mood in (None, 30.0, *errors):
        guard = GuardedStore(Moody(mood), counts=counts)

        async def check(guard: GuardedStore = guard) -> None:
            for key in (b"none", *[b"key"] * FAILURES):
                await guard.get(key)
                guard.put_later(key, b"value", ttl=TTL)
            await asyncio.sleep(0.01)

        run(guard, check)
    assert counts.keys() == COUNTED.keys()
