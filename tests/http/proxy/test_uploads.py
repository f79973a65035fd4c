"""Bodies on their way to the site: streamed, and broken off there when they break off here."""

from __future__ import annotations

import hashlib
import select
import socket
import threading
from functools import partial

import pytest

from newshole.http.proxy import Limits
from tests.http.proxy.origins import (
    OK,
    Connection,
    Origin,
    dial,
    exchange,
    origin,
    proxied,
    rest,
    status,
)
from tests.http.servers import Parser
from tests.waiting import PATIENCE, eventually

CHUNKED = b"POST /form HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
MEASURED = b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n"
PARTS = (b"first", b"other", b"third")


def wait_for_all(connection: Connection) -> None:
    """An origin that answers what is whole, and waits for the rest of what is not."""
    if not connection.read_until(b"\r\n\r\n"):
        return
    is_chunked = b"chunked" in connection.seen
    while not is_complete(bytes(connection.seen), is_chunked=is_chunked):
        if not connection.read():
            return
    connection.write(OK)
    connection.read_all()


def is_complete(seen: bytes, *, is_chunked: bool) -> bool:
    """Whether an origin would take what it has seen for a whole request."""
    body = seen.partition(b"\r\n\r\n")[2]
    return body.endswith(b"0\r\n\r\n") if is_chunked else len(body) == 15


def chunk(part: bytes) -> bytes:
    return b"%x\r\n" % len(part) + part + b"\r\n"


def leave(client: socket.socket, *, hard: bool) -> None:
    """Close a connection, with a farewell or by a reset."""
    if hard:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    client.close()


def seen_by(behind: Origin, part: bytes) -> bool:
    """Whether an origin's first connection has got as far as `part`."""
    return part in behind.connections[0].seen


@pytest.mark.parametrize("hard", [False, True], ids=["farewell", "reset"])
@pytest.mark.parametrize(
    ("kind", "whole"),
    [
        *(("chunked", whole) for whole in range(len(PARTS) + 1)),
        *(("measured", whole) for whole in range(len(PARTS))),
    ],
)
def test_an_upload_that_breaks_off_breaks_off_upstream(
    http: Parser, kind: str, whole: int, hard: bool
) -> None:
    with origin(wait_for_all) as behind, proxied(behind.address, http=http) as (address, proxy):
        client = dial(address)
        client.sendall(CHUNKED if kind == "chunked" else MEASURED)
        eventually(lambda: behind.connections)
        for part in PARTS[:whole]:
            client.sendall(chunk(part) if kind == "chunked" else part)
            eventually(partial(seen_by, behind, part))
        leave(client, hard=hard)
        connection = behind.connections[0]
        assert connection.ended.wait(PATIENCE)
        assert not is_complete(bytes(connection.seen), is_chunked=kind == "chunked")
        assert all(part in connection.seen for part in PARTS[:whole])
        eventually(lambda: proxy.counts)
        assert proxy.counts == {"client-left": 1}


def test_an_upload_cut_at_any_byte_never_looks_complete(http: Parser) -> None:
    body = CHUNKED + b"".join(map(chunk, PARTS)) + b"0\r\n\r\n"
    with origin(wait_for_all) as behind, proxied(behind.address, http=http) as (address, _):
        for cut in range(len(CHUNKED) - 3, len(body)):
            with dial(address) as client:
                client.sendall(body[:cut])
                client.shutdown(socket.SHUT_WR)
                assert not rest(client).startswith(b"HTTP/1.1 200")
        for connection in behind.connections:
            assert connection.ended.wait(PATIENCE)
            assert not is_complete(bytes(connection.seen), is_chunked=True)
        assert exchange(address, body.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)).endswith(
            b"ok"
        )


def test_a_body_is_sent_on_before_it_is_whole(http: Parser) -> None:
    with origin(wait_for_all) as behind, proxied(behind.address, http=http) as (address, _):
        with dial(address) as client:
            client.sendall(MEASURED + b"first")
            eventually(lambda: b"first" in behind.connections[0].seen if behind.connections else False)
            client.sendall(b"otherthird")
            assert client.recv(100).startswith(b"HTTP/1.1 200")
        assert b"content-length: 15\r\n" in behind.connections[0].seen


