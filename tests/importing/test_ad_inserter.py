"""A whole export: what is told of it, and that whatever it holds, the rules load and no code is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newshole import Site
from newshole.importing.ad_inserter import Imported, import_ad_inserter
from newshole.importing.positions import INSERTIONS
from newshole.rules.snippets import SANDBOX
from tests.budget import examples
from tests.importing.exports import CODE, block_of, exported, loaded, one, whole
from tests.pages import SENTENCE

URL = "https://news.example/world/story"


def code_of(imported: Imported, name: str) -> str:
    """The code of a block in the rules, as it comes out of its template where it is one."""
    rule = block_of(imported, name)
    found: str = rule["serve"]["html"] if rule["kind"] == "ad" else rule["html"]
    return SANDBOX.from_string(found).render() if re.search("{[{%#]", found) else found


def test_blocks_are_told_by_what_became_of_them() -> None:
    imported = whole(
        {
            1: {"code": CODE, "name": "Top", "display_type": "3"},
            2: {"code": CODE, "name": "Middle", "display_type": "6", "alignment_type": "3"},
            3: {"code": "<?php phpinfo();", "name": "Old"},
            4: {"name": "Block 4"},
            5: {"name": "Unused", "display_type": "6"},
            6: {},
        }
    )
    assert [(each.number, each.id, each.outcome) for each in imported.drafts] == [
        ("1", "top", "whole"),
        ("2", "middle", "partly"),
        ("3", "old", "off"),
    ]
    assert imported.empty == (5,)
    assert "\n# 3 blocks: 1 carried over whole, 1 in part, 1 not.\n" in imported.rules
    assert [each.id for each in loaded(imported).blocks] == ["top", "middle"]


def test_ids_are_of_names_and_none_is_there_twice() -> None:
    names = ["Ad", "ad!", "Block 3", "", "Größe & Co", "広告", "Ad", "ad 9", "Ad", "0", "null"]
    blocks = {n: {"code": CODE, "name": name, "display_type": "3"} for n, name in enumerate(names, 1)}
    assert [each.id for each in whole(blocks).drafts] == [
        "ad", "ad-2", "block-3", "block-4", "groe-co", "block-6", "ad-7", "ad-9", "ad-9-9",
        "block-10", "null",
    ]  # fmt: skip


def test_a_block_may_be_named_as_a_code_is() -> None:
    own = {"code": CODE, "name": "Footer code", "display_type": "3"}
    imported = import_ad_inserter(exported({1: own, "f": {"code": CODE, "enable_manual": "1"}}))
    assert [each.id for each in imported.drafts] == ["footer-code", "footer-code-f"]
    assert not imported.problems


def test_paused_blocks_are_comments() -> None:
    made = one(disable_insertion="1")
    assert made.off == ["disable_insertion"]
    assert made.rule == {"kind": "html", "html": CODE, "place": "body-start"}
    assert "blocks: {}\n" in made.imported.rules


def test_looks_are_named_with_the_style_that_does_the_same() -> None:
    made = one(name="Side", alignment_type="Float Left")
    assert '[data-newshole="side"] {float: left; margin: 8px 8px 8px 0}' in made.why
    own = one(alignment_type="7", custom_css="margin: 0;\n  color: red")
    assert '[data-newshole="block-1"] {margin: 0; color: red}' in own.why
    assert (one(alignment_type="6").lost, one(alignment_type="0").lost) == ([], [])


@pytest.mark.parametrize(
    "option",
    [
        "lazy_loading", "iframe", "tracking", "close-button", "animation", "background", "sticky",
        "enable_amp", "enable_feed", "enable_404", "adb-block-action", "max-imp", "visitor-max-clicks",
        "delay-showing", "limits_fallback", "protected", "an_option_of_a_later_version",
    ],
)  # fmt: skip
def test_every_other_option_is_named(option: str) -> None:
    assert one(own={option: "1"}).lost == [option]
    assert one(own={option: "0"}).lost == []


def test_the_number_of_blocks_on_a_page_is_the_layouts_where_it_is_for_all() -> None:
    limited = {"code": CODE, "display_type": "3", "max_page_blocks": "1"}
    assert "\nlayout:\n  blocks: 3\n" in whole({1: limited}).rules
    assert "\nlayout:\n  blocks: 5\n" in whole({1: limited, 2: limited}, MAX_PAGE_BLOCKS=5).rules
    some = whole({1: limited, 2: {"code": CODE, "display_type": "3"}})
    assert "layout:" not in some.rules.replace("layout: {blocks: …}", "")
    assert "max_page_blocks" in [each.option for each in some.general]


def test_codes_for_head_and_foot_are_kept() -> None:
    imported = import_ad_inserter(
        exported(
            {
                "h": {"code": "<script>head()</script>", "enable_manual": "1"},
                "f": {"code": "<script>foot()</script>", "enable_manual": "1"},
                "a": {"code": "<p>No ads?</p>"},
                "global": {},
            }
        )
    )
    assert [(each.id, each.outcome) for each in imported.drafts] == [
        ("header-code", "off"),
        ("footer-code", "partly"),
        ("ad-blocking-message", "off"),
    ]
    assert block_of(imported, "footer-code")["place"] == "page-bottom"
    assert block_of(imported, "header-code")["html"] == "<script>head()</script>"


def test_settings_that_readers_notice_are_told() -> None:
    told = {
        "DISABLE_BLOCK_INSERTIONS": "1", "MAIN_CONTENT_ELEMENT": "#main",
        "NO_PARAGRAPH_COUNTING_INSIDE": "div",
        "AD_LABEL": "<i>Ad</i>", "TRACKING": "1", "CLICK_FRAUD_PROTECTION": "1", "ADB_ACTION": "1",
    }  # fmt: skip
    general = {each.option for each in whole({1: {"code": CODE, "display_type": "3"}}, **told).general}
    assert general == {"display_on_posts", *told}


def test_the_rules_put_the_code_where_the_plugin_did(tmp_path: Path) -> None:
    imported = whole({1: {"code": CODE, "display_type": "6", "paragraph_number": "2, 5"}})
    file = tmp_path / "rules.yaml"
    file.write_text(imported.rules, "utf-8")
    paragraphs = "".join(f"<p>{n} {SENTENCE * 3}</p>" for n in range(1, 9))
    body = f"<!doctype html><title>T</title><article><h1>T</h1>{paragraphs}</article>".encode()
    page = Site.load(file).compose(body, url=URL)
    before = [body[: each.offset].count(b"</p>") for each in page.insertions]
    assert before == [2, 5]
    assert all(CODE.encode() in each.html for each in page.insertions)


TEXTS = st.one_of(
    st.sampled_from(["", "0", "1", "2", "5", "-1", "0.5", "%3", "[2-5]", "*", "#", "a, b", "/a/*", "on"]),
    st.text(max_size=12),
)
NAMES = st.sampled_from(
    """name disable_insertion show_label block_width block_height display_type paragraph_number min_paragraphs
    max_paragraphs skip_first_paragraphs skip_last_paragraphs min_words_above count_inside count_inside_el
    min_words max_words paragraph_tags avoid_paragraphs_above avoid_paragraphs_below avoid_text_above
    avoid_text_below avoid_action html_selector inside_element excerpt_number filter_type inverted_filter
    direction_type alignment_type custom_css scheduling after_days start_date end_date start_time end_time
    weekdays fallback maximum_insertions id_list id_list_type url_list url_list_type url_parameter_list
    url_parameter_list_type cookie_list cookie_list_type domain_list domain_list_type client_list country_list
    country_list_type category_list category_list_type tag_list tag_list_type taxonomy_list
    taxonomy_list_type display_on_homepage display_on_pages display_on_posts display_on_search_pages
    exceptions_enabled exceptions_function paragraph_text paragraph_text_type display_for_users
    display_for_devices detect_server_side detect_client_side detect_viewport_1 detect_viewport_3
    max_page_blocks sticky later""".split()
)
BLOCKS = st.fixed_dictionaries(
    {
        "code": st.one_of(st.just(CODE), st.text(max_size=40)),
        "display_type": st.sampled_from(list(INSERTIONS)),
    },
    optional={},
).flatmap(lambda own: st.dictionaries(NAMES, TEXTS, max_size=10).map(lambda more: {**own, **more}))


@example({1: {"code": CODE, "display_type": "3", "category_list": "?0", "tag_list": "? a, ?b"}})
@given(st.dictionaries(st.integers(1, 96), BLOCKS, max_size=3))
@examples(60)
def test_whatever_is_set_the_rules_load_and_no_code_is_lost(blocks: dict[int, dict[str, str]]) -> None:
    imported = whole(blocks)
    assert imported.problems == ()
    on = [each.id for each in imported.drafts if not each.off]
    assert [each.id for each in loaded(imported).blocks] == on
    for draft in imported.drafts:
        code = blocks[int(draft.number)]["code"].replace("\r\n", "\n").strip("\n")
        assert code_of(imported, draft.id) == code


@given(st.binary(max_size=60))
def test_a_code_of_any_bytes_is_kept_as_text(code: bytes) -> None:
    imported = import_ad_inserter(exported({1: {"code": code, "display_type": "3"}, "global": {}}))
    kept = code.decode("utf-8", "backslashreplace").replace("\r\n", "\n").strip("\n")
    for draft in imported.drafts:
        assert code_of(imported, draft.id) == kept


def test_nothing_in_an_export_reaches_beyond_its_comment() -> None:
    name = "x\u2028injected: 1\x85y: 2\r\nz: 3\x1b[31m"
    imported = whole({1: {"code": "<?php\u2028a: 1 \x85 b", "name": name, "id_list": name}})
    assert loaded(imported).blocks == ()
    assert not re.search("[\u2028\x85\x1b\r]", imported.rules)
