"""Consent in a real browser: a page of the real middleware, a scripted platform, and who is asked for ads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pytest

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
from tests.browser.visits import GOOGLE, GPC, LIMITED, PERSONAL, Serve, serving_consents, visited

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Serves the story by rules with a `consent`."""
    with serving_consents(tmp_path_factory.mktemp("rules")) as serve:
        yield serve


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
