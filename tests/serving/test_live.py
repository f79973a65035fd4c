"""What changes while it serves: rules from Redis and from files, switches, kept pages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.http.asgi import PATH, RULES
from tests.serving.servers import Served, served
from tests.store.servers import Server, running
from tests.waiting import eventually

pytestmark = pytest.mark.slow

PLACED = 'data-newshole="inline"'


def is_placed(newshole: Served) -> bool:
    """Whether every worker places the block; each question is a connection of its own."""
    return all(PLACED in newshole.get(PATH)[1] for _ in range(8))


def test_rules_that_are_published_are_waited_for_and_then_served_by_all(
    origin: str, rules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSHOLE_STATE", str(tmp_path / "state"))
    redis = Server(tmp_path)
    with running(redis):
        options = ("--rules", "published", "--name", "news", "--redis", redis.url, "--workers", "2")
        with served("--upstream", origin, *options) as newshole:
            status, told = newshole.get("/_newshole/ready", admin=True)
            assert (status, "no rules are published yet for news" in told) == (503, True)
            assert newshole.get("/_newshole/ready")[0] == 503
            assert PLACED not in newshole.get(PATH)[1]
            publish = ["publish", str(rules), "--redis", redis.url, "--name", "news"]
            subprocess.run([sys.executable, "-m", "newshole", *publish], check=True, capture_output=True)
            eventually(lambda: newshole.get("/_newshole/ready", admin=True)[0] == 200)
            eventually(lambda: is_placed(newshole))
            assert newshole.counted("newshole_ready") == 2


def test_files_of_rules_are_watched_by_every_worker(origin: str, rules: Path) -> None:
    with served("--upstream", origin, "--rules", rules, "--workers", "2") as newshole:
        assert is_placed(newshole)
        rules.write_text(RULES.replace("inline:", "other:"), "utf-8")
        eventually(lambda: all('"other"' in newshole.get(PATH)[1] for _ in range(8)))
        assert len(newshole.pids()) == 2


def test_a_switch_file_is_watched_and_a_wrong_one_stops_the_start(
    origin: str, rules: Path, tmp_path: Path
) -> None:
    switches = tmp_path / "switches.yaml"
    options = ("--upstream", origin, "--rules", rules, "--switches", switches)
    with served(*options) as newshole:
        assert is_placed(newshole)
        switches.write_text("off:\n  - {block: inline, reason: recall}\n", "utf-8")
        eventually(lambda: PLACED not in newshole.get(PATH)[1])
    switches.write_text("off:\n  - {blok: inline}\n", "utf-8")
    command = [sys.executable, "-m", "newshole", "serve", "--port", "0", *map(str, options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{switches}:2:")


def test_requests_are_logged_where_it_is_asked_for(origin: str, rules: Path) -> None:
    with served("--upstream", origin, "--rules", rules, "--log", "json") as newshole:
        newshole.get(PATH)
        _, out, _ = newshole.end()
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert [(line["path"], line["outcome"]) for line in lines] == [(PATH, "composed")]


@pytest.mark.parametrize(("option", "fetched"), [("--page-cache", 1), ("--no-page-cache", 3)])
def test_pages_that_may_be_kept_are_kept_where_it_is_asked_for(
    origin: str, rules: Path, option: str, fetched: int
) -> None:
    with served("--upstream", origin, "--rules", rules, option) as newshole:
        told = {newshole.get(f"/counted/{option}")[1] for _ in range(3)}
        assert len(told) == fetched
        kept = newshole.counted("newshole_page_cache_pages")
        assert kept == (1 if fetched == 1 else 0)
