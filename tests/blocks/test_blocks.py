"""What holds for every kind: one aside, ASCII, nothing breaks out, the languages, the runtime."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole import blocks
from newshole.rules.kinds import BlockOptions
from newshole.rules.kinds.ad import Ad, Serve
from newshole.rules.kinds.creative import Creative
from newshole.rules.kinds.follow import Account, Follow, Followers
from newshole.rules.kinds.html import Html
from newshole.rules.kinds.newsletter import Newsletter
from newshole.rules.kinds.paid import Paid
from newshole.rules.kinds.servers import Gpt
from newshole.rules.kinds.source import Source
from newshole.rules.kinds.stories import Stories
from newshole.rules.kinds.strip import BreakingItem, Strip, WeatherItem
from newshole.rules.kinds.video import Film, Poster, Video
from newshole.rules.ruleset import Block
from newshole.types import Story
from tests.blocks.newsroom import BOX, STORIES, block, fragment, in_language, parsed, skeleton, view

FORBIDDEN = "and article body column content main mathjax shadow".split()


def every_kind(words: str = "Words", url: str = "https://news.example/x") -> dict[str, BlockOptions]:
    """Blocks of every kind and variant, with the same words and address wherever people write some.

    They are made without the checks of the rules, which refuse much of what blocks must bear all the same.
    """
    creative = Creative.model_construct(image=url, link=url, alt=words, width=300, height=250)
    big = Creative.model_construct(image=url, link=url, alt=words, width=336, height=280)
    gpt = Gpt.model_construct(unit=f"/1/{words}", targeting={"pos": words})
    followers = Followers.model_construct(count=200_000, as_of=dt.date(2024, 6, 1))
    poster = Poster.model_construct(image=url, width=16, height=9, alt=words)
    sea = WeatherItem.model_construct(place=words, temperature=28.6)
    return {
        "strip": Strip.model_construct(items=("weather", "date"), weather=sea),
        "breaking": Strip.model_construct(
            items=("breaking", "date"), breaking=BreakingItem.model_construct(text=words, link=url)
        ),
        "list": Stories.model_construct(source="latest", title=words),
        "cards": Stories.model_construct(source="latest", layout="cards"),
        "slot": Ad.model_construct(serve=Serve.model_construct(slot=words), sizes=BOX, label=words),
        "house": Ad.model_construct(serve=Serve.model_construct(house=(creative, big)), sizes=BOX),
        "gpt": Ad.model_construct(serve=Serve.model_construct(gpt=gpt), sizes=BOX),
        "template": Ad.model_construct(
            serve=Serve.model_construct(html="<b>{{ section }} {{ site }}</b>"), sizes=BOX
        ),
        "follow": Follow.model_construct(network="mastodon", page=words, url=url, followers=followers),
        "feed": Follow.model_construct(network="rss", page="News", url=url, text=words),
        "several": Follow.model_construct(
            page=words, networks=(Account.model_construct(network="x", url=url),), text={"en": words}
        ),
        "film": Video.model_construct(title=words, url=url, credit=words, poster=poster),
        "player": Video.model_construct(title=words, url=url, file=url, poster=poster),
        "bare": Video.model_construct(title=words, url=url),
        "embed": Video.model_construct(title=words, embed=url, poster=poster),
        "films": Video.model_construct(
            items=(Film.model_construct(title=words, embed=url),), otherwise="first"
        ),
        "source": Source.model_construct(url=url, name=words),
        "paid": Paid.model_construct(by=words),
        "form": Newsletter.model_construct(action=url, title=words, text=words, field=words, button=words),
        "link": Newsletter.model_construct(url=url, button=words),
        "html": Html.model_construct(html="<p title='{{ tag }}'>{{ site }}</p>", reserve=90),
    }


def made(words: str = "Words", url: str = "https://news.example/x") -> dict[str, bytes]:
    """The fragments of all those blocks on a page that says the same words of itself."""
    entry = STORIES[0].model_copy(update={"title": words, "url": url, "image": url})
    story = Story(url="https://news.example/y", section=words, tags=(words,), language="en")
    seen = view(story=story, stories=(entry,), site=words)
    found = {}
    for id_, options in every_kind(words, url).items():
        one = block(options, id_)
        contents, _ = blocks.prepare([one], seen)
        if id_ in contents:
            found[id_] = blocks.render(one, contents[id_], seen, ordinal=1)
    return found


PLAIN = {id_: skeleton(parsed(markup)) for id_, markup in made().items()}


@pytest.mark.parametrize("id_", every_kind())
def test_a_block_is_one_aside_with_its_id(id_: str) -> None:
    markup = made()[id_]
    aside = parsed(markup)
    assert aside.tag == "aside"
    assert aside.get("data-newshole") == id_
    assert aside.get("class").startswith("nh-")
    assert aside.get("role") in (None, "none")
    assert aside.get("aria-label") is None
    assert markup.startswith(b"<aside ")
    assert markup.endswith(b"</aside>")


@pytest.mark.parametrize("id_", every_kind())
def test_a_block_serialises_back_to_itself(id_: str) -> None:
    aside = parsed(made()[id_])
    written = html5lib.serialize(
        aside, omit_optional_tags=False, quote_attr_values="always", alphabetical_attributes=False
    )
    assert ET.tostring(parsed(written.encode("ascii"))) == ET.tostring(aside)


@pytest.mark.parametrize("id_", every_kind())
def test_no_class_name_rescues_a_block_in_reader_modes(id_: str) -> None:
    names = re.findall(r'class="([^"]*)"', made()[id_].decode())
    assert names
    assert not [(name, word) for name in names for word in FORBIDDEN if word in name]


@pytest.mark.parametrize("id_", every_kind())
def test_reader_modes_see_a_block_as_no_part_of_the_story(id_: str) -> None:
    assert "nh-extra" in parsed(made()[id_]).get("class").split()


@pytest.mark.parametrize("id_", every_kind())
def test_links_are_never_nested_and_pictures_keep_their_room(id_: str) -> None:
    aside = parsed(made()[id_])
    assert not aside.findall(".//a//a")
    for picture in [*aside.iter("img"), *aside.iter("video")]:
        assert int(picture.get("width")) > 0
        assert int(picture.get("height")) > 0
    assert all("alt" in picture.attrib for picture in aside.iter("img"))
    assert not [tag for tag in ("h1", "h2", "h3", "h4", "script", "iframe") for _ in aside.iter(tag)]


@given(st.text(min_size=1))
def test_no_text_in_any_option_breaks_out(words: str) -> None:
    for id_, markup in made(words).items():
        assert markup.isascii()
        assert skeleton(parsed(markup)) == PLAIN[id_], id_


@pytest.mark.parametrize(
    "words", ["</aside><script>", '"><b>', "'", "<!--", "{{ 7 * 7 }}", "\ud800", "\x00", "&amp;"]
)
def test_markup_in_a_text_stays_text(words: str) -> None:
    assert {id_: skeleton(parsed(markup)) for id_, markup in made(words).items()} == PLAIN


@given(
    st.one_of(st.text(min_size=1), st.text(min_size=1).map("javascript:".__add__), st.text().map("/".__add__))
)
def test_no_address_leads_anywhere_but_http_and_the_site(url: str) -> None:
    for markup in made(url=url).values():
        aside = parsed(markup)
        assert aside.tag == "aside"
        for element in aside.iter():
            for name in ("href", "src", "action", "poster"):
                written = element.get(name)
                scheme = re.match(r"\s*([a-zA-Z][\w+.-]*):", written or "")
                assert scheme is None or scheme[1].lower() in ("http", "https"), written


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:x",
        "java\nscript:x",
        " data:text/html,x",
        "mailto:a@b.example",
        "vbscript:x",
        "\x01javascript:x",
    ],
)
def test_an_address_that_could_run_leaves_nothing_to_show(url: str) -> None:
    assert {"follow", "source", "house", "film", "embed", "films", "form", "link"}.isdisjoint(made(url=url))


def test_text_is_ascii_with_character_references() -> None:
    assert b"&#321;&#243;d&#378; &#8364;" in made("Łódź €")["list"]


@pytest.mark.parametrize("language", ["ar", "he"])
def test_a_page_from_right_to_left_needs_no_mark_of_its_own(language: str) -> None:
    ad = block(every_kind()["house"])
    assert "dir" not in parsed(fragment(ad, in_language(language))).attrib


def test_words_in_another_language_than_the_page_say_so() -> None:
    ad = block(every_kind()["house"])
    aside = parsed(fragment(ad, in_language("fa")))
    assert (aside.get("lang"), aside.get("dir")) == ("en", "ltr")
    aside = parsed(fragment(ad, in_language("en", language="ar")))
    assert (aside.get("lang"), aside.get("dir")) == ("ar", "rtl")
    assert "lang" not in parsed(fragment(ad, in_language("en-GB"))).attrib


def test_an_operators_own_words_are_in_the_pages_language() -> None:
    labelled = block(every_kind("Mainos")["slot"])
    assert "lang" not in parsed(fragment(labelled, in_language("fa"))).attrib


def runtime(*options: BlockOptions) -> str:
    return blocks.runtime([block(each) for each in options]).decode("ascii")


def test_the_runtime_is_one_style_with_the_rules_of_the_kinds_on_the_page() -> None:
    options = every_kind()
    style = runtime(options["strip"], options["source"])
    assert style.startswith("<style data-newshole-runtime>")
    assert style.endswith("</style>")
    assert style.count("<") == 2
    assert ".nh-strip" in style
    assert ".nh-stories" not in style
    assert "@media print{[data-newshole]{display:none !important}}" in style


def test_the_ad_library_comes_once_a_page_and_only_where_an_ad_asks_for_it() -> None:
    options = every_kind()
    assert "<script" not in runtime(options["slot"], options["house"])
    added = runtime(options["gpt"], options["gpt"], options["slot"])
    assert added.count("<script data-newshole-runtime>") == len(("consent.js", "slots.js", "gpt.js"))


def test_braces_of_the_style_are_balanced() -> None:
    css = runtime(*every_kind().values()).partition(">")[2].partition("</style>")[0]
    depth = 0
    for brace in re.findall("[{}]", css):
        depth += 1 if brace == "{" else -1
        assert 0 <= depth <= 2
    assert depth == 0


def test_a_typical_page_grows_by_less_than_three_kilobytes() -> None:
    options = every_kind("Council agrees on a budget after a night of talks")
    page = ["strip", "list", "slot", "house", "follow", "film", "source", "cards", "template", "list"]
    seen = view()
    added = blocks.runtime([block(options[id_], id_) for id_ in page])
    added += b"".join(fragment(block(options[id_], id_), seen) for id_ in page)
    assert len(gzip.compress(added)) <= 3 * 1024


def test_the_same_view_gives_the_same_bytes() -> None:
    assert made("Ünïted") == made("Ünïted")


def test_a_kind_is_known_by_the_name_of_its_options() -> None:
    names: set[Any] = {kind.name for kind in blocks.KINDS}
    assert names == {Block("", type(each).__name__.lower(), each).kind for each in every_kind().values()}
