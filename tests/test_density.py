"""Density as it is estimated, against Chromium's, over 50 pages of the corpora each way."""

from __future__ import annotations

import shutil

import pytest

from benchmarks import density
from newshole.cli.chromium import NAMES, chromium
from newshole.types import DEVICES
from tests.conftest import needs_shared

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    needs_shared,
    pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="chromium is not installed"),
]

PAGES = 50
WITHIN = {
    ("dressed", "mobile"): 47,
    ("dressed", "desktop"): 44,
    ("plain", "mobile"): 47,
    # As wide as the window, stories are a few hundred pixels high, and a line too many is many points.
    ("plain", "desktop"): 40,
}
"""How many of the pages are within 5 points, at least."""


@pytest.mark.parametrize("way", density.WAYS)
def test_density_is_within_5_points_of_chromium_s_on_nearly_all_pages(way: str) -> None:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with chromium() as browser:
        found = density.WAYS[way](browser, PAGES)
    for device in DEVICES:
        errors = [each.error for each in found if each.device == device]
        assert len(errors) == PAGES
        assert sum(error <= density.POINTS for error in errors) >= WITHIN[way, device]
