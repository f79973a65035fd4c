"""JSON-LD as pages have it: the page's own article is found among all that is stated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from newshole.page.document import Document
from newshole.page.jsonld import article, read_jsonld

URL = "https://news.example/a"
MINE = {"@type": "NewsArticle", "headline": "Mine", "url": URL}
OTHER = {"@type": "NewsArticle", "headline": "Other", "url": "https://news.example/b"}


def _document(*scripts: str, kind: str = "application/ld+json") -> Document:
    return Document("".join(f'<script type="{kind}">{each}</script>' for each in scripts).encode())


def _headline(*stated: Any) -> str | None:
    found = article(read_jsonld(_document(*map(json.dumps, stated))), (URL, ""))
    return None if found is None else str(found["headline"])


@pytest.mark.parametrize(
    "stated",
    [
        MINE,
        [MINE],
        [{"@type": "Organization"}, OTHER, MINE],
        {"@graph": [{"@type": "WebSite"}, MINE]},
        [{"@graph": [OTHER, MINE]}],
        {"@graph": MINE},
        MINE | {"@type": ["Thing", "ReportageNewsArticle"]},
        MINE | {"@type": "https://schema.org/BlogPosting"},
    ],
)
def test_the_article_is_found_at_top_level_in_lists_and_graphs(stated: Any) -> None:
    assert _headline(stated) == "Mine"


@pytest.mark.parametrize(
    "address",
    [
        {"url": URL},
        {"@id": URL + "#article"},
        {"mainEntityOfPage": URL + "/"},
        {"mainEntityOfPage": {"@id": "http://www.news.example/a"}},
        {"mainEntityOfPage": {"@type": "WebPage", "url": URL}},
    ],
)
def test_an_article_that_names_this_page_comes_before_others(address: dict[str, Any]) -> None:
    assert _headline(OTHER, {"@type": "Article", "headline": "Mine"} | address) == "Mine"


def test_a_list_of_other_articles_is_not_this_page() -> None:
    others = [OTHER | {"url": f"https://news.example/{number}"} for number in range(8)]
    assert _headline(*others) is None
    assert _headline(others) is None
    items = [{"@type": "ListItem", "item": each} for each in others]
    assert _headline({"@type": "ItemList", "itemListElement": items}) is None
    assert _headline(*others, MINE) == "Mine"


def test_the_only_article_is_taken_whatever_it_is_called() -> None:
    assert _headline({"@type": "NewsArticle", "headline": "Only"}) == "Only"


@pytest.mark.parametrize(
    "script",
    [
        "",
        "{",
        '[1, null, true, "text"]',
        "{'@type': 'NewsArticle'}",
        "[" * 100_000,
        '{"a":' * 100_000,
        "9" * 5000,
        json.dumps(MINE | {"text": "x" * 1_000_001}),
    ],
)
def test_what_cannot_be_read_is_left_out_and_the_rest_is_read(script: str) -> None:
    assert [each.get("headline") for each in read_jsonld(_document(script, json.dumps(MINE)))] == ["Mine"]


@pytest.mark.parametrize("script", ['{"headline": "two\nlines"}', '\n {"headline": "two\nlines"};\n'])
def test_line_breaks_in_strings_and_a_semicolon_behind_are_forgiven(script: str) -> None:
    assert [each["headline"] for each in read_jsonld(_document(script))] == ["two\nlines"]


@pytest.mark.parametrize("kind", ["Application/LD+JSON", "application/ld+json; charset=utf-8"])
def test_the_type_of_the_script_is_read_as_browsers_read_it(kind: str) -> None:
    assert len(read_jsonld(_document(json.dumps(MINE), kind=kind))) == 1


def test_other_scripts_are_not_read() -> None:
    assert read_jsonld(_document(json.dumps(MINE), kind="application/json")) == []


def test_text_is_read_in_the_encoding_of_the_page() -> None:
    page = '<script type="application/ld+json">{"headline": "表示"}</script>'
    document = Document(page.encode("shift_jis"), "shift_jis")
    assert read_jsonld(document) == [{"headline": "表示"}]
