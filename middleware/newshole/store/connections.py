"""Connections to Redis under the discipline that a request path asks for.

What redis-py 8 does where it is not told otherwise, and what is told here:

- It waits 5 s for a socket, and tries again up to ten times. Here 50 ms, and once; what no request waits for
  may take a second.
- Its pool opens up to 100 connections and then raises. Here a few, and whoever finds them all in use waits
  for a moment.
- A new connection says HELLO 3, CLIENT MAINT_NOTIFICATIONS and two CLIENT SETINFO before its first command.
  Here it says nothing but AUTH and SELECT, where they are needed.

A command that times out or is cancelled while its answer is due closes its connection
(`AbstractConnection.read_response` disconnects on every exception), so that no later command of the pool can
read that answer as its own.
"""

from __future__ import annotations

import ssl
from dataclasses import replace
from typing import Any, Protocol

from redis.asyncio import BlockingConnectionPool, Connection, Redis, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedConnection
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from newshole.store.url import Host, Login, Place


class Client(Protocol):
    """What of redis-py's clients is used."""

    async def execute_command(self, command: str, key: bytes, /, *rest: bytes | str | int) -> object:
        """The answer to a command. Raises redis-py's errors."""

    async def aclose(self) -> None:
        """Close every connection."""


class TlsConnection(Connection):
    """A connection under a TLS context that was made beforehand and is shared."""

    def __init__(self, *, tls: ssl.SSLContext, **options: Any) -> None:  # noqa: ANN401 - redis-py's own
        self.tls = tls
        super().__init__(**options)

    def _connection_arguments(self) -> dict[str, Any]:
        return {**super()._connection_arguments(), "ssl": self.tls}


class TlsMasterConnection(SentinelManagedConnection, TlsConnection):
    """The same, to the master that sentinels name."""


class MasterPool(SentinelConnectionPool, BlockingConnectionPool):
    """A bounded pool of connections to the master that sentinels name."""


class Master(Redis):
    """The master that sentinels name; whoever closes it lets go of the sentinels too."""

    def __init__(self, pool: MasterPool, sentinel: Sentinel) -> None:
        super().__init__(connection_pool=pool)
        self.auto_close_connection_pool = True
        self._sentinel = sentinel

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        """Close the connections to the master and to the sentinels."""
        await super().aclose(close_connection_pool)
        await self._sentinel.aclose()


def open_server(place: Place, host: Host) -> Client:
    """One server, a node of a cluster among them."""
    return Redis.from_pool(_pool(place, host, place.login))


def open_socket(place: Place) -> Client:
    """The server behind a socket of this machine."""
    options = _options(place, place.login) | {"connection_class": UnixDomainSocketConnection}
    return Redis.from_pool(BlockingConnectionPool(path=place.path, **options))


def open_master(place: Place) -> Client:
    """The master that sentinels name, asked for again with every new connection."""
    sentinel = Sentinel([])  # type: ignore[no-untyped-call]  # redis-py has no types here
    asked = replace(place, db=0)
    sentinel.sentinels = [Redis.from_pool(_pool(asked, host, place.sentinel_login)) for host in place.hosts]
    options = _options(place, place.login)
    if place.tls is not None:
        options |= {"connection_class": TlsMasterConnection, "tls": place.tls}
    return Master(MasterPool(place.service, sentinel, **options), sentinel)  # type: ignore[no-untyped-call]


def _pool(place: Place, host: Host, login: Login) -> BlockingConnectionPool:
    options = _options(place, login) | {"host": host[0], "port": host[1]}
    if place.tls is not None:
        options |= {"connection_class": TlsConnection, "tls": place.tls}
    return BlockingConnectionPool(**options)


def _options(place: Place, login: Login) -> dict[str, Any]:
    return {
        "max_connections": place.connections,
        "timeout": place.turn,
        "socket_timeout": place.patience,
        "socket_connect_timeout": place.patience,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 0,
        "protocol": 2,
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
        "driver_info": None,
        "decode_responses": False,
        "db": place.db,
        "username": login.username,
        "password": login.password,
    }
