"""Blocks in a real browser: nothing moves, nothing is too wide, and ads are asked for once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from newshole import blocks
from newshole.rules.kinds.ad import Ad, Serve
from newshole.rules.kinds.creative import Creative, Sizes
from newshole.rules.kinds.servers import Gpt
from newshole.rules.ruleset import Block
from tests.blocks.newsroom import block, fragment
from tests.blocks.test_blocks import every_kind

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.browser]

URL = "https://news.example/"
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900"><rect width="900" height="900"/></svg>'
)
WATCH = """
window.shifted = 0;
new PerformanceObserver(list => list.getEntries().forEach(entry => window.shifted += entry.value))
  .observe({type: "layout-shift", buffered: true});
"""
READ_ON = """async () => {
  for (let y = 0; y < document.documentElement.scrollHeight; y += 300) {
    scrollTo(0, y);
    await new Promise(done => setTimeout(done, 20));
  }
}"""
# As the library would be: it takes what was queued, and notes what it is told.
LIBRARY = """
const told = window.told = [];
const tell = name => (...values) => { told.push([name, ...values]); return proxy; };
const proxy = new Proxy({}, {get: (_, name) => name === "then" ? undefined : tell(name)});
const queue = window.googletag.cmd;
window.googletag = Object.assign(window.googletag, {
  cmd: {push: call => call()},
  defineSlot: tell("defineSlot"), sizeMapping: () => proxy, pubads: () => proxy,
  enableServices: tell("enableServices"), display: tell("display"),
});
queue.forEach(call => call());
"""


def opened(browser: Browser, made: list[Block], *, width: int = 1366, asked: list[str] | None = None) -> Page:
    """A page with the blocks, on a site whose own style is heavy-handed with pictures and lists."""
    body = "".join(f"<p>{'A line of the story. ' * 30}</p>{fragment(each).decode()}" for each in made)
    style = "main{max-width:700px;margin:auto}main img{width:100%}main ul{list-style:square;padding:40px}"
    html = (
        f"<!doctype html><html lang=en><title>x</title><meta name=viewport content='width=device-width'>"
        f"<style>{style}</style><main>{blocks.runtime(made).decode()}{body}</main>"
    )

    def answer(route: Route) -> None:
        url = route.request.url
        if asked is not None:
            asked.append(url)
        if url == URL:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif url.endswith("gpt.js"):
            route.fulfill(body=LIBRARY, content_type="text/javascript")
        else:
            route.fulfill(body=PICTURE, content_type="image/svg+xml")

    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    page.add_init_script(WATCH)
    page.route("**/*", answer)
    page.goto(URL)
    page.evaluate(READ_ON)
    return page


@pytest.mark.parametrize("width", [360, 1366])
def test_nothing_moves_and_nothing_is_too_wide(browser: Browser, width: int) -> None:
    small = Creative(image="/s.png", link="/s", alt="Small", width=320, height=100)
    wide = Creative(image="/w.png", link="/w", alt="Wide", width=728, height=90)
    sizes = Sizes(mobile=((320, 100),), desktop=((728, 90),))
    options = {**every_kind("Some words"), "both": Ad(serve=Serve(house=(small, wide)), sizes=sizes)}
    made = [block(each, id_) for id_, each in options.items() if id_ != "gpt"]
    page = opened(browser, made, width=width)
    assert page.evaluate("window.shifted") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = page.locator("[data-newshole=both] a:visible")
    assert shown.get_attribute("class") == (
        "nh-creative nh-mobile" if width < 768 else "nh-creative nh-desktop"
    )
    page.context.close()


def test_blocks_are_not_printed(browser: Browser) -> None:
    page = opened(browser, [block(every_kind()["follow"])])
    assert page.locator("aside:visible").count() == 1
    page.emulate_media(media="print")
    assert page.locator("aside:visible").count() == 0
    page.context.close()


def test_every_ad_is_asked_for_once_from_one_library(browser: Browser) -> None:
    sizes = Sizes(mobile=((300, 250),), desktop=((728, 90),))
    options = Ad(serve=Serve(gpt=Gpt(unit="/1/{block}", targeting={"pos": "p{n}"})), sizes=sizes)
    asked: list[str] = []
    page = opened(browser, [block(options, "one"), block(options, "two")], asked=asked)
    page.wait_for_function("window.told && window.told.some(each => each[1] === 'nh-two-1')")
    told: list[list[Any]] = page.evaluate("window.told")
    assert sum(url.endswith("gpt.js") for url in asked) == 1
    slots = [each[1:] for each in told if each[0] == "defineSlot"]
    assert slots == [[f"/1/{id_}", [[300, 250], [728, 90]], f"nh-{id_}-1"] for id_ in ("one", "two")]
    assert [each[1] for each in told if each[0] == "display"] == ["nh-one-1", "nh-two-1"]
    assert [each[1:] for each in told if each[0] == "addSize"][:2] == [
        [[768, 0], [[728, 90]]],
        [[0, 0], [[300, 250]]],
    ]
    assert ["setTargeting", "pos", ["p1"]] in told
    page.context.close()
