"""In which encoding a page is, and whether its markup can be read byte by byte."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import Final

from newshole.page.document import declared_encoding, standard_encoding

_CHARSET = re.compile(r""";[ \t]*charset[ \t]*=[ \t]*["']?([^\s"';,]+)""", re.IGNORECASE)

_XML = re.compile(rb"""<\?xml\b[^>]*?\bencoding[ \t\r\n]*=[ \t\r\n]*(["'])([^"'>]+)\1""")

_HEAD: Final = 8192
"""Bytes in which a declaration is looked for; browsers look at 1024 before they begin, and go on after."""

_ASCII: Final = bytes(range(0x20, 0x7F))

_CODECS: Final = {
    "Big5": "big5hkscs",
    "EUC-KR": "cp949",
    "GBK": "gb18030",
    "ISO-8859-8-I": "iso8859-8",
    "Shift_JIS": "cp932",
    "windows-874": "cp874",
    "x-mac-cyrillic": "mac-cyrillic",
}
"""Python's names for the Encoding Standard's, where they differ in more than case."""

_STATEFUL: Final = frozenset({"ISO-2022-JP", "replacement"})
"""The standard's encodings in which an ASCII byte may be part of another character."""


def page_encoding(page: bytes, content_type: str) -> str | None:
    """The Python codec of a page, told as browsers tell it; None where markup cannot be read from the bytes.

    A byte-order mark decides, then the header, then the page's own declaration, in a meta element before
    one of XML; without any a page that is UTF-8 throughout is that, and all else is windows-1252.
    """
    if page.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if page.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return None
    is_told, codec = _told(content_type)
    if is_told:
        return codec
    name = _declared(page[:_HEAD])
    return "utf-8" if name == "windows-1252" and _is_utf8(page) else _codec(name)


def page_charset(page: bytes, content_type: str) -> str:
    """The `charset` of a page that newshole reads, for a header that says it whatever the page says."""
    told = _CHARSET.search(content_type)
    if told is not None and not page.startswith(codecs.BOM_UTF8):
        return told[1]
    return "utf-8" if page_encoding(page, content_type) == "utf-8" else _declared(page[:_HEAD])


def _declared(head: bytes) -> str:
    """The encoding that a page's first bytes declare, by its standard name; else windows-1252."""
    name = declared_encoding(head)
    written = _XML.match(head)
    if written is None or name != "windows-1252" or b"charset" in head.lower():
        return name
    named = standard_encoding(written[2].decode("latin-1")) or name
    # "UTF-16" in bytes that can be read as ASCII is not that (HTML, section 13.2.3.2).
    return "UTF-8" if named.startswith("UTF-16") else named


@lru_cache(maxsize=64)
def _told(content_type: str) -> tuple[bool, str | None]:
    """Whether a content type tells the encoding, and its codec, None for one that we cannot read."""
    charset = _CHARSET.search(content_type)
    if charset is None:
        return False, None
    if not is_byte_readable(charset[1]):
        return True, None
    named = standard_encoding(charset[1])
    return (False, None) if named is None else (True, _codec(named))


@lru_cache(maxsize=256)
def is_byte_readable(label: str) -> bool:
    """Whether every byte below 0x80 stands for itself in an encoding; so far unknown ones pass.

    A label that browsers do not know changes nothing for them, but whoever wrote "utf-7" or "cp037" has
    not sent ASCII either.
    """
    name = standard_encoding(label)
    if name is not None:
        return _codec(name) is not None
    try:
        return _ASCII.decode(label) == _ASCII.decode("ascii")
    except (LookupError, UnicodeError, ValueError):
        return not _is_known(label)


@lru_cache(maxsize=64)
def _codec(name: str) -> str | None:
    codec = _CODECS.get(name, name)
    if name in _STATEFUL or not _is_known(codec) or _ASCII.decode(codec, "replace").encode() != _ASCII:
        return None
    return codecs.lookup(codec).name


def _is_known(codec: str) -> bool:
    try:
        codecs.lookup(codec)
    except (LookupError, ValueError):
        return False
    return True


def _is_utf8(page: bytes) -> bool:
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
