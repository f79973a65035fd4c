"""A page composed by a kept plan is the page as it would be composed anew, byte for byte, every time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Facts, Reader, Site, Weather
from newshole.cache import Answer, PlanCache
from newshole.http.readers import read_reader
from newshole.store import GuardedStore, MemoryStore
from tests.budget import examples
from tests.pages import SENTENCE

HOST = "https://news.example"
HTML = "text/html; charset=utf-8"
RULES = """
site: Example
vary: {country: X-Country}
articles: [{path: "/opening/**", until: 2026-01-02 00:10}, {path: "/city/**"}, {path: "/world/**"}]
layout: {gap: 1 unit, start: 1 unit}
library:
  stories:
    - {title: Harbour deepened for larger ferries, url: /a, section: City, published: 2026-01-01}
    - {title: The mill that bought itself, url: /b, section: Business, published: 2026-01-02T00:03:30Z}
blocks:
  weather:
    kind: strip
    items: [weather, date]
    weather: {feed: {url: "https://w.example/", temperature: t}}
    place: page-top
  only-weather:
    kind: strip
    items: [weather]
    weather: {feed: {url: "https://w.example/", temperature: t}}
    place: body-start
  inline: {kind: html, html: "<p>{{ section }} {{ n }}</p>", place: {after: paragraph, nth: [2, 4]}}
  city: {kind: html, html: "<p>city</p>", place: {after: paragraph, nth: 3}, when: {section: City}}
  small: {kind: html, html: "<p>small</p>", place: body-end, when: {device: mobile}}
  below: {kind: html, html: "<p>world</p>", place: body-after, when: {path: "/world/**"}}
  more: {kind: stories, source: related, count: 2, place: body-after}
  paying: {kind: html, html: "<p>paying</p>", place: body-end, when: {cookie: {subscriber: "1"}}}
  gold: {kind: html, html: "<p>gold</p>", place: body-end, when: {header: {X-Tier: [gold, silver]}}}
  mail: {kind: html, html: "<p>mail</p>", place: body-end, when: {query: {utm_source: newsletter}}}
  home: {kind: html, html: "<p>home</p>", place: body-end, when: {country: {not: [DE, FR]}}}
  found: {kind: html, html: "<p>found</p>", place: body-end, when: {referrer: "*.search.example"}}
  night: {kind: html, html: "<p>night</p>", place: body-end, when: {schedule: {hours: "23:59-00:01"}}}
  launch:
    kind: html
    html: <p>launch</p>
    place: body-end
    when: {from: 2026-01-02 00:02, until: 2026-01-03}
  fresh: {kind: html, html: "<p>fresh</p>", place: body-end, when: {published: {within: 2 minutes}}}
  native: {kind: html, html: "<p>native</p>", place: body-end, when: {meta: {ad-type: native}}}
  free: {kind: html, html: "<p>free</p>", place: body-end, when: {jsonld: {isAccessibleForFree: true}}}
  locked: {kind: html, html: "<p>locked</p>", place: body-end, when: {paywalled: true}}
  by-ann: {kind: html, html: "<p>Ann</p>", place: body-end, when: {author: Ann}}
  long: {kind: html, html: "<p>long</p>", place: body-end, when: {words: {min: 220}}}
  mixed:
    kind: html
    html: <p>mixed</p>
    place: body-end
    when:
      any: [{cookie: {subscriber: "1"}, section: City}, {country: DE}, {schedule: {hours: "00:00-00:02"}}]
      none: [{device: mobile, header: {x-tier: gold}}]
