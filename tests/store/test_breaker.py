"""When a store is left alone, and when it is asked again."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest

from newshole.store import GuardedStore, StoreBusyError, StoreError, StoreRefusedError
from newshole.store.guarded import FAILURES, FIRST_WAIT
from tests.store.moody import Failing, Halves, Moody, run, trip
from tests.waiting import until


@pytest.mark.parametrize("error", [StoreError("x"), RuntimeError("x")])
def test_failures_in_a_row_open_the_breaker(error: Exception) -> None:
    store = Moody(error)
    guard = GuardedStore(store)

    async def check() -> None:
        await trip(guard)
        asked = len(store.asked)
        for _ in range(1000):
            assert await guard.get(b"key") is None
        assert len(store.asked) - asked <= 3  # probes
        assert guard.counts["store-skipped"] == 1000
        assert guard.counts["store-opened"] == 1

    run(guard, check)


def test_an_answer_between_failures_keeps_it_closed() -> None:
    store = Moody()
    guard = GuardedStore(store)

    async def check() -> None:
        for _ in range(5 * FAILURES):
            store.mood = StoreError("x") if len(store.asked) % FAILURES else None
            await guard.get(b"key")
        assert guard.state == "closed"

    run(guard, check)


@pytest.mark.parametrize("error", [StoreRefusedError("x"), StoreBusyError("x")])
def test_what_says_nothing_of_the_store_keeps_it_closed(error: Exception) -> None:
    guard = GuardedStore(Moody(error))

    async def check() -> None:
        for _ in range(5 * FAILURES):
            assert await guard.get(b"key") is None
        assert guard.state == "closed"

    run(guard, check)


def test_it_closes_by_itself_once_the_store_answers() -> None:
    store = Moody(StoreError("x"))
    guard = GuardedStore(store)

    async def check() -> None:
        await trip(guard)
        await asyncio.sleep(2 * FIRST_WAIT)
        assert guard.state != "closed"
        store.mood = None
        await until(lambda: guard.state == "closed")
        assert await guard.get(b"key") == b"key"

    run(guard, check)


def test_an_answer_that_refuses_is_one_too() -> None:
    store = Moody(StoreError("x"))
    guard = GuardedStore(store)

    async def check() -> None:
        await trip(guard)
        store.mood = StoreRefusedError("x")
        await until(lambda: guard.state == "closed")

    run(guard, check)


def test_a_probe_is_no_visitor_s_request() -> None:
    store = Moody(StoreError("x"))
    guard = GuardedStore(store)
    states = set()

    async def check() -> None:
        await trip(guard)
        store.asked.clear()
        store.mood = 0.01
        begun = time.monotonic()
        while guard.state != "closed":
            states.add(guard.state)
            assert await guard.get(b"another") is None
            await asyncio.sleep(0.002)
            assert time.monotonic() - begun < 5
        assert states == {"open", "half-open"}
        assert set(store.asked) == {b"key"}

    run(guard, check)


@pytest.mark.slow
def test_probes_grow_rare() -> None:
    probed: list[float] = []

    class Timed(Moody):
        async def get(self, key: bytes) -> bytes | None:
            probed.append(time.monotonic())
            return await super().get(key)

    guard = GuardedStore(Timed(StoreError("x")), chance=lambda: 0.5)

    async def check() -> None:
        await trip(guard)
        probed.clear()
        await until(lambda: len(probed) == 3)
        # A busy machine makes it later, and never sooner.
        for times, (earlier, later) in enumerate(pairwise(probed), start=1):
            assert later - earlier >= FIRST_WAIT * 2**times

    run(guard, check)


def test_parts_fail_alone() -> None:
    guard = GuardedStore(Halves(StoreError("x")))

    async def check() -> None:
        for number in range(FAILURES):
            assert await guard.get(b"bad-%d" % number) is None
            assert await guard.get(b"good") == b"good"
        assert guard.state == "open"
        assert await guard.get(b"good") == b"good"
        assert guard.counts["store-skipped"] == 0
        assert await guard.get(b"bad") is None
        assert guard.counts["store-skipped"] == 1

    run(guard, check)


def test_a_busy_event_loop_is_not_the_store_s_fault() -> None:
    store = Moody(0.05)
    guard = GuardedStore(store, deadline=0.01)

    async def visit() -> None:
        reading = asyncio.create_task(guard.get(b"key"))
        await asyncio.sleep(0.001)
        time.sleep(0.03)  # noqa: ASYNC251 - a page that is composed
        assert await reading is None

    async def check() -> None:
        for _ in range(2 * FAILURES):
            await visit()
        await asyncio.sleep(0.1)
        assert guard.counts == {"store-timeout": 2 * FAILURES}
        assert guard.state == "closed"

    run(guard, check)


def test_while_others_are_answered_a_timeout_is_no_failure() -> None:
    class Uneven(Moody):
        async def get(self, key: bytes) -> bytes | None:
            await asyncio.sleep(0.3 if key == b"slow" else 0.01)
            if key == b"slow":
                raise StoreError("x")
            return key

    guard = GuardedStore(Uneven())

    async def check() -> None:
        keys = [b"slow"] * (2 * FAILURES) + [b"key"]
        assert await asyncio.gather(*map(guard.get, keys)) == [None] * (2 * FAILURES) + [b"key"]
        assert guard.counts["store-opened"] == 0
        assert set(await asyncio.gather(*map(guard.get, keys[:-1]))) == {None}
        # A busy machine judges them when they end, for then the delay may be its own.
        await until(lambda: guard.counts["store-opened"] == 1)

    run(guard, check)


def test_behind_a_busy_event_loop_a_store_that_fails_is_found_out() -> None:
    guard = GuardedStore(Failing(0.05), deadline=0.01)

    async def check() -> None:
        readings = [asyncio.create_task(guard.get(b"key")) for _ in range(FAILURES)]
        await asyncio.sleep(0.001)
        time.sleep(0.03)  # noqa: ASYNC251 - a page that is composed
        assert await asyncio.gather(*readings) == [None] * FAILURES
        await until(lambda: guard.state == "open")

    run(guard, check)
