"""A day in the newsroom, by keyboard, with `newshole serve` and its console as they run.

A story is looked at and asked about, a rule changed, seen on many pages, published to a tenth of them and
taken back, and a block stopped.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from starlette.types import Receive, Scope, Send

from newshole.demo.app import RULES
from newshole.demo.origin import origin
from newshole.demo.sights import SIGHTS
from newshole.live.appending import read_log
from newshole.live.entries import State
from newshole.live.ledger import Ledger
from newshole.store.archive import open_archive
from tests.console.browsing import frames
from tests.console.keyboard import choose, open_screen, press, reach, type_in
from tests.console.newsroom import STORY, apart
from tests.console.test_rules_browser import is_saved, replaced
from tests.http.servers import serving
from tests.serving.servers import Served, served
from tests.serving.test_console_process import HASH, PASSWORD, console_of
from tests.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SECRET: Final = "of the newsroom"  # noqa: S105 - of tests alone
BLOCK: Final = "inline-ad"
LONG: Final = SIGHTS[1].path
"""A story with more than one ad."""

EDITIONS: Final = [f"/edition/{n}{LONG}" for n in range(100)]
"""Where it is once more: a hundred pages of a paper that has a dozen."""

CONNECTIONS: Final = 3
"""By which each of the hundred pages is read."""

MANY: Final = 24
"""Connections, each of which goes to one of two workers: all to the same one hardly ever."""


_PAPER: Final = origin()
_EDITION: Final = re.compile(r"/edition/\d+(/.*)")


@dataclass(frozen=True, slots=True)
class Paper:
    """The demo's paper behind two workers, its console, and the file that they share."""

    newshole: Served
    console: str
    archive: Path

    def state(self) -> State:
        """What the log says."""

        async def read() -> State:
            ledger = Ledger(open_archive(str(self.archive)), "site", SECRET.encode())
            try:
                return (await read_log(ledger))[1]
            finally:
                await ledger.archive.close()

        return apart(read())

    def slots(self, path: str) -> set[int]:
        """How many ads a page has, by some connections."""
        return {self.newshole.get(path)[1].count(f'data-newshole="{BLOCK}"') for _ in range(CONNECTIONS)}

    def has(self, block: str, path: str = STORY) -> set[bool]:
        """Whether a block stands on a page, by as many connections as meet both workers."""
        return {f'data-newshole="{block}"' in self.newshole.get(path)[1] for _ in range(MANY)}


async def editions(scope: Scope, receive: Receive, send: Send) -> None:
    """The demo's paper, of which every page is at further addresses."""
    if scope["type"] == "http" and (found := _EDITION.fullmatch(scope["path"])):
        scope = {**scope, "path": found[1], "raw_path": found[1].encode("ascii")}
    await _PAPER(scope, receive, send)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    """Begun before there is a browser: while that runs, no event loop can start in its thread."""
    folder = tmp_path_factory.mktemp("day")
    with pytest.MonkeyPatch.context() as environment, serving(editions) as address:
        environment.setenv("NEWSHOLE_CONSOLE_PASSWORD", HASH)
        environment.setenv("NEWSHOLE_SECRET", SECRET)
        environment.setenv("NEWSHOLE_ARCHIVE", str(folder / "archive"))
        environment.setenv("NEWSHOLE_STATE", str(folder / "state"))
        options = ("--workers", "2", "--console", "--console-port", "0")
        with served("--upstream", address, "--rules", RULES, *options) as newshole:
            yield Paper(newshole, console_of(newshole.said), folder / "archive")


def test_a_rule_is_looked_at_changed_published_watched_taken_back_and_stopped(
    browser: Browser, paper: Paper
) -> None:
    with at_the_desk(browser, paper) as page:
        preview(page)
        read_why(page)
        draft = change(page)
        look_at_many(page)
        first = paper.state().serves
        publish_to_a_tenth(page)
        watch(page, paper)
        roll_back(page, paper, first)
        stop_a_block(page, paper)
        audit(page, draft)


@contextmanager
def at_the_desk(browser: Browser, paper: Paper) -> Iterator[Page]:
    """A page of a browser in which somebody has signed in; nothing on it may go wrong."""
    context = browser.new_context(viewport={"width": 1366, "height": 900})
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Policy" in said.text else None)
    page.goto(f"{paper.console}/_newshole/")
    type_in(page.get_by_label("Name"), "admin")
    type_in(page.get_by_label("Password"), PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1, name="Preview").wait_for()
    yield page
    context.close()
    assert complaints == []


def preview(page: Page) -> None:
    """Pick a story of the front page: each width shows it composed."""
    begun = time.monotonic()
    press(page.get_by_role("link", name=re.compile("Night ferries return")))
    shown = frames(page)
    assert len(shown) == 3
    assert all(each.locator(f'[data-newshole="{BLOCK}"]').count() for each in shown)
    print(f"preview, three widths, in {time.monotonic() - begun:.2f} s")


