"""Pages in every encoding that is like ASCII are composed with no byte of theirs lost or cut."""

from __future__ import annotations

import codecs
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newshole import Newshole, Site
from tests.http.asgi import RULES, ask, body, sending, start
from tests.pages import SENTENCE, minus_insertions

ENCODINGS = {
    "utf-8": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gbk",
    "gb2312": "gb2312",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "ibm866": "cp866",
    "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
    "windows-874": "cp874",
    **{f"windows-{number}": f"cp{number}" for number in range(1250, 1259)},
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
}
"""Labels of the Encoding Standard, and the codecs that write them."""

URL = "https://news.example/news/bridge"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path: Path = tmp_path_factory.mktemp("rules") / "site.yaml"
    path.write_text(RULES, encoding="utf-8")
    return Site.load(path)


@lru_cache(maxsize=1)
def _letters(codec: str) -> str:
    """The letters beyond ASCII that an encoding has, one way only to write each."""
    found = []
    for code in (*range(0xA0, 0xD800), *range(0xF900, 0xFE00), *range(0x20000, 0x20400)):
        coded = chr(code).encode(codec, "ignore")
        if coded and chr(code).isalpha() and coded.decode(codec, "replace") == chr(code):
            found.append(chr(code))
    return "".join(found)


def page(words: list[str], *, charset: str = "") -> str:
    """A story of these words, with as much English as makes it one."""
    declared = f"<meta charset={charset}>" if charset else ""
    paragraphs = "".join(f"<p>{SENTENCE * 2}{word}</p>" for word in (*words, *[""] * 6))
    title = "".join(words[:1])
    return (
        f"<!doctype html><html><head>{declared}<title>{title}</title></head><body><main><article>"
        f"<h1 title='{title}'>Bridge</h1><div class=entry-content>{paragraphs}</div></article></main>"
    )


@pytest.mark.slow
@pytest.mark.parametrize("label", ENCODINGS)
@given(draw=st.data())
@settings(max_examples=10)
def test_every_encoding_like_ascii_is_composed(site: Site, label: str, draw: st.DataObject) -> None:
    codec = ENCODINGS[label]
    letters = st.text(alphabet=_letters(codec), min_size=1, max_size=20)
    words = draw.draw(st.lists(letters, min_size=3, max_size=8))
    is_in_header = draw.draw(st.booleans())
    text = page(words, charset="" if is_in_header else label)
    content_type = f"text/html; charset={label}" if is_in_header else "text/html"
    composed = site.compose(text.encode(codec), url=URL, content_type=content_type)
    assert composed.untouched is None
    assert minus_insertions(composed) == text.encode(codec)
    assert composed.story is not None
    assert composed.story.title == words[0]
    # Read as a browser reads it, the blocks are there, and every letter is: none was cut in two.
    read = composed.html.decode(codec)
    for insertion in composed.insertions:
        read = read.replace(insertion.html.decode("ascii"), "", 1)
    assert read == text


@pytest.mark.parametrize("trail", [b"\x95\x5c", b"\x8f\x7c", b"\x83\x60", b"\x83\x40"])
def test_a_letter_of_two_bytes_whose_second_is_ascii_opens_nothing(site: Site, trail: bytes) -> None:
    text = page(["letter"]).encode().replace(b"letter", trail * 5)
    composed = site.compose(text, url=URL, content_type="text/html; charset=shift_jis")
    assert composed.untouched is None
    assert minus_insertions(composed) == text


@pytest.mark.parametrize(
    ("header", "charset", "codec"),
    [
        (b"text/html; charset=windows-1251", "utf-8", "cp1251"),
        (b"text/html; charset=utf-8", "windows-1251", "utf-8"),
        (b"text/html; charset=unheard-of", "windows-1251", "cp1251"),
        (b"text/html; charset=utf-8", "iso-2022-jp", "utf-8"),
        (b"text/html", "utf-16", "utf-8"),
    ],
)
def test_where_header_and_page_disagree_the_page_is_read_as_browsers_read_it(
    site: Site, header: bytes, charset: str, codec: str
) -> None:
    text = page(["Мост"], charset=charset).encode(codec)
    composed = site.compose(text, url=URL, content_type=header.decode())
    assert composed.story is not None
    assert composed.story.title == "Мост"
    newshole = Newshole(sending(start((b"content-type", header)), body(text)), site=site)
    assert ask(newshole).body == composed.html


def test_a_byte_order_mark_is_believed_before_header_and_page(site: Site) -> None:
    text = codecs.BOM_UTF8 + page(["Мост"], charset="koi8-r").encode()
    composed = site.compose(text, url=URL, content_type="text/html; charset=windows-1251")
    assert composed.story is not None
    assert composed.story.title == "Мост"
    assert minus_insertions(composed) == text


WIDE = {
    "utf-16 little": codecs.BOM_UTF16_LE + page(["表示"]).encode("utf-16-le"),
    "utf-16 big": codecs.BOM_UTF16_BE + page(["表示"]).encode("utf-16-be"),
    "utf-16 without a mark": page(["表示"]).encode("utf-16-le"),
    "utf-32 little": codecs.BOM_UTF32_LE + page(["表示"]).encode("utf-32-le"),
    "utf-32 big": codecs.BOM_UTF32_BE + page(["表示"]).encode("utf-32-be"),
    "iso-2022-jp": page(["表示"], charset="iso-2022-jp").encode("iso2022_jp"),
    "iso-2022-kr": page(["다리"], charset="iso-2022-kr").encode("iso2022_kr"),
    "hz": page(["表示"], charset="hz-gb-2312").encode("hz"),
}


@pytest.mark.parametrize("name", WIDE)
def test_a_page_whose_bytes_are_not_its_markup_goes_through(site: Site, name: str) -> None:
    newshole = Newshole(sending(start((b"content-type", b"text/html")), body(WIDE[name])), site=site)
    assert ask(newshole).body == WIDE[name]
    assert newshole.counts["composed"] == 0


@pytest.mark.parametrize("label", ["utf-16", "UTF-16LE", "utf-32", "utf-7", "iso-2022-jp", "replacement"])
def test_a_header_that_names_another_alphabet_is_believed(site: Site, label: str) -> None:
    html = (b"content-type", f"text/html; charset={label}".encode())
    newshole = Newshole(sending(start(html), body(page(["Bridge"]).encode())), site=site)
    assert ask(newshole).body == page(["Bridge"]).encode()
    assert newshole.counts == {"charset": 1}
