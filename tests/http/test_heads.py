"""What is read from a request: headers, address, device, reader."""

from __future__ import annotations

from typing import Any

import pytest

from newshole.http.heads import read_device, read_headers, read_reader, read_url
from tests.http.asgi import asked

HOST = {b"host": b"news.example"}

PHONE = b"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
LAPTOP = b"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 Version/18.0 Safari/605.1"
OLD_IPAD = b"Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1 Mobile/15E148 Safari/604.1"


def test_headers_are_lower_case_and_repeated_lines_are_one() -> None:
    pairs = [(b"Vary", b"A"), (b"vary", b"B"), (b"Cookie", b"a=1"), (b"cookie", b"b=2")]
    assert read_headers(pairs) == {b"vary": b"A, B", b"cookie": b"a=1; b=2"}


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ({}, "https://news.example/news/bridge"),
        ({"query_string": b"a=1&b=%20"}, "https://news.example/news/bridge?a=1&b=%20"),
        ({"path": "/żółw", "raw_path": b"/%C5%BC%c3%b3%C5%82w"}, "https://news.example/%C5%BC%c3%b3%C5%82w"),
        ({"path": "/żółw"}, "https://news.example/%C5%BC%C3%B3%C5%82w"),
        ({"raw_path": b"/news/bridge?a=1", "query_string": b"a=1"}, "https://news.example/news/bridge?a=1"),
        ({"root_path": "/news"}, "https://news.example/news/bridge"),
        ({"root_path": "/site"}, "https://news.example/site/news/bridge"),
    ],
)
def test_the_address_is_the_one_that_was_asked_for(more: dict[str, Any], url: str) -> None:
    assert read_url(asked(**more), HOST) == url


def test_an_address_that_is_too_long_to_keep_is_none() -> None:
    assert read_url(asked(query_string=b"a" * 3000), HOST) is not None
    assert read_url(asked(query_string=b"a" * 5000), HOST) is None
    assert read_url(asked("/" + "a" * 5000), HOST) is None


@pytest.mark.parametrize(
    ("server", "url"),
    [
        (("10.0.0.1", 8000), "https://10.0.0.1:8000/news/bridge"),
        (("/run/site.sock", None), "https:///news/bridge"),
        (None, "https:///news/bridge"),
    ],
)
def test_without_a_host_the_server_stands_in(server: object, url: str) -> None:
    assert read_url(asked(server=server), {}) == url


@pytest.mark.parametrize(
    ("headers", "device"),
    [
        ({}, "desktop"),
        ({b"user-agent": PHONE}, "mobile"),
        ({b"user-agent": LAPTOP}, "desktop"),
        ({b"user-agent": OLD_IPAD}, "desktop"),
        ({b"sec-ch-ua-mobile": b"?1", b"user-agent": LAPTOP}, "mobile"),
        ({b"sec-ch-ua-mobile": b"?0", b"user-agent": PHONE}, "desktop"),
        ({b"sec-ch-ua-mobile": b"yes", b"user-agent": PHONE}, "mobile"),
    ],
)
def test_the_device_is_the_hint_s_then_the_user_agent_s(headers: dict[bytes, bytes], device: str) -> None:
    assert read_device(headers) == device


def test_a_reader_has_what_the_request_says() -> None:
    headers = {b"cookie": b'a=1; b="x y"; ;=', b"user-agent": PHONE, b"x-name": b"\xe9"}
    reader = read_reader(headers, b"q=%C5%82&q=2&empty=")
    assert reader.device == "mobile"
    assert (reader.cookies["a"], reader.cookies["b"]) == ("1", "x y")
    assert reader.query == {"q": "2", "empty": ""}
    assert reader.headers["x-name"] == "é"
