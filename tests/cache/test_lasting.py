"""A digest that holds means the same page, and no page changes before the moment that is told with it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import Facts, Site, Weather
from newshole.cache import Answer, PlanCache
from newshole.lasting import NEVER, SOON
from newshole.types import Reader
from tests.budget import examples
from tests.cache.composed import (
    HOST,
    HTML,
    RULES,
    Clock,
    Headers,
    Page,
    anew,
    cached,
    reader_of,
)
from tests.cache.steps import ASKED, STEP

START = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return load(tmp_path_factory.mktemp("rules"), RULES)


def load(folder: Path, rules: str) -> Site:
    path = folder / "site.yaml"
    path.write_text(rules)
    return Site.load(path)


def compose(site: Site, page: bytes, clock: Clock, url: str = "https://news.example/city/bridge") -> Answer:
    return asyncio.run(cached(PlanCache(site, clock=clock), page, url))


PAGE = bytes(Page())


class Visit:
    """One reader, who goes from page to page while time passes."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.url = clock, f"{HOST}/city/bridge"
        self.headers: Headers = {}

    def step(self, site: Site, name: str, value: Any) -> None:
        if name == "url":
            self.url = f"{HOST}{value}"
        elif name in ASKED:
            self.headers = {**self.headers, name: str(value)}
        elif name == "weather":
            at = datetime.fromtimestamp(self.clock.now, UTC)
            site.facts = Facts(weather={} if value is None else {"weather": Weather(value, at=at)})
        elif name == "seconds":
            self.clock.now += value

    def check(self, cache: PlanCache, seen: list[tuple[str, str, bytes]]) -> None:
        """Of the pages seen before, those with a digest that holds would be composed the same now."""
        who = cache.telling(self.url).who(reader_of(cache, self.url, self.headers))
        now = anew(cache, PAGE, self.url, self.headers)
        for digest, known, html in seen:
            if known == self.url and cache.is_current(digest, self.url, who):
                assert html == now


STEPS = st.lists(STEP, min_size=4, max_size=20)


@examples(60)
@given(STEPS)
def test_where_a_digest_holds_the_page_is_the_same(site: Site, steps: list[tuple[str, Any]]) -> None:
    async def ask_all() -> None:
        visit = Visit(Clock())
        site.facts = Facts()
        here, there = (PlanCache(site, clock=visit.clock) for _ in range(2))
        seen: list[tuple[str, str, bytes]] = []
        for name, value in steps:
            visit.step(site, name, value)
            answer = await cached(here, PAGE, visit.url, visit.headers)
            if answer.digest:
                seen.append((answer.digest, visit.url, answer.html))
            visit.check(there, seen)

    asyncio.run(ask_all())


MINUTES = st.integers(0, 60 * 24 * 3)


@examples(40)
@given(minute=MINUTES, later=st.lists(st.integers(0, 200_000), max_size=6), read=st.none() | MINUTES)
def test_no_page_changes_before_the_moment_that_is_told(
    site: Site, minute: int, later: list[int], read: int | None
) -> None:
    clock, page = Clock(), bytes(Page())
    clock.now += minute * 60 + 17
    known = {} if read is None else {"weather": Weather(3.0, at=START + timedelta(minutes=read))}
    site.facts = Facts(weather=known)
    answer = compose(site, page, clock)
    until = answer.lasting.until
    assert until > clock.now
    last = until - 1 if until != NEVER else clock.now + 90 * 86_400
    for at in (last, *(min(clock.now + each, last) for each in later)):
        now = datetime.fromtimestamp(at, UTC)
        again = site.compose(page, url="https://news.example/city/bridge", reader=Reader(now=now))
        assert again.html == answer.html


def test_a_page_that_nothing_changes_lasts_for_ever(tmp_path: Path) -> None:
    site = load(tmp_path, "blocks: {some: {kind: html, html: <p>x</p>, place: body-end}}")
    assert compose(site, bytes(Page()), Clock()).lasting == (NEVER, NEVER)
    assert site.is_steady("https://news.example/city/bridge")


