"""What a page tells newshole: words, the end of placement, marks for blocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.page.body import find_body
from newshole.page.document import Document
from newshole.page.outline import Outline, outline
from newshole.page.told import MOST_MARKS, MOST_WORDS, Mark, read_marks, read_stop, read_words, told
from newshole.types import Told
from tests.budget import examples
from tests.pages import SENTENCE, SOUP

P = f"<p>{SENTENCE * 2}</p>"
MARK = "<!-- newshole:promo -->"


def page(text: str, *, head: str = "", after: str = "") -> Document:
    source = f"<head>{head}</head><main><h1>Bridge</h1><div id=text>{text}</div></main>{after}"
    return Document(f"<!doctype html><html lang=en>{source}".encode())


def marks(text: str, **more: str) -> list[Mark]:
    document = page(text, **more)
    return list(read_marks(document, document.select("#text")[0]))


def behind(text: str, mark: str = MARK) -> int:
    """Where the page of this text says it is, right behind the first mark."""
    source = page(text).page
    return source.index(mark.encode()) + len(mark)


def outlined(text: str) -> Outline:
    document = page(text)
    body = find_body(document, "#text")
    assert body is not None
    found = outline(document, body, None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("off", ("off",)),
        ("no-ads, no-social", ("no-ads", "no-social")),
        ("no-ads no:inline-ad,no:more", ("no-ads", "no:inline-ad", "no:more")),
        ("  No-Ads\n,, OFF ", ("no-ads", "off")),
        ("no-ads no-ads", ("no-ads",)),
        ("none, no:, no:-x, offline, noads", ()),
        ("", ()),
    ],
)
def test_words_are_told_apart_by_spaces_and_commas(text: str, expected: tuple[str, ...]) -> None:
    assert read_words(text) == expected


def test_words_are_read_up_to_a_number() -> None:
    assert len(read_words(" ".join(f"no:b{n}" for n in range(500)))) == MOST_WORDS


def test_who_says_a_word_is_kept_with_it() -> None:
    assert told("no-ads off", "X-Newshole") == (Told("no-ads", "X-Newshole"), Told("off", "X-Newshole"))


def test_a_mark_asks_for_the_place_right_behind_it() -> None:
    assert marks(P + MARK + P) == [Mark("promo", behind(P + MARK + P))]


@pytest.mark.parametrize(
    "mark", ["<!--newshole:promo-->", "<!--\n newshole:promo\t-->", "<!-- newshole:p-2 -->"]
)
def test_white_space_in_a_mark_does_not_matter(mark: str) -> None:
    assert [each.offset for each in marks(P + mark + P)] == [behind(P + mark, mark)]


@pytest.mark.parametrize(
    "hidden",
    [
        f"<script>var a = '{MARK}';</script>",
        f"<style>/* {MARK} */</style>",
        f'<div title="{MARK}"></div>',
        f"<div title='{MARK}'></div>",
        f"<textarea>{MARK}</textarea>",
        f"<template>{MARK}</template>",
        f"<noscript>{MARK}</noscript>",
        f"<svg><desc>{MARK}</desc></svg>",
        f"<!-- once: {MARK.replace('-->', '--')} -->",
        "<!-- newshole:Promo -->",
        "<!-- newshole: promo -->",
        "<!-- not newshole:promo -->",
        "<!newshole:promo>",
        "&lt;!-- newshole:promo --&gt;",
    ],
)
def test_what_only_looks_like_a_mark_asks_for_nothing(hidden: str) -> None:
    assert marks(P + hidden + P) == []
    text = P + hidden + P + MARK + P
    assert marks(text) == [Mark("promo", page(text).page.rindex(MARK.encode()) + len(MARK))]


@pytest.mark.parametrize(
    "around", ["<p>a {} b</p>", "<ul><li>{}</li></ul>", "<blockquote>{}</blockquote>", "<figure>{}</figure>",
               "<table><tr><td>{}</table>", "<a href=/x>{}</a>", "<pre>{}</pre>", "<p><b>{}</b></p>"]
)  # fmt: skip
def test_a_mark_that_is_not_in_the_open_asks_for_nothing(around: str) -> None:
    assert marks(P + around.format(MARK) + P) == []


def test_a_mark_alone_in_a_paragraph_asks_for_the_place_behind_that() -> None:
    text = f"{P}<p>\n{MARK} </p>{P}"
    assert marks(text) == [Mark("promo", behind(text) + len(" </p>"))]
    assert marks(f"{P}<p>{MARK}<p>{SENTENCE}") == []


def test_marks_outside_the_body_ask_for_nothing() -> None:
    assert marks(P, head=MARK, after=f"<footer>{MARK}</footer>") == []


def test_marks_are_counted_in_bytes_in_any_encoding_and_behind_line_breaks() -> None:
    for written, encoding in (("żółć ", "utf-8"), ("żółć ", "iso-8859-2"), ("表示 ", "shift_jis")):
        source = f"\r\n<main><h1>B</h1>\r<div id=text>\r\n<p>{written}</p>\r\n{MARK}\r\n<p>x</p></div></main>"
        raw = b"\xef\xbb\xbf" * (encoding == "utf-8") + source.encode(encoding)
        document = Document(raw, encoding)
        [mark] = read_marks(document, document.select("#text")[0])
        assert raw[: mark.offset].endswith(MARK.encode())


def test_marks_are_looked_at_up_to_a_number() -> None:
    assert len(marks(MARK * (MOST_MARKS + 50))) == MOST_MARKS


@examples(200)
@given(SOUP, SOUP)
def test_every_mark_found_is_one_of_the_page(before: str, after: str) -> None:
    source = f"<body><div id=text>{before}{MARK}{after}".encode()
    document = Document(source)
    for body in document.select("#text, body"):
        for mark in read_marks(document, body):
            assert mark.block == "promo"
            assert source[: mark.offset].rstrip().endswith((b"-->", b">"))


@examples(100)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_make_reading_raise(noise: bytes) -> None:
    document = Document(b"<div>" + noise + b"<!-- newshole:a -->" + noise)
    for body in document.select("div"):
        read_marks(document, body)
        read_stop(document, body)


def test_a_mark_between_two_units_is_a_gap() -> None:
    found = outlined(P + MARK + P)
    assert found.markers == {"promo": (behind(P + MARK),)}
    [at] = [gap for gap in found.gaps if gap.offset in found.markers["promo"]]
    assert (at.unit, at.paragraphs, at.words) == (1, 1, found.units[0].words)


def test_marks_before_and_behind_all_units_are_gaps_too() -> None:
    found = outlined(f"{MARK}\n{P}{P}\n<!-- newshole:last -->")
    assert [
        gap.unit for gap in found.gaps if gap.offset in (*found.markers["promo"], *found.markers["last"])
    ] == [0, 2]


def test_a_mark_in_a_unit_is_none() -> None:
    assert outlined(f"{P}some text {MARK} more of it{P}").markers == {}


def test_two_marks_of_one_block_are_two_places() -> None:
    found = outlined(P + MARK + P + MARK + P)
    assert [gap.unit for gap in found.gaps if gap.offset in found.markers["promo"]] == [1, 2]


def test_nothing_ends_placement_where_no_element_says_so() -> None:
    document = page(P)
    assert read_stop(document, document.select("#text")[0]) is None


def test_placement_ends_where_the_first_such_element_starts() -> None:
    text = f"{P}{P}<div data-newshole-stop>{P}{P}</div>{MARK}{P}<p data-newshole-stop>x</p>"
    found, whole = outlined(text), outlined(text.replace(" data-newshole-stop", ""))
    stop = page(text).page.index(b"<div data-newshole-stop")
    assert [gap.offset for gap in found.gaps] == [gap.offset for gap in whole.gaps if gap.offset <= stop]
    assert len(found.gaps) == 2 < len(whole.gaps)
    assert (found.markers, {*whole.stacks} - {*found.stacks}) == ({}, {"body-end"})


@pytest.mark.parametrize("around", ["#text", "main"])
def test_on_the_body_or_around_it_placement_ends_before_all_of_it(around: str) -> None:
    plain = page(P + MARK + P).page
    tag = b"<div id=text" if around == "#text" else b"<main"
    document = Document(plain.replace(tag, tag + b" data-newshole-stop"))
    body = find_body(document, "#text")
    assert body is not None
    found = outline(document, body, None)
    assert found is not None
    assert (found.gaps, found.markers) == ((), {})
    assert {"body-start", "body-end"}.isdisjoint(found.stacks)
    assert "body-after" in found.stacks


def test_an_element_outside_the_body_ends_nothing() -> None:
    document = page(P, after="<div data-newshole-stop></div>")
    assert read_stop(document, document.select("#text")[0]) is None
