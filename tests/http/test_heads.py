"""What is read from a request: headers and address."""

from __future__ import annotations

from typing import Any

import pytest

from newshole.http.heads import is_request_id, new_request_id, read_headers, read_url
from tests.http.asgi import asked

HOST = {b"host": b"news.example"}


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
        ({"raw_path": b"HTTPS://news.EXAMPLE/news/bridge"}, "https://news.example/news/bridge"),
        ({"raw_path": b"http://news.example", "query_string": b"a"}, "https://news.example/?a"),
        ({"root_path": "/news"}, "https://news.example/news/bridge"),
        ({"root_path": "/site"}, "https://news.example/site/news/bridge"),
    ],
)
def test_the_address_is_the_one_that_was_asked_for(more: dict[str, Any], url: str) -> None:
    assert read_url(asked(**more), HOST) == url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        (b"news.example.", "https://news.example/news/bridge"),
        (b"news.example.:8080", "https://news.example:8080/news/bridge"),
        (b"[::1]:8080", "https://[::1]:8080/news/bridge"),
    ],
)
def test_a_host_is_the_same_with_the_dot_of_the_root(host: bytes, url: str) -> None:
    assert read_url(asked(), {b"host": host}) == url


@pytest.mark.parametrize("target", [b"http://other.example/news/bridge", b"*", b"news/bridge"])
def test_a_target_that_is_no_path_of_the_host_is_no_address(target: bytes) -> None:
    assert read_url(asked(raw_path=target), HOST) is None


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
    "written",
    [
        "a",
        "a~b@c",
        "Root=1-67891233-abcdef012345678912345678",
        pytest.param(new_request_id(), id="a new one"),
    ],
)
def test_ids_of_requests_are_known_by_one_rule(written: str) -> None:
    assert is_request_id(written)
    assert not is_request_id(written + "\n")
    assert not is_request_id(written * 129)


def test_no_two_new_ids_are_alike() -> None:
    assert len({new_request_id() for _ in range(100)}) == 100
