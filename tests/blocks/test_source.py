"""The source of a syndicated story."""

from __future__ import annotations

from newshole.rules.kinds.source import Source
from newshole.types import Story
from tests.blocks.newsroom import STORY, block, fragment, in_language, parsed, text, view, why_empty

SYNDICATED = Story(url=STORY.url, language="en", origin="https://agency.example/1")


def link(options: Source, story: Story = SYNDICATED) -> tuple[str, str]:
    [found] = parsed(fragment(block(options), view(story=story))).iter("a")
    return found.get("href"), found.text


def test_the_pages_own_word_for_its_source() -> None:
    assert link(Source()) == ("https://agency.example/1", "Source link")


def test_the_rules_go_before_the_page() -> None:
    assert link(Source(url="https://other.example/")) == ("https://other.example/", "Source link")
    assert link(Source(name="The Agency"))[1] == "Source: The Agency"
    assert link(Source(name="The Agency", text="First published there"))[1] == "First published there"


def test_it_speaks_the_pages_language() -> None:
    options = Source(url="https://agency.example/", name="dpa")
    assert text(fragment(block(options), in_language("fr"))) == "Source : dpa"
    assert text(fragment(block(options), in_language("ja"))) == "出典：dpa"


def test_without_a_source_there_is_nothing_to_show() -> None:
    assert why_empty(block(Source())).startswith("no source known")


def test_a_page_cannot_name_a_source_that_runs() -> None:
    story = Story(url=STORY.url, origin="javascript:alert(1)")
    assert why_empty(block(Source()), view(story=story)).endswith("not http or https")
