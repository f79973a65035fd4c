"""A walk through the demo and its console in a browser, as somebody takes it who has just started it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urljoin

import pytest

from newshole.demo.crowd import READERS
from newshole.demo.sights import SIGHTS
from tests.cli.test_demo import console_link, demo
from tests.console.browsing import Scheme, violations
from tests.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

STORY: Final = "/business/night-ferries-return"
LONGEST: Final = 300
"""Seconds that a demo lives, whatever becomes of the walk."""

SHOWN: Final = {
    "preview": ".picks a",
    f"preview?url={STORY}": ".fates .place",
    f"why?url={STORY}&block=inline-ad": ".story .placed",
    "rules": "text=Two ads at most in a story",
    "rules/impact": "text=Two ads at most in a story",
    "publish": "text=Test whether later ads let more readers get to the end",
    "switches": "text=Nothing is off",
    "blocks": "text=In the story, after the 4th paragraph",
    "experiments": "text=“later” raises stories read to the end",
    "experiments/one?name=later-ads": ".report .verdict",
    f"experiments/one?name=later-ads&url={STORY}": ".arms iframe >> nth=1",
    "health": "text=All is well",
    "audit": "text=The player is mended",
    "audit/past": ".picks a",
    f"audit/past?url={SIGHTS[0].path}": ".story .placed",
}
"""For each screen what has to be seen on it."""


COUNTED: Final = """async least => {
  const count = await (await fetch("experiments/count?name=later-ads")).text();
  return Number(count.match(/[\\d,]+/)?.[0].replace(",", "")) >= least;
}"""
"""Whether so many readers have met a difference."""

A_WHILE: Final = 150_000
"""Milliseconds in which figures come, on a machine that is busy."""


class Started(NamedTuple):
    """The demo at work: where it is, and the cookies of who is signed in to its console."""

    home: str
    screens: str
    context: BrowserContext


@pytest.fixture(scope="module")
def started(browser: Browser) -> Iterator[Started]:
    with demo(patience=LONGEST) as (_, home, said):
        context = browser.new_context()
        page = context.new_page()
        page.goto(console_link(said))
        page.wait_for_url("**/_newshole/site/preview")
        page.wait_for_function(COUNTED, arg=READERS, timeout=A_WHILE)
        yield Started(home, urljoin(page.url, "."), context)
        context.close()


def is_wrong(told: ConsoleMessage) -> bool:
    """Whether the console was told of something that is wrong. axe speaks to frames of any origin, which
    browsers tell where it comes to a preview before its frames are there."""
    return told.type in ("error", "warning") and "'postMessage'" not in told.text


@contextmanager
def walking(browser: Browser, started: Started, width: int, scheme: Scheme) -> Iterator[Page]:
    """A page of whoever is signed in; what is wrong on its console fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        storage_state=started.context.storage_state(),
    )
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda told: wrong.append(told.text) if is_wrong(told) else None)
    yield page
    context.close()
    assert wrong == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1366, "light")])
def test_every_screen_has_something_to_show(
    browser: Browser, started: Started, width: int, scheme: Scheme
) -> None:
    with walking(browser, started, width, scheme) as page:
        for path, seen in SHOWN.items():
            page.goto(started.screens + path)
            page.locator(seen).first.wait_for()
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_what_is_made_up_is_said_and_what_one_does_oneself_is_counted(
    browser: Browser, started: Started
) -> None:
    with walking(browser, started, 1366, "light") as page:
        page.goto(f"{started.home}/")
        page.goto(started.home + STORY)
        page.locator("[data-newshole=inline-ad]").scroll_into_view_if_needed()
        page.goto(f"{started.screens}experiments")
        page.get_by_text("The readers of the last two weeks are made up.").wait_for()
        page.wait_for_function(COUNTED, arg=READERS + 1, timeout=A_WHILE)


def test_an_experiment_is_widened_and_stopped(browser: Browser, started: Started) -> None:
    with walking(browser, started, 1366, "light") as page:
        open_experiment(page, started)
        page.fill("#traffic", "100")
        publish(page, "Change")
        # The console follows the log by itself, a moment after the worker or before it.
        eventually(lambda: takes_part(page, started, "100% of readers"))
        publish(page, "Stop the experiment…")


def open_experiment(page: Page, started: Started) -> None:
    page.goto(f"{started.screens}experiments")
    page.get_by_role("link", name="short-label").click()


def takes_part(page: Page, started: Started, who: str) -> bool:
    """Whether the experiment is told to be for so many."""
    open_experiment(page, started)
    page.get_by_role("button", name="Stop the experiment…").wait_for()
    return page.get_by_text(who, exact=True).is_visible()


def publish(page: Page, button: str) -> None:
    """Press what writes a step into a draft, and publish that."""
    page.get_by_role("button", name=button).click()
    page.wait_for_url("**/publish?draft=*")
    with page.expect_navigation():
        page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text(re.compile("1 of 1 worker serves it")).wait_for()
