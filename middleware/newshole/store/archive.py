"""What is published stays in an archive: a file, or Redis, Valkey and what speaks as they do.

In Redis a name is one hash without an expiry, and a field of it is written by `HSETNX`: one command of one
key, so that it is one step on a server, behind Sentinel and on a cluster alike. A server whose
`maxmemory-policy` is `allkeys-…` may evict it all the same: `evicts` tells.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Final, cast

from newshole.store.cluster import Cluster
from newshole.store.connections import Client, open_master, open_server, open_socket
from newshole.store.protocol import Archive, StoreError, StoreRefusedError
from newshole.store.redis import RedisStore
from newshole.store.saved import SavedArchive
from newshole.store.url import Place, read_url

PATIENCE: Final = 1.0
"""Seconds for one step of a command, and for a connection; no request ever waits for one."""

CONNECTIONS: Final = 4
"""Connections to one server: one asks, one fetches a version, and others were given up."""

_MOVING: Final = "the key is on its way to another node"


def open_archive(address: str) -> Archive:
    """The archive at the address of a Redis (see `newshole.store.url`), or in a file, which is opened when it
    is first asked.

    Raises UsageError, without the password, where the address is wrong.
    """
    return open_redis_archive(address) if "://" in address else SavedArchive(address)


def open_redis_archive(url: str) -> RedisArchive:
    """The archive of a Redis. Raises UsageError as `open_archive` does."""
    place = replace(read_url(url), patience=PATIENCE, turn=PATIENCE, connections=CONNECTIONS)
    return RedisArchive(place, partial(open_client, place))


def open_client(place: Place) -> Client:
    """A client of whatever is at a place."""
    if place.kind == "cluster":
        return Cluster(place.hosts, partial(open_server, place))
    if place.kind == "sentinel":
        return open_master(place)
    return open_socket(place) if place.kind == "unix" else open_server(place, place.hosts[0])


class RedisArchive(RedisStore[Client]):
    """An archive on one server or a cluster."""

    async def add(self, name: bytes, field: bytes, value: bytes) -> bool:
        """Keep a value where there is none yet; whether it was kept."""
        return _told(await self.ask("HSETNX", name, field, value)) == 1

    async def read(self, name: bytes, *fields: bytes) -> tuple[bytes | None, ...]:
        """What is kept in these fields, None for each that is free."""
        found = _told(await self.ask("HMGET", name, *fields))
        return tuple(cast("list[bytes | None]", found))

    async def entries(self, name: bytes) -> dict[bytes, bytes]:
        """Every field of a name."""
        found: Any = _told(await self.ask("HGETALL", name))
        pairs = found.items() if isinstance(found, dict) else zip(found[::2], found[1::2], strict=True)
        return dict(pairs)

    async def drop(self, name: bytes, field: bytes) -> None:
        """Free a field."""
        await self.ask("HDEL", name, field)

    async def evicts(self) -> bool:
        """Whether the server may throw away what has no expiry, to make room."""
        try:
            said = await self._client().execute_command("INFO", b"memory")
        except Exception as error:
            raise StoreRefusedError(type(error).__name__) from error
        return _policy(said).startswith("allkeys")


def _told(answer: object) -> object:
    """An answer; where there is none, for the key is moving or holds something else, that is an error."""
    if answer is None:
        raise StoreError(_MOVING)
    return answer


def _policy(said: object) -> str:
    """The eviction policy in the answer to INFO, which redis-py may have read already."""
    if isinstance(said, dict):
        return str(said.get("maxmemory_policy", ""))
    text = said.decode("latin-1") if isinstance(said, bytes) else str(said)
    lines = (line.partition(":") for line in text.splitlines())
    return next((value.strip() for key, _, value in lines if key == "maxmemory_policy"), "")
