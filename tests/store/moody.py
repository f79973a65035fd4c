"""Stores that fail on demand, and what is done around them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from newshole.store import GuardedStore, StoreError
from newshole.store.guarded import FAILURES


class Moody:
    """A store that has an answer for every key, or does what `mood` says instead: hang, or raise."""

    def __init__(self, mood: float | Exception | None = None) -> None:
        self.mood = mood
        self.asked: list[bytes] = []
        self.written: dict[bytes, tuple[bytes, float]] = {}
        self.closed = 0

    async def _be(self) -> None:
        if isinstance(self.mood, Exception):
            raise self.mood
        await asyncio.sleep(self.mood or 0)

    async def get(self, key: bytes) -> bytes | None:
        """The key itself, or nothing for `none`."""
        self.asked.append(key)
        await self._be()
        return None if key == b"none" else key

    async def put(self, key: bytes, value: bytes, *, ttl: float) -> None:
        """Remember what was put."""
        await self._be()
        self.written[key] = (value, ttl)

    async def close(self) -> None:
        """Count."""
        self.closed += 1


class Halves(Moody):
    """A store of two parts, of which the one with `bad` keys is moody."""

    def part(self, key: bytes) -> str:
        """The part of a key."""
        return "bad" if key.startswith(b"bad") else "good"

    async def get(self, key: bytes) -> bytes | None:
        """The key itself."""
        return await super().get(key) if key.startswith(b"bad") else key


class Failing(Moody):
    """A store that fails at the end of its mood."""

    async def _be(self) -> None:
        await super()._be()
        raise StoreError("x")


def run(guard: GuardedStore, check: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a check in an event loop of its own, which nothing is left in."""

    async def checked() -> None:
        try:
            await check()
        finally:
            await guard.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(checked())


async def trip(guard: GuardedStore) -> None:
    """Ask until the breaker opens."""
    for _ in range(FAILURES):
        assert guard.state == "closed"
        assert await guard.get(b"key") is None
    assert guard.state == "open"
