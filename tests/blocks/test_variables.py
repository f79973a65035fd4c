"""Variables in what rules write: as slugs where machines read them, as they are where people do."""

from __future__ import annotations

from newshole.rules.kinds.ad import Ad, Serve
from newshole.rules.kinds.newsletter import Newsletter
from newshole.rules.kinds.servers import Gpt
from newshole.rules.kinds.source import Source
from newshole.rules.kinds.stories import Stories
from newshole.types import Story
from tests.blocks.newsroom import BOX, block, fragment, view


def slot(written: str, **story: object) -> bytes:
    made = block(Ad(serve=Serve(slot=written), sizes=BOX), "inline-ad")
    return fragment(made, view(story=Story(**story), digest="abc1"), ordinal=2)  # type: ignore[arg-type]


def test_every_variable_is_filled_in_as_a_slug() -> None:
    written = "{site}.{section}.{tag}.{language}.{n}.{block}.{rules}"
    made = slot(written, section="Świat & Ludzie", tags=("Old Bridges", "x"), language="pl-PL")
    assert b'data-nh-slot="news-example.swiat-ludzie.old-bridges.pl.2.inline-ad.abc1"' in made


def test_units_and_targeting_take_them_too() -> None:
    gpt = Gpt(unit="/1234/{site}/{section}", targeting={"pos": "inline-{n}"})
    made = fragment(block(Ad(serve=Serve(gpt=gpt), sizes=BOX)), ordinal=3)
    assert b"/1234/news-example/world" in made
    assert b"inline-3" in made


def titled(title: str, section: str = "World & Sea") -> bytes:
    made = Stories(source="latest", title=title)
    return fragment(block(made), view(story=Story(section=section, language="en")))


def test_a_title_has_them_as_they_are_and_escaped() -> None:
    assert b"More from World &amp; Sea, News Example" in titled("More from {section}, {site}")


def test_a_title_without_its_variable_gives_way_to_the_words_of_the_language() -> None:
    made = titled("More from {section}", section="")
    assert b"More from" not in made
    assert b"Latest article" in made


def test_a_newsletter_and_a_source_take_them_in_their_texts() -> None:
    mail = Newsletter(url="/mail", title="{section} daily", text="All of {site}")
    assert b"World daily" in fragment(block(mail))
    assert b"All of News Example" in fragment(block(mail))
    assert b"World, elsewhere" in fragment(
        block(Source(url="https://a.example", text="{section}, elsewhere"))
    )
