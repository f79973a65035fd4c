"""Somebody who works with the keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MOST_STOPS: Final = 250
"""Stops of a screen after which what is looked for cannot be reached."""


def reach(what: Locator) -> None:
    """Go to an element with the Tab key, from wherever the focus is."""
    what.first.wait_for()
    for _ in range(MOST_STOPS):
        if what.evaluate_all("found => found.some(each => each.getRootNode().activeElement === each)"):
            return
        what.page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not lead to {what}")


def press(what: Locator, key: str = "Enter") -> None:
    """Go to an element, and press a key there."""
    reach(what)
    what.page.keyboard.press(key)


def type_in(what: Locator, text: str) -> None:
    """Go to a field, and write over what it says."""
    reach(what)
    what.page.keyboard.press("Control+a")
    what.page.keyboard.insert_text(text)


def choose(page: Page, legend: str, option: str) -> None:
    """Choose one of the radio buttons under a legend with the arrow keys."""
    group = page.get_by_role("group", name=legend)
    reach(group.get_by_role("radio", checked=True))
    wanted = group.get_by_role("radio", name=re.compile(option))
    for _ in range(group.get_by_role("radio").count()):
        if wanted.is_checked():
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"the arrow keys do not lead to {option}")


def open_screen(page: Page, name: str) -> None:
    """Go to a screen by the menu."""
    press(page.locator("nav.menu").get_by_role("link", name=name, exact=True))
    page.get_by_role("heading", level=1, name=name).wait_for()
