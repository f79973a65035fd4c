"""What a browser loads for each screen: little script, and nothing from elsewhere."""

from __future__ import annotations

import gzip
from typing import Final

import pytest

from newshole.console.screens import SCREENS
from newshole.console.visit import Screen
from tests.console.newsroom import Newsroom
from tests.console.screens import opened

MOST: Final = 40_000
"""Bytes of script, compressed; what is vendored for the editor of rules is apart."""

STATIC: Final = "/_newshole/static/"
EDITOR: Final = f"{STATIC}vendor/"


@pytest.mark.parametrize("screen", SCREENS, ids=lambda each: each.name)
def test_a_screen_is_light_and_loads_nothing_from_elsewhere(quiet: Newsroom, screen: Screen) -> None:
    with quiet.signed_in() as client:
        page = opened(quiet, client, screen.ways[0].path)
        loaded = [str(each["src"]) for each in page.select("[src]")]
        styles = [str(each["href"]) for each in page.select("link[href]")]
        assert all(each.startswith(STATIC) for each in loaded + styles)
        scripts = {str(each["src"]) for each in page.select("script")}
        texts = [client.get(each).content for each in scripts if not each.startswith(EDITOR)]
    assert 0 < sum(len(gzip.compress(each)) for each in texts) < MOST


@pytest.mark.parametrize("screen", SCREENS, ids=lambda each: each.name)
def test_a_screen_has_no_script_or_style_within(quiet: Newsroom, screen: Screen) -> None:
    with quiet.signed_in() as client:
        page = opened(quiet, client, screen.ways[0].path)
    assert not page.select("script:not([src]), style, [style]")
    assert not [name for each in page.find_all() for name in each.attrs if name.startswith("on")]
