"""Why was this there, in a browser: found by keyboard, read by everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.console.browsing import Scheme, seated, violations
from tests.console.newsroom import STORY, Newsroom
from tests.console.test_past import PAST, read

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SCREENS: Final = (
    "overlay",
    PAST,
    f"{PAST}?url={STORY}&block=inline-ad",
    f"{PAST}?url={STORY}&at=2001-01-01T00:00",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1366])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, quiet: Newsroom, scheme: Scheme, width: int
) -> None:
    read(quiet)
    with seated(browser, quiet, scheme=scheme, width=width) as page:
        for path in SCREENS:
            page.goto(quiet.screen(path))
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_question_is_asked_by_keyboard(browser: Browser, quiet: Newsroom) -> None:
    read(quiet)
    with seated(browser, quiet) as page:
        page.goto(quiet.screen(PAST))
        page.focus("#url")
        page.keyboard.type(STORY)
        page.keyboard.press("Enter")
        page.wait_for_selector(".story .spot.placed")
