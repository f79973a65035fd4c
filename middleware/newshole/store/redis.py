"""Redis, Valkey and what speaks as they do, as a store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, Generic, TypeAlias, TypeVar

from redis import exceptions
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

from newshole.store.cluster import Cluster
from newshole.store.connections import Client, open_master, open_server, open_socket
from newshole.store.log import Entry
from newshole.store.protocol import Store, StoreBusyError, StoreError, StoreFullError, StoreRefusedError
from newshole.store.url import Place, read_url

PREFIX: Final = b"newshole:"
"""What every key begins with, so that a Redis may be shared."""


Command: TypeAlias = tuple[str, bytes, bytes | int]
"""A command about a key, and what it is given."""

AnyClient = TypeVar("AnyClient", bound=Client)


def open_redis(url: str) -> Store:
    """The store at an address (see `newshole.store.url`), which is connected to when it is first asked.

    Raises UsageError, without the password, where the address is wrong.
    """
    place = read_url(url)
    if place.kind == "cluster":
        return ClusterStore(place, partial(Cluster, place.hosts, partial(open_server, place)))
    if place.kind == "sentinel":
        return RedisStore(place, partial(open_master, place))
    if place.kind == "unix":
        return RedisStore(place, partial(open_socket, place))
    return RedisStore(place, partial(open_server, place, place.hosts[0]))


class RedisStore(Generic[AnyClient]):
    """A store on one server, which `connect` makes a client of for each event loop."""

    def __init__(self, place: Place, connect: Callable[[], AnyClient]) -> None:
        self._place, self._connect = place, connect
        self._opened: tuple[asyncio.AbstractEventLoop, AnyClient] | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._place!r})"

    async def get(self, key: bytes) -> bytes | None:
        """The value under a key, None where there is none; what is no string is none."""
        value = await self.ask("GET", key)
        return value if isinstance(value, bytes) else None

    async def put(self, key: bytes, value: bytes, *, ttl: float) -> None:
        """Keep a value for `ttl` seconds, to the millisecond."""
        await self.ask("SET", key, value, "PX", max(1, round(ttl * 1000)))

    async def append(self, key: bytes, value: bytes, *, most: int, ttl: float) -> None:
        """Add a value to the stream under a key, which keeps about `most` of them."""
        if await self.ask("XADD", key, "MAXLEN", "~", most, "*", b"v", value) is None:
            raise StoreRefusedError("not a stream")
        await self.ask("PEXPIRE", key, max(1, round(ttl * 1000)))

    async def after(self, key: bytes, position: tuple[int, int], *, most: int) -> list[Entry]:
        """The first `most` values of the stream behind a position; its positions are Redis' own."""
        start = f"({position[0]}-{position[1]}"
        found = await self.ask("XRANGE", key, start, "+", "COUNT", most)
        if not isinstance(found, list):
            raise StoreRefusedError("not a stream")
        return [_entry(name, fields) for name, fields in found]

    async def close(self) -> None:
        """Close the connections of the running loop."""
        opened, self._opened = self._opened, None
        if opened is None or opened[0] is not asyncio.get_running_loop():
            return
        try:
            await opened[1].aclose()
        except (RedisError, OSError) as error:
            raise _told(error) from error

    def _client(self) -> AnyClient:
        loop = asyncio.get_running_loop()
        if self._opened is None or self._opened[0] is not loop:
            self._opened = (loop, self._connect())
        return self._opened[1]

    async def ask(self, command: str, key: bytes, *rest: bytes | str | int) -> object:
        """The answer to a command about a key; None where the key holds something of another kind."""
        try:
            return await self._client().execute_command(command, PREFIX + key, *rest)
        except (RedisError, OSError) as error:
            if isinstance(error, ResponseError) and str(error).startswith("WRONGTYPE"):
                return None
            raise _told(error) from error

    async def ask_all(self, commands: Sequence[Command]) -> list[object]:
        """The answers to commands in their order, an exception for each that failed: one round trip where one
        server has all the keys."""
        client = self._client()
        named = [(command, PREFIX + key, given) for command, key, given in commands]
        try:
            if isinstance(client, Redis):
                async with client.pipeline(transaction=False) as pipeline:
                    for each in named:
                        pipeline.execute_command(*each)
                    return list(await pipeline.execute(raise_on_error=False))
            return [await _attempted(client, *each) for each in named]
        except (RedisError, OSError) as error:
            raise _told(error) from error


class ClusterStore(RedisStore[Cluster]):
    """A store on a cluster, whose nodes fail one by one."""

    def part(self, key: bytes) -> str:
        """The node that holds a key, "" where it is not known yet."""
        return self._client().part(PREFIX + key)


async def _attempted(client: Client, command: str, key: bytes, given: bytes | int) -> object:
    """The answer to a command, the error where the server answered with one."""
    try:
        return await client.execute_command(command, key, given)
    except ResponseError as error:
        return error


def _entry(name: bytes, fields: Mapping[bytes, bytes]) -> Entry:
    moment, _, number = name.partition(b"-")
    return (int(moment), int(number)), fields.get(b"v", b"")


def _told(error: Exception) -> StoreError:
    """The error by its kind alone: its words may hold an address."""
    name = type(error).__name__
    if isinstance(error, OutOfMemoryError | ReadOnlyError) or str(error).startswith("MISCONF"):
        return StoreFullError(name)
    if isinstance(error, ResponseError):
        return StoreRefusedError(name)
    # The pool's word for "no connection was free in time" is an error of connection too, with that cause.
    if isinstance(error, exceptions.ConnectionError) and isinstance(error.__cause__, TimeoutError):
        return StoreBusyError(name)
    return StoreError(name)
