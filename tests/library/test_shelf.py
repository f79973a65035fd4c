"""The living library: what it keeps, what it lets go, and what it shows."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.library import Entry, Shelf, Showing, Source, choose
from newshole.library.neighbours import MOST, Neighbours
from newshole.library.terms import is_near_duplicate, terms
from newshole.types import Story

NOW = dt.datetime(2024, 7, 19, 12, tzinfo=dt.UTC)
STAMP = NOW.timestamp()
DAY = 86_400.0
BASE = "https://news.example"


def entry(name: str, days: float = 1.0, **fields: Any) -> Entry:
    """A story published so many days ago."""
    published = NOW - dt.timedelta(days=days)
    told = {"title": name, "published": published, "seen": STAMP, "language": "en", **fields}
    return Entry(f"{BASE}/{name.lower().replace(' ', '-')}", **told)


def shelf_of(*entries: Entry, **bounds: Any) -> Shelf:
    shelf = Shelf(**bounds)
    shelf.learn(entries)
    return shelf


def titles(entries: tuple[Entry, ...]) -> list[str]:
    return [each.title for each in entries]


def latest(shelf: Shelf, source: Any = "latest", **story: Any) -> list[str]:
    showing = Showing(Story(url=f"{BASE}/page", **story), NOW)
    return titles(choose(source, 20, shelf.snapshot(STAMP), (), showing))


def test_a_story_is_found_however_its_address_is_written() -> None:
    shelf = shelf_of(entry("Grain ships"))
    assert shelf.entry("http://www.news.example/grain-ships/?utm_source=x#top") == entry("Grain ships")
    assert shelf.entry(f"{BASE}/other") is None


def test_the_oldest_are_let_go_over_the_count() -> None:
    shelf = shelf_of(*[entry(f"Story {days}", days) for days in (5, 1, 4, 2, 3)], most=3)
    assert titles(shelf.entries()) == ["Story 1", "Story 2", "Story 3"]


def test_too_old_stories_are_let_go() -> None:
    shelf = shelf_of(entry("Old one", 20), entry("New one", 2), oldest=10 * DAY)
    assert titles(shelf.entries()) == ["New one"]
    shelf.snapshot(STAMP + 9 * DAY)
    assert shelf.entries() == ()


def test_a_story_that_is_told_again_keeps_what_is_not_said() -> None:
    shelf = shelf_of(entry("Grain", tags=("Ships",), terms=("wheat",), level="solemn", image=f"{BASE}/a.jpg"))
    shelf.learn([entry("Grain", title="Grain sails", source="feed", seen=STAMP + 60)])
    [kept] = shelf.entries()
    assert (kept.title, kept.tags, kept.terms) == ("Grain sails", ("Ships",), ("wheat",))
    assert (kept.level, kept.source, kept.image) == ("solemn", "feed", f"{BASE}/a.jpg")


def test_a_page_may_say_that_its_story_is_no_longer_sensitive() -> None:
    shelf = shelf_of(entry("Grain", level="solemn"))
    shelf.learn([entry("Grain")])
    assert shelf.entries()[0].level == "none"


def test_what_says_nothing_new_changes_nothing() -> None:
    shelf = shelf_of(entry("Grain"))
    shelf.snapshot(STAMP)
    assert not shelf.is_stale(STAMP)
    shelf.learn([entry("Grain", seen=STAMP + 60)])
    assert not shelf.is_stale(STAMP)


def test_a_relative_address_is_not_learned() -> None:
    assert len(shelf_of(Entry("/grain", "Grain"), Entry("nowhere:", "Nowhere"))) == 0


def test_a_forgotten_story_is_on_no_list() -> None:
    shelf = shelf_of(*[entry(f"Grain number {n}", tags=("Grain",)) for n in ("one", "two", "three")])
    shelf.snapshot(STAMP)
    shelf.forget([f"{BASE}/grain-number-two"])
    assert titles(shelf.related(f"{BASE}/grain-number-one", STAMP, 5)) == ["Grain number three"]
    assert "Grain number two" not in latest(shelf)


def test_a_story_that_comes_is_put_on_the_lists_of_those_near_it() -> None:
    shelf = shelf_of(entry("Grain ships sail", tags=("Grain",)), *[entry(f"Other {n}") for n in range(30)])
    assert titles(shelf.related(f"{BASE}/grain-ships-sail", STAMP, 1)) != ["Wheat prices"]
    shelf.learn([entry("Wheat prices", tags=("Grain",))])
    assert titles(shelf.related(f"{BASE}/grain-ships-sail", STAMP, 1)) == ["Wheat prices"]


@pytest.mark.parametrize("others", [0, 1, 5, 20, 100])
def test_one_word_of_a_title_in_common_makes_a_story_nearer_than_fresh_ones(others: int) -> None:
    def long(name: str, **fields: Any) -> Entry:
        return entry(name, terms=tuple(f"{name}{n}".lower() for n in range(32)), **fields)

    own = long("Wieselburg council votes again")
    near = long("Storm over Wieselburg tonight", days=30)
    shelf = shelf_of(own, near, *(long(f"Story{n} of{n}", days=0.5) for n in range(others)))
    assert titles(shelf.related(own, STAMP, 1)) == [near.title]


def test_a_title_that_changed_is_shown_as_it_is_now() -> None:
    shelf = shelf_of(entry("Grain ships sail", tags=("Grain",)), entry("Wheat", tags=("Grain",)))
    shelf.learn([entry("Wheat", title="Wheat is dear", tags=("Grain",))])
    assert titles(shelf.related(f"{BASE}/grain-ships-sail", STAMP, 5)) == ["Wheat is dear"]


def test_a_snapshot_stays_as_it_is() -> None:
    shelf = shelf_of(entry("Grain ships"))
    before = shelf.snapshot(STAMP)
    shelf.learn([entry("Later story")])
    showing = Showing(Story(url=f"{BASE}/page"), NOW)
    assert titles(choose("latest", 5, before, (), showing)) == ["Grain ships"]


def test_stories_of_the_rules_stay_and_go_before_learned_ones_of_their_address() -> None:
    shelf = Shelf([Entry("/grain", "Grain by the rules")], most=1)
    shelf.learn([entry("Grain", title="Grain as learned"), entry("Other", 3), entry("Third", 2)])
    shelf.forget([f"{BASE}/grain"])
    assert latest(shelf) == ["Third", "Grain by the rules"]
    shelf.fix([Entry("/sea", "A quiet sea")])
    assert latest(shelf) == ["Third", "A quiet sea"]


def test_pins_name_learned_stories_too() -> None:
    shelf = Shelf([Entry("/sea", "A quiet sea")])
    shelf.learn([entry("Grain")])
    showing = Showing(Story(url=f"{BASE}/page"), NOW)
    pinned = ("/grain", f"{BASE}/sea", "/gone")
    assert titles(choose("pinned", 5, shelf.snapshot(STAMP), pinned, showing)) == ["Grain", "A quiet sea"]


def test_the_most_read_come_first_and_a_view_counts_half_after_a_day() -> None:
    shelf = shelf_of(entry("Grain"), entry("Cup"), entry("Sea"))
    shelf.count({f"{BASE}/grain": 10, f"{BASE}/nowhere": 99}, STAMP - DAY)
    shelf.count({f"{BASE}/cup": 6}, STAMP)
    assert latest(shelf, "popular") == ["Cup", "Grain"]


def test_the_order_of_the_popular_stands_for_some_minutes() -> None:
    shelf = shelf_of(entry("Grain"), entry("Cup"))
    shelf.count({f"{BASE}/grain": 1}, STAMP)
    shelf.snapshot(STAMP)
    shelf.count({f"{BASE}/cup": 5}, STAMP + 10)
    assert not shelf.is_stale(STAMP + 10)
    shelf.count({f"{BASE}/cup": 1}, STAMP + 301)
    assert shelf.is_stale(STAMP + 301)


def test_old_news_is_among_the_related_alone() -> None:
    shelf = shelf_of(entry("Grain old", 40, tags=("Grain",)), entry("Grain new", tags=("Grain",)))
    shelf.count({f"{BASE}/grain-old": 9}, STAMP)
    assert latest(shelf) == ["Grain new"]
    assert latest(shelf, "popular") == []
    assert titles(shelf.related(f"{BASE}/grain-new", STAMP, 5)) == ["Grain old"]


def test_stories_of_feeds_are_a_list_of_their_own() -> None:
    shelf = shelf_of(entry("Grain"), entry("Told by a feed", source="feed"))
    assert latest(shelf, "feed") == ["Told by a feed"]


def test_a_language_that_few_stories_are_in_has_its_latest() -> None:
    many = [entry(f"English {n}", n / 100) for n in range(200)]
    shelf = shelf_of(*many, entry("Deutsch", 9, language="de-AT"), entry("Unbekannt", 10, language=""))
    assert latest(shelf, language="de") == ["Deutsch", "Unbekannt"]
    assert latest(shelf, language="sv") == ["Unbekannt"]


def test_a_story_to_come_is_shown_when_it_is_published() -> None:
    shelf = shelf_of(entry("Now"), entry("Later", -0.5))
    assert latest(shelf) == ["Now"]
    assert not shelf.is_stale(STAMP + 0.4 * DAY)
    assert shelf.is_stale(STAMP + 0.6 * DAY)


@pytest.mark.parametrize(
    ("page", "other", "shown"),
    [
        ("solemn", "none", False),
        ("none", "solemn", False),
        ("solemn", "review", True),
        ("solemn", "solemn", True),
        ("review", "none", True),
        ("review", "solemn", True),
    ],
)
def test_light_and_solemn_stories_are_kept_apart(page: str, other: str, *, shown: bool) -> None:
    shelf = shelf_of(entry("Fire in the harbour", level=other, section="City"))
    for source in ("related", "latest"):
        assert latest(shelf, source, sensitivity=page, section="City") == (["Fire in the harbour"] * shown)


def test_light_and_solemn_stories_of_one_topic_go_together() -> None:
    shelf = shelf_of(entry("Brigade is praised", tags=("Fire",)))
    assert latest(shelf, "related", sensitivity="solemn", tags=("fire",)) == ["Brigade is praised"]


def test_an_editor_may_pin_a_solemn_story_and_none_is_light_beside_one() -> None:
    shelf = shelf_of(entry("Fire", level="solemn"), entry("Beaches"))
    pinned = (f"{BASE}/fire", f"{BASE}/beaches")

    def shown(level: str) -> list[str]:
        showing = Showing(Story(url=f"{BASE}/page", sensitivity=level), NOW)
        return titles(choose("pinned", 5, shelf.snapshot(STAMP), pinned, showing))

    assert shown("none") == ["Fire", "Beaches"]
    assert shown("solemn") == ["Fire"]


def test_a_copy_under_another_title_is_not_shown_beside_its_story() -> None:
    text = tuple("wheat silo convoy mines envoy insurers port tonnes corridor".split())
    shelf = shelf_of(entry("Grain ships sail", terms=text), entry("Convoy leaves", terms=(*text, "wire")))
    assert shelf.related(f"{BASE}/grain-ships-sail", STAMP, 5) == ()


def test_without_hosts_in_the_rules_a_page_shows_stories_of_its_own_host() -> None:
    elsewhere = Entry("https://other.example/grain", "Grain elsewhere", published=NOW, seen=STAMP)
    shelf = shelf_of(elsewhere, entry("Grain at home"))
    showing = Showing(Story(url=f"{BASE}/page"), NOW, f"{BASE}/", is_one_host=True)
    assert titles(choose("latest", 5, shelf.snapshot(STAMP), (), showing)) == ["Grain at home"]


WORDS = st.lists(st.sampled_from("grain ship cup sea port vote tax film".split()), min_size=1, max_size=5)
ENTRIES = st.lists(
    st.builds(
        lambda n, words, days, tags, language, level: entry(
            f"{n}", days, title=" ".join(words), tags=tuple(sorted(tags)), language=language, level=level
        ),
        st.integers(0, 30),
        WORDS,
        st.floats(-3, 900),
        st.sets(st.sampled_from(["Grain", "Cup", "Sea"])),
        st.sampled_from(["", "en", "en-GB", "de"]),
        st.sampled_from(["none", "review", "solemn"]),
    ),
    max_size=30,
)


@given(st.lists(ENTRIES, max_size=4), st.integers(1, 12), st.sampled_from(["related", "latest", "popular"]))
def test_whatever_comes_and_goes_nothing_is_shown_that_must_not_be(
    batches: list[list[Entry]], most: int, source: Any
) -> None:
    shelf = Shelf(most=most, oldest=300 * DAY)
    for batch in batches:
        shelf.learn(batch)
        shelf.count({each.url: 1 for each in batch}, STAMP)
        shelf.forget(each.url for each in batch[:2])
    assert len(shelf) <= most
    snapshot = shelf.snapshot(STAMP)
    assert all(each.published and NOW - each.published <= dt.timedelta(300) for each in shelf.entries())
    for page in shelf.entries():
        story = Story(url=page.url, title=page.title, tags=page.tags, language=page.language)
        shown = choose(source, 20, snapshot, (), Showing(story, NOW))
        check(page, shown, shelf)


def check(page: Entry, shown: tuple[Entry, ...], shelf: Shelf) -> None:
    """Nothing of what is shown beside a page is wrong."""
    told = [terms(each.title) for each in (page, *shown)]
    assert all(shelf.entry(each.url) is each for each in shown)
    assert len({page.url, *(each.url for each in shown)}) == 1 + len(shown)
    assert not any(is_near_duplicate(one, other) for n, one in enumerate(told) for other in told[:n])
    assert all(each.published and each.published <= NOW for each in shown)
    languages = {each.language[:2] for each in shown if each.language}
    assert len(languages | {page.language[:2]} - {""}) <= 1 or not page.language


def test_a_list_is_never_longer_than_its_bound() -> None:
    shelf = shelf_of(*[entry(f"Grain {n} of {n * 7}", tags=("Grain",)) for n in range(150)])
    lists: list[Neighbours] = list(shelf.snapshot(STAMP).lists.values())
    assert max(len(each.items) for each in lists) == MOST


@given(
    st.lists(ENTRIES, min_size=2, max_size=5),
    st.sampled_from(["none", "solemn"]),
    st.sampled_from(["", "en"]),
)
def test_what_is_told_apart_by_no_digest_is_the_same(
    batches: list[list[Entry]], level: str, language: str
) -> None:
    shelf = Shelf([Entry("/rules", "By the rules")], most=20)
    sources: list[Source] = ["related", "latest", "popular", "feed"]
    story = Story(url=f"{BASE}/page", title="Grain cup", language=language, sensitivity=level)
    told: dict[tuple[str, str], tuple[Entry, ...]] = {}
    for n, batch in enumerate(batches):
        shelf.learn(batch)
        shelf.count({each.url: 1 for each in batch}, STAMP + 400 * n)
        snapshot, now = shelf.snapshot(STAMP), NOW + dt.timedelta(hours=12 * n)
        for source in sources:
            shown = choose(source, 4, snapshot, (), Showing(story, now))
            digest = snapshot.digest(story.url, now.timestamp(), [source], ())
            first = told.setdefault((source, digest), shown)
            assert marks(first) == marks(shown)


def marks(entries: tuple[Entry, ...]) -> list[tuple[str, str, str]]:
    """What a reader sees of some stories."""
    return [(each.url, each.title, each.image) for each in entries]


def test_pages_are_shown_stories_while_others_are_learned() -> None:
    shelf = shelf_of(*[entry(f"Grain first {n}", tags=("Grain",)) for n in range(50)], most=300)
    story = Story(url=f"{BASE}/page", title="Grain ships", tags=("Grain",))

    def learn() -> None:
        for n in range(600):
            shelf.learn([entry(f"Grain {n} and {n * 3}", n / 1000, tags=("Grain", f"Tag {n % 9}"))])

    with ThreadPoolExecutor(1) as thread:
        learning = thread.submit(learn)
        while not learning.done():
            assert choose("related", 5, shelf.snapshot(STAMP), (), Showing(story, NOW))
        learning.result()
    assert len(shelf) == 300
