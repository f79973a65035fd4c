"""The store in the process, where it differs from the others."""

from __future__ import annotations

import asyncio

from newshole.store import MemoryStore


def test_time_is_the_clock_s() -> None:
    now = 100.0
    store = MemoryStore(10, 1000, clock=lambda: now)

    async def check() -> None:
        nonlocal now
        await store.put(b"key", b"value", ttl=5)
        now = 104.9
        assert await store.get(b"key") == b"value"
        now = 105.0
        assert await store.get(b"key") is None
        now = 104.0
        assert await store.get(b"key") is None

    asyncio.run(check())


def test_keys_count_as_well_as_values() -> None:
    store = MemoryStore(10, 10)

    async def check() -> None:
        await store.put(b"12345", b"6789", ttl=5)
        await store.put(b"ab", b"", ttl=5)
        assert await store.get(b"12345") is None
        assert await store.get(b"ab") == b""

    asyncio.run(check())
