"""The newspaper by itself: every page sound, every link good, nothing from anywhere else."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import html5lib
import pytest
from bs4 import BeautifulSoup, Tag

from newshole.demo.newsroom import HERE, SECTIONS, Article, articles
from newshole.demo.origin import PAGES, origin
from tests.demo.visitor import HOST, Visitor

STORIES = tuple(articles().values())
PATHS = (
    "/",
    "/embed/tides",
    "/embed/pilots",
    *(f"/{page}" for page in PAGES),
    *(f"/{slug}" for slug in SECTIONS),
    *articles(),
)
# Schemes and hosts that a page may name: its own, schema.org's vocabulary and reserved example names.
NAMED = re.compile(r"https?://(?:schema\.org|www\.w3\.org|[a-z.]+\.example)(?![a-z0-9.-])")

any_page = pytest.mark.parametrize("path", PATHS)
any_story = pytest.mark.parametrize("article", STORIES, ids=lambda article: article.path)


@pytest.fixture(scope="module")
def client() -> Visitor:
    return Visitor(origin())


def soup(client: Visitor, path: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(path).text, "lxml")


def words(html: str) -> int:
    return len(BeautifulSoup(html, "lxml").get_text(" ").split())


@any_page
def test_every_page_is_html_without_a_parse_error(client: Visitor, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    html5lib.HTMLParser(strict=True).parse(answer.text)


@any_page
def test_every_link_leads_to_something(client: Visitor, path: str) -> None:
    page = soup(client, path)
    for element in page.select("a[href], link[href], img[src], iframe[src]"):
        address = str(element.get("href") or element.get("src"))
        target, fragment = urldefrag(address)
        if urlsplit(target).netloc in ("", urlsplit(HOST).netloc):
            assert client.get(target or path).status_code == 200, address
            assert not fragment or soup(client, target or path).find(id=fragment), address


@any_page
def test_no_page_names_a_foreign_host(client: Visitor, path: str) -> None:
    text = client.get(path).text
    assert not [url for url in re.findall(r"(?:https?:)?//[a-z][^\s\"'<]*", text) if not NAMED.match(url)]


def test_no_file_of_the_site_names_a_foreign_host() -> None:
    for file in [*(HERE / "static").rglob("*.css"), *(HERE / "static").rglob("*.svg")]:
        found = re.findall(r"(?:https?:)?//[a-z][^\s\"'<]*", file.read_text(encoding="utf-8"))
        assert set(found) <= {"http://www.w3.org/2000/svg"}, file


@any_page
def test_every_picture_has_its_dimensions(client: Visitor, path: str) -> None:
    for picture in soup(client, path).select("img, iframe"):
        assert picture.has_attr("width"), picture
        assert picture.has_attr("height"), picture


@any_page
def test_every_page_has_one_first_heading_and_no_repeated_id(client: Visitor, path: str) -> None:
    page = soup(client, path)
    ids = [str(element["id"]) for element in page.select("[id]")]
    assert len(page.find_all("h1")) == 1
    assert len(ids) == len(set(ids))


@any_story
def test_a_story_page_says_what_it_is(client: Visitor, article: Article) -> None:
    page = soup(client, article.path)
    described = json.loads(_element(page, "script[type='application/ld+json']").text)
    assert _element(page, "html")["lang"] == article.section.edition.tag == described["inLanguage"]
    assert described["@type"] == ("LiveBlogPosting" if article.updates else "NewsArticle")
    assert described["headline"] == article.headline == _element(page, "h1").text
    assert described["datePublished"] == _element(page, "article time")["datetime"]
    assert _element(page, "link[rel=canonical]")["href"] == HOST + article.path
    assert _element(page, "meta[property='og:title']")["content"] == article.headline
    assert page.select("main > article > header ~ .story-text > p")


def _element(page: BeautifulSoup, selector: str) -> Tag:
    found = page.select_one(selector)
    assert found is not None, selector
    return found


def test_right_to_left_stories_say_so(client: Visitor) -> None:
    for article in STORIES:
        written = _element(soup(client, article.path), "html").get("dir", "ltr")
        assert written == ("rtl" if article.language == "ar" else "ltr")


def test_there_are_a_dozen_stories_in_at_least_three_languages() -> None:
    assert len(STORIES) >= 12
    assert {article.language for article in STORIES} >= {"en", "de", "ar"}


@any_story
def test_a_story_has_the_length_of_one(article: Article) -> None:
    text = article.body + "".join(update.text for update in article.updates)
    if article.language == "ja":  # written without spaces
        assert len(text) > 800
    else:
        assert (1800 if article.section.slug == "magazine" else 300) <= words(text)


def test_one_story_has_the_shape_of_the_reference_page() -> None:
    article = articles()["/world/talks-after-the-cable-was-cut"]
    names = [element.name for element in BeautifulSoup(article.body, "html.parser").find_all(recursive=False)]
    assert names == ["p", "h2", "p", "p", "p", "p", "h2", "p", "p"]
    assert article.based_on


def test_the_long_read_has_everything_that_a_block_must_stay_out_of() -> None:
    body = BeautifulSoup(articles()["/magazine/the-last-lamp-at-grey-ness"].body, "lxml")
    for name in ("ul", "ol", "blockquote", "table", "figure", "iframe", "figcaption"):
        assert body.find(name), name


def test_an_unknown_page_is_not_found(client: Visitor) -> None:
    for path in ("/nothing", "/world/nothing", "/a/b/c", "/static/nothing.css"):
        assert client.get(path).status_code == 404


def test_the_sign_up_answers(client: Visitor) -> None:
    answer = client.ask("POST", "/newsletter", form={"email": "reader@courier.example"})
    assert answer.status_code == 200
    assert "reader@" not in answer.text


def test_the_newspaper_knows_nothing_of_newshole() -> None:
    for name in ("newsroom", "metadata", "origin"):
        tree = ast.parse(Path(HERE / f"{name}.py").read_text(encoding="utf-8"))
        imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {module for module in imported if module.startswith("newshole")} <= {
            "newshole.demo.newsroom",
            "newshole.demo.metadata",
        }


def test_the_demo_stays_small() -> None:
    files = (file for file in HERE.rglob("*") if file.is_file() and file.suffix != ".pyc")
    assert sum(file.stat().st_size for file in files) < 400_000


def test_a_paid_story_says_who_paid_wherever_the_newspaper_lists_it(client: Visitor) -> None:
    kickers = soup(client, "/business").select(".card:has(a[href='/business/what-paper-remembers']) .kicker")
    assert [kicker.text for kicker in kickers] == ["Business · Sponsored by Harnow Paper"]
