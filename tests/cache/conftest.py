"""The site whose pages plan caches compose."""

from __future__ import annotations

import pytest

from newshole import Site
from tests.cache.composed import RULES


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(RULES)
    return Site.load(path)
