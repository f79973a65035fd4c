"""The demo as readers see it: on a phone and on a desk, with newshole and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES: Final = (
    "/",
    "/world/talks-after-the-cable-was-cut",
    "/magazine/the-last-lamp-at-grey-ness",
    "/city/live-storm-ilse",
    "/de/der-kornhafen-bekommt-sein-ufer-zurueck",
    "/ar/maktaba-ala-zahr-abbara",
)
ColorScheme: TypeAlias = Literal["light", "dark"]

SCREENS: Final = {360: 740, 1366: 768}

# Sums every layout shift from the first paint on; "buffered" brings those before the observer.
WATCH_SHIFTS: Final = """
window.shifts = [];
new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(entry => entry.value)))
  .observe({type: "layout-shift", buffered: true});
"""

READ_TO_THE_END: Final = """async () => {
  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y);
    await frame();
  }
  // A lazy picture that is not displayed, such as the other device's creative, never loads.
  const shown = [...document.images].filter(picture => picture.checkVisibility());
  await Promise.all(shown.map(picture => picture.decode().catch(() => {})));
  await frame();
}"""

# A character that no font has is drawn like one that Unicode never assigned.
MISSING_GLYPHS: Final = r"""() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 32;
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.textBaseline = "top";
  const drawn = character => {
    pen.clearRect(0, 0, 32, 32);
    pen.fillText(character, 4, 4);
    return pen.getImageData(0, 0, 32, 32).data.join();
  };
  const missing = new Set();
  const families = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const family = getComputedStyle(texts.currentNode.parentElement).fontFamily;
    for (const character of texts.currentNode.data.replace(/\s|\p{M}|\p{Cf}/gu, ""))
      families.add(family + "\n" + character);
  }
  for (const pair of families) {
    const [family, character] = pair.split("\n");
    pen.font = `20px ${family}`;
    if (drawn(character) === drawn("\u0378")) missing.add(character);
  }
  return [...missing];
}"""

OUT_OF_THE_PAGE: Final = """() => [...document.querySelectorAll("[data-newshole], [data-newshole] *")]
  .filter(element => element.checkVisibility())
  .filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && (box.left < -0.5 || box.right > document.documentElement.clientWidth + 0.5);
  })
  .map(element => element.outerHTML.slice(0, 120))"""

OVER_THE_TEXT: Final = """() => {
  const blocks = [...document.querySelectorAll(".story-text > [data-newshole]")];
  const column = document.querySelector(".story-text > p").getBoundingClientRect();
  return blocks.map(block => block.getBoundingClientRect())
    .filter(box => box.left < column.left - 0.5 || box.right > column.right + 0.5).length;
}"""


@dataclass
class Visit:
    """One page, read to its end, and what happened meanwhile."""

    page: Page
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.errors.append(said.text)


Visitor = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visitor]:
    contexts: list[BrowserContext] = []

    def go(path: str, width: int, color_scheme: ColorScheme = "light") -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": SCREENS[width]}, color_scheme=color_scheme
        )
        contexts.append(context)
        context.add_init_script(WATCH_SHIFTS)
        visit = Visit(context.new_page())
        visit.page.on("console", visit.hear)
        visit.page.on("pageerror", lambda error: visit.errors.append(str(error)))
        visit.page.on("request", lambda request: visit.hosts.add(urlsplit(request.url).netloc))
        answer = visit.page.goto(address + path, wait_until="load")
        assert answer is not None
        assert answer.ok
        visit.page.evaluate(READ_TO_THE_END)
        return visit

    yield go
    for context in contexts:
        context.close()


@pytest.mark.parametrize("query", ["", "?newshole=off"], ids=["with", "without"])
@pytest.mark.parametrize("width", SCREENS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_stands_still_and_fits(
    visit: Visitor, address: str, path: str, width: int, query: str
) -> None:
    seen = visit(path + query, width)
    page = seen.page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("innerWidth") == width
    assert sum(page.evaluate("window.shifts")) == 0
    assert page.evaluate(OUT_OF_THE_PAGE) == []
    assert seen.hosts == {urlsplit(address).netloc}
    assert seen.errors == []
    assert page.evaluate(MISSING_GLYPHS) == []


@pytest.mark.parametrize("width", SCREENS)
@pytest.mark.parametrize("path", PAGES[1:])
def test_blocks_stand_in_the_column_of_the_text(visit: Visitor, path: str, width: int) -> None:
    page = visit(path, width).page
    assert page.locator("[data-newshole]").count() > 0
    assert page.evaluate(OVER_THE_TEXT) == 0


def test_a_missing_glyph_would_be_noticed(visit: Visitor) -> None:
    page = visit("/about", 360).page
    page.evaluate("document.querySelector('main p').append('\\u{10FFFD}')")
    assert page.evaluate(MISSING_GLYPHS) == ["\U0010fffd"]


def test_a_layout_shift_would_be_noticed(visit: Visitor) -> None:
    page = visit("/about", 1366).page
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('afterbegin', '<p style=height:300px>')")
    page.wait_for_function("window.shifts.length > 0")
    assert sum(page.evaluate("window.shifts")) > 0.01


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_blocks_follow_the_colour_scheme(visit: Visitor, scheme: ColorScheme) -> None:
    page = visit(PAGES[2], 1366, color_scheme=scheme).page
    dark = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every(part => part < 64)"
    )
    assert dark == (scheme == "dark")


def test_the_switch_leads_to_the_other_version_and_back(visit: Visitor) -> None:
    page = visit(PAGES[2], 360).page
    page.get_by_role("link", name="Without").click()
    page.wait_for_url("**?newshole=off")
    assert page.locator("[data-newshole]").count() == 0
    page.get_by_role("link", name="With newshole").click()
    page.wait_for_url("**" + PAGES[2])
    assert page.locator("[data-newshole]").count() > 0


def test_a_card_without_a_picture_takes_the_whole_width_of_a_phone(visit: Visitor) -> None:
    page = visit("/", 360).page
    narrow = page.evaluate(
        """() => [...document.querySelectorAll(".card h2")]
          .filter(headline => headline.clientWidth < 200).map(headline => headline.textContent)"""
    )
    assert narrow == []


def test_two_blocks_with_a_rule_at_both_ends_share_the_one_between_them(visit: Visitor) -> None:
    page = visit(PAGES[1], 360).page
    end, beginning, ruled = page.evaluate(
        """() => {
          const [call, film] = ["follow", "video"].map(id => document.querySelector(`[data-newshole=${id}]`));
          return [call.getBoundingClientRect().bottom, film.getBoundingClientRect().top,
            getComputedStyle(film).borderBlockStartWidth];
        }"""
    )
    assert end == beginning
    assert ruled == "0px"


def test_a_form_that_can_be_closed_stands_in_the_middle_of_its_frame(visit: Visitor) -> None:
    page = visit(PAGES[2], 360).page
    before, after = page.evaluate(
        """() => {
          const [frame, input] = [".nh-newsletter", ".nh-newsletter .nh-input"]
            .map(path => document.querySelector(path).getBoundingClientRect());
          return [input.left - frame.left, frame.right - input.right];
        }"""
    )
    assert before == after


def test_the_button_that_closes_a_form_covers_no_text(visit: Visitor) -> None:
    page = visit(PAGES[2], 360).page
    page.evaluate("document.querySelector('.nh-newsletter .nh-title').textContent = 'Morning '.repeat(30)")
    over = page.evaluate(
        """() => {
          const button = document.querySelector(".nh-dismiss").getBoundingClientRect();
          const text = document.createRange();
          const texts = [...document.querySelectorAll(".nh-newsletter > p")];
          return texts.filter(element => {
            text.selectNodeContents(element);
            return [...text.getClientRects()].some(box => box.right > button.left && box.left < button.right
              && box.bottom > button.top && box.top < button.bottom);
          }).length;
        }"""
    )
    assert over == 0


def test_the_strip_is_as_wide_as_the_masthead(visit: Visitor) -> None:
    page = visit(PAGES[1], 1366).page
    edges = page.evaluate(
        """() => [".nh-strip", ".masthead"].map(path => document.querySelector(path).getBoundingClientRect())
          .map(box => [box.left, box.right])"""
    )
    assert edges[0] == edges[1]
