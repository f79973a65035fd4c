"""On which pages a block is: kinds of pages, exceptions, categories, tags, taxonomies, addresses."""

from __future__ import annotations

from typing import Any

import pytest

from newshole.rules.globs import path_fits
from tests.importing.exports import CODE, block_of, one, whole


def when(**options: Any) -> Any:
    return one(**options).rule.get("when")


def test_posts_are_the_default_and_need_no_condition() -> None:
    made = one()
    assert "when" not in made.rule
    assert [each.option for each in made.imported.general] == ["display_on_posts"]


def test_pages_beside_posts_are_an_entry_of_pages() -> None:
    imported = whole(
        {
            1: {"code": CODE, "name": "Top", "display_type": "14", "display_on_homepage": "1"},
            2: {
                "code": CODE,
                "name": "Side",
                "display_type": "15",
                "html_selector": "#side",
                "display_on_posts": "0",
                "display_on_homepage": "1",
                "display_on_search_pages": "1",
                "display_on_category_pages": "1",
                "display_on_archive_pages": "1",
            },
        }
    )
    assert imported.rules.endswith(
        "pages:\n"
        "  - {name: search, query: {s: present}, blocks: [side]}\n"
        "  - {name: front, path: /, blocks: [top, side]}\n"
        "  - {name: category, path: /category/**, blocks: [side]}\n"
        "  - {name: archive, path: [/tag/**, /author/**], blocks: [side]}\n"
    )
    assert block_of(imported, "side")["when"]["any"][:2] == [{"query": {"s": "present"}}, {"path": "/"}]
    assert not imported.problems


def test_a_block_in_the_text_cannot_be_on_a_list_of_posts() -> None:
    made = one(display_on_homepage="1")
    assert made.lost == ["display_on_homepage"]
    assert "pages:" not in made.imported.rules.replace('below "pages"', "")


@pytest.mark.parametrize(
    ("options", "option"),
    [
        ({"display_on_posts": "0"}, "display_on_posts"),
        ({"display_on_posts": "0", "display_on_pages": "1"}, "display_on_pages"),
        ({"exceptions_enabled": "1", "exceptions_function": "2"}, "exceptions_function"),
        ({"enabled_on_which_posts": "Only on selected"}, "exceptions_function"),
    ],
)
def test_blocks_that_are_on_no_post_by_themselves_are_off(options: dict[str, str], option: str) -> None:
    assert one(own=options).off == [option]


def test_posts_left_out_by_themselves_are_named() -> None:
    assert one(exceptions_enabled="1").lost == ["exceptions_function"]
    assert one(enabled_on_which_posts="On all except selected").lost == ["exceptions_function"]
    assert one(exceptions_function="2").lost == []


def test_the_length_of_the_story_is_a_condition() -> None:
    assert when(min_words="200") == {"words": {"min": 200}}
    assert when(min_words="200", max_words="900") == {"words": {"min": 200, "max": 900}}


def test_categories_are_sections() -> None:
    assert when(category_list="News, world-cup", category_list_type="1") == {
        "section": ["News", "world-cup", "world cup"]
    }
    assert when(category_list="Obituaries") == {"section": {"not": "Obituaries"}}
    assert when(category_list="sport*", category_list_type="White List") == {"section": "sport"}
    assert one(category_list="x").lost == ["category_list"]


def test_tags_are_tags() -> None:
    assert when(tag_list="war, funeral") == {"tag": {"not": ["war", "funeral"]}}
    assert one(tag_list="war").draft.outcome == "whole"


def test_taxonomies_are_what_they_name() -> None:
    assert when(taxonomy_list="category:news,post_tag:war", taxonomy_list_type="1") == {
        "any": [{"section": ["news"]}, {"tag": ["war"]}]
    }
    assert when(taxonomy_list="user:logged-in") == {"none": [{"logged_in": True}]}
    assert when(taxonomy_list="wpml-current-language:pl", taxonomy_list_type="1") == {"language": "pl"}
    assert when(category_list="news", category_list_type="1", taxonomy_list="primary-category:sport") == {
        "section": "news",
        "all": [{"section": {"not": "sport"}}],
    }


def test_taxonomies_that_pages_do_not_name_are_told() -> None:
    assert one(taxonomy_list="author:jane", taxonomy_list_type="1").off == ["taxonomy_list"]
    assert one(taxonomy_list="meta:sponsor:yes").lost == ["taxonomy_list"]
    mixed = one(taxonomy_list="user-role:editor, category:news", taxonomy_list_type="1")
    assert mixed.rule["when"] == {"section": "news"}
    assert "user-role:editor cannot be told" in mixed.why


def test_ids_of_posts_are_told() -> None:
    assert one(id_list="12, 20-30", id_list_type="1").off == ["id_list"]
    assert one(id_list="12").lost == ["id_list"]


@pytest.mark.parametrize(
    ("entry", "fits", "fails"),
    [
        ("/world/", ["/world", "/world/"], ["/", "/world/a", "/worlds"]),
        ("/world/*", ["/world/", "/world/a", "/world/a/b/"], ["/worlds", "/a/world/b"]),
        ("/world*", ["/world", "/worlds", "/world/a", "/worlds/a"], ["/a/world"]),
        ("*/live/", ["/live/", "/a/b/live"], ["/alive", "/live/a"]),
        ("*-live", ["/a-live", "/b/a-live"], ["/live", "/a-live/b"]),
        ("*live*", ["/live", "/a/alive/b", "/a/lively"], ["/a/lie"]),
        ("*/live/*", ["/live/a", "/a/live/b/c"], ["/alive/b", "/a/lives/b"]),
        ("https://news.example/world/", ["/world"], ["/"]),
        ("https://news.example", ["/"], ["/a"]),
        ("/", ["/"], ["/a"]),
    ],
)
def test_addresses_are_paths(entry: str, fits: list[str], fails: list[str]) -> None:
    written = when(url_list=entry, url_list_type="1")["path"]
    globs = written if isinstance(written, list) else [written]
    for path in fits:
        assert any(path_fits(glob)(path) for glob in globs), (path, globs)
    for path in fails:
        assert not any(path_fits(glob)(path) for glob in globs), (path, globs)


def test_addresses_are_parted_by_commas_or_spaces() -> None:
    assert when(url_list="/a /b") == {"path": {"not": ["/a", "/b"]}}
    assert when(url_list="/a, /b\n/c") == {"path": {"not": ["/a", "/b", "/c"]}}


def test_every_address_is_no_condition_or_no_page() -> None:
    assert when(url_list="*", url_list_type="1") is None
    assert one(url_list="*").off == ["url_list"]


def test_addresses_with_a_query_are_told() -> None:
    assert one(url_list="/a?b=1", url_list_type="1").off == ["url_list"]
    assert one(url_list="/a?b=1").lost == ["url_list"]
    assert one(url_list="/a*b", url_list_type="1").off == ["url_list"]
