"""Experiments in a browser: figures come by themselves, arms stand side by side, and axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.console.newsroom import STORY, Newsroom, newsroom
from tests.console.test_experiments import EXPERIMENTS, sunk
from tests.console.test_impact_browser import signed_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module", autouse=True)
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Made before there is a browser: while that runs, no event loop can start in its thread."""
    folder = tmp_path_factory.mktemp("experiments")
    with newsroom(folder, rules=EXPERIMENTS, workers=0, warehouse=sunk(folder / "events.db")) as running:
        yield running


def test_from_the_list_to_the_report_and_a_page_in_both_arms_by_keyboard(
    browser: Browser, room: Newsroom
) -> None:
    page = signed_in(browser, room)
    page.goto(room.screen("experiments"))
    page.get_by_text(re.compile("met a difference so far")).first.wait_for()
    page.get_by_role("link", name="later-ads").press("Enter")
    page.get_by_role("heading", name="Is the test sound?").wait_for()
    picture = page.get_by_role("img", name=re.compile("every metric"))
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("each => each.decode().then(() => each.naturalWidth > 0)")
    page.get_by_label("Page", exact=True).fill(STORY)
    page.get_by_label("Page", exact=True).press("Enter")
    for arm in ("control", "later"):
        frame = page.frame_locator(f'iframe[title="The page in {arm}"]')
        page.locator(f'iframe[title="The page in {arm}"]').scroll_into_view_if_needed()
        frame.locator('[data-newshole="inline-ad"]').first.wait_for(state="attached")
    assert page.get_by_text(re.compile("inline-ad moves from")).first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, room: Newsroom, scheme: str, width: int
) -> None:
    page = signed_in(browser, room, width=width, scheme=scheme)
    for screen in (
        "experiments",
        f"experiments/one?name=later-ads&url={STORY}",
        "experiments/report?name=later-ads",
    ):
        page.goto(room.screen(screen))
        page.locator("[hx-trigger=load] a").first.wait_for(state="detached")
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found = Axe().run(page, options={"iframes": False})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
