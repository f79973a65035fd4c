"""Another site's player, in a real browser: nothing is asked for before a click, and nothing moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from newshole.rules.kinds.video import Poster, Video
from tests.blocks.newsroom import block
from tests.blocks.test_browser import URL, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PLAYER = "https://player.example/embed/1?autoplay=1"
POSTER = Poster(image="/still.jpg", width=1200, height=675, alt="A studio")


def rooms(page: Page) -> list[dict[str, float]]:
    """Where the block, its picture and the text behind it are."""
    return page.evaluate(  # type: ignore[no-any-return]
        """() => ['[data-newshole]', '.nh-still > :first-child', 'main > :last-child'].map(each => {
          const {top, left, width, height} = document.querySelector(each).getBoundingClientRect();
          return {top: top + scrollY, left, width, height: Math.round(height)};
        })"""
    )


@pytest.mark.parametrize("width", [360, 1366])
@pytest.mark.parametrize("poster", [POSTER, None], ids=["still", "bare"])
def test_a_click_puts_the_player_exactly_where_the_still_was(
    browser: Browser, width: int, poster: Poster | None
) -> None:
    asked: list[str] = []
    made = block(Video(title="How pilots board", embed=PLAYER, url="/video", poster=poster))
    page = opened(browser, [made], width=width, asked=asked)
    assert not [url for url in asked if "player" in url]
    before = rooms(page)
    page.get_by_role("link", name="How pilots board").click()
    frame = page.locator("iframe")
    assert frame.get_attribute("title") == "How pilots board"
    page.wait_for_function("() => document.activeElement.localName === 'iframe'")
    assert rooms(page) == before
    assert page.evaluate("window.shifted") == 0
    assert [url for url in asked if "player" in url] == [PLAYER]
    page.context.close()


def test_the_keyboard_starts_it_and_the_link_leads_on_afterwards(browser: Browser) -> None:
    page = opened(
        browser, [block(Video(title="How pilots board", embed=PLAYER, url="/video", poster=POSTER))]
    )
    link = page.get_by_role("link", name="How pilots board")
    link.press("Enter")
    page.locator("iframe").wait_for()
    assert page.url == URL
    link.press("Enter")
    page.wait_for_url("**/video")
    page.context.close()


def test_a_reader_who_wants_a_new_tab_gets_one_and_no_player(browser: Browser) -> None:
    page = opened(browser, [block(Video(title="How pilots board", embed=PLAYER, url="/video"))])
    with page.context.expect_page():
        page.get_by_role("link", name="How pilots board").click(modifiers=["Control"])
    assert page.locator("iframe").count() == 0
    assert page.url == URL
    page.context.close()
