"""Publish, Switches, Health and Audit in a browser: by keyboard and mouse, light, dark, wide, narrow."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.console.browsing import Scheme, seated, violations
from tests.console.newsroom import PASSWORD, STORY, Newsroom, newsroom
from tests.console.releases import draft, of_staged, state
from tests.console.test_switches import a_block, has_block
from tests.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TOLD = re.compile(r"2 of 2 workers have switched\s+after [0-9.]+ s")


def test_a_draft_is_published_a_block_switched_off_and_the_version_rolled_back(
    busy: Newsroom, browser: Browser
) -> None:
    first, _, block = state(busy).serves, draft(busy), a_block(busy)
    with seated(browser, busy) as page:
        page.goto(busy.screen("publish"))
        page.get_by_role("link", name="one ad less").click()
        page.get_by_label("Note: what is it about?").fill("one ad less in sport")
        page.get_by_role("button", name="Publish", exact=True).click()
        page.get_by_text("2 of 2 workers serve it").wait_for()
        assert state(busy).serves != first

        page.get_by_role("link", name="Switches").click()
        page.get_by_label("Which").fill(block)
        form = page.get_by_role("form", name="Turn one thing off")
        form.get_by_label("Why").fill("the ad server is down")
        form.get_by_role("button", name="Turn it off").click()
        page.get_by_text("2 of 2 workers have switched").wait_for()
        assert TOLD.search(page.locator("#outcome").inner_text())
        eventually(lambda: not any(has_block(each, block) for each in busy.workers))
        page.get_by_role("button", name=f"Turn on Block {block}").click()
        eventually(lambda: all(has_block(each, block) for each in busy.workers))

        page.get_by_role("link", name="Publish", exact=True).click()
        back = page.get_by_role("form", name="Roll back")
        back.get_by_label("Why").fill("readers complain")
        back.get_by_role("button", name="Roll back").click()
        page.get_by_text("2 of 2 workers serve it").wait_for()
        assert state(busy).serves == first

        page.get_by_role("link", name="Audit").click()
        rows = page.locator("tbody tr").all_inner_texts()
        kinds = [row.split("\t")[2] for row in rows]
        assert [each for each in kinds if each != "sign-in"] == [
            "roll-back", "switch-on", "switch-off", "publish", "publish",
        ]  # fmt: skip
        for why in ("readers complain", "the ad server is down", "one ad less in sport"):
            assert any(why in row for row in rows)


def test_a_staged_draft_is_watched_and_halted_by_keyboard_alone(busy: Newsroom, browser: Browser) -> None:
    made = draft(busy)
    with seated(browser, busy) as page:
        page.goto(busy.screen(f"publish?draft={made.id}"))
        page.get_by_label("Note: what is it about?").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        assert page.get_by_label("Begins with").is_visible()
        page.get_by_label("Begins with").focus()
        page.keyboard.press("ArrowDown")
        page.get_by_role("button", name="Publish", exact=True).focus()
        page.keyboard.press("Enter")
        page.get_by_text("2 of 2 workers have it.").wait_for()
        assert (staged := state(busy).staged) is not None
        assert staged.share == 50.0
        for _ in range(3):
            for each in busy.workers:
                httpx.get(each + STORY)
        page.get_by_role("row", name=re.compile("^Pages [1-9]|^Pages 0 [1-9]")).wait_for()
        page.locator("#halt-reason").focus()
        page.keyboard.type("too many ads, say readers")
        page.locator("#watch").evaluate("part => htmx.trigger(part, 'every 3s')")
        page.wait_for_timeout(3500)
        assert page.locator("#halt-reason").input_value() == "too many ads, say readers"
        page.keyboard.press("Enter")
        page.get_by_text("was halted by anna").wait_for()
    assert state(busy).staged is None


def test_health_looks_again_by_itself_and_says_a_change_of_state_once(
    busy: Newsroom, browser: Browser
) -> None:
    with seated(browser, busy, "vi") as page:
        page.goto(busy.screen("health"))
        page.get_by_text("All is well.").wait_for()
        said = page.locator("#health-said")
        assert said.inner_text() == ""
        page.locator(".sparkline polyline").first.wait_for()
        assert said.inner_text() == ""
        with busy.signed_in() as client:
            off = {"what": "all", "reason": "a fault", "lasting": ""}
            client.post(busy.screen("switches/off"), data=off)
        page.get_by_text("Everything is switched off").first.wait_for()
        assert "Everything is switched off" in said.inner_text()


def fill(room: Newsroom) -> str:
    """Have something of everything under way; a draft that can be published."""
    with room.signed_in() as client:

        def send(path: str, **fields: str) -> None:
            answer = client.post(room.screen(path), data=fields)
            assert answer.status_code == 200, answer.text

        def release(**fields: str) -> None:
            made = draft(room, f"\n# {fields}\n")
            base = {"draft": made.id, "revision": "1", "on": state(room).serves, "note": "one ad less"}
            send("publish/release", **base, **fields)

        release(whom="all", when="due", due="2099-12-01T06:00", do="publish")
        release(whom="all", when="now", do="publish")
        release(whom="share", share="10", pause="1800", when="now", do="publish")
        send("publish/hold", **of_staged(room))
        release(whom="all", when="now", do="propose")
        send("switches/off", what="section", name="Business", reason="an obituary", lasting="7200")
        send("switches/off", what="no-ads", name=STORY, reason="a crash", lasting="", where="here")
    return draft(room).id


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_passes_axe_and_fits_wide_and_narrow(
    tmp_path: Path, browser: Browser, scheme: Scheme
) -> None:
    with newsroom(tmp_path, workers=2, switches=tmp_path / "switches.yaml") as room:
        made = fill(room)
        version, (planned,) = state(room).serves[:8], state(room).planned
        for width in (1366, 390):
            with seated(browser, room, width=width, scheme=scheme) as page:
                for path in (
                    "publish?done=2",
                    f"publish?draft={made}",
                    f"publish/version?version={version}",
                    f"publish/version?version={version}&view=side",
                    f"publish/resume?version={planned.digest}",
                    f"rules/diff?draft={made}",
                    f"rules/diff?draft={made}&view=side",
                    "switches",
                    "health",
                    "audit",
                    "audit?text=nobody+said+that",
                ):
                    page.goto(room.screen(path))
                    assert violations(page) == [], (path, width)
                    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    assert wider <= 0, (path, width)


def test_the_lines_of_a_diff_stand_right_beside_their_marks(busy: Newsroom, browser: Browser) -> None:
    made = draft(busy)
    with seated(browser, busy) as page:
        page.goto(busy.screen(f"publish?draft={made}"))
        line = page.locator(".differing tr.came").first
        marked, text = (line.locator(each).bounding_box() for each in (".mark", ".text"))
        assert marked is not None
        assert text is not None
        assert abs(text["x"] - marked["x"] - marked["width"]) < 2


@pytest.mark.parametrize(("clocks", "zone"), [("Europe/Berlin", ""), ("Asia/Tokyo", r" (CES?T|GMT\+[12])")])
def test_moments_are_by_the_newsrooms_clocks_whatever_the_browsers_are(
    quiet: Newsroom, browser: Browser, clocks: str, zone: str
) -> None:
    at = f"{quiet.console}/_newshole/sign-in?back=/_newshole/site/publish"
    context = browser.new_context(locale="de-DE", timezone_id=clocks)
    page = context.new_page()
    page.goto(at)
    page.fill("#name", "anna")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/publish")
    told = page.locator("time[title]").first
    told.wait_for()
    moment = datetime.fromisoformat(told.get_attribute("datetime") or "").astimezone(
        ZoneInfo("Europe/Berlin")
    )
    assert re.fullmatch(rf"{moment:%-d} [A-Z][a-z]{{2,3}} {moment:%Y, %H:%M}{zone}", told.inner_text())
    assert re.search(r"CES?T|GMT\+[12]", told.get_attribute("title") or "")
    page.goto(quiet.screen("audit"))
    exact = page.locator("td time[title]").first
    exact.wait_for()
    assert re.search(rf", \d{{2}}:\d{{2}}:\d{{2}}{zone}$", exact.inner_text())
    context.close()
