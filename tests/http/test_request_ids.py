"""The id of a request: one for the app, the log and whoever is behind."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from newshole import Newshole, Site
from newshole.http.proxy import Proxy
from tests.http.asgi import STORY, ask, asked, asks, page
from tests.http.logged import logging_newshole
from tests.http.servers import serving


def ids(app_saw: list[list[bytes]]) -> ASGIApp:
    """A page's app that keeps the ids that its requests have."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        app_saw.append([value for name, value in scope["headers"] if name.lower() == b"x-request-id"])
        await page()(scope, receive, send)

    return app


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ([], None),
        ([b"a1-B2.c_d"], b"a1-B2.c_d"),
        ([b"evil\r\nx: 1"], None),
        ([b"a b"], None),
        ([b"x" * 129], None),
        ([b""], None),
        ([b"one", b"two"], None),
    ],
)
def test_a_request_has_one_id_for_the_app_and_the_log(
    site: Site, lines: list[dict[str, Any]], sent: list[bytes], kept: bytes | None
) -> None:
    saw: list[list[bytes]] = []
    client = ask(logging_newshole(ids(saw), site), asked(headers=[(b"X-Request-Id", each) for each in sent]))
    assert saw == [[lines[0]["request_id"].encode()]]
    assert saw[0][0] == kept or (kept is None and re.fullmatch(b"[0-9a-f]{32}", saw[0][0]))
    # A page may be kept by caches, and served with this request's id to other readers.
    assert client.header(b"x-request-id") is None


@pytest.mark.parametrize(("trusted", "is_kept"), [((), False), (("192.0.2.0/24",), True)])
def test_behind_a_proxy_the_id_is_the_one_that_the_site_gets(
    site: Site, lines: list[dict[str, Any]], trusted: tuple[str, ...], is_kept: bool
) -> None:
    saw: list[list[bytes]] = []

    async def ask_once(upstream: str) -> None:
        newshole = logging_newshole(Proxy(upstream, trusted=trusted), site)
        await asks(newshole, asked(headers=[(b"x-request-id", b"theirs")], client=("192.0.2.7", 1234)))
        await newshole.app.close()  # type: ignore[attr-defined]

    with serving(ids(saw)) as upstream:
        asyncio.run(ask_once(upstream))
    assert saw == [[lines[-1]["request_id"].encode()]]
    assert (saw[0][0] == b"theirs") == is_kept


def test_without_a_log_a_request_is_as_it_came(site: Site) -> None:
    saw: list[list[bytes]] = []
    ask(Newshole(ids(saw), site=site))
    assert saw == [[]]


def test_a_fault_has_the_id_of_its_request(
    site: Site, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("nothing there")

    monkeypatch.setattr("newshole.cache.plans.read_anew", fail)
    assert ask(logging_newshole(page(), site)).body == STORY
    fault, line = lines
    assert (fault["event"], fault["level"]) == ("fault", "error")
    assert fault["request_id"] == line["request_id"]
    assert "LookupError: nothing there" in fault["exception"]
    assert line["outcome"] == "compose-fault"


def test_requests_at_once_have_their_own_ids(site: Site, lines: list[dict[str, Any]]) -> None:
    newshole = logging_newshole(page(), site)

    async def ask_all() -> None:
        await asyncio.gather(
            *(asks(newshole, asked(headers=[(b"x-request-id", b"%d" % each)])) for each in range(20))
        )

    asyncio.run(ask_all())
    assert {line["request_id"] for line in lines} == {str(each) for each in range(20)}
