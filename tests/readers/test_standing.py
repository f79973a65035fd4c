"""Nothing on a page moves because of us, whatever comes late, or smaller, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from newshole import Site
from tests.readers.conftest import Open
from tests.readers.newsstand import EVERY_KIND, Newsstand

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SCREENS: Final = {360: 800, 768: 1024, 1366: 768}
"""Heights by widths, in CSS pixels."""

# "buffered" brings the shifts from before the observer.
WATCH: Final = """
window.shifts = [];
new PerformanceObserver(list => {
  for (const {value, sources} of list.getEntries())
    window.shifts.push([value, sources.map(({node}) => node?.parentElement?.outerHTML.slice(0, 200))]);
}).observe({type: "layout-shift", buffered: true});
"""

READ: Final = """async () => {
  const pause = time => new Promise(done => setTimeout(done, time));
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y);
    await pause(60);
  }
  await document.fonts.ready;
  while (!("filled" in document.documentElement.dataset)) await pause(50);
  const shown = [...document.images].filter(picture => picture.checkVisibility());
  await Promise.all(shown.map(picture => picture.decode().catch(() => {})));
  await pause(100);
}"""

FIRST_SCREEN: Final = """() => [...document.querySelectorAll("[data-nh-slot]")]
  .filter(slot => slot.checkVisibility() && slot.getBoundingClientRect().bottom <= innerHeight)
  .map(slot => slot.dataset.nhSlot)"""

# A creative that is larger than its room moves nothing either: it is scrolled.
SCROLLED: Final = """() => [...document.querySelectorAll("[data-nh-slot]")]
  .filter(({scrollHeight, clientHeight}) => scrollHeight > clientHeight)
  .map(({dataset}) => dataset.nhSlot)"""


def read(open_page: Open, url: str, width: int) -> Page:
    """A page, read from its first screen to its end while its font, pictures and ads come."""
    page = open_page(url, script=WATCH, viewport={"width": width, "height": SCREENS[width]})
    page.evaluate(READ)
    return page


def shifts(page: Page) -> list[Any]:
    """What moved: by how much, and which elements were seen to."""
    found: list[Any] = page.evaluate("window.shifts")
    return found


@pytest.mark.parametrize("width", SCREENS)
def test_the_site_stands_still_by_itself(open_page: Open, stand: Newsstand, width: int) -> None:
    page = read(open_page, f"{stand.without}/world/bridge", width)
    assert shifts(page) == []
    assert page.evaluate("[...document.fonts].some(({status}) => status === 'loaded')")


@pytest.mark.parametrize(
    ("fill", "direction"), [("largest", "ltr"), ("smaller", "ltr"), ("none", "ltr"), ("largest", "rtl")]
)
@pytest.mark.parametrize("width", SCREENS)
def test_blocks_move_nothing(
    open_page: Open, stand: Newsstand, width: int, fill: str, direction: str
) -> None:
    page = read(open_page, f"{stand.with_blocks}/world/bridge?fill={fill}&dir={direction}", width)
    ids = page.evaluate(
        "[...document.querySelectorAll('[data-newshole]')].map(each => each.dataset.newshole)"
    )
    assert set(ids) == {block.id for block in Site.load(EVERY_KIND).rules[0].blocks}
    assert (page.locator("[data-nh-slot] iframe").count() > 0) == (fill != "none")
    assert shifts(page) == []
    assert page.evaluate(SCROLLED) == []


@pytest.mark.parametrize("width", SCREENS)
def test_a_slot_stands_in_the_first_screen(open_page: Open, stand: Newsstand, width: int) -> None:
    viewport = {"width": width, "height": SCREENS[width]}
    page = open_page(f"{stand.with_blocks}/world/bridge", viewport=viewport)
    assert "top" in page.evaluate(FIRST_SCREEN)


def test_a_creative_without_room_would_be_noticed(open_page: Open, stand: Newsstand) -> None:
    page = read(open_page, f"{stand.with_blocks}/world/bridge", 360)
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.querySelector('[data-nh-slot]').style.paddingTop = '400px'")
    page.wait_for_function("window.shifts.length > 0")