def test_a_large_body_comes_whole_to_a_slow_reader(http: Parser) -> None:
    body = hashlib.sha256(b"seed").digest() * 32 * 1024 * 4  # 4 MiB
    digests = []

    def read_slowly(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        while len(connection.seen.partition(b"\r\n\r\n")[2]) < len(body):
            connection.read()
        digests.append(hashlib.sha256(connection.seen.partition(b"\r\n\r\n")[2]).digest())
        connection.write(OK)

    head = b"PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with origin(read_slowly) as behind, proxied(behind.address, http=http) as (address, _):
        assert exchange(address, head + body).endswith(b"ok")
        assert digests == [hashlib.sha256(body).digest()]


def test_an_answer_before_the_end_of_the_body_comes_through(http: Parser) -> None:
    def refuse(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        connection.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")

    with (
        origin(refuse) as behind,
        proxied(behind.address, http=http) as (address, _),
        dial(address) as client,
    ):
        client.sendall(MEASURED + b"first")
        assert client.recv(65536).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize("kind", ["chunked", "measured"])
def test_a_body_over_the_limit_is_refused_and_never_complete_upstream(http: Parser, kind: str) -> None:
    limits = Limits(body=10)
    with (
        origin(wait_for_all) as behind,
        proxied(behind.address, http=http, limits=limits) as (address, proxy),
    ):
        with dial(address) as client:
            if kind == "measured":
                client.sendall(MEASURED)
            else:
                client.sendall(CHUNKED + b"".join(map(chunk, PARTS)))
            answer = client.recv(65536)
        assert status(answer) == 413
        assert b"\r\nconnection: close\r\n" in answer.lower()
        for connection in behind.connections:
            assert connection.ended.wait(PATIENCE)
            assert not is_complete(bytes(connection.seen), is_chunked=True)
        assert proxy.counts == {"body-too-large": 1}


def test_a_body_that_stops_coming_is_given_up(http: Parser) -> None:
    limits = Limits(client=0.2)
    with (
        origin(wait_for_all) as behind,
        proxied(behind.address, http=http, limits=limits) as (address, proxy),
    ):
        with dial(address) as client:
            client.sendall(CHUNKED + chunk(b"first"))
            assert status(client.recv(65536)) == 408
        assert behind.connections[0].ended.wait(PATIENCE)
        assert proxy.counts == {"upload-idle": 1}


def test_an_upstream_that_does_not_read_the_body_is_given_up(http: Parser) -> None:
    given_up = threading.Event()

    def ignore(connection: Connection) -> None:
        connection.read_until(b"\r\n\r\n")
        given_up.wait(PATIENCE)

    head = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n"
    limits = Limits(answer=0.3)
    with origin(ignore) as behind, proxied(behind.address, http=http, limits=limits) as (address, proxy):
        with dial(address) as client:
            client.setblocking(False)
            client.send(head + b"x" * 1_000_000)
            answer = read_while_writing(client)
        given_up.set()
        assert status(answer) == 504
        assert proxy.counts == {"upstream-timeout": 1}


def read_while_writing(client: socket.socket) -> bytes:
    """What is answered to a body without an end."""
    while True:
        readable, writable, _ = select.select([client], [client], [], PATIENCE)
        if readable:
            return client.recv(65536)
        if writable:
            client.send(b"x" * 65536)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_request_with_a_body_is_never_sent_twice(http: Parser, method: str) -> None:
    def drop(connection: Connection) -> None:
        connection.read_until(b"third")

    head = MEASURED.replace(b"POST", method.encode()).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with origin(drop) as behind, proxied(behind.address, http=http) as (address, proxy):
        assert status(exchange(address, head + b"".join(PARTS))) == 502
        assert len(behind.heads) == 1
        assert proxy.counts == {"upstream-broken": 1}
