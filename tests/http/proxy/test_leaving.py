"""A client that leaves stops the upstream's transfer at once, and streams pass as they come."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from newshole import Newshole, Site
from newshole.http.proxy import Limits, Proxy, Upstream
from tests.http.asgi import PATH
from tests.http.proxy.origins import OK, Connection, Origin, dial, get, origin, port, proxied
from tests.http.servers import Parser, serving
from tests.waiting import PATIENCE, eventually

GIGABYTE = 1024**3
MEGABYTE = 1024**2
PIECE = b"\0" * 65536


def download(connection: Connection) -> None:
    """An origin that sends a gigabyte to whoever asks."""
    connection.read_until(b"\r\n\r\n")
    connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIGABYTE)
    connection.sent = 0
    with contextlib.suppress(ConnectionError):
        while connection.sent < GIGABYTE:
            # Counted when the system has taken it, which may be long before anybody reads it.
            connection.sent += connection.socket.send(PIECE)
    connection.ended.set()


def test_after_a_client_left_the_origin_sends_a_megabyte_at_most(http: Parser) -> None:
    with origin(download) as behind, proxied(behind.address, http=http) as (address, proxy):
        with dial(address) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            received = 0
            while received < 50 * MEGABYTE:
                received += len(client.recv(MEGABYTE))
            connection = behind.connections[0]
            eventually(lambda: is_still(connection))
            before = connection.sent
        assert connection.ended.wait(PATIENCE)
        assert connection.sent - before <= MEGABYTE
        eventually(lambda: proxy.counts)
        assert proxy.counts == {"client-left": 1}


def flow(connection: Connection) -> None:
    """The same, from a system that holds next to nothing, so that what it took is what the proxy took."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(PIECE))
    connection.read_until(b"\r\n\r\n")
    connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIGABYTE)
    connection.sent = 0
    with contextlib.suppress(ConnectionError):
        while connection.sent < GIGABYTE:
            connection.sent += connection.socket.send(PIECE)
            connection.steps.append((time.monotonic_ns(), connection.sent))
    connection.ended.set()


def test_after_a_client_left_in_full_flow_the_origin_sends_a_megabyte_at_most(http: Parser) -> None:
    with origin(flow) as behind, proxied(behind.address, http=http) as (address, proxy):
        with dial(address) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            received = 0
            while received < 50 * MEGABYTE:
                received += len(client.recv(MEGABYTE))
            left = time.monotonic_ns()
        connection = behind.connections[0]
        assert connection.ended.wait(PATIENCE)
        before = max(sent for moment, sent in connection.steps if moment <= left)
        assert connection.sent - before <= MEGABYTE
        eventually(lambda: proxy.counts)
        assert proxy.counts == {"client-left": 1}


def test_what_is_read_ahead_of_a_client_is_bounded(http: Parser) -> None:
    with origin(download) as behind, proxied(behind.address, http=http) as (address, _):
        with dial(address) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            client.recv(1)
            connection = behind.connections[0]
            eventually(lambda: is_still(connection))
            # Most of it lies in the system's buffers for this client, which are not ours.
            assert connection.sent < 16 * MEGABYTE
        assert connection.ended.wait(PATIENCE)


def is_still(connection: Connection) -> bool:
    """Whether an origin is waiting for its reader."""
    before = connection.sent
    threading.Event().wait(0.2)
    return connection.sent == before


def held(connection: Connection) -> None:
    """An origin that waits until it is left, before its answer."""
    connection.read_all()


def test_a_client_that_leaves_before_the_answer_stops_the_request(http: Parser) -> None:
    with origin(held) as behind, proxied(behind.address, http=http) as (address, proxy):
        with dial(address) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            eventually(lambda: behind.heads)
        assert behind.connections[0].ended.wait(PATIENCE)
        eventually(lambda: proxy.counts)
        assert proxy.counts == {"client-left": 1}


