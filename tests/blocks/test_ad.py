"""Ads: labels, room, and what fills them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from newshole import blocks
from newshole.blocks.house import shown
from newshole.rules.kinds.ad import Ad, Serve
from newshole.rules.kinds.creative import Creative, Sizes
from newshole.rules.kinds.servers import Gpt
from newshole.types import Story
from tests.blocks.newsroom import BOX, STORY, block, fragment, in_language, parsed, text, view, why_empty


def creative(name: str, width: int = 300, height: int = 250, weight: int = 1) -> Creative:
    link = f"/shop#{name}"
    return Creative(image=f"/{name}.png", link=link, alt=name, width=width, height=height, weight=weight)


def ad(*, sizes: Sizes = BOX, **options: Any) -> Ad:
    serve = {key: options.pop(key) for key in ("slot", "html", "house", "gpt") if key in options}
    # Not as the rules make it: those refuse markup and sizes that are wrong, and blocks must bear them too.
    return Ad.model_construct(serve=Serve.model_construct(**serve), sizes=sizes, **options)


def slot(options: Ad, **seen: Any) -> Any:
    """The element that is to be filled."""
    ordinal = seen.pop("ordinal", 1)
    [found] = [
        each
        for each in parsed(fragment(block(options), view(**seen), ordinal=ordinal)).iter("div")
        if "nh-slot" in each.get("class", "")
    ]
    return found


def style(options: Ad) -> str:
    return blocks.runtime([block(options)]).decode()


@pytest.mark.parametrize(
    ("language", "label"),
    [("en", "Advertisement"), ("de", "Anzeige"), ("pl", "Reklama"), ("ar", "إعلان"), ("ko", "광고")],
)
def test_an_ad_is_labelled_in_the_language_of_the_page(language: str, label: str) -> None:
    assert text(fragment(block(ad(slot="x")), in_language(language))) == label


def test_a_label_of_the_rules_goes_before() -> None:
    assert text(fragment(block(ad(slot="x", label="- Advertisement -")))) == "- Advertisement -"


@pytest.mark.parametrize(
    ("reserve", "room"), [("largest", (250, 280)), ("likely", (250, 280)), (120, (120, 120))]
)
def test_room_is_reserved_per_device(reserve: Any, room: tuple[int, int]) -> None:
    options = ad(slot="x", reserve=reserve)
    name = f"nh-room-{room[0]}-{room[1]}"
    assert name in slot(options).get("class").split()
    assert f".{name}:not(#n#n){{min-height:{room[0]}px}}" in style(options)
    wide = f"@media(min-width:768px){{.{name}:not(#n#n){{min-height:{room[1]}px}}}}"
    assert (wide in style(options)) == (room[0] != room[1])


def test_the_likely_size_is_the_one_listed_first() -> None:
    sizes = Sizes(mobile=((300, 100), (300, 250)), desktop=((728, 90), (970, 250)))
    assert "nh-room-100-90" in slot(ad(slot="x", sizes=sizes, reserve="likely")).get("class")
    assert "nh-room-250-250" in slot(ad(slot="x", sizes=sizes)).get("class")


@pytest.mark.parametrize("reserve", ["largest", "likely", 120])
def test_no_room_is_counted_on_a_device_without_sizes(reserve: Any) -> None:
    made = block(ad(slot="x", sizes=Sizes(mobile=((300, 250),)), reserve=reserve))
    assert blocks.ad_heights(view(blocks=(made,)).rules)["it"] == (120 if reserve == 120 else 250, 0)


def test_a_device_without_sizes_does_not_show_the_ad() -> None:
    markup = fragment(block(ad(slot="x", sizes=Sizes(mobile=((300, 250),)))))
    assert parsed(markup).get("class") == "nh-ad nh-extra nh-mobile"
    assert why_empty(block(ad(slot="x", sizes=Sizes.model_construct()))) == "no sizes for any device"


def test_a_slot_is_empty_and_tells_a_wrapper_all_it_needs() -> None:
    found = slot(ad(slot="{section}-{n}"), digest="d1", ordinal=2)
    assert (list(found), found.text) == ([], None)
    assert found.get("id") == "nh-it-2"
    assert found.get("data-nh-slot") == "world-2"
    assert found.get("data-nh-ordinal") == "2"
    assert json.loads(found.get("data-nh-sizes")) == {
        "mobile": [[300, 250]],
        "desktop": [[336, 280], [300, 250]],
    }
    assert json.loads(found.get("data-nh-keys")) == {"block": "it", "ordinal": "2", "rules": "d1"}


def test_an_ad_unit_and_its_key_values_are_filled_with_slugs() -> None:
    gpt = Gpt(unit="/1234/{site}/{section}", targeting={"pos": "in-{n}", "to": ("{tag}", "x")})
    story = Story(url=STORY.url, section="Świat & Łódź", tags=("War in Ukraine",), language="en-GB")
    found = slot(ad(gpt=gpt), story=story, site="News Example")
    assert found.get("data-nh-gpt") == "/1234/news-example/swiat-lodz"
    keys = json.loads(found.get("data-nh-keys"))
    assert keys == {"block": "it", "ordinal": "1", "pos": ["in-1"], "to": ["war-in-ukraine", "x"]}


def test_what_a_story_lacks_falls_out_of_unit_and_key_values() -> None:
    gpt = Gpt(unit="/1234/{section}/inline", targeting={"tag": "{tag}"})
    found = slot(ad(gpt=gpt), story=Story(url=STORY.url))
    assert found.get("data-nh-gpt") == "/1234/inline"
    assert "tag" not in json.loads(found.get("data-nh-keys"))


def test_a_template_gets_its_variables_escaped() -> None:
    story = Story(url=STORY.url, section="<b>", tags=("a&b",), language="de-AT")
    options = ad(html="<ins data-s='{{ section }}'>{{ tag }} {{ language }} {{ n }} {{ block }}</ins>")
    [found] = slot(options, story=story, ordinal=3)
    assert found.get("data-s") == "<b>"
    assert found.text == "a&b de 3 it"


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("{{ nothing }}", "its template fails: 'nothing' is undefined"),
        ("{{ ''.__class__.__mro__ }}", "its template fails: "),
        ("{{ 1 / 0 }}", "its template fails: ZeroDivisionError"),
        ("{% if %}", "its template fails: "),
        ("{{ range(9) }}", "its template fails: 'range' is undefined"),
        ("  ", "its markup is empty"),
        ("<b>bold", "its markup leaves an element open or closes ours"),
        ("</aside><p>", "its markup leaves an element open or closes ours"),
        ("<!-- x", "its markup leaves an element open or closes ours"),
        ("<script>x", "its markup leaves an element open or closes ours"),
        ("</div>", "its markup leaves an element open or closes ours"),
    ],
)
def test_a_template_that_fails_or_breaks_out_shows_nothing(html: str, why: str) -> None:
    assert why_empty(block(ad(html=html))).startswith(why)


def test_a_house_creative_is_a_paid_link_with_its_size_and_words() -> None:
    [link] = slot(ad(house=(creative("coat"),)))
    assert link.attrib == {
        "class": "nh-creative",
        "href": "/shop#coat",
        "rel": "sponsored nofollow noopener",
    }
    [image] = link
    assert (image.get("src"), image.get("alt")) == ("/coat.png", "coat")
    assert (image.get("width"), image.get("height")) == ("300", "250")


def test_each_device_gets_a_creative_of_its_sizes() -> None:
    sizes = Sizes(mobile=((320, 100),), desktop=((728, 90),))
    options = ad(house=(creative("small", 320, 100), creative("wide", 728, 90)), sizes=sizes)
    links = list(slot(options))
    assert [(link.get("class"), link[0].get("alt")) for link in links] == [
        ("nh-creative nh-mobile", "small"),
        ("nh-creative nh-desktop", "wide"),
    ]


def test_copies_on_one_page_show_different_creatives() -> None:
    options = ad(house=(creative("coat"), creative("book")))
    alts = [slot(options, ordinal=ordinal)[0][0].get("alt") for ordinal in (1, 2, 3)]
    assert alts[0] != alts[1] != alts[2]
    assert slot(options, ordinal=1)[0][0].get("alt") == alts[0]


def test_creatives_are_shown_by_their_weight() -> None:
    creatives = (creative("coat", weight=3), creative("book"))
    options = ad(house=creatives)
    seen = Counter(
        shown(options, creatives, seed=f"/story/{number}", ordinal=1)[0].creative.alt
        for number in range(2000)
    )
    assert 0.7 < seen["coat"] / 2000 < 0.8


def test_a_creative_with_an_address_that_could_run_is_never_shown() -> None:
    bad = creative("x").model_copy(update={"link": "javascript:alert(1)"})
    assert [each[0].get("alt") for each in slot(ad(house=(bad, creative("coat"))))] == ["coat"]
    assert why_empty(block(ad(house=(bad,)))).startswith("no creative with an image and a link")


def test_pictures_keep_their_shape_whatever_the_sites_style_says() -> None:
    assert ".nh-300x250:not(#n#n){inline-size:300px;aspect-ratio:300/250}" in style(
        ad(house=(creative("coat"),))
    )
