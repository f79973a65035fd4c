"""Blocks that are seen often enough or closed, in a real browser: out of sight, and nothing moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from newshole import blocks
from newshole.rules.capping import Frequency
from newshole.rules.kinds.html import Html
from newshole.rules.ruleset import Block
from newshole.rules.spans import Age
from tests.blocks.newsroom import block, fragment
from tests.blocks.test_browser import WATCH

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.browser]

URL = "https://news.example/"
POLICY = "default-src 'none'; style-src 'nonce-abc'; script-src 'nonce-abc'"
LINE = f"<p>{'A line of the story. ' * 30}</p>"
CAPPED = replace(
    block(Html(html="<p>Seen <a href=/s>s</a></p>"), "seen"), frequency=Frequency(2, timedelta(days=1))
)
CLOSABLE = replace(block(Html(html="<p>Close <a href=/c>c</a></p>"), "constructor"), dismissed=Age(30, "day"))
BLOCKED = """
Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});
"""


def document(made: list[Block], *, lines: int = 0) -> str:
    """A story with the blocks behind so many of its lines, and a link behind them."""
    runtime = (
        blocks.runtime(made).decode().replace(" data-newshole-runtime>", " data-newshole-runtime nonce=abc>")
    )
    body = LINE * lines + runtime + "".join(fragment(each).decode() for each in made)
    return f"<!doctype html><html lang=en><title>x</title><main>{body}{LINE * 20}<a href=/next>n</a></main>"


class Visitor:
    """A reader with a browser that keeps what it is told; `errors` are those of any page."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.errors: list[str] = []

    def open(self, html: str) -> Page:
        """The page in a new tab, read down to its end."""

        def answer(route: Route) -> None:
            headers = {"content-security-policy": POLICY}
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)

        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.extend([said.text] if said.type == "error" else []))
        page.add_init_script(WATCH)
        page.route("**/*", answer)
        page.goto(URL)
        return page


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 800, "height": 600})
    yield Visitor(context)
    context.close()


def is_shown(page: Page, id_: str) -> bool:
    return page.locator(f"[data-newshole={id_}]").is_visible()


def wait_until_counted(page: Page, left: int) -> None:
    page.wait_for_function(
        f"() => (JSON.parse(localStorage.newshole || '{{}}')['seen 2 24'] || [])[0] === {left}"
    )


def kept(page: Page) -> Any:
    return page.evaluate("() => JSON.parse(localStorage.newshole || 'null')")


def test_a_block_is_seen_as_often_as_its_rule_says_and_then_never_drawn(visitor: Visitor) -> None:
    html = document([CAPPED, CAPPED])
    for left in (1, 0):
        page = visitor.open(html)
        assert page.locator("[data-newshole=seen]:visible").count() == 2
        wait_until_counted(page, left)
        assert page.locator("[data-newshole=seen]:visible").count() == 2
    page = visitor.open(html)
    assert page.locator("[data-newshole=seen]:visible").count() == 0
    assert page.evaluate("window.shifted") == 0
    assert visitor.errors == []


def test_counting_begins_anew_when_its_time_is_over_and_under_another_rule(visitor: Visitor) -> None:
    page = visitor.open(document([CAPPED]))
    wait_until_counted(page, 1)
    page.evaluate(
        "localStorage.newshole = JSON.stringify({'seen 2 24': [0, Date.now() - 1], 'old 1 2': [0, 5]})"
    )
    page = visitor.open(document([CAPPED]))
    assert is_shown(page, "seen")
    wait_until_counted(page, 1)
    assert list(kept(page)) == ["seen 2 24"]
    page.evaluate("localStorage.newshole = JSON.stringify({'seen 2 24': [0, Date.now() + 9e6]})")
    assert not is_shown(visitor.open(document([CAPPED])), "seen")
    often = replace(CAPPED, frequency=Frequency(9, timedelta(days=1)))
    assert is_shown(visitor.open(document([often])), "seen")


def test_only_what_a_reader_has_had_on_screen_is_counted(visitor: Visitor) -> None:
    page = visitor.open(document([CAPPED], lines=20))
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
    assert kept(page) is None
    page.locator("[data-newshole=seen]").scroll_into_view_if_needed()
    wait_until_counted(page, 1)


def test_a_block_that_is_higher_than_three_screens_is_counted_where_it_fills_one(visitor: Visitor) -> None:
    tall = block(Html(html=f"<p>{'Seen. ' * 9}</p>", reserve=3000), "seen")
    page = visitor.open(document([replace(tall, frequency=CAPPED.frequency)], lines=20))
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
    assert kept(page) is None
    page.evaluate("scrollTo(0, document.querySelector('[data-newshole]').offsetTop)")
    wait_until_counted(page, 1)


def test_a_closed_block_stays_away_and_the_next_page_does_not_move(visitor: Visitor) -> None:
    html = document([CLOSABLE, CAPPED])
    page = visitor.open(html)
    button = page.get_by_role("button", name="Hide")
    box = button.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24
    button.click()
    assert not is_shown(page, "constructor")
    assert is_shown(page, "seen")
    page = visitor.open(html)
    assert not is_shown(page, "constructor")
    assert page.evaluate("window.shifted") == 0
    assert visitor.errors == []


def test_a_block_is_closed_with_the_keyboard_and_reading_goes_on_behind_it(visitor: Visitor) -> None:
    page = visitor.open(document([CLOSABLE]))
    for name in ("c", "Hide"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.ariaLabel || document.activeElement.text") == name
    page.keyboard.press("Enter")
    assert not is_shown(page, "constructor")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.text") == "n"


def test_where_storage_is_blocked_or_spoilt_blocks_are_shown_and_nothing_is_thrown(
    visitor: Visitor,
) -> None:
    page = visitor.open(document([CAPPED]))
    for spoilt in ("{", "null", "7", '{"a": null, "seen 2 24": 7}', '"a"', '["a"]', '{"\\"]": [0, 9e15]}'):
        page.evaluate("text => localStorage.newshole = text", spoilt)
        assert is_shown(visitor.open(document([CAPPED, CLOSABLE])), "seen")
    visitor.context.add_init_script(BLOCKED)
    page = visitor.open(document([CAPPED, CLOSABLE]))
    assert is_shown(page, "seen")
    page.get_by_role("button", name="Hide").click()
    assert not is_shown(page, "constructor")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
    assert visitor.errors == []


def test_without_scripts_there_is_no_button_and_the_text_stands_where_it_would(browser: Browser) -> None:
    widths = []
    for is_on in (True, False):
        context = browser.new_context(java_script_enabled=is_on)
        page = Visitor(context).open(document([CLOSABLE]))
        assert page.locator(".nh-dismiss").is_visible() is is_on
        widths.append(page.locator("[data-newshole=constructor] p").bounding_box())
        context.close()
    assert widths[0] == widths[1]
