"""Impact in a browser: a hundred real pages, with progress, stopped or to the end, without a fault that axe
finds."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.console.newsroom import PASSWORD, Newsroom, newsroom
from tests.console.papers import corpus_paper
from tests.console.test_impact import drafted

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OLD: Final = """
layout: {ads: 4, gap: [3 units, 110 words], density: 35%}
blocks:
  inline-ad:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[336, 280]]}
    serve: {slot: inline}
    place: {after: paragraph, nth: 3}
    repeat: {every: 250 words, max: 3}
  follow:
    kind: follow
    place: body-end
    network: facebook
    page: The Paper
    url: https://www.facebook.com/paper.example
"""
CHANGES: Final = (("max: 3", "max: 2"), ("nth: 3", "nth: 4"))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    from tests.conftest import SHARED

    if not SHARED.is_dir():
        pytest.skip("the corpora are not beside this checkout (../shared)")
    folder = tmp_path_factory.mktemp("impact")
    rules = folder / "rules.yaml"
    rules.write_text(OLD, "utf-8")
    with newsroom(folder, rules=rules, workers=0, own=corpus_paper(SHARED, 110)) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def draft(room: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Made before there is a browser: while that runs, no event loop can start in its thread."""
    rules = tmp_path_factory.mktemp("draft") / "rules.yaml"
    rules.write_text(OLD, "utf-8")
    return drafted(room, *CHANGES, rules=rules)


def signed_in(browser: Browser, room: Newsroom, *, width: int = 1366, scheme: str = "light") -> Page:
    """A page on which an editor is signed in."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(room.console + "/_newshole/sign-in")
    page.get_by_label("Name").fill("ed")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/site/**")
    return page


def begin(page: Page, room: Newsroom, draft: str, pages: int) -> None:
    """Begin a look with the keyboard alone."""
    page.goto(room.screen(f"rules/impact?draft={draft}"))
    page.get_by_label("Pages", exact=True).fill(str(pages))
    page.get_by_role("button", name="Look at the pages").press("Enter")
    page.wait_for_url("**/rules/impact?job=*")


def test_a_hundred_pages_with_progress_survive_a_reload_and_end_with_the_worst_first(
    browser: Browser, room: Newsroom, draft: str
) -> None:
    page = signed_in(browser, room)
    begun = time.monotonic()
    begin(page, room, draft, 100)
    page.get_by_role("progressbar").wait_for()
    page.reload()
    page.get_by_text(re.compile("looked at in")).wait_for()
    print(f"100 pages in {time.monotonic() - begun:.1f} s")
    assert page.get_by_text(re.compile(r"\d+ of 100 pages")).is_visible()
    first = page.locator(".pages > li").first
    assert first.get_by_role("img", name=re.compile("Before: ")).is_visible()
    assert first.get_by_role("img", name=re.compile("After: ")).is_visible()
    assert not page.evaluate("document.querySelector('[hx-trigger]')")


def test_a_look_is_stopped_and_shows_what_there_is(browser: Browser, room: Newsroom, draft: str) -> None:
    page = signed_in(browser, room)
    begin(page, room, draft, 110)
    page.get_by_role("button", name="Stop, and show what there is").press("Enter")
    page.get_by_text(re.compile("looked at in|No page could")).wait_for()
    assert page.get_by_role("progressbar").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, room: Newsroom, draft: str, scheme: str, width: int
) -> None:
    page = signed_in(browser, room, width=width, scheme=scheme)
    screens = [room.screen("rules/impact"), room.screen(f"rules/impact?draft={draft}")]
    begin(page, room, draft, 30)
    page.get_by_text(re.compile("looked at in")).wait_for()
    screens.append(page.url)
    for screen in screens:
        page.goto(screen)
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
