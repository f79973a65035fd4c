"""Consent in a real browser: a page of the real middleware, a scripted platform, and who is asked for ads."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pytest
import uvicorn

from newshole import Newshole, Site
from tests.blocks.adservers import SCRIPTS
from tests.browser.platforms import (
    AGREED,
    GPP_ONLY,
    LOADED,
    REFUSED,
    STUBS,
    TCF_ONLY,
    says,
    signals,
)
from tests.http.asgi import SENTENCE, page
from tests.rules.files import write

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATIENCE: Final = 30.0
STORY: Final = (
    "<!doctype html><html lang=en><head><title>Bridge</title></head><body><main><article><h1>Bridge</h1>"
    f"<div class=entry-content>{f'<p>{SENTENCE * 3}</p>' * 30}</div></article></main>"
    "<img src='https://pictures.example/late.svg' width=1 height=1 alt=''></body></html>"
).encode()
RULES: Final = """
consent: CONSENT
defaults:
  ad:
    sizes: {mobile: [[300, 250]], desktop: [[300, 250]]}
    house: [{image: /own.svg, link: /subscribe, alt: Subscribe, width: 300, height: 250}]
blocks:
  google: {kind: ad, serve: {gpt: {unit: /1/google}}, place: {after: paragraph, nth: 2}}
  bids:
    kind: ad
    serve:
      prebid:
        unit: /1/bids
        library: https://bids.example/prebid.js
        timeout: 300
        bids: [{bidder: x, params: {}}]
    place: {after: paragraph, nth: 4}
  sense:
    kind: ad
    serve: {adsense: {client: ca-pub-1234567890123456, slot: "1234567890"}}
    place: {after: paragraph, nth: 6}
  revive:
    kind: ad
    serve: {revive: {url: "https://ads.example/asyncjs.php", zone: 1, id: 0123456789abcdef0123456789abcdef}}
    place: {after: paragraph, nth: 8}
  late: {kind: ad, serve: {gpt: {unit: /1/late}}, lazy: {margin: 50}, place: {after: paragraph, nth: 26}}
  later:
    kind: ad
    serve: {revive: {url: "https://ads.example/asyncjs.php", zone: 2, id: 0123456789abcdef0123456789abcdef}}
    lazy: {margin: 50}
    place: {after: paragraph, nth: 28}
"""
GPC: Final = "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});"
WORDS: Final = """
addEventListener("DOMContentLoaded", () =>
  newshole.consent(word => (window.heard = window.heard || []).push(word)));
"""
LIMITED_HOST: Final = "pagead2.googlesyndication.com"
LIMITED: Final = f"https://{LIMITED_HOST}/tag/js/gpt.js"
GOOGLE: Final = "https://securepubads.g.doubleclick.net/tag/js/gpt.js"
PERSONAL: Final = {
    GOOGLE,
    "https://bids.example/prebid.js",
    f"https://{LIMITED_HOST}/pagead/js/adsbygoogle.js?client=ca-pub-1234567890123456",
    "https://ads.example/asyncjs.php",
}
GRACE: Final = 700
"""Milliseconds after which a page without a platform has its word, in these rules and a moment more."""

Serve = Callable[[str], str]


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Serves the story by rules with a `consent`, and gives its URL."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []
    known: dict[str, str] = {}

    def start(consent: str) -> str:
        if consent not in known:
            rules = write(tmp_path_factory.mktemp("rules"), site=RULES.replace("CONSENT", consent))
            app = Newshole(page(STORY), site=Site.load(rules / "site.yaml"))
            config = uvicorn.Config(app, port=0, log_level="warning", ws="none", lifespan="off")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run)
            thread.start()
            running.append((server, thread))
            deadline = time.monotonic() + PATIENCE
            while not server.started and thread.is_alive() and time.monotonic() < deadline:
                time.sleep(0.02)
            assert server.started
            port = server.servers[0].sockets[0].getsockname()[1]
            known[consent] = f"http://127.0.0.1:{port}/news/bridge"
        return known[consent]

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(PATIENCE)


@dataclass
class Visit:
    """One reader's page: what it asked others for, and its own bytes."""

    page: Page
    asked: list[str] = field(default_factory=list)
    body: bytes = b""

    @property
    def personal(self) -> set[str]:
        """The addresses that only readers who agreed may ask for."""
        return PERSONAL & set(self.asked)

    @property
    def words(self) -> list[str]:
        """What the page's script has said, in order."""
        return list(self.page.evaluate("window.heard || []"))

    def run(self, script: str) -> None:
        """Run a script in the page."""
        self.page.evaluate(f"() => {{ {script} }}")

    def told(self, name: str) -> list[Any]:
        """What the ad servers were told under a name, call by call."""
        return [each[1:] for each in self.page.evaluate("window.told || []") if each[0] == name]

    def wait_for_word(self, word: str) -> None:
        """Until the script has said a word."""
        self.page.wait_for_function("word => (window.heard || []).at(-1) === word", arg=word)

    def wait_for(self, name: str, count: int = 1) -> list[Any]:
        """Until the ad servers were told something so often."""
        self.page.wait_for_function(
            "([name, count]) => (window.told || []).filter(each => each[0] === name).length >= count",
            arg=[name, count],
        )
        return self.told(name)

    def rest(self) -> None:
        """Longer than anything here waits."""
        self.page.wait_for_timeout(GRACE + 500)


