"""What a worker says of itself, and what it leaves to the site."""

from __future__ import annotations

import pytest
from starlette.types import ASGIApp

from newshole.serving.health import Health
from tests.http.asgi import ask, asked, body, sending, start


def answer(path: str, reason: str | None = None) -> tuple[int, bytes]:
    """Status and body, of a worker that is unready for a reason."""
    site: ASGIApp = sending(start(), body(b"site"))
    client = ask(Health(site, prefix="/_newshole", unready=lambda: reason), asked(path))
    return client.messages[0]["status"], client.body


def test_a_worker_that_serves_is_alive_whether_ready_or_not() -> None:
    assert answer("/_newshole/health") == (200, b'{"status": "alive"}\n')
    assert answer("/_newshole/health", "draining") == (200, b'{"status": "alive"}\n')


def test_readiness_has_a_reason_where_it_is_missing() -> None:
    assert answer("/_newshole/ready") == (200, b'{"status": "ready"}\n')
    assert answer("/_newshole/ready", "draining") == (503, b'{"status": "unready", "reason": "draining"}\n')


@pytest.mark.parametrize("path", ["/", "/_newshole", "/_newshole/", "/_newshole/readyish", "/health"])
def test_every_other_path_is_the_site_s(path: str) -> None:
    assert answer(path, "draining") == (200, b"site")


def test_it_is_never_kept_by_a_cache() -> None:
    site: ASGIApp = sending(start(), body(b"site"))
    client = ask(Health(site, prefix="", unready=lambda: None), asked("/ready"))
    assert client.header(b"cache-control") == b"no-store"
