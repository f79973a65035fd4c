"""How well related stories are chosen, by labels that the ranking does not see."""

from __future__ import annotations

from statistics import mean

from newshole.library import Shelf
from newshole.library.terms import is_near_duplicate, terms
from tests.library.newsroom import BASE, DEPTH, NOW, QUERIES, gain, grade, newsroom, queries
from tests.library.peer import related_by_bm25

STORIES = newsroom()
ASKED = queries(STORIES)


def shown() -> list[list[str]]:
    shelf = Shelf()
    shelf.learn(each.entry for each in STORIES)
    at = NOW.timestamp()
    return [[near.url for near in shelf.related(each.entry.url, at, DEPTH)] for each in ASKED]


def test_the_labels_are_of_many_stories_and_every_topic() -> None:
    assert len(STORIES) >= 500
    assert len(ASKED) == QUERIES >= 50
    assert len({each.topic for each in ASKED}) == 18
    assert all(sum(grade(query, each) > 0 for each in STORIES) > 0 for query in ASKED)
    assert {each.entry.language for each in STORIES} == {"en", "de"}
    assert sum(bool(each.copies) for each in STORIES) > 20


def test_related_stories_are_at_least_as_good_as_those_of_bm25() -> None:
    peer = related_by_bm25([each.entry for each in STORIES], [each.entry for each in ASKED], DEPTH)
    ours = mean(gain(query, urls, STORIES) for query, urls in zip(ASKED, shown(), strict=True))
    theirs = mean(gain(query, urls, STORIES) for query, urls in zip(ASKED, peer, strict=True))
    assert ours >= theirs
    assert ours > 0.9


def test_no_story_is_beside_itself_or_beside_a_copy() -> None:
    known = {each.entry.url: each for each in STORIES}
    for query, urls in zip(ASKED, shown(), strict=True):
        entries = [query.entry, *(known[url].entry for url in urls)]
        assert len({each.url for each in entries}) == DEPTH + 1
        told = [terms(each.title) for each in entries]
        assert not any(is_near_duplicate(one, other) for n, one in enumerate(told) for other in told[:n])
        assert {each.language for each in entries} == {query.entry.language}
        assert all(each.url.startswith(BASE) for each in entries)


def test_the_same_stories_have_the_same_neighbours_in_every_process() -> None:
    assert shown() == shown()
