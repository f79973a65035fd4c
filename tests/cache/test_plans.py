"""A page composed by a kept plan is the page as it would be composed anew, byte for byte, every time."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Facts, Site, Weather
from newshole.cache import PlanCache
from newshole.store import GuardedStore, MemoryStore
from tests.budget import examples
from tests.cache.composed import (
    HOST,
    RULES,
    Clock,
    Headers,
    Kept,
    Page,
    anew,
    cached,
)
from tests.cache.steps import ASKED, STEP
from tests.waiting import until


@pytest.mark.slow
@examples(60)
@given(st.lists(STEP, min_size=4, max_size=25))
def test_whatever_changes_the_page_is_never_stale(site: Site, steps: list[tuple[str, Any]]) -> None:
    async def ask_all() -> None:
        clock, store = Clock(), MemoryStore()
        site.facts = Facts()
        workers = [PlanCache(site, GuardedStore(store, deadline=60), clock=clock) for _ in range(2)]
        page, url = Page(), "/city/bridge"
        headers: Headers = {}
        for name, value in steps:
            if name == "url":
                url = str(value)
            elif name in ASKED:
                headers = {**headers, name: str(value)}
            elif name == "weather":
                fresh = {} if value is None else dict.fromkeys(("weather", "only-weather"), Weather(value))
                site.facts = Facts(weather=fresh)
            elif name == "seconds":
                clock.now += value
            else:
                page = replace(page, **{name: value})
            for worker in (*workers, *workers):
                answer = await cached(worker, bytes(page), HOST + url, headers)
                assert answer.html == anew(worker, bytes(page), HOST + url, headers)
                assert (answer.untouched is None) == (answer.html != bytes(page))
        for worker in workers:
            assert worker.store is not None
            await worker.store.close()

    asyncio.run(ask_all())


def test_other_rules_are_other_plans(tmp_path: Path, site: Site) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(RULES.replace("nth: [2, 4]", "nth: [3, 5]"))

    async def ask() -> None:
        store = MemoryStore()
        for each in (site, Site.load(path), site):
            cache = PlanCache(each, GuardedStore(store, deadline=60))
            answer = await cached(cache, bytes(Page()))
            assert answer.html == anew(cache, bytes(Page()))
            assert cache.store is not None
            await cache.store.close()

    asyncio.run(ask())


@pytest.mark.parametrize("size", [16, None])
def test_a_page_with_a_new_nonce_and_token_each_time_is_found_again(site: Site, size: int | None) -> None:
    """With tokens of one length, and of lengths that differ."""
    site.facts = Facts()
    cache = PlanCache(site, clock=Clock())

    async def ask() -> None:
        for number in range(1000):
            made = [secrets.token_urlsafe(size or 4 + number % 20) for _ in range(2)]
            page = bytes(Page(nonce=made[0], token=made[1]))
            answer = await cached(cache, page)
            if number % 100 < 3:
                assert answer.html == anew(cache, page)
            assert made[0].encode() in answer.html

    asyncio.run(ask())
    assert cache.counts["plan-anew"] <= 3
    assert cache.counts["plan-here"] >= 990


def test_a_changing_section_is_never_taken_for_a_token(site: Site) -> None:
    site.facts = Facts()
    cache = PlanCache(site, clock=Clock())

    async def ask() -> None:
        for section in ("City", "World", "Town", "City", "Business"):
            page = bytes(Page(section=section))
            assert (await cached(cache, page)).html == anew(cache, page)

    asyncio.run(ask())


def test_a_meta_element_that_the_rules_look_at_is_never_taken_for_a_token(site: Site) -> None:
    site.facts = Facts()
    cache = PlanCache(site, clock=Clock())

    async def ask() -> None:
        for ad_type in ("plain", "other", "third", "native", "fourth"):
            page = bytes(Page(ad_type=ad_type))
            answer = await cached(cache, page)
            assert answer.html == anew(cache, page)
            assert (b"<p>native</p>" in answer.html) == (ad_type == "native")

    asyncio.run(ask())


CONDITIONS = {
    "native": Page(ad_type="native"),
    "free": Page(free="true"),
    "locked": Page(free="false"),
    "by-ann": Page(author="Ann"),
    "long": Page(paragraphs=9),
}


@pytest.mark.parametrize("block", CONDITIONS)
def test_what_conditions_look_at_is_kept_with_the_plan(site: Site, block: str) -> None:
    """Another minute, and another worker, compose the page without reading it."""
    site.facts = Facts()
    page, clock = bytes(CONDITIONS[block]), Clock()
    clock.now += 12 * 3600

    async def ask() -> None:
        store = Kept()
        first, second = (PlanCache(site, GuardedStore(store, deadline=60), clock=clock) for _ in range(2))
        for worker in (first, first, second):
            answer = await cached(worker, page)
            assert answer.html == anew(worker, page)
            assert block in answer.blocks
            await until(lambda: store.values)
            clock.now += 60
        ways = ("plan-anew", "plan-here", "plan-store")
        assert [first.counts[way] for way in ways] == [1, 1, 0]
        assert [second.counts[way] for way in ways] == [0, 0, 1]
        assert all(len(value) <= 2048 for value in store.values.values())

    asyncio.run(ask())


@pytest.mark.parametrize(
    ("block", "minutes"),
    [("launch", {2, 3, 4}), ("fresh", {-1, 0, 1, 2}), ("night", {0, -1}), ("mixed", {0, 1})],
)
def test_what_depends_on_time_is_shown_in_its_minutes_and_in_no_other(
    site: Site, block: str, minutes: set[int]
) -> None:
    site.facts = Facts()
    clock = Clock()
    start = clock.now
    cache = PlanCache(site, clock=clock)

    async def ask() -> set[int]:
        shown = set()
        for minute in range(-2, 5):
            for second in (0, 59.9):
                clock.now = start + 60 * minute + second
                answer = await cached(cache, bytes(Page()))
                assert answer.html == anew(cache, bytes(Page()))
                shown |= {minute} if block in answer.blocks else set()
        return shown

    assert asyncio.run(ask()) - {-2} == minutes


def test_a_page_that_is_an_article_for_a_time_is_one_until_then(site: Site) -> None:
    site.facts = Facts()
    clock = Clock()
    start = clock.now
    cache = PlanCache(site, clock=clock)
    url = f"{HOST}/opening/bridge"

    async def ask() -> list[str | None]:
        told = []
        for minute in (9, 10, 11, 9):
            clock.now = start + 60 * minute
            answer = await cached(cache, bytes(Page()), url)
            assert answer.html == anew(cache, bytes(Page()), url)
            told.append(answer.untouched)
        return told

    assert asyncio.run(ask()) == [None, "not-an-article", "not-an-article", None]
    assert cache.counts == {"plan-anew": 3, "plan-here": 1}


@pytest.mark.parametrize(
    ("block", "headers", "others"),
    [
        ("paying", {"cookie": "subscriber=1"}, {"cookie": "subscriber=2"}),
        ("gold", {"x-tier": "silver"}, {"x-tier": "tin"}),
        ("home", {"x-country": "PL"}, {"x-country": "DE"}),
        ("found", {"referer": "https://a.search.example/"}, {"referer": "https://search.example/"}),
        ("small", {"sec-ch-ua-mobile": "?1"}, {"sec-ch-ua-mobile": "?0"}),
    ],
)
def test_a_reader_never_gets_the_page_of_another_kind_of_reader(
    site: Site, block: str, headers: Headers, others: Headers
) -> None:
    site.facts = Facts()
    cache = PlanCache(site, clock=Clock())

    async def ask() -> None:
        for number in range(6):
            page = bytes(Page(nonce=f"nonce{number}"))
            for asked, is_shown in ((headers, True), (others, False)) * 2:
                answer = await cached(cache, page, headers=asked)
                assert (block in answer.blocks) is is_shown
                assert answer.html == anew(cache, page, headers=asked)
        assert cache.counts["plan-here"] >= 12

    asyncio.run(ask())


def test_a_thousand_that_miss_at_once_are_one_computation(site: Site) -> None:
    site.facts = Facts()

    class Slow(MemoryStore):
        async def get(self, key: bytes) -> bytes | None:
            await asyncio.sleep(0.05)
            return await super().get(key)

    async def ask() -> PlanCache:
        cache = PlanCache(site, GuardedStore(Slow(), deadline=60), clock=Clock())
        answers = await asyncio.gather(*(cached(cache, bytes(Page())) for _ in range(1000)))
        assert {answer.html for answer in answers} == {anew(cache, bytes(Page()))}
        assert cache.store is not None
        await cache.store.close()
        return cache

    assert asyncio.run(ask()).counts["plan-anew"] == 1


def test_what_a_story_scheduled_for_later_changes_is_seen_in_its_minute(site: Site) -> None:
    site.facts = Facts()
    clock = Clock()
    cache = PlanCache(site, clock=clock)

    async def ask() -> bytes:
        return (await cached(cache, bytes(Page(section="Business")))).html

    before = asyncio.run(ask())
    clock.now += 4 * 60
    after = asyncio.run(ask())
    assert b'href="/b"' not in before
    assert b'href="/b"' in after


def test_a_page_that_cannot_be_kept_is_composed_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    site.facts = Facts()
    monkeypatch.setattr("newshole.cache.reading._learned", broken)
    cache = PlanCache(site, clock=Clock())
    assert asyncio.run(cached(cache, bytes(Page()))).html == anew(cache, bytes(Page()))
    assert len(cache.kept) == 0
    assert "nothing could be kept" in caplog.text