STRIP = """
timezone: Europe/Warsaw
blocks:
  top: {kind: strip, items: [%s], place: page-top,
        weather: {feed: {url: "https://w.example/", temperature: t, minutes: 20, oldest: 60}}}
  every: {kind: html, html: <p>x</p>, place: body-end}
"""


def test_a_date_lasts_until_midnight_in_its_zone(tmp_path: Path) -> None:
    site = load(tmp_path, STRIP % "date")
    answer = compose(site, bytes(Page()), Clock())
    assert answer.lasting == ((START + timedelta(hours=23)).timestamp(),) * 2
    assert not site.is_steady("https://news.example/city/bridge")


def test_weather_lasts_until_it_is_read_again_and_is_the_same_until_it_is_an_hour_old(tmp_path: Path) -> None:
    site, clock = load(tmp_path, STRIP % "weather"), Clock()
    missing = compose(site, bytes(Page()), clock)
    site.facts = Facts(weather={"top": Weather(3.0, at=START)})
    there = compose(site, bytes(Page()), clock)
    assert missing.lasting == (NEVER, SOON)
    assert there.lasting == (
        (START + timedelta(minutes=60)).timestamp(),
        (START + timedelta(minutes=20)).timestamp(),
    )
    assert missing.digest != there.digest


def test_a_page_that_failed_is_kept_by_nobody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newshole.composing.prescan", partial(int, "no number"))
    answer = compose(site, bytes(Page()), Clock())
    assert (answer.untouched, answer.lasting) == ("read-fault", (SOON, SOON))


RULES_OF_CITY = """
blocks:
  some:
    kind: html
    html: <p>x</p>
    place: body-end
    when: {path: "/city/**", schedule: {hours: "10:00-12:00"}}
  every: {kind: html, html: <p>y</p>, place: body-end}
"""


@pytest.mark.parametrize(("path", "is_steady"), [("/city/bridge", False), ("/world/bridge", True)])
def test_what_is_for_other_addresses_changes_no_page(tmp_path: Path, path: str, *, is_steady: bool) -> None:
    site = load(tmp_path, RULES_OF_CITY)
    url = f"https://news.example{path}"
    assert site.is_steady(url) == is_steady
    assert (compose(site, bytes(Page()), Clock(), url).lasting.until == NEVER) == is_steady


FOLLOW = (
    "{kind: follow, network: x, page: P, url: 'https://x.com/p', place: body-end, "
    "followers: {count: 2000, as_of: 2025-12-01}}"
)


@pytest.mark.parametrize(
    "block",
    [
        FOLLOW,
        "{kind: stories, source: latest, place: body-end}",
        "{kind: html, html: <p>x</p>, place: body-end, when: {published: {within: 2 days}}}",
    ],
)
def test_an_address_is_steady_only_where_no_block_can_change(tmp_path: Path, block: str) -> None:
    library = "library: {stories: [{title: A, url: /a, published: 2026-01-05}]}\n"
    site = load(tmp_path, library + f"blocks: {{some: {block}}}")
    assert not site.is_steady("https://news.example/city/bridge")
    lasts = compose(site, bytes(Page()), Clock()).lasting.until
    assert START.timestamp() < lasts < NEVER


def test_words_of_a_response_are_in_its_digest(site: Site) -> None:
    async def digests() -> list[str]:
        cache = PlanCache(site, clock=Clock())
        url = "https://news.example/city/bridge"
        reader = partial(reader_of, cache, url, {})
        who = cache.telling(url).who(reader())
        page = bytes(Page())
        asked = [cache.asked(page, url, HTML, who, reader, words) for words in ("", "no-social")]
        found = [await cache.compose(each) for each in asked]
        assert [cache.is_current(each.digest, url, who) for each in found] == [True, False]
        return [each.digest for each in found]

    site.facts = Facts()
    assert len(set(asyncio.run(digests()))) == 2
