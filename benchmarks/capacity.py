"""What one worker of `newshole serve` takes: processor, memory, Redis, the journal.

A site of some thousand pages stands behind one worker with a Redis and a journal, and every page is asked
for: when nobody knows it, again, of a worker that was started anew, and of one with the page cache. Times are
what the worker had of its core, so other work on the machine changes them less than requests a second.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import redis

from benchmarks import servers
from benchmarks.apps import ARCHIVE
from benchmarks.figures import Options, Report, Table

PAGES: Final = 1000
WARM_UP: Final = 200
IDLE: Final = 10.0
"""Seconds for which a worker without readers is watched."""

_PATIENCE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker under `newshole serve`: where it answers, and its process."""

    port: int
    pid: int

    def memory(self) -> float:
        """What it holds of the machine's memory, in MB (proc(5), VmRSS)."""
        status = Path(f"/proc/{self.pid}/status").read_text("utf-8")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


@dataclass(frozen=True, slots=True)
class Pass:
    """What it took to ask for each page once: processor ms and commands of Redis a page, MB at its end."""

    name: str
    milliseconds: float
    commands: float
    memory: float

    def cells(self) -> tuple[str, ...]:
        """The pass as a row of a table."""
        return self.name, f"{self.milliseconds:.2f}", f"{self.commands:.1f}", f"{self.memory:.0f}"


def measure(_options: Options) -> Report:
    """Ask for all pages in every way, and look at what stays of them."""
    if shutil.which("redis-server") is None:
        return Report(left_out=("capacity, all of it (redis-server is not installed)",))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(_redis(folder))
        origin = stack.enter_context(_origin(folder))
        journal = folder / "journal.db"
        with _worker(origin, store, "--journal", str(journal)) as worker:
            ready, idle = worker.memory(), _idle(store)
            _ask(worker, range(-WARM_UP, 0))
            asked = Asked(worker, store, idle)
            warm, before = worker.memory(), _used(store)
            passes = [asked.once("new"), asked.once("again"), asked.once("a third time")]
            in_redis = (_used(store) - before) / PAGES
        rows = journal.stat().st_size / (PAGES + WARM_UP)
        with _worker(origin, store) as worker:
            passes.append(Asked(worker, store, idle).once("known to Redis alone"))
        with _worker(origin, store, "--page-cache") as worker:
            _ask(worker, range(PAGES))
            passes.append(Asked(worker, store, idle).once("from the page cache"))
    held = {
        "a worker that has started": f"{ready:.0f} MB",
        f"the same after {WARM_UP} pages": f"{warm:.0f} MB",
        f"after {PAGES} pages more": f"{passes[0].memory:.0f} MB",
        "the same, each asked for three times": f"{passes[2].memory:.0f} MB",
        "a page in Redis, with its key": f"{in_redis:.0f} bytes",
        "a page in the journal, its bytes among them": f"{rows / 1024:.1f} KB",
        "commands that Redis gets of a worker without readers": f"{idle:.1f} a second",
    }
    return Report((_table(passes), Table("What stays", _HOW, ("", ""), tuple(held.items()))))


_HOW: Final = "Memory is the resident set of the worker's process."


def _table(passes: Sequence[Pass]) -> Table:
    caption = f"{PAGES} pages one after the other on one connection, through the proxy, each {_WHAT}."
    columns = ("", "processor ms", "commands", "MB at the end")
    return Table("One worker, a page", caption, columns, tuple(each.cells() for each in passes))


_WHAT: Final = "of the corpus where it is there"


@dataclass(frozen=True, slots=True)
class Asked:
    """A worker that is asked, and its Redis, which gets `idle` commands a second of it without readers."""

    worker: Worker
    store: redis.Redis
    idle: float

    def once(self, name: str) -> Pass:
        """Ask for each page."""
        commands, seconds, begun = _commands(self.store), self._seconds(), time.monotonic()
        _ask(self.worker, range(PAGES))
        spent, took = self._seconds() - seconds, time.monotonic() - begun
        asked = _commands(self.store) - commands - self.idle * took
        return Pass(name, 1000 * spent / PAGES, max(0.0, asked / PAGES), self.worker.memory())

    def _seconds(self) -> float:
        return servers.processor_seconds(self.worker.pid)


def _ask(worker: Worker, numbers: range) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", worker.port, timeout=_PATIENCE)
    with contextlib.closing(connection):
        for number in numbers:
            connection.request("GET", f"/world/story-{number}", headers=servers.HEADERS)
            response = connection.getresponse()
            response.read()
            assert response.status == 200, response.status


def _commands(store: redis.Redis) -> int:
    return int(store.info("stats")["total_commands_processed"])


def _used(store: redis.Redis) -> int:
    return int(store.info("memory")["used_memory"])


def _idle(store: redis.Redis) -> float:
    """Commands a second, but for our own."""
    before = _commands(store)
    time.sleep(IDLE)
    return (_commands(store) - before - 1) / IDLE


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[redis.Redis]:
    port = servers.free_port()
    command = [
        "redis-server",
        "--port",
        str(port),
        "--save",
        "",
        "--dir",
        str(folder),
        "--loglevel",
        "warning",
    ]
    with servers.running([*command, "--loglevel", "warning"], port, core=servers.cores()[1]):
        client = redis.Redis(port=port)
        yield client
        client.close()


@contextlib.contextmanager
def _origin(folder: Path) -> Iterator[str]:
    port = servers.free_port()
    command = servers.python_server(ARCHIVE, folder, port)
    with servers.running(command, port, core=servers.cores()[1]):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _worker(origin: str, store: redis.Redis, *options: str) -> Iterator[Worker]:
    port, admin = servers.free_port(), servers.free_port()
    at = store.connection_pool.connection_kwargs["port"]
    command = [
        *(sys.executable, "-m", "newshole", "serve", "--upstream", origin, "--rules", "newspaper"),
        *("--redis", f"redis://127.0.0.1:{at}", "--port", str(port), "--admin-port", str(admin), *options),
    ]
    with servers.running(command, port, quiet=True):
        yield Worker(port, _ready(admin))


def _ready(admin: int) -> int:
    """The process of the one worker, once it is ready."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{admin}/_newshole/workers") as told:
            [worker] = json.load(told)
            if worker["state"] == "ready":
                return int(worker["pid"])
        time.sleep(0.1)
    raise RuntimeError("no worker is ready")
