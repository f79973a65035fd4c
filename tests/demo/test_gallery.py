"""The gallery: every kind in every variant, each beside its rule, put there by newshole itself."""

from __future__ import annotations

import re
from typing import Any, get_args
from urllib.parse import urldefrag

import html5lib
import pytest
from bs4 import BeautifulSoup
from ruamel.yaml import YAML

from newshole import Site
from newshole.demo.app import demo_app
from newshole.demo.gallery import ABOUT, LANGUAGES, LOOKS, RULES, THEMES, specimens
from newshole.rules.kinds import KINDS
from newshole.rules.kinds.ad import SERVERS
from newshole.rules.kinds.follow import Follow
from newshole.rules.kinds.stories import Stories
from tests.demo.visitor import HOST, Visitor

PAGES = ("/gallery", "/gallery/ar")
WRITTEN = [YAML(typ="safe", pure=True).load(each.written)[each.id] for each in specimens()]

every_page = pytest.mark.parametrize("path", PAGES)


@pytest.fixture(scope="module")
def demo() -> Visitor:
    return Visitor(demo_app())


def soup(demo: Visitor, path: str) -> BeautifulSoup:
    return BeautifulSoup(demo.get(path).text, "lxml")


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [each for each in WRITTEN if each["kind"] == kind]


def test_every_kind_is_shown() -> None:
    assert {each.kind for each in specimens()} == set(KINDS) == set(ABOUT)


def test_every_server_of_ads_is_shown_but_the_one_that_is_for_amp_pages_alone() -> None:
    assert {name for each in of_kind("ad") for name in each["serve"]} == set(SERVERS) - {"amp"}


def test_every_network_is_shown_with_a_count_and_without_and_beside_others() -> None:
    shown = of_kind("follow")
    networks = {each["network"] for each in shown if "network" in each}
    assert networks == set(get_args(get_args(Follow.model_fields["network"].annotation)[0]))
    assert {"followers" in each for each in shown} == {True, False}
    assert any("networks" in each for each in shown)


def test_every_layout_of_stories_is_shown_with_pictures_and_without() -> None:
    shown = of_kind("stories")
    assert {each.get("layout", "list") for each in shown} == set(
        get_args(Stories.model_fields["layout"].annotation)
    )
    assert {each.get("thumbnails", True) for each in shown} == {True, False}


def test_every_form_of_newsletter_and_video_is_shown() -> None:
    for kind, keys in (("newsletter", ("action", "url")), ("video", ("file", "embed", "poster"))):
        for key in keys:
            assert any(key in each for each in of_kind(kind)), key
            assert any(key not in each for each in of_kind(kind)), key


def test_every_item_of_a_strip_is_shown() -> None:
    assert {item for each in of_kind("strip") for item in each["items"]} == {"weather", "date", "breaking"}


def test_the_rules_and_the_page_have_the_same_blocks() -> None:
    [rules] = Site.load(RULES).rules
    [page] = rules.pages
    assert sorted(each.id for each in specimens()) == sorted(page.blocks)


@every_page
def test_every_block_stands_in_the_place_that_the_page_has_for_it(demo: Visitor, path: str) -> None:
    page = soup(demo, path)
    stand = {
        str(place["id"]): [each["data-newshole"] for each in place.select("[data-newshole]")]
        for place in page.select(".shown")
    }
    assert stand == {each.id: [each.id] for each in specimens()}


@every_page
def test_the_page_without_newshole_has_no_block(demo: Visitor, path: str) -> None:
    assert soup(demo, f"{path}?newshole=off").select("[data-newshole]") == []


@every_page
def test_the_page_is_sound_html(demo: Visitor, path: str) -> None:
    html5lib.HTMLParser(strict=True).parse(demo.get(path).text)


@every_page
def test_every_link_and_file_of_the_page_is_there_and_none_is_anybody_elses(demo: Visitor, path: str) -> None:
    for element in soup(demo, path).select("[href], [src], [action], [poster], [data-nh-embed]"):
        for name in ("href", "src", "action", "poster", "data-nh-embed"):
            target = urldefrag(str(element.get(name, "/")))[0] or path
            if element.name == "a" and target.startswith("https://"):
                assert re.match(r"https://[a-z]+\.example/", target)
            else:
                assert demo.get(target).status_code == 200, target


def test_what_is_chosen_is_kept_with_the_next_choice(demo: Visitor) -> None:
    page = soup(demo, "/gallery/ar?look=dark")
    assert page.html is not None
    assert (page.html["lang"], page.html["dir"], page.html["data-look"]) == ("ar", "rtl", "dark")
    choices = {link.text: link["href"] for link in page.select(".choice a")}
    assert choices["English"] == "/gallery?look=dark"
    assert choices["None"] == "/gallery/ar?look=dark&theme=none"
    assert choices["Light"] == "/gallery/ar?look=light"
    assert len(choices) == len(LANGUAGES) + len(LOOKS) + len(THEMES)
    current = [link.text for link in page.select(".choice [aria-current]")]
    assert current == [LANGUAGES["ar"], LOOKS["dark"], THEMES[""]]


@pytest.mark.parametrize("path", ["/gallery/xx", "/gallery?look=blue", "/gallery?theme=%22onload"])
def test_what_is_no_choice_is_not_found(demo: Visitor, path: str) -> None:
    assert demo.get(path).status_code == 404


def test_the_rule_beside_a_block_is_its_rule_without_the_place(demo: Visitor) -> None:
    page = soup(demo, "/gallery")
    shown = page.select_one("#source-named + pre")
    assert shown is not None
    assert shown.text == (
        "source-named:\n  kind: source\n  url: https://agency.example/1\n  name: The Sound Agency\n"
    )


def test_every_page_of_the_demo_leads_to_the_gallery(demo: Visitor) -> None:
    for path in ("/", "/world/talks-after-the-cable-was-cut"):
        assert soup(demo, path).select_one("#demo-switch a[href='/gallery']") is not None
    assert HOST not in demo.get("/gallery").text.replace(f"{HOST}/gallery", "")


@every_page
def test_the_lists_of_stories_are_as_long_as_their_rules_say(demo: Visitor, path: str) -> None:
    page = soup(demo, path)
    for specimen in specimens():
        if count := re.search(r"^  count: (\d+)$", specimen.written, re.MULTILINE):
            assert len(page.select(f"#{specimen.id} .nh-item")) == int(count[1]), specimen.id
