"""Preview and Why in a real browser: places light up both ways, at every width, by keyboard too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.console.browsing import Scheme, frames, seated, violations
from tests.console.newsroom import STORY, Newsroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PREVIEW: Final = f"preview?url={STORY}"
FRAMES: Final = [f"The page on a {each}" for each in ("phone", "tablet", "desktop")]
AD: Final = '.place[data-block="inline-ad"]'


SCREENS: Final = (
    "preview",
    f"{PREVIEW}&gap=9&block=inline-ad",
    "preview?url=/&device=mobile",
    f"why?url={STORY}",
    f"why?url={STORY}&block=inline-ad",
    "why?url=/nowhere",
    "audit",
)


def overlaps(frame: Frame, selector: str) -> bool:
    """Whether what is lit up in a frame lies on an element, and in sight."""
    frame.wait_for_selector("newshole-lit", state="attached")
    frame.wait_for_function("""() => {
      const at = document.querySelector("newshole-lit").getBoundingClientRect();
      return at.top >= 0 && at.top < innerHeight;
    }""")
    return bool(
        frame.evaluate(
            """selector => {
              const [lit, element] = ["newshole-lit", selector].map(
                each => document.querySelector(each).getBoundingClientRect());
              const sides = ["left", "top", "right", "bottom"];
              return sides.every(side => Math.abs(lit[side] - element[side]) < 2);
            }""",
            selector,
        )
    )


def test_what_is_pointed_at_lights_up_in_every_frame(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet) as page:
        page.goto(quiet.screen(PREVIEW))
        shown = frames(page)
        assert len(shown) == 3
        page.hover(AD)
        assert all(overlaps(each, '[data-newshole="inline-ad"]') for each in shown)
        page.mouse.move(5, 5)
        for each in shown:
            each.wait_for_selector("newshole-lit", state="detached")


def test_a_frame_that_is_late_lights_up_what_is_pointed_at(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet) as page:
        page.goto(quiet.screen(PREVIEW))
        frame = frames(page)[0]
        page.hover(AD)
        assert overlaps(frame, '[data-newshole="inline-ad"]')
        frame.evaluate("""() => new Promise(done => {
          addEventListener("message", () => setTimeout(done), {once: true});
          parent.postMessage({newshole: "place", word: "ready"}, "*");
        })""")
        assert frame.locator("newshole-lit").count() == 1


def test_what_is_pointed_at_in_a_frame_lights_up_in_the_list(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet) as page:
        page.goto(
            quiet.screen(f"{PREVIEW}&width=390")
        )  # at its own size, for Playwright does not know scales
        frames(page)[0].hover('[data-newshole="must-read"]')
        page.wait_for_selector('.place.lit[data-block="must-read"]')
        assert page.locator(".place.lit").count() == 1


class Stop(NamedTuple):
    """Where the keyboard is: the frame's title, if in one, and the element's number in its document."""

    title: str
    element: int


def focused(page: Page) -> Stop:
    """Where the keyboard is; an element's number is -1 on its way to another frame."""
    active = """() => [document.activeElement.title, document.activeElement.localName, document.hasFocus()
        ? [...document.querySelectorAll("*")].indexOf(document.activeElement) : -1]"""
    title, name, element = page.evaluate(active)
    if title not in FRAMES:
        # The body has the focus while a frame is about to take it.
        return Stop(title, -1 if name == "body" else element)
    frame = page.query_selector(f'iframe[title="{title}"]')
    inside = frame.content_frame() if frame else None
    assert inside is not None
    return Stop(title, inside.evaluate(active)[-1])


def moved(page: Page, last: Stop | None = None) -> Stop:
    """Where the keyboard has gone from a stop: among frames of several processes it goes in its own time."""
    for _ in range(500):
        now = focused(page)
        if now != last and now.element >= 0:
            return now
        page.wait_for_timeout(20)
    raise AssertionError(f"the keyboard stays at {now}")


