"""Real news pages: none loses a byte, none breaks, nearly all get a block in the story."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

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


def has_six_paragraphs(folder: Path) -> bool:
    """Whether the extracted article has six paragraphs of text or more."""
    tree = LexborHTMLParser((folder / "expected.html").read_bytes())
    return sum(len(node.text(strip=True)) > 40 for node in tree.css("p")) >= 6


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
    folders = [folder for folder in sorted(shared.glob("corpus/readability/*")) if has_six_paragraphs(folder)]
    without = []
    for folder in folders:
        page = site.compose((folder / "source.html").read_bytes(), url=f"https://news.example/{folder.name}")
        start, end = page.outline.body if page.outline else (0, 0)
        if not any(start < each.offset < end for each in page.insertions):
            without.append((folder.name, page.untouched))
    assert len(without) <= 0.15 * len(folders), without