def read_why(page: Page) -> None:
    """Ask why the ad is not where it is not: which rule, what it wants, what there is."""
    press(page.get_by_role("link", name=f"Why {BLOCK}", exact=True))
    page.get_by_role("heading", name=f"{BLOCK}: placed").wait_for()
    told = page.locator(".spot.refused .reason").all_inner_texts()
    assert "Blocks keep 60 words from the beginning; here 0 words (layout: start)" in told


def change(page: Page) -> str:
    """Change a rule in a draft, wrongly and then rightly; the draft's id."""
    open_screen(page, "Rules")
    press(page.get_by_role("button", name="Begin a draft"))
    reach(page.locator(".cm-content"))
    replaced(page, "max: 2", "max: two")
    page.locator("#problems li").wait_for()
    told = page.locator("#problems li").inner_text()
    assert "whole number" in told
    page.keyboard.press("F8")
    replaced(page, "max: two", "max: 1")
    page.get_by_role("status").get_by_text("No problems").wait_for()
    is_saved(page)
    found = re.search(r"draft=(\w+)", page.url)
    assert found is not None
    return found[1]


def look_at_many(page: Page) -> None:
    """See what the draft does to a hundred pages."""
    press(page.get_by_role("link", name="Impact"))
    press(page.locator("summary", has_text="These pages instead"))
    type_in(page.get_by_label("Addresses, one a line"), "\n".join(EDITIONS))
    begun = time.monotonic()
    press(page.get_by_role("button", name="Look at the pages"))
    page.get_by_text("looked at in").wait_for()
    print(f"impact over 100 pages in {time.monotonic() - begun:.1f} s")
    assert page.get_by_text(re.compile(r"^\d+ of 100 pages change")).is_visible()


def publish_to_a_tenth(page: Page) -> None:
    """Publish the draft to a tenth of the pages."""
    press(page.get_by_role("link", name=re.compile("Publish…")))
    type_in(page.get_by_label("Note: what is it about?"), "one ad less a story")
    choose(page, "For whom", "A share first")
    press(page.get_by_role("button", name="Publish", exact=True))
    page.get_by_text("2 of 2 workers have it.").wait_for()


def watch(page: Page, paper: Paper) -> None:
    """See some pages of a hundred by the draft, the same in both workers, and its figures; then go on."""
    counts = {each: paper.slots(each) for each in EDITIONS}
    assert all(len(each) == 1 for each in counts.values())
    by_draft = sum(each == {2} for each in counts.values())  # of three ads, one is left out
    assert 1 <= by_draft <= 30
    told = f"Pages {CONNECTIONS * by_draft} {CONNECTIONS * (len(EDITIONS) - by_draft)}"
    page.get_by_role("row", name=told, exact=True).wait_for()
    print(f"{by_draft} of 100 pages by the draft")
    press(page.get_by_role("button", name="Everybody"))
    page.get_by_text("2 of 2 workers serve it").wait_for()


def roll_back(page: Page, paper: Paper, first: str) -> None:
    """Put the version before into service again."""
    assert paper.state().serves != first
    type_in(page.locator("#back-reason"), "the desk wants both ads back")
    page.keyboard.press("Enter")
    page.get_by_text("2 of 2 workers serve it").wait_for()
    assert paper.state().serves == first


def stop_a_block(page: Page, paper: Paper) -> None:
    """Turn a block off: it is gone from both workers, whichever answers."""
    assert paper.has(BLOCK) == {True}
    open_screen(page, "Switches")
    form = page.get_by_role("form", name="Turn one thing off")
    type_in(form.get_by_label("Which"), BLOCK)
    page.keyboard.press("Escape")
    type_in(form.get_by_label("Why"), "the ad server is down")
    begun = time.monotonic()
    page.keyboard.press("Enter")
    eventually(lambda: paper.has(BLOCK) == {False})
    print(f"{BLOCK} gone from two workers in {time.monotonic() - begun:.2f} s")
    page.get_by_text("2 of 2 workers have switched").wait_for()


def audit(page: Page, draft: str) -> None:
    """Every step is in the audit, by whom and why."""
    open_screen(page, "Audit")
    rows = [each.split("\t")[1:] for each in page.locator("tbody tr").all_inner_texts()]
    assert [each[0].split()[0] for each in rows] == 6 * ["admin"] + ["newshole"]
    found = [(what, on.split(" until ")[0].split(", ")[-1], why) for _, what, on, why in rows]
    assert found == [
        ("switch-off", f"block {BLOCK}", "the ad server is down"),
        ("roll-back", found[1][1], "the desk wants both ads back"),
        ("publish", found[2][1], "one ad less a story"),
        ("stage", "10% of pages", "one ad less a story"),
        ("draft", draft, "–"),
        ("sign-in", "–", "password"),
        ("publish", found[1][1], "the rules that it was started with"),
    ]