def test_clients_that_leave_take_no_connection_with_them(http: Parser) -> None:
    def slow(connection: Connection) -> None:
        while connection.read_until(b"\r\n\r\n"):
            if b"/slow" in connection.seen:
                connection.read_all()
                return
            connection.seen.clear()
            connection.write(OK)

    with origin(slow) as behind:
        upstream = Upstream(behind.address, connections=2, waiting=100)
        with proxied(upstream, http=http) as (address, proxy):
            clients = [dial(address) for _ in range(30)]
            for client in clients:
                client.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            eventually(lambda: len(behind.heads) == 2)
            for client in clients:
                client.close()
            eventually(lambda: proxy.counts["client-left"] == 30)
            for _ in range(3):
                assert get(address).endswith(b"ok")
            assert proxy.counts == {"client-left": 30}


def test_a_reader_who_leaves_stops_a_page_that_newshole_holds(http: Parser, site: Site) -> None:
    def half(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n<title>"
        )
        connection.read_all()

    with origin(half) as behind:
        proxy = Proxy(behind.address)
        with serving(Newshole(proxy, site=site), http=http) as address, dial(address) as client:
            client.sendall(b"GET " + PATH.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n")
            eventually(lambda: behind.heads)
            client.close()
            assert behind.connections[0].ended.wait(PATIENCE)


def test_events_pass_one_by_one_and_may_be_silent(http: Parser) -> None:
    go = threading.Event()

    def events(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for number in b"123":
            connection.write(b"9\r\ndata: %c\n\n\r\n" % number)
            go.wait(PATIENCE)
            go.clear()
        connection.write(b"0\r\n\r\n")

    limits = Limits(answer=0.5)
    with (
        origin(events) as behind,
        proxied(behind.address, http=http, limits=limits) as (address, _),
        dial(address) as client,
    ):
        client.sendall(b"GET /events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        came = b""
        for number, silence in zip(b"123", (0, 0, 2 * limits.answer), strict=True):
            # Each comes while the origin waits, so none waits for the next.
            while b"data: %c\n\n" % number not in came:
                came += client.recv(65536)
            assert b"data: %c" % (number + 1) not in came
            threading.Event().wait(silence)
            go.set()
        while not came.endswith(b"0\r\n\r\n"):
            came += client.recv(65536)


def test_an_event_stream_that_is_left_ends_upstream(http: Parser) -> None:
    def one(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        connection.read_all()

    with origin(one) as behind, proxied(behind.address, http=http) as (address, _):
        with dial(address) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            came = b""
            while b"data: 1\n\n" not in came:
                came += client.recv(65536)
        assert behind.connections[0].ended.wait(PATIENCE)


SERVER = """
import sys, socket, uvicorn
from newshole.http.proxy import Proxy
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
config = uvicorn.Config(Proxy(sys.argv[1]), http=sys.argv[2], log_level="critical", proxy_headers=False)
uvicorn.Server(config).run(sockets=[listener])
"""


@contextlib.contextmanager
def process(behind: Origin, http: Parser) -> Iterator[tuple[str, int]]:
    """The address and the process id of a proxy that has a process to itself."""
    command = [sys.executable, "-c", SERVER, behind.address, http]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}", server.pid
        finally:
            server.terminate()


def memory(pid: int, what: str) -> int:
    """Bytes of a process: `VmRSS` now, `VmHWM` at most so far."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(what + ":"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_a_gigabyte_adds_sixteen_megabytes_at_most(http: Parser) -> None:
    ask = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    with origin(download) as behind, process(behind, http) as (address, pid):
        with dial(f"http://127.0.0.1:{port(address)}") as client:
            client.sendall(ask)
            client.recv(65536)
        before = memory(pid, "VmRSS")
        with dial(address) as client:
            client.sendall(ask)
            received = 0
            while received < GIGABYTE:
                received += len(client.recv(MEGABYTE))
        added = memory(pid, "VmHWM") - before
        print(f"a gigabyte added {added / MEGABYTE:.1f} MiB")
        assert added <= 16 * MEGABYTE
