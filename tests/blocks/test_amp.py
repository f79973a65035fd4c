"""AMP pages: left alone, or with `amp-ad` elements and nothing else, where rules say so."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from newshole.cache import PlanCache
from newshole.rules.compile import load
from newshole.site import Site
from newshole.types import Reader
from tests.blocks.newsroom import parsed
from tests.pages import SENTENCE

URL = "https://news.example/amp/bridge"
RULES = """
site: News
amp: compose
sensitivity: standard
blocks:
  amp:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[728, 90], [300, 250]]}
    serve:
      amp:
        type: doubleclick
        attributes: {data-slot: "/1/{section}"}
        targeting: {pos: "p{n}"}
    place: {after: paragraph, nth: 2}
  slot: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {slot: a}, place: body-end}
  note: {kind: html, html: <p>note</p>, place: body-end}
"""


def page(*extensions: str, mark: str = "amp", title: str = "Bridge") -> bytes:
    """A page of a story, an AMP page by its mark."""
    loaded = "".join(f'<script async custom-element="{name}" src="x"></script>' for name in extensions)
    return (
        f"<!doctype html><html {mark} lang=en><head><title>{title}</title>{loaded}"
        '<meta property="og:type" content="article"><meta property="article:section" content="World"></head>'
        f"<body><article><h1>{title}</h1>{f'<p>{SENTENCE * 3}</p>' * 6}</article></body></html>"
    ).encode()


@pytest.fixture
def site(tmp_path: Any) -> Site:
    file = tmp_path / "news.yaml"
    file.write_text(RULES, encoding="utf-8")
    return Site(*load(file))


def test_an_amp_page_is_left_alone_unless_the_rules_say_otherwise(tmp_path: Any) -> None:
    file = tmp_path / "news.yaml"
    file.write_text(RULES.replace("amp: compose\n", ""), encoding="utf-8")
    assert Site(*load(file)).compose(page("amp-ad"), url=URL).untouched == "amp"


def test_an_amp_page_gets_amp_ads_and_no_style_or_script(site: Site) -> None:
    made = site.compose(page("amp-ad"), url=URL)
    [insertion] = made.insertions
    aside = parsed(insertion.html)
    assert insertion.html.startswith(b"<aside")
    mobile, desktop = aside.iter("amp-ad")
    assert (mobile.get("width"), mobile.get("height"), mobile.get("media")) == (
        "300",
        "250",
        "(max-width:767.98px)",
    )
    assert (desktop.get("width"), desktop.get("height")) == ("728", "250")
    assert (mobile.get("type"), mobile.get("data-slot")) == ("doubleclick", "/1/world")
    keys = json.loads(mobile.get("json"))["targeting"]
    assert {key: keys[key] for key in ("block", "ordinal", "pos")} == {
        "block": "amp",
        "ordinal": "1",
        "pos": ["p1"],
    }
    assert mobile.get("data-block-on-consent") is None
    assert b"style" not in insertion.html
    assert b"script" not in insertion.html
    reasons = {
        each.block: each.reasons[0].code for each in made.decisions if not each.placed and each.gap is None
    }
    assert reasons == {"slot": "amp", "note": "amp"}


def test_an_amp_ad_waits_for_consent_where_the_page_asks_for_it(site: Site) -> None:
    [insertion] = site.compose(page("amp-ad", "amp-consent"), url=URL).insertions
    assert all(each.get("data-block-on-consent") == "" for each in parsed(insertion.html).iter("amp-ad"))


def test_a_sensitive_story_is_flagged(site: Site) -> None:
    made = site.compose(page("amp-ad", title="Three killed in a bomb attack"), url=URL)
    [mobile, _] = parsed(made.insertions[0].html).iter("amp-ad")
    assert json.loads(mobile.get("json"))["targeting"]["sens"] == "t"


def test_a_page_that_does_not_load_the_extension_does_not_get_the_ad(site: Site) -> None:
    made = site.compose(page("amp-carousel"), url=URL)
    assert made.untouched == "nothing-placed"
    [reason] = next(each.reasons for each in made.decisions if each.block == "amp")
    assert (reason.code, reason.required) == ("amp", "a page that loads amp-ad")


def test_any_other_page_gets_all_but_the_amp_ad(site: Site) -> None:
    made = site.compose(page("amp-ad", mark="class=x"), url=URL)
    assert [each.block for each in made.insertions] == ["slot", "note"]
    [reason] = next(each.reasons for each in made.decisions if each.block == "amp")
    assert (reason.code, reason.found) == ("nothing-to-show", "the page is no AMP page")


def test_a_kept_plan_of_an_amp_page_gives_the_same_bytes(site: Site) -> None:
    clock = [1_700_000_000.0]
    plans = PlanCache(site, clock=lambda: clock[0])
    asked = plans.asked(page("amp-ad"), URL, "text/html", (), Reader)
    first = asyncio.run(plans.compose(asked))
    clock[0] += 120
    again = asyncio.run(plans.compose(plans.asked(page("amp-ad"), URL, "text/html", (), Reader)))
    assert again.plan == "plan-here"
    assert again.html == first.html
