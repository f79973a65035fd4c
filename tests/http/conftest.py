"""Sites by small rules, for what stands in front of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newshole import Site
from tests.http.asgi import DEVICE_RULES, RULES
from tests.http.logged import Lines
from tests.store.servers import Server, running


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rules with one block, for pages under `/news/`."""
    path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def site(rules: Path) -> Site:
    """The site of `rules`."""
    return Site.load(rules)


@pytest.fixture(scope="session")
def device_site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site whose pages differ by device."""
    path = tmp_path_factory.mktemp("rules") / "device.yaml"
    path.write_text(DEVICE_RULES, encoding="utf-8")
    return Site.load(path)


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What is logged, line by line."""
    handler = Lines()
    log = logging.getLogger("newshole")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield handler.written
    log.removeHandler(handler)
    log.setLevel(level)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Server]:
    """A Redis to be maltreated, of one test."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server):
        yield server


@pytest.fixture
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is logged of what the tests harm on purpose."""
    caplog.set_level(logging.CRITICAL, "newshole")