@contextmanager
def visited(
    browser: Browser,
    url: str,
    *scripts: str,
    headers: dict[str, str] | None = None,
    picture: Callable[[Route], None] | None = None,
) -> Iterator[Visit]:
    """A page in a browser of its own, where `scripts` run first; `picture` answers for a late picture."""
    context = browser.new_context(viewport={"width": 1366, "height": 768}, extra_http_headers=headers or {})
    seen = Visit(context.new_page())

    def answer(route: Route) -> None:
        asked = route.request.url
        if asked.startswith("http://127.0.0.1:") and asked.endswith("/news/bridge"):
            route.continue_()
            return
        host, path = urlsplit(asked).hostname, urlsplit(asked).path
        if host == "pictures.example" and picture is not None:
            picture(route)
            return
        if host not in ("127.0.0.1", "pictures.example"):
            seen.asked.append(asked)
        code = next((code for end, code in SCRIPTS.items() if path.endswith(end)), None)
        if code is None:
            route.fulfill(body="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml")
        else:
            route.fulfill(body=code, content_type="text/javascript")

    for script in (WORDS, *scripts):
        seen.page.add_init_script(script)
    seen.page.route("**/*", answer)
    response = seen.page.goto(url, wait_until="commit" if picture else "load")
    assert response is not None
    if picture is None:
        seen.body = response.body()
    try:
        yield seen
    finally:
        context.close()


BROWSER: Final = "{grace: 0.5 seconds}"


def test_nobody_is_asked_before_the_reader_has_answered(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve(BROWSER), STUBS) as seen:
        seen.rest()
        assert (seen.asked, seen.words) == ([], [])
        seen.run(LOADED)
        seen.rest()
        assert (seen.asked, seen.words) == ([], [])
        seen.run(AGREED)
        seen.wait_for_word("personal")


def test_who_agreed_is_asked_for_by_everyone(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve(BROWSER), STUBS) as seen:
        seen.run(LOADED + AGREED)
        seen.wait_for("display", 2)
        seen.wait_for("adsense")
        seen.wait_for("revive")
        assert seen.personal == PERSONAL
        assert LIMITED not in seen.asked
        assert {each[0]["limitedAds"] for each in seen.told("privacy")} == {False}
        assert seen.words == ["personal"]


def test_who_refused_gets_limited_ads_and_the_house(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve(BROWSER), STUBS) as seen:
        seen.run(LOADED + REFUSED)
        seen.wait_for("display", 2)
        seen.rest()
        assert seen.asked == [LIMITED]
        assert {each[0]["limitedAds"] for each in seen.told("privacy")} == {True}
        for block in ("sense", "revive"):
            assert seen.page.locator(f"[data-newshole={block}] .nh-own:visible").count() == 1
        assert seen.words == ["limited"]


