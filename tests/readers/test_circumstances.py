"""On paper, without scripts, under a strict policy, enlarged, without motion: blocks do no harm there."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import urlsplit

import pypdf
import pytest

from tests.readers.conftest import Open
from tests.readers.newsstand import Newsstand

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

Scheme: TypeAlias = Literal["light", "dark"]

STORY: Final = "/world/bridge?fill=largest"

WATCH_POLICY: Final = """
window.violated = [];
addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI, sourceFile}) =>
  window.violated.push([violatedDirective, blockedURI, sourceFile]));
"""

READ: Final = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
    scrollTo(0, y);
    await new Promise(done => setTimeout(done, 50));
  }
  await Promise.all([...document.images].filter(each => each.checkVisibility())
    .map(picture => picture.decode().catch(() => {})));
}"""

# What stands out of the page, or is cut off in its own box.
CUT_OFF: Final = """() => [...document.querySelectorAll("[data-newshole], [data-newshole] *")]
  .filter(each => each.checkVisibility() && !each.closest("svg, [data-nh-slot]"))
  .filter(each => {
    const {left, right} = each.getBoundingClientRect();
    const {overflowX, overflowY} = getComputedStyle(each);
    return left < -.5 || right > document.documentElement.clientWidth + .5
      || overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1
      || overflowY !== "visible" && each.scrollHeight > each.clientHeight + 1;
  })
  .map(each => each.outerHTML.slice(0, 120))"""

MOVING: Final = """() => [...document.querySelectorAll("[data-newshole], [data-newshole] *")]
  .filter(each => {
    const {transitionDuration, scrollBehavior} = getComputedStyle(each);
    return each.getAnimations().length || parseFloat(transitionDuration) > 0 || scrollBehavior === "smooth";
  })
  .map(each => each.outerHTML.slice(0, 120))"""


def blocks_seen(page: Page) -> int:
    """How many blocks are drawn."""
    return page.locator("[data-newshole]:visible").count()


def printed(page: Page) -> str:
    """The words of the page as it is printed."""
    paper = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    return " ".join(" ".join(sheet.extract_text() for sheet in paper.pages).split())


def test_nothing_of_ours_is_printed(open_page: Open, stand: Newsstand) -> None:
    bare, page = (open_page(address + STORY) for address in (stand.without, stand.with_blocks))
    page.wait_for_selector("html[data-filled]", state="attached")
    assert blocks_seen(page) > 10
    page.emulate_media(media="print")
    assert blocks_seen(page) == 0
    words = printed(page)
    assert "Newshole" not in words
    assert "Old bridge to be mended" in words
    assert words == printed(bare)


def test_blocks_need_no_script(open_page: Open, stand: Newsstand) -> None:
    seen = blocks_seen(open_page(stand.with_blocks + STORY))
    without = open_page(stand.with_blocks + STORY, java_script_enabled=False)
    assert blocks_seen(without) == seen
    for name in ("Newshole must read", "More of Newshole", "The Newshole letter"):
        assert without.get_by_text(name).first.is_visible()
    assert without.locator("[data-newshole] a:visible").count() > 10


def test_a_strict_policy_has_nothing_to_report(open_page: Open, stand: Newsstand) -> None:
    page = open_page(f"{stand.with_blocks}{STORY}&policy=strict", script=WATCH_POLICY)
    page.evaluate(READ)
    assert page.evaluate("window.violated") == []
    assert blocks_seen(page) > 10
    # The style was let in: by itself a list has its marks.
    assert page.locator(".nh-item").first.evaluate("item => getComputedStyle(item).listStyleType") == "none"


def test_what_a_policy_forbids_would_be_noticed(open_page: Open, stand: Newsstand) -> None:
    page = open_page(f"{stand.with_blocks}{STORY}&policy=strict", script=WATCH_POLICY)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<style>p { color: red }</style>')")
    page.wait_for_function("window.violated.length > 0")


def test_nobody_else_is_asked_for_anything(browser: Browser, stand: Newsstand) -> None:
    page = browser.new_page()
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.goto(stand.with_blocks + STORY)
    page.evaluate(READ)
    assert (
        page.evaluate("[...document.querySelectorAll('.nh-thumb')].filter(each => each.complete).length") > 5
    )
    assert hosts - {""} == {urlsplit(stand.with_blocks).netloc}  # an ad's frame is about:blank
    page.close()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("width", [320, 384, 683])
def test_nothing_is_cut_off_at_twice_the_size(
    open_page: Open, stand: Newsstand, width: int, direction: str
) -> None:
    viewport = {"width": width // 2 if width > 640 else 320, "height": 400}
    page = open_page(
        f"{stand.with_blocks}/world/bridge?dir={direction}", viewport=viewport, device_scale_factor=2
    )
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("width", [360, 1366])
def test_nothing_is_cut_off_where_letters_are_twice_as_large(
    open_page: Open, stand: Newsstand, width: int
) -> None:
    page = open_page(f"{stand.with_blocks}/world/bridge", viewport={"width": width, "height": 768})
    before = page.locator(".nh-item .nh-link").first.bounding_box()
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    after = page.locator(".nh-item .nh-link").first.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > 1.5 * before["height"]
    assert page.evaluate(CUT_OFF) == []


def test_nothing_of_ours_is_in_motion_where_a_reader_wants_none(open_page: Open, stand: Newsstand) -> None:
    page = open_page(stand.with_blocks + STORY, reduced_motion="reduce")
    assert page.evaluate(MOVING) == []
    page.locator(".nh-link").first.evaluate("link => link.style.transition = 'color 1s'")
    assert len(page.evaluate(MOVING)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_blocks_take_the_colours_of_the_page(open_page: Open, stand: Newsstand, scheme: Scheme) -> None:
    page = open_page(stand.with_blocks + STORY, color_scheme=scheme)
    colour = "element => getComputedStyle(element).color"
    ink = page.locator("body").evaluate(colour)
    assert ink == {"light": "rgb(27, 27, 27)", "dark": "rgb(232, 232, 232)"}[scheme]
    assert page.locator(".nh-item .nh-link").first.evaluate(colour) == ink
