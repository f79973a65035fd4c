"""What every archive does: the same tests for memory, one Redis, one behind Sentinel, and a cluster."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from newshole.errors import NewsholeError
from newshole.store import Archive, MemoryArchive, StoreError
from newshole.store.archive import CONNECTIONS, open_archive, open_redis_archive
from tests.store.servers import SentinelServer, Server, SlowWay, cluster_url, running

Check = Callable[[Archive, bytes], Awaitable[None]]


@pytest.fixture(scope="session")
def sentinel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis behind a sentinel."""
    master = Server(tmp_path_factory.mktemp("master"))
    with running(master):
        watcher = SentinelServer(tmp_path_factory.mktemp("sentinel"), master)
        with running(watcher):
            yield f"redis+sentinel://127.0.0.1:{watcher.port}/main"


@pytest.fixture(params=["memory", "file", "redis", "sentinel", "cluster"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    if request.param == "memory":
        return MemoryArchive()
    if request.param == "file":
        return open_archive(str(tmp_path / "state" / "archive"))
    if request.param == "redis":
        return open_archive(request.getfixturevalue("server").url)
    if request.param == "sentinel":
        return open_archive(request.getfixturevalue("sentinel"))
    return open_archive(cluster_url(request.getfixturevalue("nodes")))


def run(archive: Archive, check: Check) -> None:
    """Run a check on a name of its own, in an event loop of its own."""

    async def checked() -> None:
        try:
            await check(archive, b"{tag}" + uuid.uuid4().bytes)
        finally:
            await archive.close()

    asyncio.run(checked())


def test_what_was_added_stays_and_is_read(archive: Archive) -> None:
    async def check(archive: Archive, name: bytes) -> None:
        assert await archive.add(name, b"1", b"first")
        assert await archive.add(name, b"2", b"\0\r\n\xff")
        assert await archive.read(name, b"2", b"3", b"1") == (b"\0\r\n\xff", None, b"first")
        assert await archive.entries(name) == {b"1": b"first", b"2": b"\0\r\n\xff"}

    run(archive, check)


def test_a_field_is_written_once(archive: Archive) -> None:
    async def check(archive: Archive, name: bytes) -> None:
        assert await archive.add(name, b"1", b"first")
        assert not await archive.add(name, b"1", b"second")
        assert await archive.read(name, b"1") == (b"first",)

    run(archive, check)


def test_of_many_who_add_one_field_one_comes_first(archive: Archive) -> None:
    async def check(archive: Archive, name: bytes) -> None:
        values = [b"%d" % number for number in range(2)]
        added = await asyncio.gather(*(archive.add(name, b"1", value) for value in values))
        assert sorted(added) == [False, True]
        assert await archive.read(name, b"1") == (values[added.index(True)],)

    run(archive, check)


def test_a_field_that_was_dropped_is_free(archive: Archive) -> None:
    async def check(archive: Archive, name: bytes) -> None:
        await archive.add(name, b"1", b"first")
        await archive.drop(name, b"1")
        await archive.drop(name, b"1")
        assert await archive.read(name, b"1") == (None,)
        assert await archive.add(name, b"1", b"again")

    run(archive, check)


def test_what_was_never_added_is_empty(archive: Archive) -> None:
    async def check(archive: Archive, name: bytes) -> None:
        assert await archive.entries(name) == {}
        assert await archive.read(name, b"1") == (None,)

    run(archive, check)


def test_what_expires_lies_beside_it(archive: Archive) -> None:
    async def check(archive: Archive, name: bytes) -> None:
        await archive.add(name, b"1", b"stays")
        await archive.put(name + b":beat", b"goes", ttl=0.1)
        await asyncio.sleep(0.2)
        assert await archive.get(name + b":beat") is None
        assert await archive.read(name, b"1") == (b"stays",)

    run(archive, check)


def test_of_many_who_ask_at_once_each_has_its_turn(server: Server) -> None:
    async def answers() -> list[tuple[bytes | None, ...]]:
        async with SlowWay(server.port, 0.05) as way:
            archive = open_redis_archive(way.url)
            try:
                return await asyncio.gather(*(archive.read(b"name", b"1") for _ in range(3 * CONNECTIONS)))
            finally:
                await archive.close()

    assert asyncio.run(answers()) == [(None,)] * (3 * CONNECTIONS)


def test_nothing_that_was_added_has_an_expiry(own_server: Server) -> None:
    async def check(archive: Archive, name: bytes) -> None:
        await archive.add(name, b"1", b"value")
        assert own_server.ask("TTL", b"newshole:" + name) == -1

    run(open_redis_archive(own_server.url), check)


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-lru", "noeviction"])
def test_a_server_that_evicts_what_stays_is_told(own_server: Server, policy: str) -> None:
    own_server.ask("CONFIG", "SET", "maxmemory-policy", policy)

    async def asked() -> bool:
        archive = open_redis_archive(own_server.url)
        try:
            return await archive.evicts()
        finally:
            await archive.close()

    assert asyncio.run(asked()) == policy.startswith("allkeys")


@pytest.mark.parametrize("harm", ["kill", pytest.param("freeze", marks=pytest.mark.slow)])
def test_a_server_that_is_gone_is_an_error_soon(own_server: Server, harm: str) -> None:
    getattr(own_server, harm)()

    async def check(archive: Archive, name: bytes) -> None:
        async with asyncio.timeout(30):
            for ask in (archive.add(name, b"1", b""), archive.read(name, b"1"), archive.entries(name)):
                with pytest.raises(StoreError):
                    await ask

    run(open_redis_archive(own_server.url), check)


def test_a_key_that_holds_something_else_is_an_error(own_server: Server) -> None:
    async def check(archive: Archive, name: bytes) -> None:
        own_server.ask("SET", b"newshole:" + name, b"text")
        with pytest.raises(NewsholeError):
            await archive.add(name, b"1", b"value")

    run(open_redis_archive(own_server.url), check)
