"""Experiments under kept plans: what is shown, and who is exposed, is what composing anew gives."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Facts, Site
from newshole.cache import PlanCache
from newshole.exposing import Exposed
from newshole.http.readers import read_who
from newshole.site import Composition
from newshole.store import GuardedStore, MemoryStore
from tests.budget import examples
from tests.cache.composed import HOST, HTML, TOKENS, Clock, Page, cached, reader_of

SITE: Final = """
site: Example
vary: {id: {cookie: uid}, arms: X-Arms, device: X-Device}
layout: {gap: 1 unit}
blocks:
  inline: {kind: html, html: "<p>{{ n }}</p>", place: {after: paragraph, nth: [2, 4]}}
  below: {kind: html, html: "<p>below {{ arm }}</p>", place: body-after}
  promo: {kind: html, html: "<p>promo</p>", place: {selector: aside.promo, where: after}}
  city: {kind: html, html: "<p>city</p>", place: {after: paragraph, nth: 3}, when: {section: City}}
overrides:
  - {name: business, when: {section: Business}, set: {layout.gap: 2 units}}
  - {name: small, when: {device: mobile}, drop: promo}
"""

CHANGES: Final = st.sampled_from(
    [
        "{}",
        "{set: {blocks.inline.place: {after: paragraph, nth: 3}}}",
        '{set: {blocks.inline.html: "<ul><li>{{ n }}</li></ul>"}}',
        "{set: {layout.gap: 3 units}}",
        "{set: {layout.blocks: 1}}",
        '{set: {blocks.promo.place: {selector: "form", where: before}}}',
        "{drop: inline}",
        "{only: [below, promo]}",
        "{drop: [inline, below, promo, city]}",
        "{weight: 3, set: {blocks.city.when: {section: Business}}}",
    ]
)
WHEN: Final = st.sampled_from(
    [
        "",
        "when: {section: City}, ",
        "when: {device: mobile}, ",
        'when: {path: "/world/**"}, ',
        "when: {words: {min: 150}}, ",
        "when: {schedule: {hours: '06:00-11:00'}}, ",
        "traffic: 50%, ",
        "traffic: 50%, ",
        "traffic: 50%, ",
    ]
)


@st.composite
def experiments(draw: st.DrawFn) -> str:
    """One to three of them, each of its own unit."""
    entries = []
    for name in draw(st.permutations(["visitor", "edge", "page"]))[: draw(st.integers(1, 3))]:
        # Were control another page than the rules' own in two of them, there would be too many variants.
        control = st.just("{}") if name == "edge" else st.just("{}") | CHANGES
        arms = [draw(control), draw(CHANGES.filter(lambda written: written != "{}"))]
        written = ", ".join(f"arm-{n}: {arm}" for n, arm in enumerate(arms))
        entries.append(f"  by-{name}: {{unit: {name}, {draw(WHEN)}arms: {{{written}}}}}")
    holdout = draw(st.sampled_from(["", "\nholdout: {share: 20%}"]))
    return "experiments:\n" + "\n".join(entries) + holdout


STEP: Final = st.one_of(
    st.tuples(st.just("section"), st.sampled_from(["City", "Business"])),
    st.tuples(st.just("token"), TOKENS),
    st.tuples(st.just("promo"), st.booleans()),
    st.tuples(st.just("paragraphs"), st.integers(2, 7)),
    st.tuples(st.just("minutes"), st.integers(1, 600)),
    st.tuples(st.just("url"), st.sampled_from(["/city/bridge", "/world/a", "/city/mill"])),
    st.tuples(st.just("cookie"), st.sampled_from([*(f"uid=u{n}" for n in range(12)), ""])),
    st.tuples(st.just("cookie"), st.sampled_from([f"uid=u{n}" for n in range(12)])),
    st.tuples(st.just("x-arms"), st.sampled_from(["by-edge=arm-0", "by-edge=arm-1", "by-edge=x", ""])),
    st.tuples(st.just("x-device"), st.sampled_from(["mobile", "desktop"])),
    st.tuples(st.just("user-agent"), st.sampled_from(["Googlebot", "Mozilla/5.0"])),
)


def composed(cache: PlanCache, page: bytes, url: str, told: dict[str, str]) -> Composition:
    reader = replace(reader_of(cache, url, told), now=datetime.fromtimestamp(cache.clock(), UTC))
    return cache.site.compose(page, url=url, content_type=HTML, reader=reader, facts=cache.site.facts)


@pytest.mark.slow
@examples(60)
@given(written=experiments(), steps=st.lists(STEP, min_size=6, max_size=24))
def test_the_kept_way_gives_the_same_pages_and_exposures(
    tmp_path_factory: pytest.TempPathFactory, written: str, steps: list[tuple[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(SITE + written)
    site = Site.load(path)

    async def ask_all() -> None:
        clock, store = Clock(), MemoryStore()
        workers = [PlanCache(site, GuardedStore(store, deadline=60), clock=clock) for _ in range(2)]
        page, url, told = Page(), HOST + "/city/bridge", dict[str, str]()
        for name, value in steps:
            if name == "minutes":
                clock.now += 60 * value
            elif name == "url":
                url = HOST + str(value)
            elif name in ("cookie", "x-arms", "x-device", "user-agent"):
                told[name] = str(value)
            else:
                page = replace(page, **{name: value})
            for worker in (*workers, *workers):
                answer = await cached(worker, bytes(page), url, told)
                expected = composed(worker, bytes(page), url, told)
                assert answer.html == expected.html
                seen = answer.seen
                assert (seen.arms, seen.exposures) == (expected.arms, expected.exposures)
        await store.close()

    asyncio.run(ask_all())


def cache_of(folder: Path, written: str) -> PlanCache:
    path = folder / "site.yaml"
    path.write_text(SITE + written)
    site = Site.load(path)
    site.facts = Facts()
    return PlanCache(site, clock=Clock())


def ask(cache: PlanCache, readers: list[str], path: str = "/city/bridge") -> list[Exposed]:
    """What readers of these ids see of a page, one after the other."""

    async def all_of_them() -> list[Exposed]:
        url = HOST + path
        return [(await cached(cache, bytes(Page()), url, {"cookie": each})).seen for each in readers]

    return asyncio.run(all_of_them())


READERS: Final = [f"uid=r{n}" for n in range(40)]


def test_a_page_is_planned_once_for_each_arm_and_for_those_in_none(tmp_path: Path) -> None:
    cache = cache_of(tmp_path, "experiments: {e: {traffic: 50%, arms: {control: {}, none: {drop: inline}}}}")
    seen = ask(cache, READERS)
    assert {each.arms.get("e", "") for each in seen} == {"control", "none", ""}
    assert [each.exposures for each in seen] == [each.arms for each in seen]
    assert cache.counts["plan-anew"] == 3
    assert cache.counts["plan-here"] == len(READERS) - 3


def test_an_experiment_elsewhere_makes_no_variant_of_a_page(tmp_path: Path) -> None:
    cache = cache_of(
        tmp_path,
        'experiments: {e: {when: {path: "/world/**"}, arms: {control: {}, none: {drop: inline}}}}',
    )
    assert {each.arms.get("e", "") for each in ask(cache, READERS)} == {""}
    assert cache.counts["plan-anew"] == 1
    pages = {composed(cache, bytes(Page()), HOST + "/city/bridge", {"cookie": each}).html for each in READERS}
    assert len(pages) == 1, "what is kept for all names nobody's arm"
    assert cache.telling(HOST + "/city/bridge").is_private is False
    assert cache.telling(HOST + "/world/a").is_private is True


def test_pages_that_are_assigned_make_no_variant_of_their_own(tmp_path: Path) -> None:
    cache = cache_of(tmp_path, "experiments: {e: {unit: page, arms: {control: {}, none: {drop: inline}}}}")
    for path in ("/city/a", "/city/b", "/city/c"):
        assert len({str(each) for each in ask(cache, READERS, path)}) == 1
        assert cache.telling(HOST + path).vary == (b"X-Device",)
    assert cache.counts["plan-anew"] == 3
    assert cache.counts["plan-here"] == 3 * (len(READERS) - 1)


def test_control_is_not_mistaken_for_a_reader_outside(tmp_path: Path) -> None:
    """Both get the same page, so what is kept of it must still tell them apart."""
    cache = cache_of(tmp_path, "experiments: {e: {traffic: 20%, arms: {control: {}, none: {drop: inline}}}}")
    first = ask(cache, READERS)
    assert first == ask(cache, READERS) == ask(cache, READERS[::-1])[::-1]
    assert {each.exposures.get("e", "") for each in first} == {"control", "none", ""}


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ("vary: {id: X-Reader}", (b"X-Reader", b"User-Agent")),
        ("vary: {id: X-Reader, bot: X-Bot}", (b"X-Reader", b"X-Bot")),
        (
            "vary: {id: X-Reader, bot: X-Bot}\nconsent: {mode: server, header: X-Consent}",
            (b"X-Reader", b"X-Bot", b"X-Consent", b"Sec-GPC"),
        ),
        ("vary: {arms: X-Arms}", ()),
    ],
)
def test_a_page_varies_by_all_that_decides_whether_its_reader_takes_part(
    tmp_path: Path, more: str, names: tuple[bytes, ...]
) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        more + "\nblocks: {a: {kind: html, html: <p>a</p>, place: body-end}}\n"
        "experiments: {e: {arms: {control: {}, none: {drop: a}}}}\n"
    )
    assert PlanCache(Site.load(path)).telling(HOST + "/a").vary == names


def test_a_crawler_with_a_readers_id_and_who_has_not_agreed_get_the_rules_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "vary: {id: X-Reader}\nconsent: {mode: server, header: X-Consent}\n"
        "blocks: {a: {kind: html, html: <p>a</p>, place: body-end}}\n"
        "experiments: {e: {arms: {control: {drop: a}, none: {drop: a, set: {layout.ads: 1}}}}}\n"
    )
    cache = PlanCache(Site.load(path), clock=Clock())
    url = HOST + "/city/bridge"
    told = [
        {"x-reader": "r", "x-consent": "personal"},
        {"x-reader": "r", "x-consent": "personal", "user-agent": "Googlebot/2.1"},
        {"x-reader": "r", "x-consent": "limited"},
        {"x-reader": "r", "x-consent": "personal", "sec-gpc": "1"},
        {"x-consent": "personal"},
    ]

    async def blocks() -> list[int]:
        found = []
        for each in (*told, *told):
            raw = {name.encode(): value.encode() for name, value in each.items()}
            assert read_who(raw, cache.telling(url)) == cache.telling(url).who(reader_of(cache, url, each))
            found.append(len((await cached(cache, bytes(Page()), url, each)).blocks))
        return found

    assert asyncio.run(blocks()) == [0, 1, 1, 1, 1] * 2
