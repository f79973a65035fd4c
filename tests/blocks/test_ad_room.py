"""An ad's room in a browser: nothing moves, whatever creative comes, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.blocks.adservers import CMP, YES
from tests.blocks.newsroom import block
from tests.blocks.opened import ADSENSE, GPT, HOUSE, REVIVE, SHOWN, ad, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser


pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize(("width", "height"), [(360, 800), (768, 1024), (1366, 768)])
@pytest.mark.parametrize("serve", [GPT, ADSENSE, REVIVE])
def test_an_unfilled_slot_shows_the_house_in_its_room(
    browser: Browser, serve: dict[str, Any], width: int, height: int
) -> None:
    empty = f"window.isEmpty = true; {CMP + YES}"
    with opened(browser, block(ad(serve, house=HOUSE)), script=empty, width=width, height=height) as seen:
        seen.page.wait_for_function(SHOWN)
        seen.page.wait_for_timeout(100)
        assert seen.page.locator(".nh-own img:visible").count() == 1
        assert seen.page.evaluate("window.shifted") == 0


def test_a_slot_that_google_refuses_shows_the_house(browser: Browser) -> None:
    with opened(browser, block(ad(GPT, house=HOUSE)), script="window.isRefused = true;" + CMP + YES) as seen:
        seen.page.wait_for_function(SHOWN)
        assert not seen.told("display")


def test_the_house_is_not_loaded_while_it_is_not_shown(browser: Browser) -> None:
    filled = "window.creatives = {'nh-it-1': [300, 250]};" + CMP + YES
    with opened(browser, block(ad(GPT, house=HOUSE)), script=filled) as seen:
        seen.page.wait_for_selector(".nh-slot iframe")
        seen.page.wait_for_timeout(100)
        assert not [url for url in seen.asked if url.endswith("own.svg")]


@pytest.mark.parametrize(("width", "height"), [(360, 800), (768, 1024), (1366, 768)])
@pytest.mark.parametrize("size", [[300, 250], [300, 50], [300, 600], [970, 250]])
def test_nothing_moves_whatever_creative_comes(
    browser: Browser, size: list[int], width: int, height: int
) -> None:
    script = f"window.creatives = {{'nh-it-1': {size}}};" + CMP + YES
    with opened(browser, block(ad(GPT)), script=script, width=width, height=height) as seen:
        seen.page.wait_for_selector(".nh-slot iframe")
        seen.page.wait_for_timeout(150)
        assert seen.page.evaluate("window.shifted") == 0
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        seen.page.evaluate("document.querySelector('.nh-slot').scrollTo(1e4, 1e4)")
        box, frame = (seen.page.locator(each).bounding_box() for each in (".nh-slot", ".nh-slot iframe"))
        assert box is not None
        assert frame is not None
        # All of it can be scrolled to, and what fits is not scrolled at all.
        assert frame["y"] + frame["height"] <= box["y"] + box["height"] + 1
        assert frame["x"] + frame["width"] <= box["x"] + box["width"] + 1
        if size == [300, 250]:
            assert frame["y"] == box["y"]


def test_a_creative_that_is_too_large_grows_below_the_viewport(browser: Browser) -> None:
    script = "window.creatives = {'nh-it-1': [300, 600]};" + CMP + YES
    with opened(browser, block(ad(GPT)), script=script, before=12) as seen:
        seen.page.wait_for_selector(".nh-grown")
        assert seen.page.evaluate("document.querySelector('.nh-slot').offsetHeight") == 600
        assert seen.page.evaluate("window.shifted") == 0


@pytest.mark.parametrize(("before", "is_gone"), [(1, False), (12, True)])
def test_an_unfilled_slot_collapses_only_below_the_viewport(
    browser: Browser, before: int, is_gone: bool
) -> None:
    made = block(ad(GPT, unfilled="collapse-below"))
    with opened(browser, made, script=CMP + YES, before=before) as seen:
        seen.wait_for("display")
        seen.page.wait_for_timeout(150)
        assert (seen.page.locator("aside:visible").count() == 0) == is_gone
        assert seen.page.evaluate("window.shifted") == 0


def test_an_unfilled_slot_keeps_its_room(browser: Browser) -> None:
    with opened(browser, block(ad(GPT)), script=CMP + YES) as seen:
        seen.wait_for("display")
        seen.page.wait_for_timeout(150)
        assert seen.page.evaluate("document.querySelector('.nh-slot').offsetHeight") == 250
        assert seen.page.evaluate("window.shifted") == 0


def test_a_wrapper_says_that_a_slot_is_unfilled_by_an_event(browser: Browser) -> None:
    with opened(browser, block(ad({"slot": "top"}, house=HOUSE))) as seen:
        assert not seen.page.evaluate(SHOWN)
        seen.page.evaluate(
            "document.querySelector('[data-nh-slot]')"
            ".dispatchEvent(new CustomEvent('newshole:unfilled', {bubbles: true}))"
        )
        assert seen.page.evaluate(SHOWN)
        assert not seen.hosts
