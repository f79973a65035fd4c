"""The store that needs no server: in the process, bounded, gone with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from newshole.store.lru import Lru

MOST: Final = 65_536
ROOM: Final = 64 * 1024 * 1024


class MemoryStore:
    """At most `most` values of at most `room` bytes together, keys included."""

    def __init__(
        self, most: int = MOST, room: int = ROOM, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._values: Lru[bytes, tuple[bytes, float]] = Lru(most, room)
        self._clock = clock

    async def get(self, key: bytes) -> bytes | None:
        """What was put under a key and has not expired."""
        kept = self._values.get(key)
        if kept is None:
            return None
        value, until = kept
        if self._clock() >= until:
            self._values.drop(key)
            return None
        return value

    async def put(self, key: bytes, value: bytes, *, ttl: float) -> None:
        """Keep a value for `ttl` seconds at most."""
        self._values.put(key, (value, self._clock() + ttl), len(key) + len(value))

    async def close(self) -> None:
        """Nothing is open."""


class MemoryArchive(MemoryStore):
    """The same, with what stays; it is not bounded, for it is as large as what was published."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock=clock)
        self._names: dict[bytes, dict[bytes, bytes]] = {}

    async def add(self, name: bytes, field: bytes, value: bytes) -> bool:
        """Keep a value where there is none yet; whether it was kept."""
        kept = self._names.setdefault(name, {})
        is_free = field not in kept
        if is_free:
            kept[field] = value
        return is_free

    async def read(self, name: bytes, *fields: bytes) -> tuple[bytes | None, ...]:
        """What is kept in these fields, None for each that is free."""
        kept = self._names.get(name, {})
        return tuple(map(kept.get, fields))

    async def entries(self, name: bytes) -> dict[bytes, bytes]:
        """Every field of a name."""
        return dict(self._names.get(name, {}))

    async def drop(self, name: bytes, field: bytes) -> None:
        """Free a field."""
        self._names.get(name, {}).pop(field, None)
