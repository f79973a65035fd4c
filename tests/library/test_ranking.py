"""Which stories are shown beside another."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.library import Entry, Showing, Snapshot, choose, fixed_stories, next_turn
from newshole.rules.library_model import StoryEntry
from newshole.rules.ruleset import Rules
from newshole.types import Story

NOW = dt.datetime(2024, 7, 19, 12, tzinfo=dt.UTC)
BASE = "https://news.example/"
STORY = Story(
    url=BASE + "world/talks",
    title="Ministers talk about the grain harbour",
    section="World",
    tags=("Grain", "Harbour"),
    language="en",
)


def entry(title: str, **fields: Any) -> StoryEntry:
    return StoryEntry(**{"title": title, "url": "/" + title.lower().replace(" ", "-"), **fields})


def chosen(
    *entries: StoryEntry,
    source: Any = "related",
    count: int = 20,
    pinned: tuple[str, ...] = (),
    story: Story = STORY,
    showing: Showing | None = None,
) -> list[str]:
    showing = showing or Showing(story, NOW, BASE)
    return [each.title for each in choose(source, count, stocked(*entries), pinned, showing)]


def stocked(*entries: StoryEntry) -> Snapshot:
    return fixed_stories(Rules("example", "Example", (), stories=entries, timezone="Europe/Warsaw"))


def urls(chosen: tuple[Entry, ...]) -> list[str]:
    return [each.url for each in chosen]


def test_shared_tags_count_more_than_the_section_and_that_more_than_nothing() -> None:
    entries = [
        entry("Fourth thing"),
        entry("Third affair", section="world"),
        entry("Second issue", tags=("grain",)),
    ]
    assert chosen(*entries) == ["Second issue", "Third affair", "Fourth thing"]


def test_a_title_about_the_same_is_related_without_any_tag() -> None:
    assert (
        chosen(entry("Rovers win"), entry("What grain is worth"), entry("A cup"))[0] == "What grain is worth"
    )


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    common = [entry(f"About the {word}") for word in "sea sky sun moon wind rain".split()]
    assert chosen(*common, entry("Harbour closed"))[0] == "Harbour closed"


def test_of_two_equally_related_the_fresher_comes_first() -> None:
    old = entry("Old piers", tags=("Grain",), published=dt.date(2024, 1, 1))
    new = entry("New ropes", tags=("Grain",), published=dt.date(2024, 7, 18))
    assert chosen(old, new) == ["New ropes", "Old piers"]


def test_an_old_related_story_goes_before_a_fresh_unrelated_one() -> None:
    old = entry("Old piers", tags=("Grain",), published=dt.date(2020, 1, 1))
    assert chosen(entry("Fresh cup", published=NOW), old) == ["Old piers", "Fresh cup"]


@pytest.mark.parametrize("source", ["related", "latest", "pinned"])
@pytest.mark.parametrize(
    "url",
    [
        "/world/talks",
        "http://www.news.example/world/talks/?utm_source=x",
        "https://news.example/world/talks#top",
    ],
)
def test_never_the_story_itself(source: str, url: str) -> None:
    assert chosen(entry("Another headline", url=url), source=source, pinned=(url,)) == []


@pytest.mark.parametrize("source", ["related", "latest"])
def test_nothing_that_says_nearly_the_same(source: str) -> None:
    entries = [
        entry("Ministers talk about grain harbour", url="/1"),
        entry("Rovers win the cup at last", url="/2"),
        entry("Rovers win the cup, at last!", url="/3"),
    ]
    assert chosen(*entries, source=source) == ["Rovers win the cup at last"]


@pytest.mark.parametrize("source", ["related", "latest", "pinned"])
def test_never_a_story_from_later_than_now(source: str) -> None:
    entries = [
        entry("In an hour", published=NOW + dt.timedelta(hours=1)),
        entry("Naive and later", published=dt.datetime(2024, 7, 19, 14, 1)),  # noqa: DTZ001 - the site's own time
        entry("Naive but not later", published=dt.datetime(2024, 7, 19, 13, 59)),  # noqa: DTZ001
        entry("Tomorrow", published=dt.date(2024, 7, 20)),
        entry("Today", published=dt.date(2024, 7, 19)),
    ]
    shown = chosen(*entries, source=source, pinned=tuple(each.url for each in entries))
    assert set(shown) == {"Naive but not later", "Today"}


def test_only_stories_in_the_language_of_the_page() -> None:
    entries = [entry("Deutsch", language="de-AT"), entry("British", language="en-GB"), entry("Unknown")]
    assert set(chosen(*entries)) == {"British", "Unknown"}
    norwegian = Story(url=STORY.url, language="nb-NO")
    assert chosen(entry("Norsk", language="no"), story=norwegian) == ["Norsk"]
    assert len(chosen(*entries, story=Story(url=STORY.url))) == 3


def test_the_latest_come_by_date_and_undated_ones_last() -> None:
    entries = [
        entry("Undated"),
        entry("Yesterday", published=dt.date(2024, 7, 18)),
        entry("This morning", published=dt.datetime(2024, 7, 19, 8, tzinfo=dt.UTC)),
    ]
    assert chosen(*entries, source="latest") == ["This morning", "Yesterday", "Undated"]


def test_what_one_block_shows_no_later_one_shows() -> None:
    entries = [entry("First of all"), entry("Second thoughts"), entry("Third rail")]
    showing = Showing(STORY, NOW, BASE)
    assert chosen(*entries, source="latest", count=2, showing=showing) == ["First of all", "Second thoughts"]
    assert chosen(*entries, source="related", showing=showing) == ["Third rail"]
    assert chosen(*entries, source="pinned", pinned=("/first-of-all",), showing=showing) == []


def test_ties_stay_in_the_rules_order() -> None:
    names = "alpha beta gamma delta".split()
    assert chosen(*[entry(name) for name in names]) == names


def test_an_index_is_made_once_for_the_same_stories() -> None:
    entries = (entry("One"), entry("Two"))
    assert stocked(*entries) is not stocked(entry("One"))
    rules = Rules("example", "Example", (), stories=entries)
    assert fixed_stories(rules) is fixed_stories(replace(rules, name="other"))


def test_no_stories_and_no_words_are_no_trouble() -> None:
    assert chosen() == []
    assert chosen(entry("!!!"), entry("???"), story=Story()) == ["!!!", "???"]


DAYS = st.none() | st.floats(-3, 400)
TAGS = st.sets(st.sampled_from(["Grain", "Harbour", "Talks"]), max_size=3)


@given(
    st.lists(st.tuples(DAYS, TAGS, st.sampled_from(["World", "City"])), min_size=1, max_size=8),
    st.integers(1, 3),
    st.sampled_from(["related", "latest"]),
    st.floats(0, 1),
)
def test_no_other_stories_are_chosen_before_the_turn(
    rows: list[tuple[float | None, set[str], str]], count: int, source: Any, share: float
) -> None:
    entries = [
        entry(
            f"Number {'ABCDEFGH'[n]}",
            tags=tuple(sorted(tags)),
            section=section,
            published=None if days is None else NOW - dt.timedelta(days=days),
        )
        for n, (days, tags, section) in enumerate(rows)
    ]
    library = stocked(*entries)
    showing = Showing(STORY, NOW, BASE)
    now = choose(source, count, library, (), showing)
    turn = next_turn(source, library, showing, now)
    ends = NOW + dt.timedelta(days=200) if turn is None else turn
    later = NOW + (ends - NOW) * share
    if turn is None or later < turn:
        assert choose(source, count, library, (), Showing(STORY, later, BASE)) == now


def test_a_fresher_story_falls_behind_a_nearer_one() -> None:
    nearer = entry(
        "Grain prices", tags=("Grain", "Harbour"), section="World", published=NOW - dt.timedelta(400)
    )
    fresher = entry("Grain today", tags=("Grain", "Harbour"), published=NOW)
    library = stocked(nearer, fresher, *[entry(f"Cup {n}") for n in range(8)])
    showing = Showing(STORY, NOW, BASE)
    first = choose("related", 1, library, (), showing)
    turn = next_turn("related", library, showing, first)
    assert turn is not None
    assert urls(first) == [fresher.url]
    later = Showing(STORY, turn + dt.timedelta(minutes=2), BASE)
    assert urls(choose("related", 1, library, (), later)) == [nearer.url]
