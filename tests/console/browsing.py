"""The console in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from axe_playwright_python.sync_playwright import Axe

from tests.console.newsroom import PASSWORD, Newsroom
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

Scheme = Literal["light", "dark"]


@contextmanager
def seated(
    browser: Browser, room: Newsroom, name: str = "anna", *, width: int = 1366, scheme: Scheme = "light"
) -> Iterator[Page]:
    """A page of a browser in which somebody is signed in; what its scripts throw fails the test."""
    height = 900 if width > 600 else 844
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.goto(f"{room.console}/_newshole/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{room.console}/_newshole/site/**")
    yield page
    context.close()
    assert thrown == []


def frames(page: Page) -> list[Frame]:
    """The frames of a preview that are shown, once they have loaded."""
    page.wait_for_selector("iframe")
    found = [each.content_frame() for each in page.query_selector_all("iframe") if each.is_visible()]
    shown = [each for each in found if each is not None]
    for each in shown:
        each.wait_for_url("**/preview/frame?**", wait_until="load")
    return shown


def meanwhile(page: Page, holds: Callable[[], object]) -> None:
    """Wait until something holds, while the browser goes on."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        page.wait_for_timeout(20)


def violations(page: Page) -> list[str]:
    """What axe finds wrong on a page: the rule, and the elements."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']][:5]}" for each in found]
