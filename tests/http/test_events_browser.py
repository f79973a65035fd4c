"""The script that measures pages, in a real browser: what it sees, when it sends, and when it must not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newshole import Newshole
from newshole.experiments.events.row import Row
from tests.blocks.adservers import CMP, YES, answer_for_others
from tests.http.measured import SECRET, rows
from tests.http.servers import serving
from tests.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SENTENCE: Final = "The council met on Tuesday and agreed, after some debate, to mend the old bridge at last. "
STORY: Final = (
    "<!doctype html><html lang=en><head><title>Bridge</title><link rel=icon href=data:,></head><body><main>"
    f"<article><h1>Bridge</h1><div class=entry-content>{f'<p>{SENTENCE * 8}</p>' * 12}</div></article></main>"
    "</body></html>"
)
RULES: Final = """
site: Example
articles:
  - path: /news/**
vary: {id: {cookie: reader}}
blocks:
  top: {kind: ad, serve: {html: "<a href=/next><img src=/ad.svg width=300 height=250 alt=Ad></a>"},
        sizes: {desktop: [[300, 250]]}, place: {after: paragraph, nth: 1}}
  low: {kind: ad, serve: {html: "<a href=/next>Ad</a>"}, sizes: {desktop: [[300, 250]]},
        place: {after: paragraph, nth: 10}}
  note: {kind: html, html: "<a href=#here>note</a>", place: {after: paragraph, nth: 3}}
experiments:
  without:
    arms:
      control: {}
      bare: {drop: note}
"""
POLICY: Final = "default-src 'self'; script-src 'nonce-abc'; style-src 'nonce-abc'; img-src 'self' data:"
AD: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="250"><rect width="300" height="250"/></svg>'
)


class Reading:
    """A site that is served and measured, and a reader of it."""

    def __init__(self, newshole: Newshole, address: str, context: BrowserContext) -> None:
        self.newshole, self.address, self.context = newshole, address, context
        self.errors: list[str] = []

    def open(self, path: str = "/news/bridge") -> Page:
        """A page in a tab of its own."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.extend([said.text] if said.type == "error" else []))
        page.goto(self.address + path)
        return page

    def leave(self, page: Page) -> list[Row]:
        """Go to another page; all rows that there are then."""
        taken = self.taken
        page.goto(self.address + "/next")
        eventually(lambda: self.taken > taken)
        assert self.errors == []
        return rows(self.newshole)

    @property
    def taken(self) -> int:
        """How many beacons were taken."""
        assert self.newshole.events is not None
        return self.newshole.events.counts["kept"]


Open = Callable[..., Reading]


@pytest.fixture
def reading(tmp_path: Path, browser: Browser) -> Iterator[Open]:
    """Serves a site by some rules, to a reader with an id."""
    with ExitStack() as stack:

        def begin(more: str = "", *, rules: str = RULES, script: str = "") -> Reading:
            file = tmp_path / "rules.yaml"
            file.write_text(rules + more, "utf-8")
            newshole = Newshole(site(), file, events=tmp_path / "events", secret=SECRET)
            address = stack.enter_context(serving(newshole))
            context = browser.new_context(viewport={"width": 800, "height": 600})
            stack.callback(context.close)
            context.add_cookies([{"name": "reader", "value": "ada", "url": address}])
            context.add_init_script(script)
            # A pattern, for the browser to judge: what is sent while a test sleeps is on its way then.
            context.route(re.compile(f"^(?!{re.escape(address)})"), answer_for_others)
            return Reading(newshole, address, context)

        yield begin


def site() -> Starlette:
    async def story(_: Request) -> Response:
        return HTMLResponse(STORY, headers={"content-security-policy": POLICY})

    async def ad(_: Request) -> Response:
        return Response(AD, media_type="image/svg+xml")

    return Starlette(
        routes=[
            Route("/news/{story}", story),
            Route("/ad.svg", ad),
            Route("/next", lambda _: HTMLResponse("<link rel=icon href=data:,>")),
        ]
    )


def seen(page: Page, block: str, scroll: str, *, is_in_view: bool = True) -> None:
    """Scroll, and wait until the page's observers are told that a block is in view, or is not any more."""
    page.evaluate(
        f"""([block, isInView]) => new Promise(done => {{
          const element = document.querySelector(`[data-newshole="${{block}}"]`);
          new IntersectionObserver((entries, observer) => {{
            if (entries.at(-1).isIntersecting !== isInView) return;
            observer.disconnect();
            done();
          }}, {{threshold: [0, 0.5]}}).observe(element);
          ({scroll})(element);
        }})""",
        [block, is_in_view],
    )


def of(found: list[Row], kind: str) -> list[tuple[str, int]]:
    return [(row.block, row.position) for row in found if row.kind == kind]


def test_a_view_is_told_at_once_and_its_exposure_is_the_servers(reading: Open) -> None:
    reader = reading()
    page = reader.open()
    eventually(lambda: reader.taken >= 1)
    found = reader.leave(page)
    (exposure,) = (row for row in found if row.kind == "exposure")
    assert {row.view_id for row in found} == {exposure.view_id}
    assert {row.unit for row in found if row.kind == "view"} == {exposure.unit}


def test_an_ad_that_is_in_view_for_a_second_is_viewable_and_one_that_is_not_is_not(reading: Open) -> None:
    reader = reading()
    page = reader.open()
    seen(page, "top", "block => block.scrollIntoView()")
    # The page's own time: a timer of a second that began before has rung when this one does.
    page.evaluate("new Promise(done => setTimeout(done, 1200))")
    assert of(reader.leave(page), "viewable") == [("top", 1)]


def test_an_ad_that_is_passed_by_in_less_than_a_second_is_not_viewable(reading: Open) -> None:
    reader = reading()
    page = reader.open("/next")
    page.clock.install()
    page.goto(reader.address + "/news/bridge")
    seen(page, "low", "block => block.scrollIntoView()")
    page.clock.run_for(400)
    seen(page, "low", "() => scrollTo(0, 0)", is_in_view=False)
    page.clock.run_for(1200)
    assert ("low", 1) not in of(reader.leave(page), "viewable")


def test_a_click_on_a_block_is_told(reading: Open) -> None:
    reader = reading()
    page = reader.open()
    page.locator('[data-newshole="low"] a').click()
    page.wait_for_url("**/next")
    eventually(lambda: reader.taken == 2)
    assert of(rows(reader.newshole), "click") == [("low", 1)]


