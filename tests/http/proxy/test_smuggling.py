"""Requests that two servers could read differently: refused, or forwarded as exactly one clean request."""

from __future__ import annotations

import re

import pytest

from tests.http.proxy.origins import OK, Connection, exchange, origin, proxied, status
from tests.http.servers import Parser

# What one parser lets through and the other does not is the subject here.
pytestmark = pytest.mark.parametrize("http", ["h11", "httptools"])

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\nX-Evil: 1\r\n\r\n"

AMBIGUOUS = {
    "length and chunks": b"POST / HTTP/1.1\r\nHost: a\r\n"
    b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": b"POST / HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n",
    "lengths in a list": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0, 5\r\n\r\n",
    "signed length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +0\r\n\r\n",
    "negative length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "hexadecimal length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x0\r\n\r\n",
    "empty length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
    "huge length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "unknown coding": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "two codings": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "coding twice": b"POST / HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "gzip chunked": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "coding behind a tab": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "chunks in 1.0": b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "no host in 1.0": b"GET / HTTP/1.0\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "the same host twice": b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "an empty host": b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "hosts in a list": b"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n",
    "a host with a path": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "a host with a name": b"GET / HTTP/1.1\r\nHost: me@a\r\n\r\n",
    "a host with a space": b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "a host beside ASCII": b"GET / HTTP/1.1\r\nHost: \xc3\xa4\r\n\r\n",
    "another host in the target": b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost: a\r\nX-Evil : 1\r\n\r\n",
    "a NUL in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n",
    "a bare CR in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rX-Evil: 1\r\n\r\n",
    "bare LFs": b"GET / HTTP/1.1\nHost: a\nX-Own: 1\n\n",
    "a bad name": b"GET / HTTP/1.1\r\nHost: a\r\nX(Y): 1\r\n\r\n",
    "a folded line": b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n X-Evil: 1\r\n\r\n",
    "a folded coding": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a header before the line": b" GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "a fragment": b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method in small letters": b"get / HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT": b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    "TRACE": b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS of the server": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "a bad chunk": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\n\r\n",
    "a chunk too short": b"POST / HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n9\r\nab\r\n0\r\n\r\n",
    "a chunk too long": b"POST / HTTP/1.1\r\nHost: a\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n1\r\nabcdef\r\n0\r\n\r\n",
    "a value too long": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    "too many headers": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 12_000 + b"\r\n",
    "a target too long": b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "an upgrade to HTTP/2": b"GET / HTTP/1.1\r\nHost: a\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n\r\n",
    "a prior version": b"GET / HTTP/0.9\r\nHost: a\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}  # fmt: skip


def obey(connection: Connection) -> None:
    """An origin that answers every request as this test reads it: by its length, or by its chunks."""
    while connection.read_until(b"\r\n\r\n"):
        seen = bytes(connection.seen)
        if b"\r\ntransfer-encoding: chunked" in seen.lower() and not connection.read_until(b"0\r\n\r\n"):
            return
        connection.write(OK)
        if not connection.read():
            return


# With httptools, uvicorn lets this connection wait for its five seconds of keep-alive.
UNENDED = "an upgrade to HTTP/2"


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=[pytest.mark.slow] * (each == UNENDED)) for each in AMBIGUOUS]
)
def test_an_ambiguous_request_is_refused_or_forwarded_as_exactly_one(http: Parser, name: str) -> None:
    with origin(obey) as behind, proxied(behind.address, http=http) as (address, _):
        answer = exchange(
            address, AMBIGUOUS[name] + SMUGGLED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        )
        came = b"".join(bytes(each.seen) for each in behind.connections)
        lines = re.findall(rb"^[!-~]+ (\S+) HTTP/1\.1\r$", came, re.MULTILINE)
        # What stood behind it in the same bytes is either a request of its own, or nothing.
        assert lines in ([], [b"/"], [b"/", b"/smuggled"], [b"/smuggled"], [b"/a", b"/smuggled"]), came
        for head in re.split(rb"\r\n\r\n", came):
            assert len(re.findall(rb"^host: a\r?$", head, re.MULTILINE | re.IGNORECASE)) <= 1
            framing = re.findall(rb"^(content-length|transfer-encoding):", head, re.MULTILINE | re.IGNORECASE)
            assert len(framing) <= 1
        assert came.count(b"x-evil: 1\r\n") == lines.count(b"/smuggled")
        assert answer == b"" or status(answer) in (200, 400, 414, 431, 501)


@pytest.mark.parametrize(
    "name", ["two hosts", "no host in 1.0", "chunks in 1.0", "an empty host", "TRACE", "a target too long"]
)
def test_a_refused_request_ends_its_connection(http: Parser, name: str) -> None:
    with origin(obey) as behind, proxied(behind.address, http=http) as (address, _):
        answer = exchange(address, AMBIGUOUS[name] + SMUGGLED)
        assert status(answer) in (400, 414, 501)
        assert answer.count(b"HTTP/1.1 ") == 1
        assert behind.connections == []


def test_a_websocket_s_handshake_is_read_as_strictly(http: Parser) -> None:
    handshake = (
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with origin(obey) as behind, proxied(behind.address, http=http) as (address, _):
        assert status(exchange(address, handshake)) == 400
        assert behind.connections == []


def test_names_with_an_underscore_are_left_out(http: Parser) -> None:
    with origin(obey) as behind, proxied(behind.address, http=http) as (address, _):
        exchange(
            address,
            b"GET / HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: 1.1.1.1\r\nContent_Length: 5\r\n"
            b"Connection: close\r\n\r\n",
        )
        assert b"_" not in behind.heads[0]


def test_a_target_with_the_same_host_is_its_path(http: Parser) -> None:
    with origin(obey) as behind, proxied(behind.address, http=http) as (address, _):
        exchange(address, b"GET http://a/x/?y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert behind.heads[0].startswith(b"GET /x/?y HTTP/1.1\r\n")


def test_a_request_that_goes_in_a_circle_ends(http: Parser) -> None:
    with proxied({"*": "http://127.0.0.1:1"}, http=http) as (address, proxy):
        proxy.upstreams["*"] = type(proxy.upstreams["*"])(address)
        answer = exchange(address, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert status(answer) == 508
        assert proxy.counts == {"loop": 1}
