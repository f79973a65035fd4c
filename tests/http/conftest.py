"""Sites by small rules, for what stands in front of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from newshole import Site
from tests.http.asgi import DEVICE_RULES, RULES


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
