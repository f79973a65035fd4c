"""A newsroom that tests share which change nothing in it, and one for each that does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console.entering import Door, door, user
from tests.console.newsroom import Newsroom, newsroom


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """A newsroom in which nobody publishes or switches anything."""
    with newsroom(tmp_path_factory.mktemp("newsroom")) as running:
        yield running


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Newsroom]:
    """A newsroom with two workers, for one test."""
    with newsroom(tmp_path, workers=2) as running:
        yield running


@pytest.fixture
def open_door(tmp_path: Path) -> Iterator[Door]:
    """A console with a publisher and a viewer, for one test."""
    with door(tmp_path, user("anna"), user("vi", ("news", "viewer"))) as found:
        yield found
