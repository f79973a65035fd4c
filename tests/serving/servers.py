"""`newshole serve` as a process of its own, in front of a real site."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.waiting import PATIENCE


@dataclass(frozen=True, slots=True)
class Served:
    """A running `newshole serve`: its process, its ports, and what it said at its start."""

    process: subprocess.Popen[str]
    port: int
    admin: int
    said: str

    def get(self, path: str, *, host: str = "news.example", admin: bool = False) -> tuple[int, str]:
        """Status and body of an answer."""
        with connection(self.admin if admin else self.port) as client:
            client.request("GET", path, headers={"Host": host})
            answer = client.getresponse()
            return answer.status, answer.read().decode()

    def workers(self) -> list[dict[str, Any]]:
        """What the parent says of its workers."""
        found: list[dict[str, Any]] = json.loads(self.get("/_newshole/workers", admin=True)[1])
        return found

    def pids(self) -> dict[int, int]:
        """The processes of the workers that are ready, by their numbers."""
        return {each["worker"]: each["pid"] for each in self.workers() if each["state"] == "ready"}

    def counted(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        families = text_string_to_metric_families(self.get("/metrics", admin=True)[1])
        samples = (sample for family in families for sample in family.samples if sample.name == name)
        return sum(each.value for each in samples if labels.items() <= each.labels.items())

    def end(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """End it; its exit code, and what it said on both streams."""
        self.process.send_signal(how)
        return self.ended()

    def ended(self) -> tuple[int, str, str]:
        """The same, once it ends by itself."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@contextmanager
def connection(port: int) -> Iterator[HTTPConnection]:
    """A connection that stays open from request to request."""
    client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        yield client
    finally:
        client.close()


def begin(port: int, path: str) -> tuple[HTTPConnection, HTTPResponse]:
    """An answer of which only the start has been read."""
    client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    client.request("GET", path, headers={"Host": "news.example"})
    return client, client.getresponse()


def command(*arguments: str | Path) -> list[str]:
    """The command line of `newshole serve`."""
    return [sys.executable, "-m", "newshole", "serve", *map(str, arguments)]


@contextmanager
def served(*arguments: str | Path) -> Iterator[Served]:
    """`newshole serve` on free ports, once every worker is ready; killed at the end if it still runs then."""
    process = subprocess.Popen(
        command("--port", "0", "--admin-port", "0", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    watchdog = threading.Timer(3 * PATIENCE, process.kill)
    watchdog.start()
    try:
        said = _start(process)
        port = re.search(r"serves at http://[^:]+:(\d+)", said)
        admin = re.search(r"http://[^:]+:(\d+)/metrics", said)
        assert admin, said or process.communicate()
        yield Served(process, int(port[1]) if port else 0, int(admin[1]), said)
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate(timeout=PATIENCE)  # until its workers have gone too, for they hold the pipes


def is_refused(port: int) -> bool:
    """Whether nobody listens at a port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return True
    return False


def _start(process: subprocess.Popen[str]) -> str:
    """All that it says up to the last line of its welcome."""
    assert process.stdout is not None
    said = ""
    while "SIGHUP" not in said and (line := process.stdout.readline()):
        said += line
    return said
