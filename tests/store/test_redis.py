"""Redis as a store: what is said on the wire, who waits for whom, and every way to reach one."""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from newshole.store import Store, StoreBusyError, StoreError
from newshole.store.redis import open_redis
from newshole.store.url import CONNECTIONS
from tests.store.servers import SentinelServer, Server, SlowWay, answered, free_port, need, running
from tests.waiting import PATIENCE

TTL = 60.0


def run(check: Callable[[Store], Awaitable[None]], url: str) -> None:
    """Run a check in an event loop of its own."""

    async def checked() -> None:
        store = open_redis(url)
        try:
            await check(store)
        finally:
            await store.close()

    asyncio.run(checked())


async def serves(store: Store) -> None:
    """The check that a store is a store."""
    await store.put(b"key", b"value", ttl=TTL)
    assert await store.get(b"key") == b"value"


async def fails(store: Store) -> None:
    """The check that a store is none."""
    with pytest.raises(StoreError) as raised:
        await store.get(b"key")
    assert "secret" not in str(raised.value)


def test_keys_are_marked_as_ours_and_expire(server: Server) -> None:
    async def check(store: Store) -> None:
        await store.put(b"kept", b"value", ttl=60.0)
        assert server.ask("GET", b"newshole:kept") == b"value"
        assert 59_000 < server.ask("PTTL", b"newshole:kept") <= 60_000

    run(check, server.url)


def test_what_is_no_string_is_a_miss_and_can_be_written_over(server: Server) -> None:
    async def check(store: Store) -> None:
        server.ask("DEL", "newshole:list")
        server.ask("LPUSH", "newshole:list", "poison")
        assert await store.get(b"list") is None
        await store.put(b"list", b"value", ttl=TTL)
        assert await store.get(b"list") == b"value"

    run(check, server.url)


@contextlib.asynccontextmanager
async def _listening(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(b"")
        with contextlib.closing(writer):
            while part := await reader.read(65536):
                heard[-1] += part
                if not answer:
                    return
                writer.write(answer * part.count(b"*"))

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1], heard
    finally:
        listener.close()


def test_a_new_connection_says_nothing_but_its_command() -> None:
    async def check() -> None:
        async with _listening(b"$-1\r\n") as (port, heard):
            store = open_redis(f"redis://127.0.0.1:{port}")
            assert await store.get(b"key") is None
            await store.close()
        assert heard == [b"*2\r\n$3\r\nGET\r\n$12\r\nnewshole:key\r\n"]

    asyncio.run(check())


def test_a_new_connection_signs_in_where_it_has_to() -> None:
    async def check() -> None:
        async with _listening(b"+OK\r\n") as (port, heard):
            store = open_redis(f"redis://ann:pass@127.0.0.1:{port}/2")
            await store.get(b"key")
            await store.close()
        words = [word for word in heard[0].split(b"\r\n") if word[:1].isalpha()]
        assert words == [b"AUTH", b"ann", b"pass", b"SELECT", b"GET", b"newshole:key"]

    asyncio.run(check())


def test_nothing_is_tried_twice() -> None:
    async def check() -> None:
        async with _listening(b"") as (port, heard):
            store = open_redis(f"redis://127.0.0.1:{port}")
            for asked in (store.get(b"key"), store.put(b"key", b"value", ttl=TTL)):
                heard.clear()
                with pytest.raises(StoreError):
                    await asked
                assert len(heard) == 1
            await store.close()

    asyncio.run(check())


def test_nobody_there_is_told() -> None:
    run(fails, f"redis://127.0.0.1:{free_port()}")


def test_a_frozen_server_is_given_up_soon(own_server: Server) -> None:
    async def check(store: Store) -> None:
        await serves(store)
        own_server.freeze()
        async with asyncio.timeout(PATIENCE):  # by itself, redis-py would wait five seconds ten times
            for _ in range(5):
                await fails(store)
        own_server.thaw()
        await serves(store)

    run(check, own_server.url)


def test_a_server_that_was_started_again_is_found_at_once(own_server: Server) -> None:
    async def check(store: Store) -> None:
        await asyncio.gather(*(serves(store) for _ in range(8)))
        own_server.kill()
        own_server.start()
        await asyncio.sleep(0.05)  # the event loop sees that the connections are closed
        for _ in range(8):
            await serves(store)

    run(check, own_server.url)


async def answer(store: Store, key: bytes) -> bytes | None:
    """What the store says at last: on a busy machine a question may wait for longer than it is given."""
    end = time.monotonic() + 10
    while True:
        try:
            return await store.get(key)
        except StoreError:
            if time.monotonic() > end:
                raise


def test_an_answer_that_comes_too_late_is_nobody_s(server: Server) -> None:
    async def check() -> None:
        async with SlowWay(server.port, 0.0) as way:
            store = open_redis(way.url + "?max_connections=1")
            for key, value in ((b"one", b"1"), (b"two", b"2")):
                server.ask("SET", b"newshole:" + key, value)
            assert await answer(store, b"two") == b"2"
            way.delay = 0.08
            await fails(store)
            way.delay = 0.0
            for _ in range(20):
                assert await answer(store, b"two") == b"2"
                await asyncio.sleep(0.01)
            await store.close()

    asyncio.run(check())


