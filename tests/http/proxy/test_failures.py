"""What readers get where the site does not answer, or not to the end."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading

import pytest
from starlette.types import Receive, Scope, Send

from newshole import Newshole, Site
from newshole.http.proxy import Limits, Proxy, Upstream
from tests.http.proxy.origins import (
    OK,
    Connection,
    dial,
    exchange,
    get,
    origin,
    proxied,
    rest,
    says,
    status,
)
from tests.http.servers import Parser, serving
from tests.waiting import PATIENCE, eventually

MALFORMED = {
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "the same length twice": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    "no number": b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nok",
    "unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a NUL": b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 2\r\n\r\nok",
    "a bare CR": b"HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: evil=1\r\nContent-Length: 2\r\n\r\nok",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "a foreign protocol": b"HTTP/1.1 101 Switching Protocols\r\n"
    b"Connection: upgrade\r\nUpgrade: other\r\n\r\n",
    "a header too long": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\nContent-Length: 2\r\n\r\nok",
    "too many headers": b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 600 + b"Content-Length: 2\r\n\r\nok",
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_an_answer_that_is_not_clear_is_502(http: Parser, name: str) -> None:
    with origin(says(MALFORMED[name])) as behind, proxied(behind.address, http=http) as (address, proxy):
        answer = get(address)
        assert status(answer) == 502
        assert b"evil" not in answer
        assert proxy.counts == {"upstream-malformed": 1}


def test_long_headers_within_the_limits_pass(http: Parser) -> None:
    answer = b"HTTP/1.1 200 OK\r\nX: " + b"x" * 60_000 + b"\r\nContent-Length: 2\r\n\r\nok"
    with origin(says(answer)) as behind, proxied(behind.address, http=http) as (address, _):
        assert get(address).endswith(b"ok")


CUT = {
    "measured": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly so much",
    "in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nonly so much\r\n",
    "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nonly so much",
    "a bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"c\r\nonly so much\r\nZZ\r\nmore\r\n0\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("name", CUT)
def test_an_answer_that_breaks_off_never_looks_complete(http: Parser, name: str) -> None:
    head, _, body = CUT[name].partition(b"\r\n\r\n")
    go = threading.Event()

    def turn(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.write(head + b"\r\n\r\n" + body[:16])
        go.wait(PATIENCE)
        connection.write(body[16:])

    with origin(turn) as behind, proxied(behind.address, http=http) as (address, proxy):
        with dial(address) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            came = client.recv(65536)
            go.set()
            came += rest(client)
        assert came.startswith(b"HTTP/1.1 200")
        assert not came.endswith(b"0\r\n\r\n")
        assert b"more" not in came
        eventually(lambda: proxy.counts)
        assert proxy.counts == {"upstream-cut-off": 1}


def test_a_site_that_is_down_is_502_with_a_small_page(http: Parser, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with proxied(closed, http=http, trusted=["127.0.0.1"]) as (address, proxy):
        with caplog.at_level(logging.WARNING, "newshole"):
            answer = get(address, "/a?secret=1", "Accept: text/html", "X-Request-Id: <b>not-an-id</b>")
        head, _, body = answer.partition(b"\r\n\r\n")
        assert status(answer) == 502
        assert b"\r\ncache-control: no-store\r\n" in head.lower()
        assert b"content-type: text/html; charset=utf-8" in head.lower()
        assert body.startswith(b"<!doctype html>")
        assert len(body) < 1000
        assert b"<b>" not in body
        request_id = head.lower().partition(b"x-request-id: ")[2].partition(b"\r\n")[0]
        assert request_id in body
        assert request_id.decode() in caplog.text
        assert "secret" not in caplog.text
        assert b"text/plain" in get(address, "/", "Accept: application/json")
        assert get(address, "/", "X-Request-Id: edge-7").endswith(b"Request edge-7\n")
        assert proxy.counts == {"upstream-down": 3}


def test_prometheus_is_told(site: Site) -> None:
    app = Newshole(Proxy("http://127.0.0.1:1"), site=site, metrics="/metrics")
    with serving(app) as address:
        assert status(get(address)) == 502
        assert b'newshole_proxy_events_total{event="upstream-down"} 1.0' in get(address, "/metrics")


def test_a_host_without_an_address_is_502() -> None:
    with proxied("http://no-such-host.invalid") as (address, proxy):
        assert status(get(address)) == 502
        assert proxy.counts == {"upstream-down": 1}


def test_a_site_that_is_silent_is_504(http: Parser) -> None:
    def silent(connection: Connection) -> None:
        connection.read_all()

    with origin(silent) as behind, proxied(behind.address, http=http, limits=Limits(answer=0.2)) as found:
        address, proxy = found
        assert status(get(address)) == 504
        assert behind.connections[0].ended.wait(PATIENCE)
        assert proxy.counts == {"upstream-timeout": 1}


def test_a_site_that_falls_silent_in_an_answer_is_cut_off(http: Parser) -> None:
    def half(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        connection.read_all()

    with origin(half) as behind, proxied(behind.address, http=http, limits=Limits(answer=0.2)) as found:
        address, proxy = found
        assert get(address).endswith(b"half")
        assert proxy.counts == {"upstream-cut-off": 1}


def test_the_time_for_everything_ends_an_answer(http: Parser) -> None:
    def drip(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not connection.ended.wait(0.02):
            connection.write(b"1\r\nx\r\n")

    with origin(drip) as behind, proxied(behind.address, http=http, limits=Limits(total=0.3)) as found:
        address, proxy = found
        assert not get(address).endswith(b"0\r\n\r\n")
        assert proxy.counts == {"upstream-cut-off": 1}


def test_a_full_waiting_line_is_503_with_a_time_to_come_back(http: Parser) -> None:
    go = threading.Event()

    def slow(connection: Connection) -> None:
        while connection.read():
            go.wait(PATIENCE)
            connection.write(OK)

    with origin(slow) as behind:
        proxy = Proxy(Upstream(behind.address, connections=1, waiting=1))
        came: list[Scope] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                came.append(scope)
            await proxy(scope, receive, send)

        with serving(app, http=http, proxy_headers=False) as address:
            answers: list[bytes] = []
            asking = [threading.Thread(target=lambda: answers.append(get(address))) for _ in range(2)]
            for each in asking:
                each.start()
            eventually(lambda: len(came) == 2)  # one has the connection, the other waits for it
            full = get(address)
            go.set()
            for each in asking:
                each.join()
            assert status(full) == 503
            assert b"\r\nretry-after: 1\r\n" in full.lower()
            assert [status(each) for each in answers] == [200, 200]
            assert len(behind.connections) == 1
            assert proxy.counts == {"upstream-full": 1}


def closes_at_the_second(connection: Connection) -> None:
    """An origin that closes a kept connection in the moment that it is used again."""
    if connection.read_until(b"\r\n\r\n"):
        connection.write(OK)
        connection.seen.clear()
        connection.read_until(b"\r\n\r\n")


def test_a_bodyless_request_on_a_stale_connection_is_sent_again(http: Parser) -> None:
    with origin(closes_at_the_second) as behind, proxied(behind.address, http=http) as (address, proxy):
        assert [status(get(address)) for _ in range(3)] == [200, 200, 200]
        assert len(behind.connections) == 3
        assert proxy.counts == {"retried": 2}


def test_a_post_on_a_stale_connection_is_not_sent_again(http: Parser) -> None:
    posted = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with origin(closes_at_the_second) as behind, proxied(behind.address, http=http) as (address, proxy):
        assert [status(get(address)), status(exchange(address, posted))] == [200, 502]
        assert proxy.counts == {"upstream-broken": 1}


UNASKED = {
    "an answer to nobody": (b"GET", OK),
    "a body of a HEAD": (b"HEAD", OK),
    "a body of a 304": (b"GET", b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'),
}


@pytest.mark.parametrize("name", UNASKED)
def test_what_comes_on_an_idle_connection_is_the_answer_to_nobody(http: Parser, name: str) -> None:
    method, answer = UNASKED[name]
    go, done = threading.Event(), threading.Event()

    def talks(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        if done.is_set():
            connection.write(OK)
            return
        connection.write(answer.removesuffix(b"ok") if method == b"HEAD" else answer)
        go.wait(PATIENCE)
        connection.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nanothers")
        done.set()
        connection.read_all()

    with origin(talks) as behind, proxied(behind.address, http=http) as (address, proxy):
        exchange(address, method + b" / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        go.set()
        assert done.wait(PATIENCE)
        posted = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        assert exchange(address, posted).endswith(b"\r\n\r\nok")
        assert len(behind.connections) == 2
        assert proxy.counts == {}


def test_a_request_on_a_new_connection_is_not_sent_again(http: Parser) -> None:
    with origin(says(b"")) as behind, proxied(behind.address, http=http) as (address, proxy):
        assert status(get(address)) == 502
        assert len(behind.connections) == 1
        assert proxy.counts == {"upstream-broken": 1}


def test_a_site_that_comes_back_is_served_at_once(http: Parser) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = listener.getsockname()
    with proxied(f"http://127.0.0.1:{place[1]}", http=http) as (address, _):
        assert status(get(address)) == 502
        with socket.create_server(place) as listener:
            answering = threading.Thread(target=answer_one, args=(listener,))
            answering.start()
            assert status(get(address)) == 200
            answering.join()


def answer_one(listener: socket.socket) -> None:
    opened, _ = listener.accept()
    with opened:
        says(OK)(Connection(opened))


def test_a_client_that_takes_nothing_is_given_up(http: Parser) -> None:
    def flood(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                connection.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        over.set()

    over = threading.Event()
    with origin(flood) as behind, proxied(behind.address, http=http, limits=Limits(client=0.3)) as found:
        address, proxy = found
        with dial(address) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            eventually(lambda: proxy.counts)
            assert proxy.counts == {"client-idle": 1}
            assert over.wait(PATIENCE)
