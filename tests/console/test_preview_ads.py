"""Ads in the preview: the room that is kept for them, and nobody who is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

from tests.console.browsing import frames, seated
from tests.console.newsroom import STORY, Newsroom, newsroom

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RULES: Final = """
articles: [{path: "/**"}]
blocks:
  served:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[336, 280], [300, 250]]}
    serve: {gpt: {unit: /1234/news}}
    place: {after: paragraph, nth: 2}
  written:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    serve: {html: '<img src="https://count.example/seen.png" width="300" height="250" alt="">'}
    place: {after: paragraph, nth: 5}
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    folder = tmp_path_factory.mktemp("ads")
    (folder / "rules.yaml").write_text(RULES)
    with newsroom(folder, rules=folder / "rules.yaml") as running:
        yield running


# The newsroom first: where Playwright runs, no test can start a loop.
def test_a_slot_is_a_box_of_its_sizes_and_no_ad_server_is_asked(room: Newsroom, browser: Browser) -> None:
    with seated(browser, room) as page:
        stopped: list[tuple[str, str | None]] = []
        gone: list[str] = []
        page.on("requestfailed", lambda each: stopped.append((each.url, each.failure)))
        page.on("requestfinished", lambda each: gone.append(each.url))
        page.goto(room.screen(f"preview?url={STORY}"))
        shown = frames(page)
        said = [each.get_attribute(".nh-fit", "data-newshole-room") for each in shown]
        assert said == ["Ad 300 × 250", "Ad 336 × 280, 300 × 250", "Ad 336 × 280, 300 × 250"]
        high = "each => each.getBoundingClientRect().height"
        assert [each.eval_on_selector(".nh-fit", high) for each in shown] == [250, 280, 280]
        own = (room.console, *room.workers)
        # What the site itself is asked for may be called off by the browser; nobody else is ever asked.
        assert {why for asked, why in stopped if not asked.startswith(own)} <= {"csp"}
        assert all(each.startswith(own) for each in gone)
