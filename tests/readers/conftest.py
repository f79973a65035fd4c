"""The newsstand, and readers who visit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.readers.newsstand import FONT, Newsstand, has_font, newsstand

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

Open = Callable[..., "Page"]
"""Opens an address in a context of its own; options are those of Playwright's `new_context`."""


@pytest.fixture(scope="module")
def stand() -> Iterator[Newsstand]:
    """The site with blocks of every kind."""
    if not has_font():
        pytest.skip(f"the font {FONT} is not installed (scripts/test does)")
    with newsstand() as served:
        yield served


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens pages; what they opened is closed at the end."""
    contexts: list[BrowserContext] = []

    def opened(url: str, *, script: str = "", **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
