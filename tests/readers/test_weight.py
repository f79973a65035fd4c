"""What blocks add to a page before any ad is there fits into three kilobytes, gzipped."""

from __future__ import annotations

from typing import Final

import pytest

from benchmarks.readers import RULES, Weight, weights
from newshole import Site
from newshole.demo.newsroom import articles
from newshole.demo.origin import origin
from tests.conftest import needs_shared
from tests.demo.visitor import HOST, Visitor

MOST: Final = 3 * 1024


@pytest.mark.parametrize("path", articles())
def test_a_page_of_the_demo_grows_by_little(path: str) -> None:
    body = Visitor(origin()).get(path).content
    page = Site.load(RULES).compose(body, url=HOST + path)
    # No other story of the demo is as solemn as the obituary.
    shown = {"end-ad"} if path.startswith("/obituaries/") else {"end-ad", "more"}
    assert shown <= {each.block for each in page.insertions}
    assert Weight.of(body, page).own <= MOST
    assert Weight.of(body, page).growth <= MOST


@pytest.mark.slow
@needs_shared
def test_pages_of_the_corpora_grow_by_little() -> None:
    found = list(weights())
    assert len(found) > 300, "the corpora hold fewer stories than they should"
    assert max(each.own for each in found) <= MOST
    # A page that repeats itself just within gzip's window of 32 KiB may grow by what it then repeats in full.
    assert sum(each.growth > MOST for each in found) <= 0.02 * len(found)
