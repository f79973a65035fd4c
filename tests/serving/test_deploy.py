"""The files for nginx and systemd that come along, judged by nginx and systemd themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newshole.serving.process import MARGIN
from newshole.serving.settings import Limits
from tests.http.asgi import PATH
from tests.serving.nginx import debian, nginx_with
from tests.serving.servers import connection, served

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy"
UNIT = (DEPLOY / "newshole.service").read_text("utf-8")
NGINX = (DEPLOY / "nginx.conf").read_text("utf-8")


def test_a_service_has_time_to_end_before_it_is_killed() -> None:
    patience = re.search(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert patience is not None
    assert int(patience[1]) > Limits().grace + MARGIN


def test_nginx_closes_idle_connections_before_newshole_does() -> None:
    assert "keepalive_timeout" not in NGINX
    assert Limits().idle > 60


@pytest.mark.slow
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    verify = debian("systemd-analyze", "systemd")
    unit = tmp_path / "newshole.service"
    unit.write_text(UNIT.replace("/opt/newshole/bin/newshole", sys.executable), "utf-8")
    done = subprocess.run([verify, "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "newshole" in line]) == (0, [])


@contextmanager
def in_front(folder: Path, upstream: int, port: int) -> Iterator[None]:
    """nginx by the configuration that comes along, but for its ports."""
    snippet = NGINX.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    snippet = snippet.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("    listen [::]:80;\n", "")
    with nginx_with(folder, snippet, port):
        yield


@pytest.mark.slow
def test_nginx_passes_readers_on_with_their_addresses(
    origin: str, rules: Path, tmp_path: Path, free_port: int
) -> None:
    with (
        served("--upstream", origin, "--rules", rules, "--trusted", "127.0.0.1") as newshole,
        in_front(tmp_path, newshole.port, free_port),
        connection(free_port) as client,
    ):
        client.request("GET", PATH, headers={"Host": "news.example"})
        answer = client.getresponse()
        assert 'data-newshole="inline"' in answer.read().decode()
        forged = {"X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6", "X-Forwarded-Proto": "gopher"}
        client.request("GET", "/headers", headers={"Host": "news.example:80", **forged})
        told = client.getresponse().read().decode()
        assert "6.6.6.6" not in told
        assert "gopher" not in told
        assert "x-forwarded-for: 127.0.0.1" in told
        assert "host: news.example:80\n" in told
        assert newshole.counted("newshole_connections") >= 1