def test_how_far_and_how_long_a_story_was_read_is_told(reading: Open) -> None:
    reader = reading()
    page = reader.open()
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2 - innerHeight)")
    page.wait_for_timeout(2200)
    found = reader.leave(page)
    (depth,) = (row.value for row in found if row.kind == "depth")
    (dwell,) = (row.value for row in found if row.kind == "dwell")
    assert 0.4 < depth < 0.7
    assert dwell >= 2
    assert of(found, "read") == []


def test_a_story_is_read_when_its_end_is_seen_after_a_part_of_the_time_that_reading_takes(
    reading: Open,
) -> None:
    reader = reading()
    page = reader.open("/next")
    page.clock.install()
    page.goto(reader.address + "/news/bridge")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.clock.run_for(10_000)
    assert page.evaluate("document.querySelector('article').textContent.length / 96") > 60
    page.clock.run_for(40_000)
    page.goto(reader.address + "/next")
    eventually(lambda: reader.taken == 2)
    assert of(rows(reader.newshole), "read") == []
    page.goto(reader.address + "/news/bridge")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.clock.run_for(70_000)
    assert of(reader.leave(page), "read") == [("", 0)]


def test_nothing_is_kept_in_the_browser_and_no_name_is_added(reading: Open) -> None:
    reader = reading()
    page = reader.open()
    eventually(lambda: reader.taken >= 1)
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [
        0,
        0,
        "reader=ada",
    ]
    assert page.evaluate("Object.keys(window).filter(name => /^(nh|newshole)/i.test(name))") == []
    reader.leave(page)


ASKING: Final = "consent: {without: WORD, grace: 1 second}\n"


