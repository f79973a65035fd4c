"""Ads in a real browser: each server is asked for what the rules say, and nothing moves whatever comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from newshole import blocks
from newshole.rules.capping import Frequency
from newshole.rules.kinds.ad import Ad
from newshole.rules.ruleset import Block
from newshole.rules.spans import Age
from tests.blocks.adservers import CMP, NO, YES, AdPage, answer_for_others
from tests.blocks.newsroom import block, fragment, view

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = [pytest.mark.slow, pytest.mark.browser]

URL = "https://news.example/world/talks"
WATCH = """
window.shifted = 0;
new PerformanceObserver(list => list.getEntries().forEach(entry => window.shifted += entry.value))
  .observe({type: "layout-shift", buffered: true});
"""
SIZES = {"mobile": [[300, 250]], "desktop": [[728, 90], [300, 250]]}
HOUSE = [{"image": "/own.svg", "link": "/subscribe", "alt": "Subscribe", "width": 300, "height": 250}]
GPT = {"gpt": {"unit": "/1/{section}/{block}", "targeting": {"pos": "p{n}", "tag": "{tag}"}}}
PREBID = {
    "prebid": {
        "unit": "/1/{block}",
        "library": "https://news.example/prebid.js",
        "bids": [{"bidder": "rubicon", "params": {"accountId": 7}}],
        "timeout": 400,
        "granularity": "dense",
    }
}
ADSENSE = {"adsense": {"client": "ca-pub-1234567890123456", "slot": "1234567890"}}
REVIVE = {"revive": {"url": "https://ads.example/delivery/asyncjs.php", "zone": 12, "id": "0" * 32}}


def ad(serve: dict[str, Any], **options: Any) -> Ad:
    """An ad as the rules make it."""
    return Ad.model_validate({"serve": serve, "sizes": SIZES, **options})


class Opened(AdPage):
    """A page with an ad behind every few paragraphs."""

    @property
    def hosts(self) -> set[str]:
        """The hosts of third parties."""
        return {urlsplit(url).hostname or "" for url in self.asked} - {"news.example"}


@contextmanager
def opened(
    browser: Browser,
    *made: Block,
    width: int = 1366,
    height: int = 768,
    script: str = "",
    policy: str = "",
    before: int = 1,
    away: Sequence[str] = (),
) -> Iterator[Opened]:
    """A page with an ad behind every few paragraphs; `script` runs before all others, and what ends in one of
    `away` does not come."""
    html = _html(made, before, has_nonce=bool(policy))
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    seen = Opened(page)

    def answer(route: Route) -> None:
        url = route.request.url
        if url == URL:
            headers = {"content-security-policy": policy} if policy else {}
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
            return
        seen.asked.append(url)
        if urlsplit(url).path.endswith(tuple(away)):
            route.abort()
        else:
            answer_for_others(route)

    page.add_init_script(WATCH + script)
    page.route("**/*", answer)
    page.goto(URL)
    try:
        yield seen
    finally:
        page.context.close()


def _html(made: Sequence[Block], before: int, *, has_nonce: bool) -> str:
    text = f"<p>{'A line of the story that is read. ' * 20}</p>"
    body = "".join(text * before + fragment(each, view()).decode() + text for each in made) + text * 6
    runtime = blocks.runtime(made).decode()
    if has_nonce:
        runtime = runtime.replace(" data-newshole-runtime>", ' data-newshole-runtime nonce="n1">')
    return (
        f"<!doctype html><html lang=en><title>x</title><meta name=viewport content='width=device-width'>"
        f"<main style='max-width:760px;margin:auto'>{runtime}{body}</main>"
    )


SHOWN = "document.querySelector('.nh-own') && !document.querySelector('.nh-own').hidden"
GPC = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});"


def test_gpt_is_asked_for_every_slot_with_its_sizes_and_key_values(browser: Browser) -> None:
    made = [block(ad(GPT), "one"), block(ad(GPT), "two")]
    with opened(browser, *made, script=CMP) as seen:
        assert not seen.hosts
        seen.page.evaluate(YES)
        shown = [each[0] for each in seen.wait_for("display", 2)]
        assert [each["unit"] for each in shown] == ["/1/world/one", "/1/world/two"]
        assert shown[0]["keys"] == {"block": "one", "ordinal": "1", "pos": ["p1"], "tag": ["bridges"]}
        assert shown[0]["mapping"] == [[[768, 0], SIZES["desktop"]], [[0, 0], SIZES["mobile"]]]
        assert sum(url.endswith("gpt.js") for url in seen.asked) == 1
        assert seen.hosts == {"securepubads.g.doubleclick.net"}
        assert seen.told("single") == [[]]


@pytest.mark.parametrize(
    ("script", "host", "settings"),
    [
        (CMP + NO, "pagead2.googlesyndication.com", {"limitedAds": True, "restrictDataProcessing": False}),
        (
            CMP + YES + GPC,
            "securepubads.g.doubleclick.net",
            {"limitedAds": False, "restrictDataProcessing": True},
        ),
        ("", "pagead2.googlesyndication.com", {"limitedAds": True, "restrictDataProcessing": False}),
    ],
)
def test_gpt_without_consent_is_limited(
    browser: Browser, script: str, host: str, settings: dict[str, bool]
) -> None:
    with opened(browser, block(ad(GPT)), script=script) as seen:
        seen.wait_for("display")
        assert seen.told("privacy")[0] == [settings]
        assert seen.hosts == {host}


def test_a_lazy_ad_is_asked_for_only_within_its_margin(browser: Browser) -> None:
    lazy = {"margin": {"mobile": 800, "desktop": 200}}
    with opened(browser, block(ad(GPT, lazy=lazy)), before=20, script=CMP + YES) as seen:
        seen.page.wait_for_function("newshole.fill && document.readyState === 'complete'")
        seen.page.wait_for_timeout(100)
        assert not seen.hosts
        top = seen.page.evaluate("document.querySelector('.nh-slot').getBoundingClientRect().top")
        seen.page.evaluate(f"scrollTo(0, {top} - innerHeight - 300)")
        seen.page.wait_for_timeout(100)
        assert not seen.hosts
        seen.page.evaluate(f"scrollTo(0, {top} - innerHeight - 150)")
        assert len(seen.wait_for("display")) == 1


def test_a_device_without_sizes_asks_for_nothing(browser: Browser) -> None:
    narrow = ad(GPT, sizes={"mobile": [[300, 250]]})
    with opened(browser, block(narrow, "one"), block(ad(GPT), "two"), script=CMP + YES) as seen:
        seen.wait_for("display")
        assert [each[0]["id"] for each in seen.told("display")] == ["nh-two-1"]


CAPPED: dict[str, Any] = {"frequency": Frequency(1, timedelta(days=1))}
CLOSED: dict[str, Any] = {"dismissed": Age(1, "day")}


@pytest.mark.parametrize("lazy", [{}, {"lazy": {"margin": 900}}])
@pytest.mark.parametrize("serve", [GPT, PREBID, ADSENSE, REVIVE])
@pytest.mark.parametrize("bound", [CAPPED, CLOSED])
def test_an_ad_that_its_reader_does_not_see_any_more_is_not_asked_for(
    browser: Browser, serve: dict[str, Any], lazy: dict[str, Any], bound: dict[str, Any]
) -> None:
    made = replace(block(ad(serve, **lazy)), **bound)
    seen_enough = "localStorage.newshole = JSON.stringify({'it 1 24': [0, Date.now() + 9e6]});"
    for script, is_asked in (("", True), (seen_enough, False)):
        with opened(browser, made, script=script + CMP + YES) as seen:
            seen.page.wait_for_function("newshole.fill && document.readyState === 'complete'")
            seen.page.wait_for_timeout(100)
            assert bool(seen.hosts) == is_asked


@pytest.mark.parametrize("serve", [GPT, PREBID, ADSENSE, REVIVE])
def test_an_ad_that_is_closed_before_the_answer_is_not_asked_for(
    browser: Browser, serve: dict[str, Any]
) -> None:
    made = replace(block(ad(serve)), **CLOSED)
    with opened(browser, made, script=CMP) as seen:
        seen.page.get_by_role("button", name="Hide").click()
        seen.page.evaluate(YES)
        seen.page.wait_for_timeout(100)
        assert not seen.hosts


@pytest.mark.parametrize("serve", [GPT, PREBID, ADSENSE, REVIVE])
def test_the_house_stands_in_where_the_library_does_not_come(browser: Browser, serve: dict[str, Any]) -> None:
    made = [block(ad(serve, house=HOUSE), "one"), block(ad(serve, house=HOUSE, lazy={"margin": 1}), "two")]
    with opened(browser, *made, script=CMP + YES, before=6, away=["js", "php"]) as seen:
        seen.page.wait_for_function(SHOWN)
        seen.page.locator("[data-newshole=two]").scroll_into_view_if_needed()
        seen.page.wait_for_function("[...document.querySelectorAll('.nh-own')].every(own => !own.hidden)")
        assert seen.page.evaluate("window.shifted") == 0


def test_the_library_of_the_site_is_not_loaded_again(browser: Browser) -> None:
    own = """addEventListener("DOMContentLoaded", () => document.head.append(
      Object.assign(document.createElement("script"), {src: "https://own.example/tag/js/gpt.js"})), true);
      window.googletag = {cmd: []};"""
    with opened(browser, block(ad(GPT)), script=own) as seen:
        seen.wait_for("display")
        assert seen.hosts == {"own.example"}


def test_bids_come_before_the_slot_is_asked_for(browser: Browser) -> None:
    made = [block(ad(PREBID), "one"), block(ad(GPT), "two")]
    with opened(browser, *made, script=CMP + YES, width=360) as seen:
        slots = {each[0]["id"]: each[0] for each in seen.wait_for("display", 2)}
        assert (slots["nh-one-1"]["bids"], slots["nh-two-1"]["bids"]) == (1, 0)
        [[units]] = seen.told("units")
        assert units == [
            {
                "code": "nh-one-1",
                "mediaTypes": {"banner": {"sizes": SIZES["mobile"]}},
                "bids": [{"bidder": "rubicon", "params": {"accountId": 7}}],
            }
        ]
        assert seen.told("bids") == [[["nh-one-1"], 400]]
        assert seen.told("config") == [[{"priceGranularity": "dense", "bidderTimeout": 400}]]


def test_without_consent_no_bidder_is_asked(browser: Browser) -> None:
    with opened(browser, block(ad(PREBID)), script=CMP + NO) as seen:
        seen.wait_for("display")
        assert seen.told("bids") == []
        assert not [url for url in seen.asked if url.endswith("prebid.js")]


def test_a_prebid_that_does_not_load_keeps_no_ad_away(browser: Browser) -> None:
    away = {"prebid": {**PREBID["prebid"], "library": "https://news.example/gone.svg", "timeout": 100}}
    with opened(browser, block(ad(away)), script=CMP + YES) as seen:
        assert len(seen.wait_for("display")) == 1


def test_adsense_gets_a_unit_of_the_first_size(browser: Browser) -> None:
    with opened(browser, block(ad(ADSENSE)), script=CMP + YES) as seen:
        [[unit, width, height]] = seen.wait_for("adsense")
        assert unit == {"adClient": "ca-pub-1234567890123456", "adSlot": "1234567890"}
        assert (width, height) == (728, 90)
        assert seen.hosts == {"pagead2.googlesyndication.com"}


def test_revive_gets_its_zone(browser: Browser) -> None:
    with opened(browser, block(ad(REVIVE), "one"), block(ad(REVIVE), "two"), script=CMP + YES) as seen:
        found = [each[0] for each in seen.wait_for("revive", 2)]
        assert [each["reviveZoneid"] for each in found] == ["12", "12"]
        assert sum(url.endswith("asyncjs.php") for url in seen.asked) == 1
        assert seen.page.locator(".nh-slot ins a").count() == 2


@pytest.mark.parametrize("serve", [ADSENSE, REVIVE])
@pytest.mark.parametrize("script", [CMP + NO, CMP + YES + GPC, GPC, ""])
def test_without_consent_the_house_stands_and_nobody_is_asked(
    browser: Browser, serve: dict[str, Any], script: str
) -> None:
    with opened(browser, block(ad(serve, house=HOUSE)), script=script) as seen:
        seen.page.wait_for_function(SHOWN)
        assert not seen.hosts
        assert seen.page.evaluate("window.shifted") == 0


@pytest.mark.parametrize("serve", [ADSENSE, REVIVE])
def test_consent_that_comes_later_takes_the_place_of_the_house(
    browser: Browser, serve: dict[str, Any]
) -> None:
    with opened(browser, block(ad(serve, house=HOUSE)), script=CMP + NO) as seen:
        seen.page.wait_for_function(SHOWN)
        seen.page.evaluate(YES)
        seen.wait_for(next(iter(serve)))
        seen.page.wait_for_function(f"!({SHOWN})")
        assert seen.page.evaluate("window.shifted") == 0


@pytest.mark.parametrize(("width", "height"), [(360, 800), (768, 1024), (1366, 768)])
@pytest.mark.parametrize("serve", [GPT, ADSENSE, REVIVE])
def test_an_unfilled_slot_shows_the_house_in_its_room(
    browser: Browser, serve: dict[str, Any], width: int, height: int
) -> None:
    empty = f"window.isEmpty = true; {CMP + YES}"
    with opened(browser, block(ad(serve, house=HOUSE)), script=empty, width=width, height=height) as seen:
        seen.page.wait_for_function(SHOWN)
        seen.page.wait_for_timeout(100)
        assert seen.page.locator(".nh-own img:visible").count() == 1
        assert seen.page.evaluate("window.shifted") == 0


def test_a_slot_that_google_refuses_shows_the_house(browser: Browser) -> None:
    with opened(browser, block(ad(GPT, house=HOUSE)), script="window.isRefused = true;" + CMP + YES) as seen:
        seen.page.wait_for_function(SHOWN)
        assert not seen.told("display")


def test_the_house_is_not_loaded_while_it_is_not_shown(browser: Browser) -> None:
    filled = "window.creatives = {'nh-it-1': [300, 250]};" + CMP + YES
    with opened(browser, block(ad(GPT, house=HOUSE)), script=filled) as seen:
        seen.page.wait_for_selector(".nh-slot iframe")
        seen.page.wait_for_timeout(100)
        assert not [url for url in seen.asked if url.endswith("own.svg")]


@pytest.mark.parametrize(("width", "height"), [(360, 800), (768, 1024), (1366, 768)])
@pytest.mark.parametrize("size", [[300, 250], [300, 50], [300, 600], [970, 250]])
def test_nothing_moves_whatever_creative_comes(
    browser: Browser, size: list[int], width: int, height: int
) -> None:
    script = f"window.creatives = {{'nh-it-1': {size}}};" + CMP + YES
    with opened(browser, block(ad(GPT)), script=script, width=width, height=height) as seen:
        seen.page.wait_for_selector(".nh-slot iframe")
        seen.page.wait_for_timeout(150)
        assert seen.page.evaluate("window.shifted") == 0
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        seen.page.evaluate("document.querySelector('.nh-slot').scrollTo(1e4, 1e4)")
        box, frame = (seen.page.locator(each).bounding_box() for each in (".nh-slot", ".nh-slot iframe"))
        assert box is not None
        assert frame is not None
        # All of it can be scrolled to, and what fits is not scrolled at all.
        assert frame["y"] + frame["height"] <= box["y"] + box["height"] + 1
        assert frame["x"] + frame["width"] <= box["x"] + box["width"] + 1
        if size == [300, 250]:
            assert frame["y"] == box["y"]


def test_a_creative_that_is_too_large_grows_below_the_viewport(browser: Browser) -> None:
    script = "window.creatives = {'nh-it-1': [300, 600]};" + CMP + YES
    with opened(browser, block(ad(GPT)), script=script, before=12) as seen:
        seen.page.wait_for_selector(".nh-grown")
        assert seen.page.evaluate("document.querySelector('.nh-slot').offsetHeight") == 600
        assert seen.page.evaluate("window.shifted") == 0


@pytest.mark.parametrize(("before", "is_gone"), [(1, False), (12, True)])
def test_an_unfilled_slot_collapses_only_below_the_viewport(
    browser: Browser, before: int, is_gone: bool
) -> None:
    made = block(ad(GPT, unfilled="collapse-below"))
    with opened(browser, made, script=CMP + YES, before=before) as seen:
        seen.wait_for("display")
        seen.page.wait_for_timeout(150)
        assert (seen.page.locator("aside:visible").count() == 0) == is_gone
        assert seen.page.evaluate("window.shifted") == 0


def test_an_unfilled_slot_keeps_its_room(browser: Browser) -> None:
    with opened(browser, block(ad(GPT)), script=CMP + YES) as seen:
        seen.wait_for("display")
        seen.page.wait_for_timeout(150)
        assert seen.page.evaluate("document.querySelector('.nh-slot').offsetHeight") == 250
        assert seen.page.evaluate("window.shifted") == 0


def test_a_wrapper_says_that_a_slot_is_unfilled_by_an_event(browser: Browser) -> None:
    with opened(browser, block(ad({"slot": "top"}, house=HOUSE))) as seen:
        assert not seen.page.evaluate(SHOWN)
        seen.page.evaluate(
            "document.querySelector('[data-nh-slot]')"
            ".dispatchEvent(new CustomEvent('newshole:unfilled', {bubbles: true}))"
        )
        assert seen.page.evaluate(SHOWN)
        assert not seen.hosts


def test_slots_of_a_fetched_part_are_asked_for_too_each_by_an_id_of_its_own(browser: Browser) -> None:
    with opened(browser, block(ad(GPT)), script=CMP + YES) as seen:
        seen.wait_for("display")
        part = fragment(block(ad(GPT)), view()).decode()
        seen.page.evaluate(
            "part => document.querySelector('main').insertAdjacentHTML('beforeend', part)",
            part,
        )
        seen.page.evaluate("newshole.fill()")
        shown = [each[0]["id"] for each in seen.wait_for("display", 2)]
        assert shown == ["nh-it-1", "nh-it-1-1"]


def test_no_slot_of_a_fetched_part_gets_the_id_of_another_block(browser: Browser) -> None:
    made = [block(ad(GPT), "it"), block(ad(GPT), "it-1")]
    with opened(browser, *made, script=CMP + YES) as seen:
        seen.wait_for("display", 2)
        part = fragment(block(ad(GPT)), view()).decode()
        seen.page.evaluate(
            "part => document.querySelector('main').insertAdjacentHTML('beforeend', part)", part
        )
        seen.page.evaluate("newshole.fill()")
        seen.wait_for("display", 3)
        ids = seen.page.evaluate("[...document.querySelectorAll('.nh-fit')].map(each => each.id)")
        assert len(set(ids)) == 3


@pytest.mark.parametrize("serve", [GPT, PREBID, ADSENSE, REVIVE])
def test_a_library_loads_by_the_nonce_of_the_page(browser: Browser, serve: dict[str, Any]) -> None:
    policy = "script-src 'nonce-n1'; style-src 'nonce-n1' 'unsafe-inline'"
    made = block(ad(serve))
    consented = "window.__tcfapi = (c, v, each) => each({gdprApplies: false}, true);"
    with opened(browser, made, script=consented, policy=policy) as seen:
        name = {"gpt": "display", "prebid": "bids"}.get(next(iter(serve)), next(iter(serve)))
        seen.wait_for(name)


def test_an_ad_right_below_a_list_with_a_title_is_set_apart_and_labelled(browser: Browser) -> None:
    made = block(ad(GPT))
    with opened(browser, made, before=0) as seen:
        width = seen.page.evaluate("getComputedStyle(document.querySelector('.nh-ad')).borderTopWidth")
        assert float(width.removesuffix("px")) >= 1
        assert seen.page.locator(".nh-label:visible").inner_text() == "Advertisement"
