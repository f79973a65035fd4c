"""What reader modes and extractors make of real pages: the story as it was, and nothing of ours."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import trafilatura

from newshole import Site, blocks
from tests.conftest import SHARED, needs_shared

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CORPORA: Final = SHARED / "corpus"
HERE: Final = Path(__file__).parent
NEWSPAPER: Final = HERE / "newspaper.yaml"
REFERENCE: Final = HERE / "reference.yaml"
EVERY_KIND: Final = HERE / "every-kind.yaml"
OURS: Final = "newshole"
"""What every block of `EVERY_KIND` says, and no page of the corpora."""

READABILITY: Final = Path(sys.prefix) / "npm/node_modules/@mozilla/readability/Readability.js"
"""Where `scripts/test` puts it."""

# A document made in this way runs no script and loads nothing.
READ: Final = """page => {
  const read = new Readability(new DOMParser().parseFromString(page, "text/html")).parse();
  return read === null ? "" : [read.title, read.byline, read.excerpt, read.textContent].join("\\n");
}"""

Read = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Reading:
    """The same page read twice, without blocks and with them."""

    name: str
    without: str
    with_blocks: str
    has_blocks: bool = True

    @property
    def is_same(self) -> bool:
        """Whether the words are the same; white space between two elements is not seen by anyone."""
        without, with_blocks = ("".join(text.split()) for text in (self.without, self.with_blocks))
        return without == with_blocks


@pytest.fixture(scope="module")
def readability(browser: Browser) -> Iterator[Read]:
    """Firefox's reader mode, in Chromium."""
    if not READABILITY.is_file():
        pytest.skip("@mozilla/readability is not installed (scripts/test does, where npm is)")
    page = browser.new_page()
    page.add_script_tag(content=READABILITY.read_text("utf-8"))
    yield lambda html: str(page.evaluate(READ, html))
    page.close()


def extracted(html: str) -> str:
    """What trafilatura makes of a page."""
    return trafilatura.extract(html) or ""


def pages(corpus: str) -> dict[str, bytes]:
    """The pages of a corpus by their names."""
    folder = CORPORA / corpus
    files = sorted(folder.glob("*.html")) or sorted(folder.glob("*/source.html"))
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def readings(read: Read, rules: Path, corpus: str) -> list[Reading]:
    """Every page of a corpus, read without blocks and with those of the rules."""
    site = Site.load(rules)
    found = []
    for name, body in pages(corpus).items():
        page = site.compose(body, url=f"https://news.example/world/{name}")
        before, after = (html.decode("utf-8", "replace") for html in (body, page.html))
        without = read(before)
        has_blocks = page.untouched is None
        found.append(Reading(name, without, read(after) if has_blocks else without, has_blocks))
    return found


def leaks(found: list[Reading]) -> list[str]:
    """The names of the pages in whose reading something of ours stands."""
    return [each.name for each in found if OURS in each.with_blocks.casefold()]


def check_same(found: list[Reading], *, pages: int, share: float) -> None:
    """So many pages were read, most got blocks, and at least the given share reads as without them."""
    assert len(found) >= pages, "the corpora hold fewer pages than they should"
    assert sum(each.has_blocks for each in found) >= 0.85 * len(found)
    others = [each.name for each in found if not each.is_same]
    assert len(others) <= (1 - share) * len(found), others


def test_every_kind_is_tried() -> None:
    site = Site.load(EVERY_KIND)
    assert {block.kind for block in site.rules[0].blocks} == {kind.name for kind in blocks.KINDS}


def test_a_leak_would_be_noticed() -> None:
    assert leaks([Reading("x", "One.", "One. Newshole"), Reading("y", "One.", "One.")]) == ["x"]


def test_a_reading_with_other_words_is_another() -> None:
    assert Reading("x", "One.\nTwo", "One. Two").is_same
    assert not Reading("x", "One. Two", "One. Two. Advertisement").is_same


@pytest.mark.slow
@pytest.mark.browser
@needs_shared
@pytest.mark.parametrize(("corpus", "number"), [("readability", 128), ("news", 240)])
class TestReadability:
    """Firefox's reader mode, which Safari's and others are akin to."""

    def test_a_story_reads_as_it_did_without_blocks(
        self, readability: Read, corpus: str, number: int
    ) -> None:
        check_same(readings(readability, NEWSPAPER, corpus), pages=number, share=0.98)

    @pytest.mark.parametrize("rules", [REFERENCE, EVERY_KIND], ids=lambda rules: rules.stem)
    def test_no_kind_is_taken_for_the_story(
        self, readability: Read, corpus: str, number: int, rules: Path
    ) -> None:
        found = readings(readability, rules, corpus)
        assert leaks(found) == []
        check_same(found, pages=number, share=0.9)


@pytest.mark.slow
@needs_shared
@pytest.mark.parametrize(("corpus", "number"), [("readability", 128), ("news", 240)])
class TestTrafilatura:
    """The extractor of crawlers and archives."""

    @pytest.mark.parametrize("rules", [NEWSPAPER, REFERENCE, EVERY_KIND], ids=lambda rules: rules.stem)
    def test_a_story_reads_as_it_did_without_blocks(self, corpus: str, number: int, rules: Path) -> None:
        found = readings(extracted, rules, corpus)
        assert len(leaks(found)) <= 0.01 * len(found), leaks(found)
        check_same(found, pages=number, share=0.97)