def test_who_opts_out_gets_ads_without_sale_and_targeting(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve(BROWSER), STUBS, GPC) as seen:
        seen.rest()
        assert seen.asked == []
        seen.run(LOADED + AGREED)
        seen.wait_for("display", 2)
        seen.rest()
        assert seen.asked == [GOOGLE]
        assert {each[0]["restrictDataProcessing"] for each in seen.told("privacy")} == {True}
        assert seen.words == ["restricted"]


def test_consent_that_is_taken_back_holds_for_all_that_comes_later(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve(BROWSER), STUBS) as seen:
        seen.run(LOADED + AGREED)
        seen.wait_for("display", 2)
        seen.wait_for("revive")
        seen.run(REFUSED)
        seen.wait_for_word("limited")
        seen.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        last = seen.wait_for("display", 3)[-1][0]
        assert last["id"] == "nh-late-1"
        assert seen.told("privacy")[-1][0]["limitedAds"] is True
        seen.page.locator("[data-newshole=later] .nh-own:visible").wait_for()
        assert {each[0]["reviveZoneid"] for each in seen.told("revive")} == {"1"}


def test_consent_that_is_given_later_is_taken(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve(BROWSER), STUBS) as seen:
        seen.run(LOADED + REFUSED)
        seen.wait_for_word("limited")
        seen.run(AGREED)
        seen.wait_for("adsense")
        seen.wait_for("revive")
        assert seen.words == ["limited", "personal"]


def test_the_bytes_are_the_same_for_all_three(browser: Browser, serve: Serve) -> None:
    bodies = []
    for script, headers in (
        (AGREED, {"Cookie": "euconsent-v2=yes"}),
        (REFUSED, {"Cookie": "euconsent-v2=no"}),
        (AGREED + GPC, {"Sec-GPC": "1"}),
    ):
        with visited(browser, serve(BROWSER), STUBS, headers=headers) as seen:
            seen.run(LOADED + script)
            seen.page.wait_for_function("window.heard")
            bodies.append(seen.body)
    assert len(set(bodies)) == 1
    assert bodies[0].count(b"data-newshole=") == 6


def test_a_platform_that_comes_late_without_a_stub_is_heard(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve("{grace: 3 seconds}")) as seen:
        seen.page.wait_for_timeout(400)
        assert seen.words == []
        seen.run(TCF_ONLY + LOADED + REFUSED)
        seen.page.wait_for_function("platform.tcf.length")
        seen.rest()
        assert (seen.words, seen.asked) == ([], [])
        seen.run(AGREED)
        seen.wait_for_word("personal")


def test_a_platform_after_the_grace_is_still_heard(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve(BROWSER)) as seen:
        seen.wait_for_word("limited")
        seen.run(TCF_ONLY + LOADED)
        seen.page.wait_for_function("platform.tcf.length")
        seen.run(AGREED)
        seen.wait_for_word("personal")
        assert seen.words == ["limited", "personal"]


@pytest.mark.parametrize(
    ("consent", "script", "word"),
    [
        (BROWSER, "", "limited"),
        (BROWSER, GPC, "limited"),
        ("{grace: 0.5 seconds, without: personal}", "", "personal"),
        ("{grace: 0.5 seconds, without: personal}", GPC, "restricted"),
    ],
)
def test_without_a_platform_the_rules_say_what_holds(
    browser: Browser, serve: Serve, consent: str, script: str, word: str
) -> None:
    with visited(browser, serve(consent), script) as seen:
        seen.wait_for_word(word)
        seen.wait_for("display")
        assert bool(seen.personal) is (word != "limited")
        assert seen.words == [word]


