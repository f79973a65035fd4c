"""`newshole purge`: what it asks of the caches in front, what it prints, and how it exits."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from newshole.cdn.tags import url_tag
from newshole.http.pagecache import PageCache
from newshole.store import GuardedStore
from newshole.store.redis import open_redis
from tests.cli.conftest import PROMPT, Newshole, Outcome, refused
from tests.http.servers import serving
from tests.store.servers import Server, running
from tests.waiting import PATIENCE, eventually

URL = "https://news.example/world/story"
asked: list[tuple[str, str, str | None]] = []


class _Cache(BaseHTTPRequestHandler):
    """A cache that purges everywhere but below /forbidden."""

    def do_PURGE(self) -> None:
        asked.append((self.path, self.headers["Host"], self.headers["X-Purge-Tags"]))
        self.send_response(403 if self.path.startswith("/forbidden") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Tests are quiet."""


@pytest.fixture
def cache() -> Iterator[str]:
    """The host and port of a cache."""
    asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Cache) as server:
        thread = threading.Thread(target=server.serve_forever, args=(PROMPT,))
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_tags_and_addresses_are_purged(newshole: Newshole, cache: str) -> None:
    outcome = newshole("purge", "--tag", "nh-block-a", "--url", URL, "--cdn", f"varnish+http://{cache}")
    assert outcome == Outcome(0, f"varnish+http://{cache}: purged\n".encode(), "")
    assert sorted(asked, key=str) == [
        ("/", cache, f"nh-block-a {url_tag(URL)}"),
        ("/world/story", "news.example", None),
    ]


def test_caches_come_from_the_environment_too(
    newshole: Newshole, cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newshole.cdn.purge.FIRST_WAIT", 0.001)
    monkeypatch.setenv("NEWSHOLE_CDN", f" varnish+http://{cache}  varnish+http://localhost:1 ")
    outcome = newshole("purge", "--all")
    assert (outcome.code, outcome.text) == (1, f"varnish+http://{cache}: purged\n")
    assert outcome.err.startswith("newshole: varnish+http://localhost:1: 1 of 1 calls failed: no connection")


def test_a_cache_that_refuses_is_told(newshole: Newshole, cache: str) -> None:
    outcome = newshole("purge", "--url", "https://news.example/forbidden", "--cdn", f"varnish+http://{cache}")
    told = f"newshole: varnish+http://{cache}: 1 of 2 calls failed: status 403; purge again, "
    assert (outcome.code, outcome.out) == (1, b"")
    assert outcome.err.startswith(told)


@pytest.mark.parametrize("arguments", [[], ["--soft"], ["--tag", "a b"], ["--url", "/story"]])
def test_what_cannot_be_purged_is_refused(newshole: Newshole, cache: str, arguments: list[str]) -> None:
    outcome = newshole("purge", *arguments, "--cdn", f"varnish+http://{cache}")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, b"", 1)
    assert asked == []


def test_without_a_cache_there_is_nothing_to_do(newshole: Newshole, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NEWSHOLE_CDN", "NEWSHOLE_REDIS"):
        monkeypatch.delenv(name, raising=False)
    told = "there is no cache to purge: name one with --cdn, or several in NEWSHOLE_CDN"
    refused(newshole("purge", "--all"), told)


def test_a_secret_that_is_not_set_is_told_without_its_name(newshole: Newshole) -> None:
    outcome = newshole("purge", "--all", "--cdn", "fastly://SU1?key=t0ken")
    assert outcome.code == 2
    assert "the environment variable that key= names is not set" in outcome.err
    assert "t0ken" not in outcome.err


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Server]:
    """A Redis."""
    server = Server(tmp_path)
    with running(server):
        yield server


def test_the_pages_of_workers_are_purged_through_their_redis(
    newshole: Newshole, redis_server: Server
) -> None:
    asked_site: list[str] = []

    async def page(request: Request) -> HTMLResponse:
        asked_site.append(request.url.path)
        return HTMLResponse("<p>story", headers={"Cache-Control": "max-age=600", "Surrogate-Key": "world"})

    app = Starlette(routes=[Route("/{name}", page)])
    with serving(
        PageCache(app, store=GuardedStore(open_redis(redis_server.url), deadline=PATIENCE))
    ) as worker:
        for _ in range(2):
            httpx.get(f"{worker}/story")
        assert asked_site == ["/story"]
        outcome = newshole("purge", "--tag", "world", "--redis", redis_server.url)
        assert outcome == Outcome(0, b"the page cache: purged\n", "")
        eventually(lambda: httpx.get(f"{worker}/story") and len(asked_site) == 2)


def test_a_redis_that_is_gone_is_told(newshole: Newshole, free_port: int) -> None:
    outcome = newshole("purge", "--all", "--redis", f"redis://127.0.0.1:{free_port}")
    assert (outcome.code, outcome.out) == (1, b"")
    assert outcome.err.startswith("newshole: the page cache: 1 of 1 calls failed: Redis did not take it; ")


@pytest.mark.slow
def test_the_caches_in_front_are_purged_too(newshole: Newshole, redis_server: Server, cache: str) -> None:
    outcome = newshole("purge", "--all", "--redis", redis_server.url, "--cdn", f"varnish+http://{cache}")
    assert outcome.text.splitlines() == ["the page cache: purged", f"varnish+http://{cache}: purged"]
    assert len(asked) == 1
