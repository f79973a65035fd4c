"""Real news pages: none loses a byte, none breaks, nearly all get blocks, and between story and story."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from benchmarks.body_accuracy import STORY_PARAGRAPHS, Truth, news_pages, readability_pages
from benchmarks.neighbours import INELIGIBLE, Judge, placed
from newshole import Composition, Newshole, Site
from newshole.http.codings import decode, encode
from newshole.page.prescan import MAX_PAGE
from tests.conftest import SHARED
from tests.http.asgi import ask, asked
from tests.http.test_codings import CHAINS
from tests.http.test_recoding import answering
from tests.pages import check_composed

pytestmark = pytest.mark.slow

CORPUS = SHARED / "corpus"


def pages() -> Iterator[tuple[str, Path]]:
    """The URL and the file of every page of the corpora."""
    for folder in sorted(CORPUS.glob("readability/*")):
        yield f"https://news.example/{folder.name}", folder / "source.html"
    if (CORPUS / "news").is_dir():
        index = json.loads((CORPUS / "news" / "index.json").read_text("utf-8"))
        for name, entry in sorted(index.items()):
            # Some have a label in its place.
            url = entry["url"] if entry["url"].startswith("http") else f"https://news.example/{name}"
            yield url, CORPUS / "news" / name


def test_every_page_is_whole_and_every_block_in_plain_flow(shared: Path) -> None:
    site = Site.load("newspaper")
    seen = 0
    for url, file in pages():
        body = file.read_bytes()
        page = site.compose(body, url=url)
        check_composed(body, page)
        assert not (page.untouched or "").endswith("-fault"), (file, page.untouched)
        seen += 1
    assert seen >= 368, f"the corpora under {shared} hold fewer pages than they should"


def test_every_page_that_comes_coded_leaves_as_it_would_uncoded(shared: Path) -> None:
    site = Site.load("newspaper")
    composed = 0
    for (url, file), codings in zip(pages(), cycle(CHAINS), strict=False):
        body, address = file.read_bytes(), urlsplit(url)
        coded = encode(body, codings)
        host = (b"host", address.netloc.encode())
        scope = {**asked(address.path), "headers": [host], "query_string": address.query.encode()}
        newshole = Newshole(answering(coded, codings), site=site, plan_budget=None)
        client = ask(newshole, scope | {"scheme": address.scheme})
        page = site.compose(body, url=url, content_type="text/html; charset=utf-8")
        untouched = len(body) > MAX_PAGE or page.untouched is not None
        if untouched:
            assert client.body == coded
        else:
            assert decode(client.body, codings, most=2 * MAX_PAGE) == page.html
        composed += not untouched
    assert composed > 200, f"the corpora under {shared} hold fewer stories than they should"


@pytest.fixture(scope="module")
def stories() -> list[tuple[Truth, Composition]]:
    """The eligible stories of six paragraphs and more, composed: no AMP, none drawn again in the browser."""
    site = Site.load("newspaper")
    found = [
        (each, site.compose(each.page, url=f"https://news.example/world/{each.name}"))
        for each in (*readability_pages(), *news_pages())
        if each.paragraphs >= STORY_PARAGRAPHS
    ]
    return [(truth, page) for truth, page in found if page.untouched not in INELIGIBLE]


def test_nearly_every_story_of_six_paragraphs_gets_a_block(stories: list[tuple[Truth, Composition]]) -> None:
    without = [(truth.name, page.untouched) for truth, page in stories if not page.insertions]
    assert len(stories) > 200, "the corpora hold fewer stories than they should"
    assert len(without) <= 0.03 * len(stories), without


def test_most_stories_of_six_paragraphs_get_a_block_inside(stories: list[tuple[Truth, Composition]]) -> None:
    without = []
    for truth, page in stories:
        start, end = page.outline.body if page.outline else (0, 0)
        if not any(start < each.offset < end for each in page.insertions):
            without.append(truth.name)
    assert len(without) <= 0.15 * len(stories), without


def test_nearly_every_block_stands_between_story_and_story(stories: list[tuple[Truth, Composition]]) -> None:
    told = [each for truth, page in stories if page.outline for each in placed(Judge(truth), page)]
    wrong = [shown for is_right, shown in told if not is_right]
    assert len(told) > 400
    assert len(wrong) <= 0.02 * len(told), wrong