def test_nobody_is_asked_before_the_page_has_loaded_without_a_platform(
    browser: Browser, serve: Serve
) -> None:
    held: list[Route] = []
    with visited(browser, serve("{grace: 0.5 seconds, without: personal}"), picture=held.append) as seen:
        seen.page.wait_for_function("window.newshole && newshole.consent && document.images.length")
        seen.rest()
        assert (seen.asked, seen.words) == ([], [])
        held[0].fulfill(body="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml")
        seen.wait_for_word("personal")


TCF: Final = {
    "all": (says(1, 3, 4), "personal"),
    "stored": (says(1, 3, 4, status="tcloaded"), "personal"),
    "unknown whether it applies": (says(1, 3, 4, applies=None), "personal"),
    "refused where unknown": (says(applies=None), "limited"),
    "it does not apply": (says(applies=False, status="tcloaded"), "personal"),
    "no purpose 1": (says(3, 4), "limited"),
    "no purpose 3": (says(1, 4), "limited"),
    "no purpose 4": (says(1, 3), "limited"),
    "not the vendor": (says(1, 3, 4, vendors=(754, 756)), "limited"),
    "purpose 3 forbidden": (says(1, 3, 4, restrictions={3: {755: 0}}), "limited"),
    "purpose 4 by legitimate interest": (says(1, 3, 4, restrictions={4: {755: 2}}), "limited"),
    "purpose 4 by consent": (says(1, 3, 4, restrictions={4: {755: 1}}), "personal"),
    "another vendor forbidden": (says(1, 3, 4, restrictions={3: {754: 0}}), "personal"),
    "nothing but that": ('platform.say({eventStatus: "tcloaded", gdprApplies: true});', "limited"),
}


@pytest.mark.parametrize("case", TCF)
def test_what_the_framework_of_europe_says(browser: Browser, serve: Serve, case: str) -> None:
    script, word = TCF[case]
    with visited(browser, serve(BROWSER), TCF_ONLY) as seen:
        seen.run(LOADED + script)
        seen.page.wait_for_function("window.heard")
        assert seen.words == [word]


def test_a_platform_that_fails_is_no_answer_and_nothing_is_thrown(browser: Browser, serve: Serve) -> None:
    thrown: list[str] = []
    with visited(browser, serve(BROWSER), STUBS) as seen:
        seen.page.on("pageerror", lambda error: thrown.append(str(error)))
        seen.run(LOADED + "[...platform.tcf, ...platform.gpp].forEach(each => each(null, false));")
        seen.run("platform.say({eventStatus: 'cmpuishown', purpose: {}, vendor: {}});")
        seen.rest()
        assert (seen.words, seen.personal) == ([], set())
        seen.run("platform.say({eventStatus: 'tcloaded', gdprApplies: true, purpose: {}, vendor: {}});")
        seen.wait_for_word("limited")
        assert thrown == []


def test_every_vendor_of_the_rules_must_be_agreed_to(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve("{vendors: [755, 76]}"), TCF_ONLY) as seen:
        seen.run(LOADED + says(1, 3, 4))
        seen.wait_for_word("limited")
        seen.run(says(1, 3, 4, vendors=(76, 755)))
        seen.wait_for_word("personal")


NATIONAL: Final = {"Version": 1, "SaleOptOutNotice": 1, "SaleOptOut": 2, "TargetedAdvertisingOptOut": 2}
GPP: Final = {
    "no opt-out": (signals({"usnat": [NATIONAL]}, 7), "personal"),
    "of sale": (signals({"usnat": [{**NATIONAL, "SaleOptOut": 1}]}, 7), "restricted"),
    "of sharing": (signals({"usca": [{**NATIONAL, "SharingOptOut": 1}]}, 8), "restricted"),
    "of targeting": (signals({"usva": {**NATIONAL, "TargetedAdvertisingOptOut": 1}}, 9), "restricted"),
    "by the browser": (signals({"usnat": [NATIONAL, {"GpcSegmentType": 1, "Gpc": True}]}, 7), "restricted"),
    "in the old section": (signals({"uspv1": {"Version": 1, "OptOutSale": "Y"}}, 6), "restricted"),
    "not in the old section": (signals({"uspv1": {"Version": 1, "OptOutSale": "N"}}, 6), "personal"),
    "a section that is not told": (signals({}, 7), "limited"),
    "Canada": (signals({"tcfcav1": {"Version": 1}}, 5), "limited"),
    "Europe, alone": (signals({"tcfeuv2": {"Version": 2}}, 2), "limited"),
    "no section applies": (signals({}, -1), "personal"),
    "none at all": (signals({}), "personal"),
}


