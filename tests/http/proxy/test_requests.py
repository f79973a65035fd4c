"""Requests as the site gets them, read without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.http.proxy import Proxy
from newshole.http.proxy.faults import FAULTS, RefusedError, answer
from newshole.http.proxy.peers import Trust
from newshole.http.proxy.requests import Outgoing, read_request
from newshole.http.proxy.settings import Limits, read_networks
from tests.http.asgi import asks

HOST = (b"host", b"news.localtest")
TRUSTED = Trust(*read_networks(["192.0.2.0/24", "2001:db8::/32", "unix"]))


def scope(*headers: tuple[bytes, bytes], peer: str | None = "192.0.2.1", **more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "http_version": "1.1",
        "client": None if peer is None else (peer, 1234),
        "headers": [HOST, *headers],
    } | more


def read(*headers: tuple[bytes, bytes], trust: Trust = Trust(), **more: Any) -> Outgoing:  # noqa: B008 - frozen
    return read_request(scope(*headers, **more), trust=trust, limits=Limits())


def sent(outgoing: Outgoing, name: str) -> list[str]:
    return [value for each, value in outgoing.headers if each == name]


@pytest.mark.parametrize(
    ("named", "is_sent"),
    [
        ("X-Mine", False),
        ("x-mine, close", False),
        ("Cookie", True),
        ("host , COOKIE", True),
        ("Authorization", True),
        ("X-Forwarded-For, Forwarded, X-Request-Id", True),
    ],
)
def test_connection_takes_out_what_it_names_but_nothing_meant_for_everybody(
    named: str, is_sent: bool
) -> None:
    outgoing = read(
        (b"connection", named.encode()), (b"x-mine", b"1"), (b"cookie", b"a=1"), (b"authorization", b"x")
    )
    assert sent(outgoing, "x-mine") == ([] if "mine" in named.lower() else ["1"])
    for name in ("cookie", "authorization", "host", "x-forwarded-for", "forwarded", "x-request-id"):
        assert len(sent(outgoing, name)) == 1
    assert is_sent == ("mine" not in named.lower())
    assert sent(outgoing, "connection") == []


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "192.0.2.1"),
        ({"x-forwarded-for": "198.51.100.7"}, "198.51.100.7, 192.0.2.1"),
        (
            {"forwarded": 'for="[2001:db8::7]:80";proto=https, for=10.0.0.1'},
            "[2001:db8::7]:80, 10.0.0.1, 192.0.2.1",
        ),
    ],
)
def test_a_trusted_peer_is_put_behind_those_it_names(headers: dict[str, str], expected: str) -> None:
    outgoing = read(*((name.encode(), value.encode()) for name, value in headers.items()), trust=TRUSTED)
    assert sent(outgoing, "x-forwarded-for") == [expected]


def test_forwarded_tells_as_much_as_x_forwarded_for() -> None:
    named = (b"x-forwarded-for", b"2001:db8::7, unknown, 198.51.100.7")
    outgoing = read(named, (b"x-forwarded-proto", b"https"), trust=TRUSTED)
    assert sent(outgoing, "forwarded") == [
        'for="[2001:db8::7]", for=unknown, for=198.51.100.7, for=192.0.2.1;host="news.localtest";proto=https'
    ]
    assert sent(outgoing, "x-real-ip") == ["2001:db8::7"]


@pytest.mark.parametrize("peer", ["203.0.113.9", "::ffff:203.0.113.9", "fe80::1%eth0", "no-address"])
def test_a_peer_that_is_not_listed_is_not_believed(peer: str) -> None:
    told = [
        (b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-host", b"evil"), (b"x-forwarded-port", b"1"),
        (b"x-forwarded-anything", b"1"), (b"forwarded", b"for=1.1.1.1"), (b"x-real-ip", b"1.1.1.1"),
        (b"x-request-id", b"mine"),
    ]  # fmt: skip
    outgoing = read(*told, peer=peer, trust=TRUSTED)
    assert outgoing.visit.host == "news.localtest"
    assert sent(outgoing, "x-forwarded-for") == [peer]
    assert sent(outgoing, "x-forwarded-anything") == sent(outgoing, "x-forwarded-port") == []
    assert "1.1.1.1" not in str(outgoing.headers)
    assert "mine" not in str(outgoing.headers)


@pytest.mark.parametrize("peer", ["::ffff:192.0.2.9", "2001:db8::1", None, ""])
def test_listed_peers_are_known_in_every_form(peer: str | None) -> None:
    outgoing = read((b"x-forwarded-host", b"public.example"), peer=peer, trust=TRUSTED)
    assert outgoing.visit.host == "public.example"
    assert len(sent(outgoing, "x-forwarded-for")) == 1


def test_what_a_trusted_peer_says_is_still_checked() -> None:
    told = [
        (b"x-forwarded-host", b"a b"),
        (b"x-forwarded-proto", b"javascript"),
        (b"x-request-id", b'"><script>'),
    ]
    visit = read(*told, trust=TRUSTED).visit
    assert (visit.host, visit.scheme) == ("news.localtest", "http")
    assert len(visit.request_id) == 32


def test_a_value_that_is_no_utf_8_is_sent_as_its_latin_1() -> None:
    outgoing = read((b"x-a", b"a=\xe9"), (b"x-a", b"b=\xc3\xa9"))
    assert sent(outgoing, "x-a") == ["a=é", "b=é"]


@pytest.mark.parametrize(
    ("version", "method", "length"),
    [("2", "POST", None), ("2", "GET", 0), ("1.1", "POST", 0), ("3", "PUT", None)],
)
def test_a_body_need_not_be_announced_in_http_2(version: str, method: str, length: int | None) -> None:
    assert read(http_version=version, method=method).length == length
    assert read((b"content-length", b"5"), http_version=version, method=method).length == 5


def test_a_path_without_its_own_writing_is_quoted() -> None:
    outgoing = read(path="/é b", raw_path=None)
    assert outgoing.path == "/%C3%A9%20b"


def attempt(read: Callable[[], Outgoing]) -> Outgoing | RefusedError:
    try:
        return read()
    except RefusedError as refused:
        return refused


@given(
    st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=20))),
    st.binary(max_size=20),
    st.sampled_from(["GET", "POST", "get", "G T", ""]),
)
def test_whatever_comes_is_refused_by_name_or_clean(
    headers: list[tuple[bytes, bytes]], target: bytes, method: str
) -> None:
    outgoing = attempt(lambda: read(*headers, method=method, raw_path=b"/" + target))
    if isinstance(outgoing, RefusedError):
        assert outgoing.is_clients
        return
    assert len(sent(outgoing, "host")) == 1
    for name, value in outgoing.headers:
        assert name == name.lower()
        assert not set(name + value) & {"\r", "\n", "\0"}
    assert not set(outgoing.path + outgoing.query) & set(" \r\n#")


@pytest.mark.parametrize("reason", FAULTS)
@pytest.mark.parametrize("accept", ["text/html,*/*", "application/json", ""])
def test_every_fault_has_a_small_answer_that_nobody_keeps(reason: str, accept: str) -> None:
    refused = RefusedError(reason, "<b>detail</b>")
    headers, body = answer(refused, request_id="an-id", accept=accept)
    told = dict(headers)
    assert told[b"cache-control"] == b"no-store"
    assert told[b"content-length"] == b"%d" % len(body)
    assert told[b"content-type"].startswith(b"text/html" if "html" in accept else b"text/plain")
    assert b"an-id" in body
    assert b"detail" not in body
    assert len(body) < 600
    assert (b"connection" in told) == refused.is_clients


@pytest.mark.parametrize(("version", "is_named"), [("1.0", True), ("1.1", True), ("2", False), ("3", False)])
def test_a_refusal_names_no_connection_where_the_protocol_has_none(version: str, is_named: bool) -> None:
    client = asyncio.run(
        asks(Proxy("http://127.0.0.1:1"), {**scope(http_version=version), "headers": [HOST, HOST]})
    )
    assert client.messages[0]["status"] == 400
    assert client.header(b"connection") == (b"close" if is_named else None)


def test_cookies_that_came_apart_go_on_as_one_line() -> None:
    outgoing = read((b"cookie", b"a=1"), (b"x-other", b"1"), (b"cookie", b"b=2"), http_version="2")
    assert sent(outgoing, "cookie") == ["a=1; b=2"]
    assert sent(outgoing, "x-other") == ["1"]
