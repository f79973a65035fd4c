"""What the recommended rules add to a page, in bytes."""

from __future__ import annotations

import gzip

import pytest

from newshole import Site
from newshole.demo.app import RULES
from newshole.demo.origin import origin
from tests.demo.visitor import HOST, Visitor

MOST = 3 * 1024

PAGES = {
    "/world/talks-after-the-cable-was-cut": {"inline-ad", "source", "end-ad", "more"},
    "/magazine/the-last-lamp-at-grey-ness": {"inline-ad", "end-ad", "more"},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The pack newspaper with the stories of the demo."""
    file = tmp_path_factory.mktemp("rules") / "courier.yaml"
    library = RULES.read_text(encoding="utf-8").partition("\nlibrary:")[2]
    file.write_text(f"extends: newspaper\nlibrary:{library}", encoding="utf-8")
    return Site.load(file)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_grows_by_less_than_three_kilobytes_compressed(site: Site, path: str) -> None:
    bare = Visitor(origin()).get(path).content
    page = site.compose(bare, url=HOST + path, content_type="text/html; charset=utf-8")
    assert {one.block for one in page.insertions} == PAGES[path]
    assert page.html.count(b'class="nh-thumb"') == 4
    assert len(gzip.compress(b"".join(one.html for one in page.insertions))) <= MOST
    assert len(gzip.compress(page.html)) - len(gzip.compress(bare)) <= MOST