@pytest.mark.parametrize("case", GPP)
def test_what_the_global_privacy_platform_says(browser: Browser, serve: Serve, case: str) -> None:
    script, word = GPP[case]
    with visited(browser, serve(BROWSER), GPP_ONLY) as seen:
        seen.run(LOADED + signals({}, 7, status="not ready"))
        seen.rest()
        assert seen.words == []
        seen.run(script)
        seen.page.wait_for_function("window.heard")
        assert seen.words == [word]


OPTED_OUT: Final = signals({"usnat": [{**NATIONAL, "SaleOptOut": 1}]}, 7)


@pytest.mark.parametrize(
    ("first", "then", "words"),
    [
        (says(1, 3, 4), signals({"tcfeuv2": {"Version": 2}}, 2), ["personal"]),
        (says(applies=False), "", []),
        (says(applies=False), OPTED_OUT, ["restricted"]),
        (OPTED_OUT, says(applies=False), ["restricted"]),
        (signals({"tcfeuv2": {"Version": 2}}, 2), says(1, 3, 4), ["personal"]),
        (signals({}, -1), "", []),
    ],
)
def test_two_frameworks_wait_for_each_other_unless_europe_has_spoken(
    browser: Browser, serve: Serve, first: str, then: str, words: list[str]
) -> None:
    with visited(browser, serve(BROWSER), STUBS) as seen:
        seen.run(LOADED + first + then)
        seen.rest()
        assert seen.words == words


@pytest.mark.parametrize(
    ("said", "script", "word", "personal"),
    [
        ("personal", "", "personal", True),
        ("limited", "", "limited", False),
        ("restricted", "", "restricted", True),
        ("personal", GPC, "restricted", True),
        ("personal", STUBS, "personal", True),
    ],
)
def test_the_servers_word_holds_at_once(
    browser: Browser, serve: Serve, said: str, script: str, word: str, personal: bool
) -> None:
    url = serve("{mode: server, header: X-Consent, grace: 60 seconds}")
    with visited(browser, url, script, headers={"X-Consent": said}) as seen:
        seen.wait_for("display")
        assert re.search(rb' data-nh-consent="(\w+)"', seen.body)[1].decode() == said  # type: ignore[index]
        assert seen.words == [word]
        assert bool(seen.personal) is personal


def test_a_change_in_the_page_goes_over_the_servers_word(browser: Browser, serve: Serve) -> None:
    url = serve("{mode: server, header: X-Consent}")
    with visited(browser, url, STUBS, headers={"X-Consent": "personal"}) as seen:
        seen.wait_for_word("personal")
        seen.run(LOADED + REFUSED)
        seen.wait_for_word("limited")


def test_a_reader_whom_the_server_does_not_know_is_asked_for_in_the_page(
    browser: Browser, serve: Serve
) -> None:
    url = serve("{mode: server, header: X-Consent}")
    with visited(browser, url, STUBS) as seen:
        seen.rest()
        assert (seen.asked, seen.words) == ([], [])
        seen.run(LOADED + AGREED)
        seen.wait_for_word("personal")


def test_a_second_runtime_changes_nothing(browser: Browser, serve: Serve) -> None:
    with visited(browser, serve(BROWSER), STUBS) as seen:
        seen.run(LOADED + AGREED)
        seen.wait_for_word("personal")
        seen.run(
            "const again = document.createElement('script');"
            "again.text = [...document.scripts].find(each => each.text.includes('nhVendors')).text;"
            "document.body.append(again);"
        )
        seen.rest()
        assert seen.words == ["personal"]
        assert seen.page.evaluate("platform.tcf.length") == 1
