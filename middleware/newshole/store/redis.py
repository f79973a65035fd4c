"""Redis, Valkey and all that speak as they do: one server, Sentinel, Cluster, with or without TLS.

redis-py waits five seconds for an answer and tries ten times by default, so a frozen server would stop the
site for most of a minute. Here nothing is waited for longer than `TIMEOUT` and nothing is tried twice: a
plan that is not there in time is made anew. RESP2 needs no greeting, and no connection says what library
it is from, so a new one costs no round trip beside its sign-in.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any, Final, cast
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError
from redis.maint_notifications import MaintNotificationsConfig

from newshole.errors import UsageError
from newshole.store.protocol import StoreError, StoreFullError, StoreRefusedError

TIMEOUT: Final = 0.05
"""Seconds for one answer, one connection, and for one of the pool's connections to be free."""

CONNECTIONS: Final = 16
"""Connections of one process, to each node of a cluster."""

PREFIX: Final = b"newshole:"

SCHEMES: Final = (
    "redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster",
)  # fmt: skip

Client = Redis | RedisCluster


def open_redis(url: str) -> RedisStore:
    """A store by its URL; nothing is connected before it is used.

    `redis://[USER:PASSWORD@]HOST:PORT/DB`, `rediss://` for TLS, `unix://[USER:PASSWORD@]/SOCKET?db=DB`,
    `redis+sentinel://[USER:PASSWORD@]HOST:PORT,HOST:PORT/SERVICE/DB`,
    `redis+cluster://[USER:PASSWORD@]HOST:PORT,HOST:PORT`; with TLS, `?ssl_ca_certs=FILE` and redis-py's
    other `ssl_` options. Raises UsageError, without the password, where it is none of them.
    """
    try:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES:
            raise ValueError(f"its scheme is none of {', '.join(SCHEMES)}")
        opens = _OPENERS[parts.scheme.partition("+")[2]](parts, url)
    except (ValueError, TypeError, ssl.SSLError) as error:
        raise UsageError(
            f"the Redis URL cannot be used: {error}; give one like redis://localhost:6379/0"
        ) from None
    return RedisStore(opens)


class RedisStore:
    """A store over a client that is made anew in every event loop, for its connections belong to one."""

    def __init__(self, opens: Callable[[], Client]) -> None:
        self._opens = opens
        self._client: Client | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def get(self, key: bytes) -> bytes | None:
        """What was put under a key and is still there."""
        try:
            value = await self._connected().get(PREFIX + key)
        except (RedisError, OSError, TimeoutError) as error:
            raise _told(error) from error
        return cast("bytes | None", value)

    async def put(self, key: bytes, value: bytes, *, ttl: float) -> None:
        """Keep a value for `ttl` seconds at most."""
        try:
            await self._connected().set(PREFIX + key, value, px=max(1, round(ttl * 1000)))
        except (RedisError, OSError, TimeoutError) as error:
            raise _told(error) from error

    async def close(self) -> None:
        """Close the connections of this event loop."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            try:
                await client.aclose()
            except (RedisError, OSError, TimeoutError) as error:
                raise _told(error) from error

    def _connected(self) -> Client:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._client, self._loop = self._opens(), loop
        return self._client


def _told(error: Exception) -> StoreError:
    """The error by its kind alone: its words may hold an address."""
    if isinstance(error, OutOfMemoryError):
        return StoreFullError("no room")
    if isinstance(error, ResponseError):
        return StoreRefusedError(type(error).__name__)
    return StoreError(type(error).__name__)


def _options() -> dict[str, Any]:
    return {
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 0,
        "protocol": 2,
        "driver_info": None,
    }


def _server(parts: SplitResult, url: str) -> Callable[[], Client]:
    def opens() -> Client:
        pool = BlockingConnectionPool.from_url(
            url, **{"max_connections": CONNECTIONS, "timeout": TIMEOUT, **_options()}
        )
        return Redis.from_pool(pool)

    if parts.scheme != "unix" and not parts.hostname:
        raise ValueError("it has no host")
    _ = parts.port
    BlockingConnectionPool.from_url(url)  # what is wrong with it is said now
    return opens


def _cluster(parts: SplitResult, _url: str) -> Callable[[], Client]:
    nodes, signed_in = _nodes(parts), _signed_in(parts)

    def opens() -> Client:
        return RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in nodes],
            max_connections=CONNECTIONS,
            require_full_coverage=False,
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
            **_options(),
            **signed_in,
        )

    return opens


def _sentinel(parts: SplitResult, _url: str) -> Callable[[], Client]:
    nodes, signed_in = _nodes(parts), _signed_in(parts)
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("it names no service behind the sentinels")
    number = int(database or 0)

    def opens() -> Client:
        tls = {name: value for name, value in signed_in.items() if name.startswith("ssl")}
        sentinels = Sentinel(  # type: ignore[no-untyped-call]  # redis-py has no types here
            list(nodes), sentinel_kwargs={**_options(), **tls}, **_options(), **signed_in
        )
        primary: Redis = sentinels.master_for(unquote(service), db=number, max_connections=CONNECTIONS)
        return primary

    return opens


_OPENERS: Final = {"": _server, "cluster": _cluster, "sentinel": _sentinel}


def _nodes(parts: SplitResult) -> tuple[tuple[str, int], ...]:
    """Hosts and ports; a port that is left out is Redis's, or Sentinel's."""
    usual = "26379" if parts.scheme.endswith("sentinel") else "6379"
    nodes = []
    for each in parts.netloc.rpartition("@")[2].split(","):
        host, _, port = each.rpartition(":") if ":" in each.rpartition("]")[2] else (each, "", usual)
        if not host.strip("[]"):
            raise ValueError("it names no host")
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise ValueError("one of its ports is no number from 1 to 65535")
        nodes.append((host.strip("[]"), int(port)))
    return tuple(nodes)


def _signed_in(parts: SplitResult) -> dict[str, Any]:
    """User, password and TLS."""
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    found: dict[str, Any] = {}
    if user:
        found["username"] = unquote(user)
    if password:
        found["password"] = unquote(password)
    if parts.scheme.startswith("rediss"):
        found["ssl"] = True
        for name, values in parse_qs(parts.query).items():
            if not name.startswith("ssl_"):
                raise ValueError(f"{name} is no option of TLS")
            found[name] = values[-1] == "true" if name == "ssl_check_hostname" else values[-1]
    return found
