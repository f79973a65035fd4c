"""The demo: newshole in front of the newspaper, and every page with and without."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from newshole import Site
from newshole.demo.app import RULES, demo_app
from newshole.demo.newsroom import Article, articles
from newshole.demo.origin import origin
from newshole.demo.sights import SIGHTS
from tests.demo.visitor import HOST, Visitor

STORIES = tuple(articles().values())
OTHERS = ("/", "/world", "/ar", "/about", "/video/pilots", "/nothing")
SWITCH = re.compile(rb'<nav id="demo-switch".*?</nav>', re.DOTALL)
GUIDE = re.compile(rb'<nav id="demo-guide".*?</nav>', re.DOTALL)

any_story = pytest.mark.parametrize("article", STORIES, ids=lambda article: article.path)


@pytest.fixture(scope="module")
def demo() -> Visitor:
    return Visitor(demo_app())


@pytest.fixture(scope="module")
def newspaper() -> Visitor:
    return Visitor(origin())


@pytest.fixture(scope="module")
def site() -> Site:
    return Site.load(RULES)


def without_switch(page: bytes) -> bytes:
    assert len(SWITCH.findall(page)) == 1
    return SWITCH.sub(b"", page)


def blocks(page: bytes) -> list[str]:
    return [str(block["data-newshole"]) for block in BeautifulSoup(page, "lxml").select("[data-newshole]")]


@pytest.mark.parametrize("path", ["/embed/tides", "/embed/pilots"])
def test_what_stands_in_a_frame_has_no_links_to_other_pages_on_it(demo: Visitor, path: str) -> None:
    shown = demo.get(path)
    assert (shown.status_code, SWITCH.findall(shown.content)) == (200, [])


@any_story
def test_a_story_with_and_without_differs_by_the_insertions_alone(
    demo: Visitor, newspaper: Visitor, site: Site, article: Article
) -> None:
    bare = newspaper.get(article.path).content
    assert without_switch(demo.get(f"{article.path}?newshole=off").content) == bare
    composed = site.compose(bare, url=HOST + article.path, content_type="text/html; charset=utf-8")
    assert composed.untouched is None
    assert without_switch(demo.get(article.path).content) == composed.html
    assert _taken_out(composed.html, [(one.offset, one.html) for one in composed.insertions]) == bare


def _taken_out(page: bytes, insertions: list[tuple[int, bytes]]) -> bytes:
    parts: list[bytes] = []
    end = 0
    for offset, html in insertions:
        start = end + offset - sum(map(len, parts))
        parts.append(page[end:start])
        assert page.startswith(html, start)
        end = start + len(html)
    return b"".join([*parts, page[end:]])


@pytest.mark.parametrize("path", OTHERS)
def test_what_is_no_story_stays_as_it_is(demo: Visitor, newspaper: Visitor, path: str) -> None:
    page, guides = GUIDE.subn(b"", without_switch(demo.get(path).content))
    assert page == newspaper.get(path).content
    assert guides == (path == "/")
    assert demo.get(path).status_code == newspaper.get(path).status_code


@any_story
def test_every_story_begins_with_the_strip_and_ends_with_more_stories(
    demo: Visitor, article: Article
) -> None:
    placed = blocks(demo.get(article.path).content)
    assert placed[0] == "strip"
    assert "more" in placed


def test_the_wire_story_has_the_blocks_of_the_reference_page(demo: Visitor) -> None:
    placed = blocks(demo.get("/world/talks-after-the-cable-was-cut").content)
    asked = ["strip", "must-read", "inline-ad", "follow", "video", "source", "more", "bottom-ad", "latest"]
    assert placed == asked


def test_the_long_read_has_several_ads_and_a_sign_up(demo: Visitor) -> None:
    placed = blocks(demo.get("/magazine/the-last-lamp-at-grey-ness").content)
    assert placed.count("inline-ad") == 3
    assert "newsletter" in placed


def test_an_obituary_has_no_ad_and_no_call(demo: Visitor) -> None:
    placed = blocks(demo.get("/obituaries/sunniva-tarrell").content)
    assert placed == ["strip", "more", "latest"]


def test_a_live_blog_has_one_ad_right_before_an_entry(demo: Visitor) -> None:
    page = BeautifulSoup(demo.get("/city/live-storm-ilse").content, "lxml")
    (ad,) = page.select("[data-newshole=live-ad]")
    after = ad.find_next_sibling()
    assert after is not None
    assert after.name == "h2"
    assert page.select("[data-newshole=must-read], [data-newshole=video]") == []


def test_a_story_that_somebody_has_paid_for_has_its_label_and_no_ads(demo: Visitor) -> None:
    page = BeautifulSoup(demo.get("/business/what-paper-remembers").content, "lxml")
    assert blocks(demo.get("/business/what-paper-remembers").content) == [
        "strip",
        "paid-label",
        "more",
        "latest",
    ]
    label = page.select_one("[data-newshole=paid-label]")
    assert label is not None
    assert label.text == "Sponsored by Harnow Paper"
    assert label.find_next("h1") is not None


@any_story
def test_stories_are_offered_in_the_language_of_the_page(demo: Visitor, article: Article) -> None:
    page = BeautifulSoup(demo.get(article.path).content, "lxml")
    listed = {
        str(link["href"])
        for link in page.select("[data-newshole] a[href^='/']")
        if link["href"] in articles()
    }
    languages = {articles()[path].language for path in listed}
    assert article.path not in listed
    assert languages <= {article.language}


def test_the_rules_list_the_stories_that_the_newspaper_has(site: Site) -> None:
    listed = {(entry.url, entry.title, entry.image, entry.language) for entry in site.rules[0].stories}
    free = [one for one in STORIES if not one.sponsor]
    assert listed == {(one.path, one.headline, one.picture.path, one.language) for one in free}


def test_no_list_offers_a_paid_story_as_one_of_the_newspapers_own(demo: Visitor) -> None:
    paid = {one.path for one in STORIES if one.sponsor}
    assert paid
    for article in STORIES:
        page = BeautifulSoup(demo.get(article.path).content, "lxml")
        assert paid.isdisjoint(str(link["href"]) for link in page.select("[data-newshole] a"))


def test_the_strip_writes_the_date_as_the_newspaper_does(demo: Visitor) -> None:
    page = BeautifulSoup(demo.get("/world/talks-after-the-cable-was-cut").content, "lxml")
    assert [each.text for each in page.select("[data-newshole=strip] time")] == ["Friday, 9 October 2026"]


@pytest.mark.parametrize("path", ["/", "/?newshole=off"])
def test_the_front_page_leads_to_everything_there_is_to_see(demo: Visitor, path: str) -> None:
    links = BeautifulSoup(demo.get(path).content, "lxml").select("#demo-guide a")
    assert [link["href"] for link in links] == [sight.path for sight in SIGHTS]
    assert all(demo.get(sight.path).status_code == 200 for sight in SIGHTS)


@pytest.mark.parametrize(
    ("asked", "on", "off"),
    [
        ("/world", "/world", "/world?newshole=off"),
        ("/world?newshole=off", "/world", "/world?newshole=off"),
        ("/world?page=2&newshole=off&x=a%26b", "/world?page=2&x=a%26b", "/world?page=2&x=a%26b&newshole=off"),
    ],
)
def test_the_switch_keeps_the_rest_of_the_query(demo: Visitor, asked: str, on: str, off: str) -> None:
    links = BeautifulSoup(demo.get(asked).content, "lxml").select("#demo-switch a")
    assert [link["href"] for link in links] == [on, off, "/gallery"]


def test_the_switch_marks_what_is_shown(demo: Visitor) -> None:
    for asked, shown in (
        ("/", ["With newshole"]),
        ("/?newshole=off", ["Without"]),
        ("/gallery", ["With newshole", "All blocks"]),
        ("/gallery/ar?newshole=off", ["Without", "All blocks"]),
    ):
        current = BeautifulSoup(demo.get(asked).content, "lxml").select("#demo-switch [aria-current]")
        assert [link.text for link in current] == shown


def test_a_hostile_path_cannot_write_markup_into_the_switch(demo: Visitor) -> None:
    page = demo.get('/"><script>alert(1)</script>').content
    assert b"<script>alert" not in page


def test_files_pass_as_they_are(demo: Visitor, newspaper: Visitor) -> None:
    path = "/static/pictures/cable.svg"
    assert demo.get(path).content == newspaper.get(path).content
    assert demo.get(path).headers["content-type"] == "image/svg+xml"


def test_head_promises_what_get_would_hold(demo: Visitor) -> None:
    for path in ("/world", "/world/tarn-fell-stops-its-clocks", "/about?newshole=off"):
        promised = demo.ask("HEAD", path).headers.get("content-length")
        assert promised in (None, str(len(demo.get(path).content)))
