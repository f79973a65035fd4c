"""A page's encoding is told as Chromium tells it, wherever and however often it is declared."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest

from newshole.page.document import standard_encoding
from newshole.page.encoding import page_encoding

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LABELS = (
    "utf-8", "windows-1251", "shift_jis", "gbk", "big5", "euc-kr", "iso-8859-2", "latin1", "utf-16", "utf-7",
    "iso-2022-jp", "x-user-defined", "hz-gb-2312", "unheard-of",
)  # fmt: skip
HEADERS = ("text/html", *(f"text/html; charset={label}" for label in LABELS))
DECLARATIONS = {
    "meta": "<meta charset={}>",
    "http-equiv": "<meta http-equiv=content-type content='text/html; charset={}'>",
    "behind a comment": "<!-- <meta charset=koi8-r> --><title>x</title><meta charset='{}'>",
    "xml": "<?xml version='1.0' encoding='{}'?>",
    "xml and meta": "<?xml version='1.0' encoding='koi8-r'?><meta charset={}>",
}
MARKS = {"utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
URL = "http://news.example/story"


def codec_of(character_set: str) -> str | None:
    """Python's codec for a name that a browser gives, None for one whose bytes are not ASCII's."""
    return page_encoding(b"", f"text/html; charset={character_set}")


def character_sets(browser: Browser, pages: list[tuple[str, bytes]]) -> list[str]:
    """What a browser says of pages, given by their content type and their bytes."""
    page = browser.new_page()
    answers = iter(pages)

    def answer(route: Route) -> None:
        content_type, content = next(answers)
        route.fulfill(body=content, headers={"content-type": content_type})

    page.route(URL, answer)
    found = []
    for _ in pages:
        page.goto(URL)
        found.append(str(page.evaluate("document.characterSet")))
    page.close()
    return found


def check(browser: Browser, pages: list[tuple[str, bytes]]) -> None:
    for (content_type, content), told in zip(pages, character_sets(browser, pages), strict=True):
        assert page_encoding(content, content_type) == codec_of(told), (content_type, content[:90], told)


@pytest.mark.parametrize("declaration", DECLARATIONS)
def test_what_a_page_declares(browser: Browser, declaration: str) -> None:
    # Where nothing that is known is declared, Chromium guesses by the text, and may as well.
    known = [label for label in LABELS if standard_encoding(label) is not None]
    pages = [DECLARATIONS[declaration].format(label).encode() + b"<p>Bridge \xe9\xa9" for label in known]
    check(browser, [("text/html", page) for page in pages])


@pytest.mark.parametrize("declared", ["koi8-r", "utf-16", "iso-2022-jp"])
def test_a_header_comes_before_the_page(browser: Browser, declared: str) -> None:
    page = f"<meta charset={declared}><p>Bridge ".encode() + b"\xe9\xa9"
    check(browser, [(header, page) for header in HEADERS if not header.endswith("utf-7")])


@pytest.mark.parametrize("mark", MARKS)
def test_a_byte_order_mark_comes_before_both(browser: Browser, mark: str) -> None:
    page = MARKS[mark] + "<meta charset=koi8-r><p>Bridge é".encode(mark)
    check(browser, [(header, page) for header in HEADERS])
