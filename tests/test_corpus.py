"""Real news pages: none loses a byte, none breaks, nearly all get a block in the story."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.body_accuracy import STORY_PARAGRAPHS, news_pages, readability_pages
from newshole import Site
from tests.conftest import SHARED
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
            yield entry["url"], CORPUS / "news" / name


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


def test_nearly_every_story_of_six_paragraphs_gets_a_block_inside(shared: Path) -> None:
    site = Site.load("newspaper")
    stories = [each for each in (*readability_pages(), *news_pages()) if each.paragraphs >= STORY_PARAGRAPHS]
    without = []
    for truth in stories:
        page = site.compose(truth.page, url=f"https://news.example/world/{truth.name}")
        start, end = page.outline.body if page.outline else (0, 0)
        if not any(start < each.offset < end for each in page.insertions):
            without.append((truth.name, page.untouched))
    assert len(stories) > 200, f"the corpora under {shared} hold fewer stories than they should"
    assert len(without) <= 0.15 * len(stories), without
