"""Overrides and selected places under kept plans: what is shown is what would be composed anew."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Facts, Site
from newshole.cache import PlanCache
from newshole.store import GuardedStore, MemoryStore
from tests.budget import examples
from tests.cache.composed import HOST, TOKENS, Clock, Page, anew, cached

RULES = """
site: Example
layout: {gap: 1 unit}
blocks:
  inline: {kind: html, html: "<p>{{ n }}</p>", place: {after: paragraph, nth: [2, 4]}}
  below: {kind: html, html: "<p>below</p>", place: body-after}
  form: {kind: html, html: "<p>form</p>", place: {selector: "form[action]", where: before}}
  promo: {kind: html, html: "<p>promo</p>", place: {selector: aside.promo, where: after}}
pages: [{name: front, path: "/", blocks: [form]}]
overrides:
  - name: morning
    when: {schedule: {hours: "06:00-11:00"}}
    set: {blocks.inline.place: {after: paragraph, nth: 3}}
    drop: below
  - {name: city, when: {section: City}, set: {blocks.below.html: "<b>city</b>", layout.gap: 3 units}}
  - {name: small, when: {device: mobile}, only: [inline, form]}
  - name: noon
    when: {schedule: {hours: "10:00-13:00"}}
    set: {blocks.inline.html: "<ul><li>noon</li></ul>"}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(RULES)
    return Site.load(path)


CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "section": st.sampled_from(["City", "Business"]),
    "nonce": TOKENS,
    "token": TOKENS,
    "promo": st.booleans(),
    "paragraphs": st.integers(3, 7),
}
STEP = st.one_of(
    st.sampled_from(sorted(CHANGES)).flatmap(lambda name: st.tuples(st.just(name), CHANGES[name])),
    st.tuples(st.just("hours"), st.integers(1, 30)),
    st.tuples(st.just("hours"), st.integers(1, 3)),
    st.tuples(st.just("device"), st.sampled_from(["mobile", "desktop"])),
    st.tuples(st.just("url"), st.sampled_from(["/city/bridge", "/"])),
)


@examples(60)
@given(st.lists(STEP, min_size=4, max_size=20))
def test_whatever_is_active_the_page_is_never_stale(site: Site, steps: list[tuple[str, Any]]) -> None:
    async def ask_all() -> None:
        clock, store = Clock(), MemoryStore()
        site.facts = Facts()
        workers = [PlanCache(site, GuardedStore(store, deadline=60), clock=clock) for _ in range(2)]
        page, device, url = Page(), "desktop", HOST + "/city/bridge"
        for name, value in steps:
            if name == "hours":
                clock.now += 3600 * value
            elif name == "device":
                device = str(value)
            elif name == "url":
                url = HOST + str(value)
            else:
                page = replace(page, **{name: value})
            for worker in (*workers, *workers):
                told = {"sec-ch-ua-mobile": "?1" if device == "mobile" else "?0"}
                answer = await cached(worker, bytes(page), url, told)
                assert answer.html == anew(worker, bytes(page), url, told)
        for worker in workers:
            assert worker.store is not None
            await worker.store.close()

    asyncio.run(ask_all())


def test_an_override_begins_and_ends_in_its_minute_and_its_plan_is_kept(site: Site) -> None:
    site.facts = Facts()
    clock = Clock()
    cache = PlanCache(site, clock=clock)
    shown = []

    async def ask() -> None:
        for hour, minute in ((5, 59), (6, 0), (9, 59), (5, 30), (7, 0)):
            clock.now = datetime(2026, 1, 2, hour, minute, tzinfo=UTC).timestamp()
            shown.append((await cached(cache, bytes(Page()))).blocks)

    asyncio.run(ask())
    night, morning = ("form", "inline", "inline", "below"), ("form", "inline")
    assert shown == [night, morning, morning, night, morning]
    assert cache.counts["plan-anew"] == 2


def test_a_token_in_what_a_place_selects_is_none(tmp_path: Path) -> None:
    """The field is found by its value: a page with another one is another page."""
    path = tmp_path / "site.yaml"
    path.write_text(
        'blocks: {x: {kind: html, html: <p>x</p>, place: {selector: "[value=abc]", where: before}}}\n'
    )
    cache = PlanCache(Site.load(path), clock=Clock())

    async def ask() -> None:
        for token in ("one", "two", "abc", "three", "abc"):
            page = bytes(Page()).replace(b'value="T0k3n"', f'value="{token}"'.encode())
            assert (await cached(cache, page)).html == anew(cache, page)

    asyncio.run(ask())


def test_an_attribute_that_only_an_override_selects_by_is_watched(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "blocks: {x: {kind: html, html: <p>x</p>, place: body-end}}\n"
        "overrides: [{name: a, when: {section: City}, "
        'set: {blocks.x.place: {selector: "[data-x=abc]", where: before}}}]\n'
    )
    site = Site.load(path)
    assert site.rules[0].selectors == ("[data-x=abc]",)
    cache = PlanCache(site, clock=Clock())

    async def ask() -> None:
        for token in ("one", "two", "abc", "three", "abc"):
            page = bytes(Page(between=f'<div data-x="{token}">x</div>'))
            assert (await cached(cache, page)).html == anew(cache, page)

    asyncio.run(ask())
