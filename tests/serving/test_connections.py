"""What connections may do to a worker, and what becomes of those that do more."""

from __future__ import annotations

import contextlib
import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.http.asgi import PATH
from tests.serving.servers import Served, begin, connection, served
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

SLOW = 2000
HEAD = b"GET / HTTP/1.1\r\nHost: news.example\r\n"


@contextlib.contextmanager
def limited(origin: str, rules: Path, **limits: int) -> Iterator[Served]:
    """A server with bounds of its own."""
    config = rules.with_name("serve.yaml")
    config.write_text("".join(f"{name}: {value}\n" for name, value in limits.items()), "utf-8")
    with served("--upstream", origin, "--rules", rules, "--config", config) as newshole:
        yield newshole


def opened(newshole: Served) -> socket.socket:
    """A connection on which nothing has been sent."""
    return socket.create_connection(("127.0.0.1", newshole.port), timeout=PATIENCE)


def all_of(client: socket.socket) -> bytes:
    """Everything that comes until the connection is closed."""
    return b"".join(iter(lambda: client.recv(65536), b""))


def test_a_request_that_does_not_come_whole_in_time_is_closed(origin: str, rules: Path) -> None:
    with (
        limited(origin, rules, head_timeout=1) as newshole,
        opened(newshole) as begun,
        opened(newshole) as mute,
    ):
        begun.sendall(HEAD)
        assert all_of(begun).startswith(b"HTTP/1.1 408 ")
        assert all_of(mute) == b""
        assert newshole.counted("newshole_connections_closed_total", reason="slow-head") == 2


def test_a_kept_connection_has_no_more_time_for_its_next_request(origin: str, rules: Path) -> None:
    with limited(origin, rules, head_timeout=1) as newshole, opened(newshole) as client:
        client.sendall(HEAD + b"\r\n")
        while not client.recv(65536).endswith(b"</html>"):
            pass
        client.sendall(b"\r\n")
        assert all_of(client) == b""
        assert newshole.counted("newshole_connections_closed_total", reason="slow-head") == 1


def test_an_idle_connection_is_closed(origin: str, rules: Path) -> None:
    with limited(origin, rules, idle_timeout=1) as newshole, opened(newshole) as client:
        client.sendall(HEAD + b"\r\n")
        assert all_of(client).startswith(b"HTTP/1.1 200 ")


def test_an_answer_that_takes_longer_than_a_head_may_is_not_cut(
    origin: str, rules: Path, closed_gate: threading.Event
) -> None:
    with limited(origin, rules, head_timeout=1) as newshole:
        client, answer = begin(newshole.port, "/slow")
        assert answer.readline() == b"begun\n"
        with opened(newshole) as slow:
            assert all_of(slow) == b""
        closed_gate.set()
        assert answer.read() == b"ended\n"
        client.close()


def test_a_websocket_outlives_the_time_of_a_head_and_of_an_idle_connection(origin: str, rules: Path) -> None:
    with (
        limited(origin, rules, head_timeout=1, idle_timeout=1) as newshole,
        connect(f"ws://127.0.0.1:{newshole.port}/echo") as client,
        opened(newshole) as slow,
    ):
        assert all_of(slow) == b""
        client.send("still here")
        assert client.recv(PATIENCE) == "still here"


@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_a_head_that_is_too_large_is_refused(origin: str, rules: Path, end: bytes) -> None:
    with limited(origin, rules, head_bytes=4096) as newshole, opened(newshole) as client:
        client.sendall(HEAD)
        with contextlib.suppress(OSError):
            for _ in range(9):
                client.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")
            client.sendall(end)
        assert client.recv(65536).startswith(b"HTTP/1.1 431 ")
        assert newshole.counted("newshole_connections_closed_total", reason="large-head") == 1


def test_rubbish_behind_a_request_is_not_answered_into_its_answer(
    origin: str, rules: Path, closed_gate: threading.Event
) -> None:
    with limited(origin, rules) as newshole, opened(newshole) as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: news.example\r\n\r\n")
        assert client.recv(15) == b"HTTP/1.1 200 OK"
        client.sendall(b"\x00rubbish\r\n\r\n")
        assert b"HTTP/1.1" not in all_of(client)
        assert not closed_gate.is_set()


def test_what_is_no_http_is_refused(origin: str, rules: Path) -> None:
    with limited(origin, rules) as newshole, opened(newshole) as client:
        client.sendall(b"\x16\x03\x01\x02\x00\r\n\r\n")
        assert all_of(client).startswith(b"HTTP/1.1 400 ")


def test_one_request_too_many_is_told_to_come_back(
    origin: str, rules: Path, closed_gate: threading.Event
) -> None:
    with limited(origin, rules, requests=1) as newshole, connection(newshole.port) as kept:
        client, answer = begin(newshole.port, "/slow")
        assert answer.readline() == b"begun\n"
        kept.request("GET", PATH)
        refused = kept.getresponse()
        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        refused.read()
        assert newshole.get("/_newshole/health")[0] == 200
        closed_gate.set()
        assert answer.read() == b"ended\n"
        client.close()
        eventually(lambda: newshole.get(PATH)[0] == 200)
        assert newshole.counted("newshole_requests_refused_total") >= 1


def test_the_one_that_waits_longest_makes_room(origin: str, rules: Path) -> None:
    with limited(origin, rules, connections=3, head_timeout=600) as newshole:
        with contextlib.ExitStack() as stack:
            waiting = [stack.enter_context(opened(newshole)) for _ in range(3)]
            for client in waiting:
                client.sendall(HEAD)
                eventually(lambda: newshole.counted("newshole_connections") > 0)
            assert newshole.get(PATH)[0] == 200
            assert all_of(waiting[0]).startswith(b"HTTP/1.1 503 ")
            waiting[2].sendall(b"\r\n")
            assert waiting[2].recv(15) == b"HTTP/1.1 200 OK"
        assert newshole.counted("newshole_connections_closed_total", reason="crowded-out") == 1


def test_thousands_of_slow_connections_keep_nobody_out(origin: str, rules: Path) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2 * SLOW:
        pytest.skip(f"only {hard} files may be open at once, and {2 * SLOW} are needed")
    with limited(origin, rules, head_timeout=600) as newshole, contextlib.ExitStack() as stack:
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * SLOW), hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(SLOW):
            stack.enter_context(opened(newshole)).sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        eventually(lambda: newshole.counted("newshole_connections") == SLOW)
        for _ in range(50):
            status, body = newshole.get(PATH)
            assert (status, 'data-newshole="inline"' in body) == (200, True)
        assert newshole.counted("newshole_connections") >= SLOW


def test_websockets_leave_no_room_for_more_than_there_may_be(origin: str, rules: Path) -> None:
    with limited(origin, rules, connections=2) as newshole:
        address = f"ws://127.0.0.1:{newshole.port}/echo"
        with connect(address) as first, connect(address) as second:
            with opened(newshole) as more:
                assert all_of(more) == b""
            for client in (first, second):
                client.send("still here")
                assert client.recv(PATIENCE) == "still here"
        assert newshole.counted("newshole_connections_closed_total", reason="crowded-out") == 1
