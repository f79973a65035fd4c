"""Under any switches a page is the one that is composed anew under them, at once, and never a stale one."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Facts, Site
from newshole.cache import PlanCache
from newshole.rules.switches import Switches
from newshole.store import GuardedStore, MemoryStore
from newshole.types import Switch
from tests.budget import examples
from tests.cache.composed import HOST, RULES, Clock, Page, anew, cached

URLS = [f"{HOST}/city/bridge", f"{HOST}/world/bridge", f"{HOST}/city/tram?a=1"]
SWITCHES = st.one_of(
    st.just(Switch("all")),
    st.sampled_from(["City", "business"]).map(lambda name: Switch("section", name)),
    st.sampled_from(["/city/**", "/city/tram", URLS[0]]).map(lambda name: Switch("url", name)),
    st.sampled_from(["inline", "more", "small", "city", "unknown"]).map(lambda name: Switch("block", name)),
    st.sampled_from(["html", "strip", "stories", "ad"]).map(lambda name: Switch("kind", name)),
    st.sampled_from(["/city/**", URLS[2]]).map(lambda name: Switch("no-ads", name)),
)
STEPS = st.one_of(
    st.lists(SWITCHES, max_size=3).map(lambda switches: ("switches", tuple(switches))),
    st.sampled_from(URLS).map(lambda url: ("url", url)),
    st.sampled_from(["City", "Business"]).map(lambda section: ("section", section)),
    st.sampled_from([1, 60]).map(lambda seconds: ("seconds", seconds)),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(RULES)
    return Site.load(path)


def switched(site: Site, *switches: Switch) -> None:
    """Switch these off, and nothing else."""
    site.facts = replace(site.facts, switches=Switches(switches) if switches else None)


@pytest.mark.slow
@examples(60)
@given(st.lists(STEPS, min_size=4, max_size=25))
def test_switches_hold_at_once_with_whatever_is_kept(site: Site, steps: list[tuple[str, object]]) -> None:
    async def ask_all() -> None:
        site.facts = Facts()
        clock, store, page, url = Clock(), GuardedStore(MemoryStore(), deadline=5), Page(), URLS[0]
        caches = [PlanCache(site, store, clock=clock) for _ in range(2)]
        for name, value in steps:
            if name == "switches":
                assert isinstance(value, tuple)
                switched(site, *value)
            elif name == "seconds":
                assert isinstance(value, int)
                clock.now += value
            elif name == "url":
                url = str(value)
            else:
                page = Page(section=str(value))
            for cache in (*caches, caches[0]):
                answer = await cached(cache, bytes(page), url)
                assert answer.html == anew(cache, bytes(page), url)
        await store.close()

    asyncio.run(ask_all())


def test_a_switch_and_its_end_cost_no_plan(site: Site) -> None:
    async def ask_all() -> None:
        site.facts = Facts()
        cache = PlanCache(site, clock=Clock())
        page = bytes(Page())
        before = await cached(cache, page)
        for switch in (Switch("section", "City"), Switch("all"), Switch("url", URLS[0])):
            switched(site, switch)
            assert (await cached(cache, page))[:2] == (page, "switched-off")
        switched(site, Switch("block", "inline"))
        assert "inline" not in (await cached(cache, page)).blocks
        switched(site)
        again = await cached(cache, page)
        assert (again.html, again.digest) == (before.html, before.digest)
        assert cache.counts["plan-anew"] == 2

    asyncio.run(ask_all())


def test_a_page_that_is_first_read_while_it_is_off_is_whole_afterwards(site: Site) -> None:
    async def ask_all() -> None:
        site.facts = Facts()
        cache = PlanCache(site, clock=Clock())
        page = bytes(Page(paragraphs=9))
        for switch in (Switch("section", "City"), Switch("url", "/city/**")):
            switched(site, switch)
            for _ in range(2):
                assert (await cached(cache, page)).untouched == "switched-off"
            switched(site)
            assert (await cached(cache, page)).html == anew(cache, page)

    asyncio.run(ask_all())


def test_a_site_says_why_a_block_or_a_page_is_off(site: Site) -> None:
    site.facts = Facts()
    switched(site, Switch("block", "inline", by="anna", reason="server down"))
    decided = site.compose(bytes(Page()), url=URLS[0]).decisions
    (reason,) = {reason for each in decided if each.block == "inline" for reason in each.reasons}
    assert (reason.code, reason.bound) == ("switched-off", "switches.block[inline]")
    assert reason.found == "off by anna: server down"
    switched(site, Switch("all"))
    assert site.compose(bytes(Page()), url=URLS[0]).untouched == "switched-off"
    site.facts = Facts()


@pytest.mark.parametrize("changed", [False, True])
def test_other_rules_keep_the_plans_of_the_sites_that_are_the_same(tmp_path: Path, changed: bool) -> None:
    (tmp_path / "a.yaml").write_text(f"hosts: news.example\n{RULES}")
    (tmp_path / "b.yaml").write_text(f"hosts: other.example\n{RULES}")
    first = PlanCache(Site.load(tmp_path), clock=Clock())
    edited = "a.yaml" if changed else "b.yaml"
    text = (tmp_path / edited).read_text().replace("nth: [2, 4]", "nth: 2")
    (tmp_path / edited).write_text(text)

    async def ask_all() -> None:
        page = bytes(Page())
        await cached(first, page)
        second = PlanCache(Site.load(tmp_path), clock=Clock())
        second.inherit(first)
        assert (await cached(second, page)).html == anew(second, page)
        assert second.counts["plan-anew"] == (1 if changed else 0)

    asyncio.run(ask_all())


def test_what_other_rules_replace_is_let_go_at_once(site: Site) -> None:
    first = PlanCache(site, clock=Clock())
    asyncio.run(cached(first, bytes(Page())))
    PlanCache(site, clock=Clock()).inherit(first)
    alone = weakref.ref(first)
    gc.disable()
    try:
        del first
        assert alone() is None
    finally:
        gc.enable()
