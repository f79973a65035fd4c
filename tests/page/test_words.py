"""Words are counted as a reader would, in every script and encoding."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newshole.page.document import Document
from newshole.page.words import count_words, visible_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        (" \n\t ", 0),
        ("one two  three\nfour", 4),
        ("Żółć gęślą jaźń", 3),
        ("два слова", 2),
        ("한국어 단어 셋", 3),
        ("a\u00a0b", 2),
        ("表示表示", 2),
        ("表示表", 2),
        ("ひらがなカタカナ", 4),
        ("東京 2020 大会", 3),
        ("iPhone的价格", 3),
        ("市議会は火曜日に会合を開いた。", 7),
        ("市议会星期二开会，同意修桥。", 6),
        ("สภาเมืองประชุมเมื่อวันอังคาร", 14),
        ("ປະຊຸມ", 3),
        ("ប្រជុំ", 3),
        ("ข่าววันนี้", 5),
        ("\U00020000\U00020001", 1),
    ],
)
def test_words_of_a_text(text: str, words: int) -> None:
    assert count_words(text) == words


def _visible(markup: str, encoding: str = "utf-8") -> int:
    document = Document(f"<body><div>{markup}</div>".encode(encoding), encoding)
    return visible_words(document, document.select("div")[0])


LETTERS = st.characters(codec="utf-8", exclude_characters="<>&", exclude_categories=["Cc", "Zs", "Zl", "Zp"])


@given(st.text(LETTERS | st.just(" ")))
def test_the_short_way_for_utf8_counts_what_the_long_way_counts(text: str) -> None:
    assert _visible(text) == count_words(text)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "shift_jis"])
@pytest.mark.parametrize("text", ["plain words here", "élan vital here", "表示 is here"])
@pytest.mark.parametrize(
    "unseen",
    [
        "<script>a < b; c > d</script>",
        "<noscript><img src=x alt='one two three four five six'></noscript>",
        "<style>a b c {}</style>",
        "<textarea>a b</textarea>",
        "<select><option>a b</select>",
        "<iframe>your browser cannot</iframe>",
        "<template><p>a b c</p> d</template>",
        "<video>no video here</video>",
        "<!-- a > b c -->",
    ],
)
def test_what_a_reader_does_not_see_is_not_counted(encoding: str, text: str, unseen: str) -> None:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = "plain words here"
    assert _visible(f"{text} {unseen}", encoding) == count_words(text)
    assert _visible(unseen, encoding) == 0


def test_references_are_the_letters_they_stand_for() -> None:
    assert _visible("&#34920;&#31034; &eacute;t&eacute; a&nbsp;b") == 4
    assert _visible("&lt;p&gt; 1 &amp; 2") == 4


@pytest.mark.parametrize(
    "written", ["&rsquo;s own &euro;5", "caf&eacute;&nbsp;&mdash; ż", "\u4e00&hellip;\u4e8c", "é&#x20ac;é"]
)
def test_references_beside_letters_of_the_page_come_out_as_both_were_meant(written: str) -> None:
    document = Document(f"<p>{written}</p>".encode())
    paragraph = document.select("p")[0]
    assert document.decoded(paragraph.text) == html.unescape(written)
    assert visible_words(document, paragraph) == count_words(html.unescape(written))


def test_what_hides_in_one_part_leaves_the_texts_around_it() -> None:
    markup = "one <div>two <p>three <b>four<script>x</script></b></p></div> <svg><g>y</g></svg>"
    assert _visible(f"{markup} <i>five</i> <!-- z --> six") == 6