"""


@dataclass(frozen=True)
class Page:
    """A response of one URL: every part that may differ from one to the next."""

    section: str = "City"
    nonce: str = "abcdef012345"
    token: str = "T0k3n"  # noqa: S105 - a form token, no secret
    promo: bool = False
    head: str = ""
    between: str = ""
    paragraphs: int = 7
    in_class: str = "entry"
    ad_type: str = "plain"
    free: str = "true"
    author: str = "Ann"

    def __bytes__(self) -> bytes:
        text = "".join(f"<p>{SENTENCE * 2}</p>\n" for _ in range(self.paragraphs))
        promo = '<aside class="promo"><a href="/x">Read also</a></aside>' if self.promo else ""
        return (
            f'<!doctype html><html lang="en"><head><title>Bridge</title>{self.head}'
            f'<meta property="article:section" content="{self.section}">'
            f'<meta name="ad-type" content="{self.ad_type}"><meta name="author" content="{self.author}">'
            '<meta property="article:published_time" content="2026-01-02T00:00:30Z">'
            '<script type="application/ld+json">{"@type":"NewsArticle",'
            f'"isAccessibleForFree":"{self.free}"}}</script>'
            f'<meta name="csrf-token" content="{self.token}">'
            f'<script nonce="{self.nonce}">var csrf = "{self.token}";</script></head><body>{self.between}'
            f'<form action="/s"><input type="hidden" name="t" value="{self.token}"></form>'
            f'<main><article><h1>Bridge</h1><div class="{self.in_class}">\n{text}{promo}</div>'
            f"</article></main></body></html>"
        ).encode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(RULES)
    return Site.load(path)


class Clock:
    """A clock that stands until it is moved, in seconds."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now


Headers = dict[str, str]


def reader_of(cache: PlanCache, url: str, headers: Headers) -> Reader:
    """The reader as the middleware makes one."""
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    return read_reader(raw, url.partition("?")[2].encode(), cache.telling(url))


async def cached(
    cache: PlanCache, page: bytes, url: str = f"{HOST}/city/bridge", headers: Headers | None = None
) -> Answer:
    """The page as the middleware gets it."""
    reader = partial(reader_of, cache, url, headers or {})
    who = cache.telling(url).who(reader())
    answer = cache.recall(page, url, HTML, who)
    if answer is not None:
        return answer
    return await cache.compose(cache.asked(page, url, HTML, who, reader))


def anew(
    cache: PlanCache, page: bytes, url: str = f"{HOST}/city/bridge", headers: Headers | None = None
) -> bytes:
    """The page as it is composed without anything kept."""
    now = datetime.fromtimestamp(cache.clock(), UTC)
    reader = replace(reader_of(cache, url, headers or {}), now=now)
    return cache.site.compose(page, url=url, content_type=HTML, reader=reader, facts=cache.site.facts).html


TOKENS = st.text("abcXYZ019+/=_-", min_size=1, max_size=24)
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "section": st.sampled_from(["City", "Business", "World"]),
    "nonce": TOKENS,
    "token": TOKENS,
    "promo": st.booleans(),
    "head": st.sampled_from(["", '<meta name="newshole" content="no-ads">', '<meta charset="utf-8">']),
    "between": st.sampled_from(["", " ", "<!-- x -->", "<p>short</p>"]),
    "paragraphs": st.integers(3, 9),
    "in_class": TOKENS,
    "ad_type": st.sampled_from(["plain", "native"]) | TOKENS,
    "free": st.sampled_from(["true", "false"]),
    "author": st.sampled_from(["Ann", "Bo"]),
}
ASKED = {
    "sec-ch-ua-mobile": ["?0", "?1"],
    "cookie": ["subscriber=1", "subscriber=0; other=1", "session=x"],
    "x-tier": ["gold", "silver", "lead"],
    "x-country": ["DE", "PL"],
    "referer": ["https://www.search.example/?q=a", "https://news.example/", "junk:["],
}
CHANGE = st.sampled_from(sorted(CHANGES)).flatmap(lambda name: st.tuples(st.just(name), CHANGES[name]))
STEP = st.one_of(
    CHANGE,
    CHANGE,
    CHANGE,
    st.tuples(
        st.just("url"),
        st.sampled_from(
            ["/city/bridge", "/world/bridge", "/opening/bridge", "/city/bridge?utm_source=newsletter"]
        ),
    ),
    *(st.tuples(st.just(name), st.sampled_from(["", *values])) for name, values in ASKED.items()),
    st.tuples(st.just("weather"), st.sampled_from([None, 3.0, 28.6])),
    st.tuples(st.just("seconds"), st.sampled_from([1, 59, 60, 120, 3600, 86_400])),
)


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
            for _ in range(100):
                await asyncio.sleep(0 if store.values else 0.01)
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


