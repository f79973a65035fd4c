"""A queue of parcels in Redis, from many who bring to one who takes; nothing is gone before that one says so.

A parcel is an entry of a stream. Whoever has dealt with it says that under the parcel's name, and only then
is the entry deleted. So whoever brought it keeps its own copy until it reads that word, and brings it again
where Redis has lost both: it may come twice, and it comes at least once. Every command has one key, hence a
cluster serves too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple, cast

from newshole.store.archive import CONNECTIONS, PATIENCE, open_client
from newshole.store.connections import Client
from newshole.store.protocol import StoreRefusedError
from newshole.store.redis import RedisStore
from newshole.store.url import read_url

REMEMBERED: Final = 86_400.0
"""Seconds for which it is known that a parcel was dealt with."""


class Parcel(NamedTuple):
    """What was brought: `entry` is its place in the queue, `name` what its bringer calls it."""

    entry: bytes
    name: bytes
    value: bytes


def open_queue(url: str, key: bytes) -> RedisQueue:
    """The queue under a key of the Redis at an address (see `newshole.store.url`).

    Raises UsageError, without the password, where the address is wrong.
    """
    place = replace(read_url(url), patience=PATIENCE, connections=CONNECTIONS)
    return RedisQueue(RedisStore(place, partial(open_client, place)), key)


class RedisQueue:
    """One queue; every method may raise StoreError, and may be cancelled."""

    def __init__(self, store: RedisStore[Client], key: bytes) -> None:
        self._store, self._key = store, key

    async def bring(self, name: bytes, value: bytes, *, most: int) -> bool:
        """Add a parcel; false where `most` are waiting already."""
        if await self.length() >= most:
            return False
        if await self._store.ask("XADD", self._key, "*", b"name", name, b"value", value) is None:
            raise StoreRefusedError("not a stream")
        return True

    async def length(self) -> int:
        """How many parcels are waiting."""
        return int(cast("int", await self._store.ask("XLEN", self._key) or 0))

    async def waiting(self, *, most: int) -> list[Parcel]:
        """The first parcels, in order."""
        found: Any = await self._store.ask("XRANGE", self._key, "-", "+", "COUNT", most) or []
        return [_parcel(entry, fields) for entry, fields in found]

    async def settle(self, parcel: Parcel) -> None:
        """Say that a parcel was dealt with, and take it out."""
        await self._store.put(self._settled(parcel.name), b"1", ttl=REMEMBERED)
        await self.drop(parcel)

    async def drop(self, parcel: Parcel) -> None:
        """Take a parcel out without having dealt with it."""
        await self._store.ask("XDEL", self._key, parcel.entry)

    async def is_settled(self, name: bytes) -> bool:
        """Whether the parcel of a name was dealt with."""
        return await self._store.get(self._settled(name)) is not None

    async def lease(self, who: bytes, *, seconds: float) -> bool:
        """Whether `who` is the one to take parcels, for so many seconds from now."""
        key, milliseconds = self._key + b":lease", max(1, round(seconds * 1000))
        if await self._store.ask("SET", key, who, "NX", "PX", milliseconds):
            return True
        if await self._store.get(key) != who:
            return False
        return bool(await self._store.ask("SET", key, who, "XX", "PX", milliseconds))

    async def close(self) -> None:
        """Let go of the connections."""
        await self._store.close()

    def _settled(self, name: bytes) -> bytes:
        return self._key + b":settled:" + name


def _parcel(entry: bytes, fields: Mapping[bytes, bytes]) -> Parcel:
    return Parcel(entry, fields.get(b"name", b""), fields.get(b"value", b""))
