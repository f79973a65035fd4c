"""Encodings are told as browsers tell them, and none is composed whose bytes are not markup."""

from __future__ import annotations

import codecs

import pytest

from newshole.page.encoding import is_byte_readable, page_encoding

PLAIN = "text/html"
WIDER = ["utf-16", "utf-16be", "iso-2022-jp", "utf-7", "utf-32", "cp037", "hz"]


@pytest.mark.parametrize(
    ("page", "content_type", "codec"),
    [
        (b"<p>a", PLAIN, "utf-8"),
        ("<p>é".encode(), PLAIN, "utf-8"),
        ("<p>é".encode("cp1252"), PLAIN, "cp1252"),
        (b"<meta charset=koi8-r><p>a", PLAIN, "koi8-r"),
        (b"<meta charset=koi8-r><p>a", "text/html; charset=windows-1251", "cp1251"),
        (b"<p>a", 'text/html;Charset = "Shift_JIS"', "cp932"),
        (b"<p>a", "text/html; charset=latin1", "cp1252"),
        (b"<p>a", "text/html; charset=unheard-of", "utf-8"),
        (codecs.BOM_UTF8 + b"<meta charset=koi8-r>", "text/html; charset=koi8-r", "utf-8"),
        (b"<meta http-equiv=content-type content='text/html; charset=gb2312'>", PLAIN, "gb18030"),
        (b"<meta charset=utf-16><p>a", PLAIN, "utf-8"),
        (b"<meta charset=utf-7><p>a+AOk-", PLAIN, "utf-8"),
        (b"<meta charset=utf-32><p>\xe9", PLAIN, "cp1252"),
        (b"<meta charset=x-user-defined><p>\xe9", PLAIN, "cp1252"),
        (b"<meta charset=unheard-of><meta charset=big5>", PLAIN, "big5hkscs"),
        (b"<meta charset=iso-2022-jp>", "text/html; charset=euc-jp", "euc_jp"),
        (b"<meta charset=euc-kr>", "text/html; charset=unheard-of", "cp949"),
        (b"<!-- <meta charset=koi8-r> --><p>a", PLAIN, "utf-8"),
        (b"<?xml version='1.0' encoding='koi8-r'?><p>a", PLAIN, "koi8-r"),
        (b'<?xml version="1.0" encoding = "koi8-r"?><meta charset=big5>', PLAIN, "big5hkscs"),
        (b"<?xml version='1.0' encoding='koi8-r'?><p>a", "text/html; charset=big5", "big5hkscs"),
        (b"<?xml version='1.0' encoding='utf-16'?><p>a", PLAIN, "utf-8"),
        (b"<?xml version='1.0' encoding='unheard-of'?><p>\xe9", PLAIN, "cp1252"),
        (b" <?xml version='1.0' encoding='koi8-r'?><p>a", PLAIN, "utf-8"),
    ],
)
def test_the_mark_comes_before_the_header_and_the_header_before_the_page(
    page: bytes, content_type: str, codec: str
) -> None:
    assert page_encoding(page, content_type) == codec


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_page_with_a_wider_byte_order_mark_is_not_read(encoding: str) -> None:
    assert page_encoding("\ufeff<p>a".encode(encoding), PLAIN) is None


@pytest.mark.parametrize(
    "page",
    [
        b"<meta charset=iso-2022-jp><p>a",
        b"<meta charset=replacement><p>a",
        b"<meta charset=hz-gb-2312><p>a",
        b"<?xml version='1.0' encoding='iso-2022-jp'?><p>a",
        codecs.BOM_UTF16_LE + "<meta charset=utf-8>".encode("utf-16-le"),
    ],
)
@pytest.mark.parametrize("content_type", [PLAIN, "text/html; charset=unheard-of"])
def test_a_page_that_declares_an_encoding_that_is_not_ascii_compatible_is_not_read(
    page: bytes, content_type: str
) -> None:
    assert page_encoding(page, content_type) is None


@pytest.mark.parametrize("label", WIDER)
def test_a_page_in_an_encoding_that_is_not_ascii_compatible_is_not_read(label: str) -> None:
    assert page_encoding(b"<p>a", f"text/html; charset={label}") is None
    assert not is_byte_readable(label)


@pytest.mark.parametrize("label", ["utf-8", "UTF8", "shift_jis", "gbk", "big5", "euc-kr", "unheard-of", ""])
def test_all_others_pass_even_those_nobody_knows(label: str) -> None:
    assert is_byte_readable(label)


def test_a_declaration_deep_in_the_head_is_found() -> None:
    page = b"<head>" + b"<meta name=x content=y>" * 200 + b"<meta charset=koi8-r>"
    assert page_encoding(page, PLAIN) == "koi8-r"
