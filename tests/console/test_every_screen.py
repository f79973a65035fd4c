"""Every screen in a browser: led to by keyboard, without a fault that axe finds, no wider than what shows it,
and light."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Final

import pytest

from newshole.console.screens import SCREENS
from tests.console.browsing import Scheme, seated, violations
from tests.console.newsroom import STORY, Newsroom
from tests.console.test_weight import MOST

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATHS: Final = (
    *(each.ways[0].path for each in SCREENS),
    f"preview?url={STORY}",
    f"why?url={STORY}&block=inline-ad",
    "rules/impact",
    "blocks/edit?block=inline-ad",
    f"overlay?url={STORY}",
    "audit/past",
    "nothing-here",
)
EDITOR: Final = "/vendor/editor.js"
MOST_STOPS: Final = 400

STOPS: Final = """() => {
  const is_seen = each => !each.disabled && each.checkVisibility({ visibilityProperty: true });
  const may = each => each.tabIndex >= 0 && is_seen(each);
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")];
  window.stops = all.filter(each => may(each) && (each.type !== "radio" || each.checked));
  window.reached = new Set();
}"""
"""Notes what a key ought to lead to: of radio buttons the one that is chosen, from which arrows go on."""

REACH: Final = """() => {
  window.reached.add(document.activeElement);
  return window.stops.filter(each => !window.reached.has(each)).map(each => each.outerHTML.slice(0, 120));
}"""
"""Notes where the focus is; what it has not been at."""


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1366, "light")])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, quiet: Newsroom, width: int, scheme: Scheme
) -> None:
    with seated(browser, quiet, width=width, scheme=scheme) as page:
        for path in PATHS:
            page.goto(quiet.screen(path))
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("path", PATHS)
def test_the_tab_key_leads_to_all_that_can_be_done(browser: Browser, quiet: Newsroom, path: str) -> None:
    with seated(browser, quiet) as page:
        page.goto(quiet.screen(path))
        page.evaluate(STOPS)
        for _ in range(MOST_STOPS):
            page.keyboard.press("Tab")
            if not (left := page.evaluate(REACH)):
                break
        assert left == []


def test_a_screen_and_all_that_it_imports_is_light(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet) as page:
        for path in (*PATHS, rules_in_service(page, quiet)):
            size = weight(page, quiet.screen(path))
            print(f"{path}: {size / 1000:.1f} kB of script")
            assert 0 < size < MOST, path


def rules_in_service(page: Page, room: Newsroom) -> str:
    """The editor's screen, of a version that nobody changes."""
    page.goto(room.screen("rules"))
    address = page.get_by_role("link", name="Look at it").get_attribute("href")
    assert address is not None
    return address.rpartition("/")[2]


def weight(page: Page, address: str) -> int:
    """Bytes of script, compressed, that a screen loads, but for the vendored editor."""
    asked = set[str]()

    def note(request: Request) -> None:
        if request.resource_type == "script" and not request.url.endswith(EDITOR):
            asked.add(request.url)

    page.on("request", note)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.remove_listener("request", note)
    return sum(len(gzip.compress(page.request.get(each).body())) for each in asked)
