"""Blocks in a browser: forms by mouse and keyboard, light, dark, wide and narrow, and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.console.browsing import Scheme, seated, violations
from tests.console.newsroom import PASSWORD, STORY, Newsroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SCREENS = (
    "blocks",
    "blocks/new",
    "blocks/pins",
    "blocks/delete?block=video",
    "blocks/delete?block=strip",
    "blocks/edit?block=bottom-ad",
    "blocks/edit?block=follow",
    "blocks/edit?kind=html",
)


def test_the_link_and_the_schedule_of_a_house_ad_are_changed_and_previewed(
    quiet: Newsroom, browser: Browser
) -> None:
    with seated(browser, quiet, "ed") as page:
        page.goto(quiet.screen("blocks"))
        page.get_by_role("link", name="Change bottom-ad").click()
        page.get_by_label("Link").first.fill("/advertise#winter")
        page.get_by_label("From", exact=True).fill("2026-11-01T06:00")
        page.get_by_label("Sat").check()
        page.get_by_role("button", name="Save in the draft").click()
        page.get_by_text("Saved in your draft.").wait_for()
        assert violations(page) == []
        changed = page.locator(".changed").inner_text()
        assert "/advertise#winter" in changed
        assert 'from: "2026-11-01T06:00", schedule: {weekdays: [sat]}' in changed
        page.get_by_role("link", name="Preview", exact=True).last.click()
        assert "draft=" in page.url
        page.fill("#url", STORY)
        page.get_by_role("button", name="Show", exact=True).click()
        page.get_by_text("Not placed").first.wait_for()


def test_a_block_is_moved_in_its_story_by_keyboard_alone(quiet: Newsroom, browser: Browser) -> None:
    with seated(browser, quiet, "ed") as page:
        page.goto(quiet.screen("blocks/edit?block=newsletter"))
        page.get_by_label("Where", exact=True).focus()
        page.keyboard.type("In the story, after")
        assert page.get_by_label("Which one (-1 is the last)").is_visible()
        assert not page.get_by_label("Point, such as 30% or 250 words").is_visible()
        page.keyboard.press("Tab")
        page.keyboard.type("3")
        page.keyboard.press("Enter")
        page.get_by_text("Saved in your draft.").wait_for()
        assert "place: {after: paragraph, nth: 3}" in page.locator(".changed").inner_text()


def test_what_is_wrong_is_beside_its_field_and_nothing_is_lost(quiet: Newsroom, browser: Browser) -> None:
    with seated(browser, quiet, "ed") as page:
        page.goto(quiet.screen("blocks/edit?block=newsletter"))
        page.get_by_label("Title").fill("قبل الفجر")
        page.get_by_label("Priority").fill("soon")
        page.get_by_role("button", name="Save in the draft").click()
        page.get_by_role("link", name="Priority").click()
        field = page.get_by_label("Priority")
        assert field.get_attribute("aria-invalid") == "true"
        assert field.input_value() == "soon"
        assert page.get_by_label("Title").input_value() == "قبل الفجر"
        assert violations(page) == []


def test_forms_work_without_scripts(quiet: Newsroom, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{quiet.console}/_newshole/sign-in")
    page.fill("#name", "ed")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{quiet.console}/_newshole/site/**")
    page.goto(quiet.screen("blocks/edit?block=bottom-ad"))
    page.get_by_label("Filled by").select_option("slot")
    page.get_by_role("button", name="Show its fields").click()
    page.get_by_label("Name of the slot").fill("bottom")
    page.get_by_role("button", name="Save in the draft").click()
    assert "slot: bottom" in page.locator(".changed").inner_text()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390])
def test_forms_are_for_everybody_at_every_width(
    quiet: Newsroom, browser: Browser, width: int, scheme: Scheme
) -> None:
    with seated(browser, quiet, width=width, scheme=scheme) as page:
        for path in SCREENS:
            page.goto(quiet.screen(path))
            check_screen(page, path)


def check_screen(page: Page, path: str) -> None:
    """Nothing is wrong with a screen, all of it open, and it is no wider than the window."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert violations(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
