"""Redis servers for what is published."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newshole.store import Archive, MemoryArchive
from newshole.store.archive import open_archive
from tests.store.servers import Server, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Redis that stays well."""
    server = Server(tmp_path_factory.mktemp("redis"))
    with running(server):
        yield server


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A Redis to be maltreated."""
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server):
        yield server


@pytest.fixture(params=["memory", "redis", "file"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    """What keeps a log: memory, a real Redis, or a file."""
    if request.param == "memory":
        return MemoryArchive()
    if request.param == "file":
        return open_archive(str(tmp_path / "archive"))
    return open_archive(request.getfixturevalue("server").url)
