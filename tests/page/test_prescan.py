"""The pre-scan refuses what is no page and what is dear to parse."""

from __future__ import annotations

import json

import pytest

from newshole.page.prescan import MAX_PAGE, prescan
from tests.conftest import SHARED, needs_shared

STORY = b"<!doctype html><body>" + b"<p>A paragraph of a story.</p>" * 40


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (STORY, None),
        (b"", "empty"),
        (b" \r\n\t ", "empty"),
        (b"no markup at all", "binary"),
        (bytes(range(256)) * 20, "binary"),
        (STORY.ljust(MAX_PAGE + 1), "too-large"),
        (STORY.ljust(MAX_PAGE), None),
        (STORY + b"\0\0\0", None),
        (b"<html amp lang=en>" + STORY, "amp"),
        ("<!doctype html><html lang=en ⚡>".encode() + STORY, "amp"),
        (b"<html lang=en-amp>" + STORY, None),
    ],
)
def test_a_page_is_refused_with_its_reason(page: bytes, reason: str | None) -> None:
    assert prescan(page).refusal == reason


@pytest.mark.parametrize("tag", [b"<b>", b"<FONT size=2>", b"<strong\n>", b"<code/>"])
def test_formatting_left_open_in_numbers_is_hostile_and_closed_is_not(tag: bytes) -> None:
    name = tag.strip(b"<>/").split()[0]
    assert prescan(STORY + (b"<p>" + tag) * 8000).refusal == "hostile-markup"
    assert prescan(STORY + (b"<p>" + tag + b"</" + name + b">") * 8000).refusal is None


@pytest.mark.parametrize(
    "unit", [b"<p><font id=%d></b>", b"<p><font id=%d><object></font></object>", b"<p><b><td></b>"]
)
def test_end_tags_that_close_nothing_make_nothing_less_hostile(unit: bytes) -> None:
    page = STORY + b"".join(unit % n if b"%d" in unit else unit for n in range(8000))
    assert prescan(page).refusal == "hostile-markup"


def test_cells_with_formatting_that_is_closed_are_not_hostile() -> None:
    row = b"<tr><td><b>a</b></td><th><i>b <em>c</em></i></th></tr>"
    assert prescan(STORY + b"<table>" + row * 4000).refusal is None


def test_body_tags_in_numbers_are_hostile() -> None:
    assert prescan(STORY + b"<body a=1>" * 60).refusal == "hostile-markup"
    assert prescan(STORY + b"<body a=1>").refusal is None


@pytest.mark.parametrize("depth", [10_000, 100_000])
def test_depth_alone_is_not_hostile(depth: int) -> None:
    assert prescan(STORY + b"<div>" * depth).refusal is None


@pytest.mark.parametrize(
    ("page", "offset"),
    [
        (b"<p>a</p><select><option>a</select>", None),
        (b"<p>a</p><select><style></style></select>", 8),
        (b"<p>a</p><SELECT class=x><Svg></select>", 8),
        (b"<select></select><style></style>", None),
        (b"<select><option>a<textarea>", 0),
        (b"<p>a<plaintext>b", 4),
        (b"<frameset>", 0),
        (b"<selected><style></style>", None),
        (b"<select></select><select><xmp>", 17),
    ],
)
def test_markup_on_which_parsers_disagree_is_found_where_it_begins(page: bytes, offset: int | None) -> None:
    assert prescan(page).ambiguity == offset


@needs_shared
def test_all_markup_known_to_be_ambiguous_is_found_in_time() -> None:
    known = json.loads((SHARED / "corpus" / "html5lib" / "ambiguous.json").read_text("utf-8"))
    assert len(known) >= 11
    for page, entry in known.items():
        found = prescan(page.encode()).ambiguity
        assert found is not None, page
        assert found <= len(entry["parsedChunk"].encode()), page
