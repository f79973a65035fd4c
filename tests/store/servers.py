"""Real Redis servers on free ports of this machine: one, a cluster, sentinels, and a slow way to one."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.waiting import eventually

SLOTS = 16384

_CLUSTER = (
    "--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no",
)  # fmt: skip


def need(program: str) -> str:
    """Where a program is; the test is skipped where it is not installed."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def free_port() -> int:
    """A port that nobody listens on, below those that are given out: it stays free between two servers."""
    while True:
        port = secrets.choice(range(10_000, 32_000))
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def answered(holds: Callable[[], object]) -> None:
    """Wait until something holds of a Redis, one that does not answer being no proof."""

    def is_so() -> object:
        with contextlib.suppress(redis.RedisError):
            return holds()
        return None

    eventually(is_so)


class Server:
    """A redis-server with these options; what it wrote is gone when it is started again."""

    def __init__(self, folder: Path, *options: str, password: str | None = None) -> None:
        self.port, self.password = free_port(), password
        self.url = f"redis://127.0.0.1:{self.port}"
        secret = [] if password is None else ["--requirepass", password]
        self._command = [
            need("redis-server"), *options, *secret, "--port", str(self.port), "--bind", "127.0.0.1",
            "--dir", str(folder), "--save", "",
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        answered(lambda: self.ask("PING"))

    def ask(self, *command: str | bytes | int) -> Any:
        """The answer to one command, over a connection of its own."""
        with redis.Redis(
            port=self.port, password=self.password, socket_timeout=5, retry=Retry(NoBackoff(), 0)
        ) as client:
            return client.execute_command(*command)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def freeze(self) -> None:
        """Stop it where it is, its sockets open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, frozen or not; it can be started again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class SentinelServer(Server):
    """A sentinel that alone decides on the master `main`, and soon."""

    def __init__(self, folder: Path, master: Server) -> None:
        super().__init__(folder)
        written = folder / "sentinel.conf"
        written.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor main 127.0.0.1 {master.port} 1\n"
            "sentinel down-after-milliseconds main 300\nsentinel failover-timeout main 2000\n"
        )
        self._command = [need("redis-server"), str(written), "--sentinel"]


@contextlib.contextmanager
def running(*servers: Server) -> Iterator[None]:
    """These servers, ended at the end however they are."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.kill()


@contextlib.contextmanager
def cluster(folder: Path, size: int = 3) -> Iterator[list[Server]]:
    """A cluster of that many nodes without replicas, which serves on where one is lost."""
    buses = [free_port() for _ in range(size)]
    nodes = []
    for index, bus in enumerate(buses):
        own = folder / str(index)
        own.mkdir()
        nodes.append(Server(own, "--cluster-port", str(bus), *_CLUSTER))
    with running(*nodes):
        for index, node in enumerate(nodes):
            first, last = SLOTS * index // size, SLOTS * (index + 1) // size - 1
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", index + 1)
            node.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
        for node, bus in zip(nodes[1:], buses[1:], strict=True):
            nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        for node in nodes:
            answered(partial(_is_whole, node, size))
        yield nodes


def _is_whole(node: Server, size: int) -> bool:
    return len(node.ask("CLUSTER", "SLOTS")) == size and b"cluster_state:ok" in node.ask("CLUSTER", "INFO")


def cluster_url(nodes: list[Server]) -> str:
    """The address of a cluster."""
    return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in nodes)


class SlowWay:
    """A proxy to a port of this machine that holds all that comes back for `delay` seconds."""

    def __init__(self, port: int, delay: float) -> None:
        self.delay = delay
        self.url = ""
        self._towards = port
        self._copying: set[asyncio.Task[None]] = set()
        self._open: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"redis://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        for task in self._copying:
            task.cancel()
        await asyncio.gather(*self._copying, return_exceptions=True)
        for writer in self._open:  # a copy that was cancelled before it began closed nothing
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.append(writer)
        behind, towards = await asyncio.open_connection("127.0.0.1", self._towards)
        self._open.append(towards)
        for copy in (self._copy(reader, towards, slowly=False), self._copy(behind, writer, slowly=True)):
            task = asyncio.create_task(copy)
            self._copying.add(task)
            task.add_done_callback(self._copying.discard)

    async def _copy(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, slowly: bool
    ) -> None:
        with contextlib.suppress(OSError), contextlib.closing(target):
            while part := await source.read(65536):
                if slowly:
                    await asyncio.sleep(self.delay)
                target.write(part)