def test_the_keyboard_alone_points_pins_and_passes_by_the_pages(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet) as page:
        page.goto(quiet.screen(PREVIEW))
        shown = frames(page)
        page.focus(AD)
        assert overlaps(shown[0], '[data-newshole="inline-ad"]')
        page.keyboard.press("Enter")
        page.wait_for_url("**/preview?**gap=9&block=inline-ad")
        page.focus('.tabs a[data-width="1366"]')
        stops = [moved(page)]
        while stops[-1].title != FRAMES[-1] and len(stops) < 8:
            page.keyboard.press("Tab")
            stops.append(moved(page, stops[-1]))
        # The pages have many links; of each only what scrolls is a stop.
        assert [*dict.fromkeys(each.title for each in stops[1:])] == FRAMES
        assert len(stops) < 8


def test_a_place_that_nothing_stands_at_is_lit_between_its_texts(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet) as page:
        page.goto(quiet.screen(f"why?url={STORY}&block=inline-ad"))
        page.focus("#gap-6 .light")
        page.keyboard.press("Enter")
        page.wait_for_url("**/preview?**gap=6**")
        assert page.locator(".place.lit").count() == 0
        frame = frames(page)[2]
        frame.wait_for_selector("newshole-lit")
        frame.wait_for_function("""() => {
          const lit = document.querySelector("newshole-lit").getBoundingClientRect();
          const [above, below] = [...document.querySelectorAll(".story-text > p")].slice(1, 3);
          return lit.top >= above.getBoundingClientRect().bottom - 3
            && lit.bottom <= below.getBoundingClientRect().top + 3;
        }""")


@pytest.mark.parametrize(("width", "expected"), [(1366, [390, 768, 1366]), (390, [390])])
def test_frames_are_as_wide_as_devices_and_fit_the_screen(
    browser: Browser, quiet: Newsroom, width: int, expected: list[int]
) -> None:
    with seated(browser, quiet, width=width) as page:
        page.goto(quiet.screen(PREVIEW))
        seen = frames(page)
        assert [each.evaluate("innerWidth") for each in seen] == expected
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for each in seen:
            box = each.frame_element().bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width


def test_on_a_phone_a_tab_shows_each_width(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet, width=390) as page:
        page.goto(quiet.screen(PREVIEW))
        page.click('.tabs a[data-width="1366"]')
        page.wait_for_selector('figure[data-pixels="1366"]')
        assert not page.is_visible('figure[data-pixels="390"]')
        assert parse_qs(urlsplit(page.url).query)["width"] == ["1366"]


def test_a_link_in_the_page_leads_to_the_preview_of_where_it_leads(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet) as page:
        page.goto(quiet.screen(f"{PREVIEW}&width=390"))
        frames(page)[0].click('a[href="/city"]')
        page.wait_for_url("**/preview?url=http**")
        assert page.locator("iframe").count() == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_axe_finds_nothing(browser: Browser, quiet: Newsroom, width: int, scheme: Scheme) -> None:
    with seated(browser, quiet, width=width, scheme=scheme) as page:
        for path in SCREENS:
            page.goto(quiet.screen(path))
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet, width=390) as page:
        page.goto(quiet.screen("audit"))
        assert not page.is_visible(".menu")
        page.focus(".menu-button")
        page.keyboard.press("Enter")
        assert page.is_visible(".menu")
        assert violations(page) == []
        page.keyboard.press("Escape")
        assert not page.is_visible(".menu")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/preview")


def test_what_htmx_could_not_do_is_told_in_words(browser: Browser, quiet: Newsroom) -> None:
    with seated(browser, quiet) as page:
        page.goto(quiet.screen("audit"))
        page.evaluate("() => htmx.ajax('GET', '/_newshole/nobody/audit', '#main')")
        told = page.wait_for_selector(".toasts > .wrong")
        assert told is not None
        assert told.inner_text() == "There is no such site here, or you have no role on it."
