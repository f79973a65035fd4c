"""The manifest: the slots of a page, in order, as data for the site's own ad wrapper."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from newshole import Newshole
from newshole.cache import PlanCache
from newshole.rules.compile import load
from newshole.site import Site
from newshole.types import Reader
from tests.http.asgi import ask, asked, page
from tests.pages import SENTENCE

URL = "https://news.example/world/bridge"
RULES = """
site: News
sensitivity: standard
articles: [{path: "/world/**"}]
pages: [{name: parts, path: "/parts/**", blocks: [top], fragments: true}]
blocks:
  end: {kind: ad, sizes: {desktop: [[728, 90]]}, serve: {slot: "</script>end"}, place: body-end}
  inline:
    kind: ad
    sizes: {mobile: [[300, 250]], desktop: [[336, 280], [300, 250]]}
    serve: {slot: "{section}-{n}"}
    lazy: {margin: {mobile: 300}}
    place: {after: paragraph, nth: [2, 5]}
  gpt: {kind: ad, sizes: {mobile: [[300, 250]]}, serve: {gpt: {unit: /1/x}}, place: body-start}
  top: {kind: ad, sizes: {mobile: [[320, 50]]}, serve: {slot: top}, place: page-top}
"""


def story(title: str = "Bridge") -> bytes:
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>"
        '<meta property="article:section" content="World"></head>'
        f"<body><article><h1>{title}</h1>{f'<p>{SENTENCE * 3}</p>' * 8}</article></body></html>"
    ).encode()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    file = tmp_path / "news.yaml"
    file.write_text(RULES, encoding="utf-8")
    return Site(*load(file))


def manifests(html: bytes) -> list[Any]:
    """What each manifest of a page says."""
    found = BeautifulSoup(html.decode(), "html5lib").select('script#nh-slots[type="application/json"]')
    return [json.loads(str(each.string)) for each in found]


def slots(html: bytes) -> list[Tag]:
    return list(BeautifulSoup(html.decode(), "html5lib").select("[data-nh-slot]"))


def test_the_manifest_lists_the_slots_in_the_order_of_the_page(site: Site) -> None:
    html = site.compose(story(), url=URL).html
    [listed] = manifests(html)
    assert [each["id"] for each in listed] == [each["id"] for each in slots(html)]
    assert [each["id"] for each in listed] == ["nh-top-1", "nh-inline-1", "nh-inline-2", "nh-end-1"]


def test_an_entry_says_what_the_element_says(site: Site) -> None:
    html = site.compose(story("Three killed in a bomb attack"), url=URL).html
    [listed] = manifests(html)
    for entry, element in zip(listed, slots(html), strict=True):
        assert entry["name"] == element["data-nh-slot"]
        assert str(entry["ordinal"]) == element["data-nh-ordinal"]
        assert entry["sizes"] == json.loads(str(element["data-nh-sizes"]))
        assert entry["keys"] == json.loads(str(element["data-nh-keys"]))
        assert entry.get("lazy", {}) == json.loads(str(element.get("data-nh-lazy", "{}")))
    assert listed[1]["name"] == "world-1"
    assert listed[1]["block"] == "inline"
    assert listed[1]["keys"]["sens"] == "t"


def test_no_name_ends_the_manifest(site: Site) -> None:
    [listed] = manifests(site.compose(story(), url=URL).html)
    assert listed[-1]["name"] == "</script>end"


def test_a_page_without_slots_has_no_manifest(tmp_path: Path) -> None:
    file = tmp_path / "news.yaml"
    file.write_text("blocks: {x: {kind: html, html: <p>x</p>, place: body-end}}", encoding="utf-8")
    assert b"nh-slots" not in Site(*load(file)).compose(story(), url=URL).html


def test_a_kept_plan_gives_the_same_manifest(site: Site) -> None:
    clock = [1_700_000_000.0]
    plans = PlanCache(site, clock=lambda: clock[0])
    first = asyncio.run(plans.compose(plans.asked(story(), URL, "text/html", (), Reader)))
    clock[0] += 120
    again = asyncio.run(plans.compose(plans.asked(story(), URL, "text/html", (), Reader)))
    assert (again.plan, again.html) == ("plan-here", first.html)
    assert len(manifests(again.html)) == 1


def test_a_part_that_a_script_fetches_has_a_manifest_of_its_own(site: Site) -> None:
    part = f"<div><p>{SENTENCE}</p></div>".encode()
    headers = [(b"hx-request", b"true")]
    html = ask(Newshole(page(part), site=site), asked("/parts/more", headers=headers)).body
    [listed] = manifests(html)
    assert [each["id"] for each in listed] == ["nh-top-1"]


def test_the_manifest_needs_no_nonce(site: Site) -> None:
    policy = (b"content-security-policy", b"script-src 'nonce-abc'; style-src 'nonce-abc'")
    html = ask(Newshole(page(story(), policy), site=site), asked("/world/bridge")).body
    assert html.count(b'data-newshole-runtime nonce="abc"') == 1 + len(("consent.js", "slots.js", "gpt.js"))
    assert len(manifests(html)) == 1
