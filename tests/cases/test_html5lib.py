"""Every page of html5lib's tests of tree construction: with blocks, parsers read it as without them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from newshole import Composition, Site
from newshole.page.outline import STACKS
from tests.cases.trees import by_html5lib, by_lexbor
from tests.conftest import SHARED, needs_shared
from tests.pages import SENTENCE, UNLIKE_HTML5LIB, assert_in_flow, minus_insertions
from tests.rules.files import write

pytestmark = needs_shared

CORPUS = SHARED / "corpus" / "html5lib"
STORY = "https://news.example/city/bridge"
FRONT = "https://news.example/"

_SIDES = ("before", "after", "prepend", "append")
RULES = (
    "layout: {blocks: 500}\nblocks:\n"
    + "".join(f"  {name}: {{kind: html, html: <p>x</p>, place: {name}}}\n" for name in STACKS)
    + "  inside: {kind: html, html: <p>x</p>, place: {after: unit, nth: [1, 2, 3, 4, 5, 6, -3, -2, -1]}}\n"
    + "".join(
        f"  any-{side}: {{kind: html, html: <div><p>x</p></div>, "
        f'place: {{selector: "*", where: {side}, nth: all}}}}\n'
        for side in _SIDES
    )
    + "pages: [{name: front, path: /, blocks: [page-top, page-bottom, "
    + ", ".join(f"any-{side}" for side in _SIDES)
    + "]}]\n"
)
AROUND = "".join(f"<p>{SENTENCE * 2}</p>" for _ in range(3))


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Rules that put a block wherever one may stand."""
    return Site.load(write(tmp_path_factory.mktemp("rules"), site=RULES) / "site.yaml")


OLDER = (*UNLIKE_HTML5LIB, b"<dialog", b"<search")
"""What html5lib's parser reads by a standard in which these are not yet what they are."""


def files() -> list[Path]:
    """The files that hold whole pages."""
    return [file for file in sorted(CORPUS.glob("*.dat")) if next(cases(file), None) is not None]


def cases(file: Path) -> Iterator[bytes]:
    """The pages of one file; those that are pieces of an element's content are left out."""
    for case in b"\n".join((b"", file.read_bytes())).split(b"\n#data\n")[1:]:
        data, _, rest = case.partition(b"\n#errors")
        if b"\n#document-fragment" not in rest:
            yield data


FILES = [
    pytest.param(file, marks=[] if number % 4 == 0 else pytest.mark.slow, id=file.stem)
    for number, file in enumerate(files())
]
"""Every one of them; the quick tests have a quarter."""


def wrapped(markup: bytes) -> bytes:
    """The markup in the middle of a story."""
    around = AROUND.encode()
    return (
        b"<!doctype html><html><head><title>t</title></head><body><main><h1>t</h1><article>"
        + around
        + markup
        + around
        + b"</article></main><footer>f</footer></body></html>"
    )


def assert_read_the_same(body: bytes, page: Composition) -> None:
    """The site's bytes are whole, and both parsers read them as they do without our blocks."""
    assert minus_insertions(page) == body
    assert page.untouched is None or not page.untouched.endswith("-fault"), page.untouched
    if page.untouched is None:
        assert_in_flow(page)
        assert by_lexbor(page.html, without_blocks=True) == by_lexbor(body)
        if not any(each in body.lower() for each in OLDER):
            assert by_html5lib(page.html, without_blocks=True) == by_html5lib(body)


@pytest.mark.parametrize("file", FILES)
def test_a_story_around_it_is_read_as_without_blocks(everywhere: Site, file: Path) -> None:
    for markup in cases(file):
        body = wrapped(markup)
        page = everywhere.compose(body, url=STORY)
        assert_read_the_same(body, page)
        assert page.untouched is None, markup


@pytest.mark.parametrize("file", FILES)
def test_the_page_as_it_is_is_read_as_without_blocks(everywhere: Site, file: Path) -> None:
    for markup in cases(file):
        assert_read_the_same(markup, everywhere.compose(markup, url=FRONT))


@pytest.mark.slow
def test_of_the_pages_as_they_are_most_are_composed(everywhere: Site) -> None:
    pages = [everywhere.compose(markup, url=FRONT) for file in files() for markup in cases(file)]
    assert len(pages) > 1000
    assert sum(page.untouched is None for page in pages) > len(pages) / 2


@pytest.mark.parametrize("wrap", [False, True])
def test_nothing_is_put_behind_markup_that_is_read_in_two_ways(everywhere: Site, *, wrap: bool) -> None:
    known = json.loads((CORPUS / "ambiguous.json").read_text("utf-8"))
    assert len(known) >= 11
    for markup, entry in known.items():
        body = wrapped(markup.encode()) if wrap else markup.encode()
        page = everywhere.compose(body, url=STORY if wrap else FRONT)
        limit = body.index(markup.encode()) + len(entry["parsedChunk"].encode())
        assert all(each.offset <= limit for each in page.insertions), markup
        assert_read_the_same(body, page)
