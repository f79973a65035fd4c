"""Events behind `newshole serve`: with its page cache in front of the site, and workers that are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from http.client import HTTPException
from pathlib import Path

import pytest

from newshole.experiments.events.row import decode
from newshole.experiments.events.segments import ready, records
from newshole.http.event_desk import OF_AN_ADDRESS, UNSIGNED
from newshole.http.measuring import PATH as EVENTS
from tests.http import measured
from tests.http.asgi import PATH
from tests.http.measured import attribute
from tests.serving.servers import Served, command, connection, served
from tests.waiting import eventually

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSHOLE_SECRET", measured.SECRET)


def view(newshole: Served, reader: str) -> bytes:
    """A page as a reader gets it."""
    with connection(newshole.port) as client:
        client.request("GET", PATH, headers={"Host": "news.example", "Cookie": f"reader={reader}"})
        return client.getresponse().read()


def tell(newshole: Served, token: str, view_id: str) -> int:
    """Tell of a view; the status of the answer."""
    body = json.dumps({"t": token, "v": view_id, "e": [["view"]]})
    with connection(newshole.port) as client:
        headers = {"Host": "news.example", "Sec-Fetch-Site": "same-origin"}
        client.request("POST", EVENTS, body, headers)
        return client.getresponse().status


def kinds(folder: Path) -> dict[str, set[str]]:
    """The kinds of rows of each view that are on the disk."""
    found: dict[str, set[str]] = {}
    for row in (decode(line) for path in ready(folder) for line in records(path)):
        assert row is not None
        found.setdefault(row.view_id, set()).add(row.kind)
    return found


def test_every_worker_writes_and_takes_events_and_none_is_lost_when_one_is_killed(
    origin: str, tmp_path: Path
) -> None:
    rules, events = measured.rules(tmp_path), tmp_path / "events"
    seen: dict[str, set[str]] = {}
    options = ("--upstream", origin, "--rules", rules, "--events", events, "--workers", "2", "--page-cache")
    with served(*options) as newshole:
        for number in range(20):
            content = view(newshole, str(number))
            view_id = attribute(content, "view")
            assert tell(newshole, attribute(content, "token"), view_id) == 204
            seen[view_id] = {"exposure", "view"}
            if number == 10:
                (victim, *_) = newshole.pids().values()
                os.kill(victim, signal.SIGKILL)
                eventually(lambda victim=victim: victim not in _pids(newshole))  # type: ignore[misc]
        assert newshole.counted("newshole_beacons_total", outcome="kept") >= 1
        assert newshole.counted("newshole_event_rows_total", outcome="lost") == 0
        assert newshole.end()[0] == 0
    assert kinds(events) == seen


def _pids(newshole: Served) -> set[int]:
    try:
        return set(newshole.pids().values())
    except (OSError, HTTPException):
        return set()


def test_readers_behind_a_trusted_proxy_have_an_address_each(origin: str, tmp_path: Path) -> None:
    rules, events = measured.rules(tmp_path), tmp_path / "events"
    options = ("--upstream", origin, "--rules", rules, "--events", events, "--trusted", "127.0.0.1")
    with served(*options) as newshole, connection(newshole.port) as client:
        for number in range(int(OF_AN_ADDRESS.burst) + 100):
            headers = {"Host": "news.example", "Sec-Fetch-Site": "same-origin"}
            headers["X-Forwarded-For"] = f"192.0.2.9, 10.0.{number // 200}.{number % 200}"
            client.request("POST", EVENTS, "{}", headers)
            assert client.getresponse().read() == b""
        assert newshole.counted("newshole_beacons_total", outcome="malformed") == OF_AN_ADDRESS.burst + 100


def test_events_without_a_secret_are_a_mistake_in_words(
    origin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEWSHOLE_SECRET")
    options = ("--upstream", origin, "--rules", measured.rules(tmp_path), "--events", tmp_path / "events")
    done = subprocess.run(command("--port", "0", *options), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"newshole: {UNSIGNED}\n")
