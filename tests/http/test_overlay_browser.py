"""The overlay in a browser: the page's layout stays, marks stand at their places, all by keyboard too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole
from newshole.demo.app import RULES
from newshole.demo.origin import origin
from newshole.http.links.overlay import overlay_link
from tests.http.servers import serving
from tests.readers.axe import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SECRET: Final = b"of the newsroom"
STORY: Final = "/business/night-ferries-return"
STRICT: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
TRUSTED: Final = "require-trusted-types-for 'script'; script-src 'nonce-abc'; style-src 'nonce-abc'"

BOXES: Final = """() => [...document.body.querySelectorAll('*')].map(each => {
  const {top, left, width, height} = each.getBoundingClientRect();
  return [each.tagName, Math.round(top), Math.round(left), Math.round(width), Math.round(height)].join(' ');
})"""


def under(app: ASGIApp, policy: str) -> ASGIApp:
    """The app with a policy in every answer."""

    async def strict(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                header = (b"content-security-policy", policy.encode())
                message = {**message, "headers": [*message["headers"], header]}
            await send(message)

        await app(scope, receive, sent if scope["type"] == "http" else send)

    return strict


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of the demo's paper with newshole in front."""
    with serving(Newshole(origin(), RULES, secret=SECRET)) as address:
        yield address


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Any]:
    contexts = []

    def opened(address: str, *, plain: bool = False, **options: Any) -> Page:
        contexts.append(context := browser.new_context(**options))
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address if plain else overlay_link(SECRET, address, time.time() + 600))
        assert not faults
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [390, 1366])
def test_the_layout_of_the_page_stays(site: str, open_page: Any, width: int) -> None:
    viewport = {"width": width, "height": 900}
    plain = open_page(site + STORY, plain=True, viewport=viewport)
    marked = open_page(site + STORY, viewport=viewport)
    marked.wait_for_selector("newshole-overlay", state="attached")
    assert marked.evaluate(BOXES) == plain.evaluate(BOXES)


def test_every_block_is_outlined_and_named(site: str, open_page: Any) -> None:
    page = open_page(site + STORY, viewport={"width": 1366, "height": 900})
    blocks = page.locator("[data-newshole]").all()
    outlines = page.locator("newshole-overlay .box").all()
    assert len(blocks) == len(outlines) > 2
    for block, outline in zip(blocks, outlines, strict=True):
        assert block.get_attribute("data-newshole") in outline.inner_text()
        around, drawn = block.bounding_box(), outline.bounding_box()
        if around is not None and around["height"]:
            assert drawn is not None
            assert {key: round(value) for key, value in drawn.items()} == {
                key: round(value) for key, value in around.items()
            }


def test_a_gap_says_why_a_block_is_not_there_by_keyboard_alone(site: str, open_page: Any) -> None:
    page = open_page(site + STORY, viewport={"width": 1366, "height": 900})
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == "newshole"
    first = page.locator("newshole-overlay .list button").first
    name = first.locator(".name").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab") if not first.evaluate("each => each.matches(':focus')") else None
    page.keyboard.press("Enter")
    assert first.get_attribute("aria-pressed") == "true"
    gap = page.locator("newshole-overlay .gap button.no", has_text=":").first
    gap.focus()
    page.keyboard.press("Enter")
    assert gap.get_attribute("aria-expanded") == "true"
    detail = page.locator("newshole-overlay .detail:not([hidden])")
    assert name in detail.inner_text()
    page.keyboard.press("Escape")
    assert page.locator("newshole-overlay .detail:not([hidden])").count() == 0
    assert gap.evaluate("each => each.matches(':focus')")


@pytest.mark.parametrize("policy", [STRICT, TRUSTED])
def test_marks_are_drawn_under_a_strict_policy(open_page: Any, policy: str) -> None:
    with serving(Newshole(under(origin(), policy), RULES, secret=SECRET)) as address:
        page = open_page(address + STORY)
        assert page.locator("newshole-overlay .gap").count() > 3
        assert (
            page.locator("newshole-overlay section").evaluate("each => getComputedStyle(each).position")
            == "fixed"
        )


def test_links_within_the_site_keep_the_overlay(site: str, open_page: Any) -> None:
    page = open_page(site + STORY, viewport={"width": 1366, "height": 900})
    page.evaluate('document.querySelector(\'main a[href^="/"], a[href^="/"]\').click()')
    page.wait_for_url("**newshole-overlay=**")
    page.wait_for_selector("newshole-overlay", state="attached")
    assert STORY not in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_axe_finds_nothing_wrong_with_it(site: str, open_page: Any, scheme: str, width: int) -> None:
    page = open_page(site + STORY, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.locator("newshole-overlay .list button").first.click()
    page.locator("newshole-overlay .gap button").last.evaluate("each => each.click()")
    found = violations(page)
    own = [each for each in found["violations"] if "newshole-overlay" in str(each) or "gap" in str(each)]
    assert found["passes"]
    assert own == []
