"""Answers as readers get them, read without a server."""

from __future__ import annotations

import pytest

from newshole.http.proxy.peers import Visit
from newshole.http.proxy.responses import read_response, translated
from newshole.http.proxy.settings import Upstream

VISIT = Visit("https", "news.example", "id", ())
UPSTREAM = Upstream("http://origin.internal:8080")


def changed(name: bytes, value: bytes, url: str = "http://origin.internal:8080") -> bytes:
    return translated(name, value, upstream=Upstream(url), visit=VISIT)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (b"http://origin.internal:8080/a?b#c", b"https://news.example/a?b#c"),
        (b"HTTP://Origin.Internal:8080", b"https://news.example"),
        (b"//origin.internal:8080/a", b"//news.example/a"),
        (b"http://origin.internal/a", b"http://origin.internal/a"),
        (b"http://origin.internal:80801/a", b"http://origin.internal:80801/a"),
        (b"http://origin.internal:8080.evil/a", b"http://origin.internal:8080.evil/a"),
        (b"http://origin.internal:8080@evil/a", b"http://origin.internal:8080@evil/a"),
        (b"http://other/?to=http://origin.internal:8080/", b"http://other/?to=http://origin.internal:8080/"),
        (b"/a", b"/a"),
        (b"a//origin.internal:8080/", b"a//origin.internal:8080/"),
        (b"caf\xe9", b"caf\xe9"),
    ],
)
def test_only_the_upstream_s_own_address_becomes_the_public_one(location: bytes, expected: bytes) -> None:
    assert changed(b"location", location) == expected
    assert changed(b"content-location", location) == expected
    assert changed(b"refresh", b"5; url=" + location) == b"5; url=" + expected
    assert changed(b"link", location) == location


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("http://origin.internal", b"http://origin.internal:80/"),
        ("http://origin.internal:80", b"http://origin.internal/"),
        ("https://origin.internal", b"https://origin.internal/"),
        ("http://[::1]:81", b"http://[::1]:81/"),
    ],
)
def test_the_port_of_the_scheme_need_not_be_written(url: str, location: bytes) -> None:
    assert changed(b"location", location, url) == b"https://news.example/"


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (b"a=1; Domain=origin.internal; Path=/", b"a=1; Path=/"),
        (b"a=1;domain = .ORIGIN.internal", b"a=1"),
        (b"a=1; Domain=news.example; Secure", b"a=1; Domain=news.example; Secure"),
        (b"domain=origin.internal; Path=/", b"domain=origin.internal; Path=/"),
        (b"a=1; Path=/domain=origin.internal", b"a=1; Path=/domain=origin.internal"),
    ],
)
def test_a_cookie_for_the_upstream_s_host_is_for_the_public_one(cookie: bytes, expected: bytes) -> None:
    assert changed(b"set-cookie", cookie) == expected


def test_a_cookie_stays_where_both_have_one_name() -> None:
    cookie = b"a=1; Domain=news.example"
    assert changed(b"set-cookie", cookie, "https://news.example") == cookie


def test_what_connection_names_is_taken_out_but_for_what_everybody_needs() -> None:
    raw = [(b"Connection", b"X-Hop, Set-Cookie, Cache-Control"), (b"X-Hop", b"1"), (b"Set-Cookie", b"a=1")]
    headers = read_response(200, [*raw, (b"Cache-Control", b"private")], upstream=UPSTREAM, visit=VISIT)
    assert headers == [(b"set-cookie", b"a=1"), (b"cache-control", b"private"), (b"via", b"1.1 newshole")]