def test_nothing_is_sent_where_consent_is_refused(reading: Open) -> None:
    reader = reading(ASKING.replace("WORD", "limited"))
    page = reader.open()
    page.wait_for_function("typeof window.newshole?.consent")
    page.evaluate("new Promise(done => newshole.consent(done))")
    page.goto(reader.address + "/next")
    page.wait_for_timeout(300)
    assert reader.taken == 0
    assert reader.errors == []


def test_what_was_seen_before_consent_is_sent_once_it_is_given(reading: Open) -> None:
    reader = reading(ASKING.replace("WORD", "personal"))
    page = reader.open()
    assert reader.taken == 0
    page.evaluate("new Promise(done => newshole.consent(done))")
    eventually(lambda: reader.taken >= 1)
    reader.leave(page)


def test_a_page_that_the_browser_kept_is_another_view(reading: Open) -> None:
    reader = reading()
    page = reader.open()
    eventually(lambda: reader.taken >= 1)
    page.goto(reader.address + "/next")
    page.go_back()
    eventually(lambda: reader.taken >= 3)
    found = reader.leave(page)
    views = {row.view_id for row in found if row.kind == "view"}
    assert {row.view_id for row in found if row.kind == "exposure"} == views


GOOGLE: Final = "{gpt: {unit: /1/news}}"
ADSENSE: Final = '{adsense: {client: ca-pub-1234567890123456, slot: "1234567890"}}'
GPC: Final = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});"
ONE_IS_FILLED: Final = "window.creatives = {'nh-top-1': [300, 250]};"


def served_by(server: str) -> str:
    """The rules with ads that a server fills."""
    return re.sub(r"serve: {html: .*?}", f"serve: {server}", RULES)


def fill(found: list[Row]) -> dict[tuple[str, int], float]:
    """The ads that were asked for, and whether each was filled."""
    return {(row.block, row.position): row.value for row in found if row.kind == "fill"}


def test_ads_that_their_server_filled_are_told_and_those_that_it_did_not(reading: Open) -> None:
    reader = reading(rules=served_by(GOOGLE), script=ONE_IS_FILLED + CMP + YES)
    page = reader.open()
    page.wait_for_selector(".nh-slot iframe")
    page.wait_for_timeout(100)
    found = reader.leave(page)
    assert fill(found) == {("top", 1): 1, ("low", 1): 0}
    assert len(of(found, "fill")) == 2


def test_an_ad_that_is_refreshed_counts_by_its_first_answer(reading: Open) -> None:
    reader = reading(rules=served_by("{slot: own}"))
    page = reader.open()
    eventually(lambda: reader.taken >= 1)
    for answer in ("unfilled", "filled"):
        page.evaluate(
            "name => document.querySelector('[data-newshole=top] .nh-slot')"
            ".dispatchEvent(new CustomEvent(name, {bubbles: true}))",
            f"newshole:{answer}",
        )
    assert fill(reader.leave(page)) == {("top", 1): 0}


def test_an_answer_that_comes_before_the_page_is_whole_is_told(reading: Open) -> None:
    early = """document.addEventListener("readystatechange", () => {
      const filled = new CustomEvent("newshole:filled", {bubbles: true});
      if (document.readyState === "interactive") document.querySelector(".nh-slot")?.dispatchEvent(filled);
    });"""
    reader = reading(rules=served_by("{slot: own}"), script=early)
    assert fill(reader.leave(reader.open())) == {("top", 1): 1}


def test_an_ad_whose_server_may_not_be_asked_is_not_told(reading: Open) -> None:
    reader = reading(rules=served_by(ADSENSE), script=GPC + CMP + YES)
    page = reader.open()
    eventually(lambda: reader.taken >= 1)
    found = reader.leave(page)
    assert of(found, "view")
    assert fill(found) == {}


def test_all_is_told_of_a_page_on_which_much_happens(reading: Open) -> None:
    reader = reading()
    page = reader.open()
    eventually(lambda: reader.taken >= 1)
    page.evaluate("for (let n = 0; n < 150; n++) document.querySelector('[data-newshole=note]').click()")
    page.goto(reader.address + "/next")
    eventually(lambda: reader.taken == 4)
    assert len(of(rows(reader.newshole), "click")) == 150