@pytest.mark.parametrize("seed", range(3))
def test_no_reader_gets_another_key_s_value(server: Server, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's
    found = []

    async def read(store: Store, number: int) -> None:
        await asyncio.sleep(chance.random() * 0.3)
        with contextlib.suppress(TimeoutError, StoreError):
            async with asyncio.timeout(chance.random() * 0.012):
                found.append((number, await store.get(b"%d" % number)))

    for number in range(200):
        server.ask("SET", b"newshole:%d" % number, b"%d" % number)

    async def check() -> None:
        async with SlowWay(server.port, 0.003) as way:
            store = open_redis(way.url + "?max_connections=4")
            await asyncio.gather(*(read(store, number) for number in range(200)))
            found.append((7, await answer(store, b"7")))
            await store.close()

    asyncio.run(check())
    assert all(value == b"%d" % number for number, value in found)


def test_connections_are_bounded_and_whoever_finds_none_is_told(server: Server) -> None:
    async def check() -> None:
        async with SlowWay(server.port, 0.02) as way:
            store = open_redis(way.url)
            before = server.ask("INFO")["connected_clients"]
            asked = asyncio.gather(*(store.get(b"key") for _ in range(200)), return_exceptions=True)
            await asyncio.sleep(0.01)
            assert server.ask("INFO")["connected_clients"] - before <= CONNECTIONS
            errors = [each for each in await asked if each is not None]
            # The few that have a connection may wait too long for it on a busy machine.
            assert sum(isinstance(each, StoreBusyError) for each in errors) > len(errors) / 2
            await store.close()

    asyncio.run(check())


def test_databases_are_apart(server: Server) -> None:
    async def absent(store: Store) -> None:
        assert await store.get(b"apart") is None

    async def put(store: Store) -> None:
        await store.put(b"apart", b"value", ttl=TTL)

    run(put, f"{server.url}/3")
    run(absent, server.url)


def test_a_password_is_needed_where_it_is(tmp_path: Path) -> None:
    server = Server(tmp_path, password="not#a/secret?")  # noqa: S106 - a test's
    with running(server):
        run(fails, server.url)
        run(fails, f"redis://:another-secret@127.0.0.1:{server.port}")
        run(serves, f"redis://:not%23a%2Fsecret%3F@127.0.0.1:{server.port}")


def test_a_socket_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("socket")
    with running(Server(folder, "--unixsocket", f"{folder}/redis.sock")):
        run(serves, f"unix://{folder}/redis.sock?db=1")
    run(fails, f"unix://{folder}/redis.sock")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a Redis under TLS, and the certificate that it signed itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate, port = folder / "key.pem", folder / "certificate.pem", free_port()
    request = ["req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=redis", "-days", "2"]
    named = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([need("openssl"), *request, *named], check=True, capture_output=True)
    options = {
        "--tls-port": port,
        "--tls-cert-file": certificate,
        "--tls-key-file": key,
        "--tls-auth-clients": "no",
    }
    options |= {"--tls-ca-cert-file": certificate}
    with running(Server(folder, *(str(part) for option in options.items() for part in option))):
        yield f"rediss://127.0.0.1:{port}", certificate


def test_tls(secured: tuple[str, Path]) -> None:
    url, certificate = secured
    run(serves, f"{url}?ssl_ca_certs={certificate}")
    run(serves, f"{url}?ssl_cert_reqs=none")


def test_tls_with_a_stranger_is_none(secured: tuple[str, Path]) -> None:
    url, certificate = secured
    run(fails, url)
    run(fails, f"{url.replace('127.0.0.1', 'localhost')}?ssl_ca_certs={certificate}")


@pytest.mark.slow
def test_sentinels_name_the_master_and_the_next_one(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("master", "replica", "sentinel")]
    for folder in folders:
        folder.mkdir()
    master = Server(folders[0])
    replica = Server(folders[1], "--replicaof", f"127.0.0.1 {master.port}", "--repl-diskless-sync-delay", "0")
    sentinel = SentinelServer(folders[2], master)
    url = f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{sentinel.port}/main"

    async def check(store: Store) -> None:
        await serves(store)
        master.kill()
        async with asyncio.timeout(PATIENCE):
            while True:
                with contextlib.suppress(StoreError):
                    return await serves(store)
                await asyncio.sleep(0.1)

    with running(master, replica, sentinel):
        answered(lambda: master.ask("INFO")["connected_slaves"] == 1)
        answered(lambda: sentinel.ask("INFO")["master0"]["slaves"] == 1)
        run(check, url)
        assert replica.ask("GET", "newshole:key") == b"value"


def test_sentinels_that_do_not_know_the_service_are_an_error(server: Server, tmp_path: Path) -> None:
    sentinel = SentinelServer(tmp_path, server)
    with running(sentinel):
        run(serves, f"redis+sentinel://127.0.0.1:{sentinel.port}/main/4")
        run(fails, f"redis+sentinel://127.0.0.1:{sentinel.port}/other")
