"""Lists of stories, and how the blocks of a page share them."""

from __future__ import annotations

from typing import Any

import pytest

from newshole import blocks
from newshole.rules.kinds.stories import Stories
from newshole.rules.library_model import StoryEntry
from newshole.types import Story
from tests.blocks.newsroom import STORIES, STORY, block, fragment, in_language, parsed, text, view, why_empty


def titles(markup: bytes) -> list[str]:
    return [link.text for link in parsed(markup).iter("a")]


@pytest.mark.parametrize(
    ("source", "language", "title"),
    [
        ("pinned", "en", "Must read"),
        ("related", "en", "More articles"),
        ("latest", "en", "Latest articles"),
        ("pinned", "uk", "Варто прочитати"),
        ("related", "ja", "関連記事"),
        ("latest", "pt", "Últimos artigos"),
    ],
)
def test_a_list_has_the_title_of_its_language(source: Any, language: str, title: str) -> None:
    markup = fragment(block(Stories(source=source)), in_language(language, pinned=("/sport/cup",)))
    assert parsed(markup)[0].text == title


def test_a_title_of_the_rules_goes_before() -> None:
    assert text(fragment(block(Stories(source="latest", title="Read on", count=1)))).startswith("Read on")


def test_a_story_is_shown_once_a_page() -> None:
    made = [
        block(Stories(source="latest", count=2), "first"),
        block(Stories(source="related", count=2), "second"),
        block(Stories(source="latest"), "third"),
    ]
    seen = view()
    contents, empty = blocks.prepare(made, seen)
    shown = [
        titles(blocks.render(each, contents[each.id], seen, ordinal=1))
        for each in made
        if each.id in contents
    ]
    assert shown == [
        ["Budget passes at dawn", "Rovers win the cup"],
        ["Who pays for the piers", "A quiet sea"],
    ]
    assert empty == {"third": "no latest stories"}


def test_pinned_stories_come_in_the_order_of_the_pins() -> None:
    pinned = ("https://news.example/travel/sea", "/nowhere", "/business/budget")
    markup = fragment(block(Stories(source="pinned")), view(pinned=pinned))
    assert titles(markup) == ["A quiet sea", "Budget passes at dawn"]


def test_without_stories_there_is_nothing_to_show() -> None:
    assert why_empty(block(Stories(source="pinned"))) == "no pinned stories"
    assert why_empty(block(Stories(source="related")), view(stories=())) == "no related stories"


def test_a_picture_stands_beside_its_link_which_names_it() -> None:
    markup = fragment(block(Stories(source="related", count=1, layout="cards")))
    [item] = parsed(markup).iter("li")
    image, link = item
    assert (image.tag, image.get("src"), image.get("alt")) == ("img", "/img/piers.jpg", "")
    assert (image.get("width"), image.get("height")) == ("320", "180")
    assert (link.tag, link.text) == ("a", "Who pays for the piers")


def test_thumbnails_can_be_left_out() -> None:
    markup = fragment(block(Stories(source="related", thumbnails=False)))
    assert not list(parsed(markup).iter("img"))


def test_a_title_in_the_pages_language_under_words_in_ours_says_so() -> None:
    story = Story(url=STORY.url, language="fa")
    [item] = parsed(fragment(block(Stories(source="latest", count=1)), view(story=story))).iter("li")
    assert (item.get("lang"), item.get("dir")) == ("fa", "rtl")


def test_a_story_with_an_address_that_could_run_is_left_out() -> None:
    bad = StoryEntry.model_construct(title="Run", url="javascript:alert(1)")
    markup = fragment(block(Stories(source="latest")), view(stories=(bad, *STORIES)))
    assert "Run" not in titles(markup)