class Kept(MemoryStore):
    """A store whose values can be looked at and spoilt."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[bytes, bytes] = {}
        self.spoil: Callable[[bytes, bytes], bytes | None] = lambda _key, value: value

    async def get(self, key: bytes) -> bytes | None:
        return self.spoil(key, self.values.get(key, b"no such value"))

    async def put(self, key: bytes, value: bytes, *, ttl: float) -> None:
        assert ttl > 0
        self.values[key] = value


async def stored(site: Site, store: Kept, pages: list[bytes], secret: bytes = b"") -> None:
    """Have plans of these pages put into the store."""
    cache = PlanCache(site, GuardedStore(store, deadline=60), secret=secret, clock=Clock())
    for page in pages:
        await cached(cache, page)
    for _ in range(100):
        if len(store.values) == len(pages):
            break
        await asyncio.sleep(0.01)
    assert len(store.values) == len(pages)


def test_a_plan_is_shared_by_the_store_and_small(site: Site) -> None:
    site.facts = Facts()

    async def ask() -> None:
        store = Kept()
        await stored(site, store, [bytes(Page())])
        assert all(len(value) <= 2048 for value in store.values.values())
        worker = PlanCache(site, GuardedStore(store, deadline=60), clock=Clock())
        assert (await cached(worker, bytes(Page()))).html == anew(worker, bytes(Page()))
        assert (worker.counts["plan-store"], worker.counts["plan-anew"]) == (1, 0)

    asyncio.run(ask())


SPOILT = st.one_of(
    st.tuples(st.just("flip"), st.integers(0, 2047), st.integers(1, 255)),
    st.tuples(st.just("cut"), st.integers(0, 2047), st.just(0)),
    st.tuples(st.just("add"), st.integers(1, 50), st.integers(0, 255)),
    st.tuples(st.just("other"), st.just(0), st.just(0)),
)


@pytest.mark.slow
@examples(150)
@given(SPOILT)
def test_a_spoilt_value_moves_nothing(site: Site, how: tuple[str, int, int]) -> None:
    kind, place, byte = how
    pages = [bytes(Page()), bytes(Page(paragraphs=9))]
    site.facts = Facts()

    async def ask() -> None:
        store = Kept()
        await stored(site, store, pages)
        values = dict(store.values)

        def spoil(key: bytes, value: bytes) -> bytes:
            if kind == "flip":
                at = place % len(value)
                return value[:at] + bytes([value[at] ^ byte]) + value[at + 1 :]
            if kind == "cut":
                return value[: place % len(value)]
            if kind == "add":
                return value + bytes([byte]) * place
            return next(other for name, other in values.items() if name != key)

        store.spoil = spoil
        worker = PlanCache(site, GuardedStore(store, deadline=60), clock=Clock())
        for page in pages:
            assert (await cached(worker, page)).html == anew(worker, page)
        assert (worker.counts["plan-unsound"], worker.counts["plan-store"]) == (2, 0)

    asyncio.run(ask())


def test_a_value_signed_with_another_secret_is_none(site: Site) -> None:
    site.facts = Facts()

    async def ask() -> None:
        store = Kept()
        await stored(site, store, [bytes(Page())], secret=b"one")
        worker = PlanCache(site, GuardedStore(store, deadline=60), secret=b"two", clock=Clock())
        await cached(worker, bytes(Page()))
        assert (worker.counts["plan-unsound"], worker.counts["plan-anew"]) == (1, 1)

    asyncio.run(ask())


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


def test_what_a_page_says_at_length_is_not_kept(site: Site) -> None:
    site.facts = Facts()
    cache = PlanCache(site, clock=Clock())
    page = bytes(Page(head=f'<meta name="description" content="{"x" * 100_000}">'))
    asyncio.run(cached(cache, page))
    assert len(cache.kept) == 1
    assert cache.kept.size < 40_000

    async def values() -> list[bytes]:
        store = Kept()
        await stored(site, store, [page])
        return [*store.values.values()]

    [value] = asyncio.run(values())
    assert len(value) < 2048
