"""A library that the workers of `newshole serve` share: learned by one, shown by all, there after a kill."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.http.learned import READER
from tests.serving.city import TEXTS
from tests.serving.processes import uvicorn
from tests.serving.servers import Served, served
from tests.store.servers import Server, running
from tests.waiting import PATIENCE, eventually

RULES = """
site: City
articles:
  - path: /news/**
blocks:
  more: {kind: stories, source: related, count: 5, place: body-end}
"""
HEADERS = {"User-Agent": READER[1].decode(), "Connection": "close"}


@pytest.fixture
def city() -> Iterator[str]:
    with uvicorn("tests.serving.city:app") as address:
        yield address


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "site.yaml"
    file.write_text(RULES, encoding="utf-8")
    return file


@pytest.fixture(params=["file", "redis"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[str]]:
    """Where the library is kept, as options."""
    if request.param == "file":
        yield ["--library", str(tmp_path / "library.db")]
        return
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server):
        yield ["--redis", server.url]


def read(port: int, slug: str, host: str = "news.example") -> tuple[int, set[str]]:
    """The status of a story, and the slugs of those that it shows, over a connection of its own."""
    client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        client.request("GET", f"/news/{slug}", headers={**HEADERS, "Host": host})
        answer = client.getresponse()
        page = answer.read().decode()
    finally:
        client.close()
    return answer.status, {*re.findall(rf'<a[^>]* href="http://{host}/news/(\w+)"', page)}


def shows(site: Served, slug: str, wanted: set[str]) -> bool:
    """Whether a story shows these by now, whichever worker answers."""
    return all(read(site.port, slug)[1] == wanted for _ in range(8))


@pytest.mark.slow
def test_stories_that_one_worker_reads_are_shown_by_all_and_are_there_after_a_kill(
    city: str, rules: Path, kept: list[str]
) -> None:
    options: tuple[str | Path, ...] = ("--upstream", city, "--rules", rules, "--workers", "2", *kept)
    with served(*options) as site:
        for slug in ("bridge", "ferry", "market"):
            assert read(site.port, slug) == (200, set())
        eventually(lambda: shows(site, "bridge", {"ferry", "market"}))
        eventually(lambda: site.counted("newshole_library_stories") >= 6)
        for pid in site.pids().values():
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: len(site.pids()) == 2)
        eventually(lambda: shows(site, "tram", {"bridge", "ferry", "market"}))
        site.end(signal.SIGKILL)
    with served(*options) as site:
        eventually(lambda: shows(site, "tram", {"bridge", "ferry", "market"}))


@pytest.mark.slow
def test_a_story_that_is_withdrawn_is_shown_by_no_worker(city: str, rules: Path, kept: list[str]) -> None:
    with served("--upstream", city, "--rules", rules, "--workers", "2", *kept) as site:
        for slug in ("bridge", "ferry", "market"):
            read(site.port, slug)
        eventually(lambda: shows(site, "bridge", {"ferry", "market"}))
        upstream = HTTPConnection(city.removeprefix("http://"), timeout=PATIENCE)
        upstream.request("POST", "/withdraw/ferry")
        assert upstream.getresponse().status == 204
        upstream.close()
        assert read(site.port, "ferry")[0] == 410
        eventually(lambda: shows(site, "bridge", {"market"}))


@pytest.mark.slow
@pytest.mark.usefixtures("rules")
def test_two_hosts_never_mix(city: str, tmp_path: Path) -> None:
    settings = tmp_path / "serve.yaml"
    settings.write_text(
        f"library: library.db\nsites:\n  - {{upstream: '{city}', rules: site.yaml, hosts: one.example}}\n"
        f"  - {{upstream: '{city}', rules: site.yaml, hosts: two.example}}\n",
        encoding="utf-8",
    )
    with served("--config", settings) as site:
        for host, slugs in (("one.example", ("bridge", "ferry")), ("two.example", ("market", "tram"))):
            for slug in slugs:
                read(site.port, slug, host)
        eventually(lambda: read(site.port, "bridge", "one.example")[1] == {"ferry"})
        eventually(lambda: read(site.port, "tram", "two.example")[1] == {"market"})
    with served("--config", settings) as site:
        eventually(lambda: read(site.port, "bridge", "one.example")[1] == {"ferry"})
        assert read(site.port, "bridge", "one.example")[1] == {"ferry"}


@pytest.mark.slow
def test_a_damaged_file_and_a_frozen_redis_leave_the_site_as_fast_and_whole(
    city: str, rules: Path, tmp_path: Path
) -> None:
    file = tmp_path / "library.db"
    file.write_bytes(b"no database" * 1000)
    with served("--upstream", city, "--rules", rules, "--library", file) as site:
        for slug in TEXTS:
            assert read(site.port, slug)[0] == 200
        eventually(lambda: read(site.port, "bridge")[1] == {"ferry", "market", "tram"})
        assert site.counted("newshole_responses_total", outcome="library-fault") >= 1
    assert file.read_bytes() == b"no database" * 1000
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server), served("--upstream", city, "--rules", rules, "--redis", server.url) as site:
        server.freeze()
        for slug in TEXTS:
            assert read(site.port, slug)[0] == 200
        eventually(lambda: read(site.port, "bridge")[1] == {"ferry", "market", "tram"})
        server.thaw()
        eventually(lambda: server.ask("EXISTS", "newshole:library:{site}:changes"))


@pytest.mark.slow
def test_views_are_kept(city: str, rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "library.db"
    with served("--upstream", city, "--rules", rules, "--library", file) as site:
        read(site.port, "bridge")
        eventually(lambda: site.counted("newshole_library_stories") == 1)  # its first reader counts
        for _ in range(3):
            read(site.port, "bridge")
        site.end()
    with sqlite3.connect(file) as connection:
        documents = [row[0].decode() for row in connection.execute("SELECT document FROM counts")]
    connection.close()
    assert sum(int(n) for each in documents for n in re.findall(r'/bridge":(\d+)', each)) == 4
