"""A log in a store: short values in an order that every process sees alike."""

from __future__ import annotations

import asyncio
from typing import Protocol, TypeAlias, runtime_checkable

from newshole.store.guarded import LONGEST, GuardedStore

Entry: TypeAlias = tuple[tuple[int, int], bytes]
"""A value and its position; positions rise."""


@runtime_checkable
class Log(Protocol):
    """A store that keeps logs; every method may raise StoreError, and may be cancelled."""

    async def append(self, key: bytes, value: bytes, *, most: int, ttl: float) -> None:
        """Add a value to the log under a key, which keeps about `most` of them and goes after `ttl` seconds
        without another."""

    async def after(self, key: bytes, position: tuple[int, int], *, most: int) -> list[Entry]:
        """The first `most` values behind a position, in order."""


class GuardedLog:
    """The log under one key of a guarded store, if there is one: nothing here raises, or waits for long."""

    def __init__(self, guard: GuardedStore | None, key: bytes, *, most: int, ttl: float) -> None:
        self.guard, self.key, self.most, self.ttl = guard, key, most, ttl
        store = None if guard is None else guard.store
        self._log = store if isinstance(store, Log) else None

    def __bool__(self) -> bool:
        """Whether the store keeps logs."""
        return self._log is not None

    async def append(self, value: bytes) -> bool:
        """Add a value; false where the store did not take it within a second, or is left alone."""
        if self._log is None or self.guard is None or not self.guard.may_ask(self.key):
            return False
        try:
            async with asyncio.timeout(LONGEST):
                await self._log.append(self.key, value, most=self.most, ttl=self.ttl)
        except Exception:  # noqa: BLE001 - whatever a store raises, as its guard has it
            self.guard.counts["store-error"] += 1
            return False
        return True

    async def after(self, position: tuple[int, int], *, most: int) -> list[Entry] | None:
        """The first `most` values behind a position; None where the store does not tell within a second, or
        is left alone."""
        if self._log is None or self.guard is None or not self.guard.may_ask(self.key):
            return None
        try:
            async with asyncio.timeout(LONGEST):
                return await self._log.after(self.key, position, most=most)
        except Exception:  # noqa: BLE001 - as above
            self.guard.counts["store-error"] += 1
            return None
