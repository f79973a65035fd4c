"""XML of strangers, read safely: no entity of theirs is expanded, nothing is fetched, and depth is bounded.

Half of all feeds are wrong in some way, so what can be read of one is: text is decoded here, for declared
encodings lie; names of HTML such as `&nbsp;`, which XML does not know, become characters; and the parser goes
on behind what is not well-formed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from html.entities import html5
from typing import Final

from lxml import etree

from newshole.library.feeds.told import FeedError

XML: Final = "{http://www.w3.org/XML/1998/namespace}"

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED: Final = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"))
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"<\?xml[^>]{1,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._-]{1,40})", re.IGNORECASE)
_CONTROL = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMED = re.compile("&([A-Za-z_][A-Za-z0-9_.-]{0,31});")
_OF_XML: Final = frozenset(("amp", "lt", "gt", "quot", "apos"))


def decoded(body: bytes, content_type: str) -> str:
    """The text of a body: by its byte-order mark, what it declares, what its response says, or as it can be.

    An encoding in which the body makes no sense is passed over; windows-1252 always does.
    """
    for encoding in _encodings(body, content_type):
        try:
            text = body.decode(encoding)
        except (LookupError, ValueError):
            continue
        if isinstance(text, str):
            return text.removeprefix("\ufeff")
    return body.decode("windows-1252", "replace")


def _encodings(body: bytes, content_type: str) -> Iterator[str]:
    yield from (encoding for mark, encoding in _MARKS if body.startswith(mark))
    yield from (encoding for mark, encoding in _UNMARKED if body.startswith(mark))
    declared = _DECLARED.search(body[:400])
    if declared is not None:
        yield declared[1].decode("ascii")
    said = _CHARSET.search(content_type)
    if said is not None:
        yield said[1]
    yield "utf-8"


def parsed(text: str) -> etree._Element:
    """The root element of an XML document. Raises FeedError where there is none."""
    plain = _NAMED.sub(_character, _CONTROL.sub("", _DECLARATION.sub("", text, count=1)))
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(plain.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise FeedError("it is no XML that can be read") from error
    if root is None or not isinstance(root.tag, str):
        raise FeedError("it is no XML that can be read")
    return root


def _character(found: re.Match[str]) -> str:
    """A name of HTML as references by number; what XML knows stays, and what a document says itself goes."""
    if found[1] in _OF_XML:
        return found[0]
    return "".join(f"&#{ord(each)};" for each in html5.get(f"{found[1]};", ""))


def name_of(element: etree._Element) -> str:
    """An element's name without its namespace, in small letters; "" for what is no element."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def space_of(element: etree._Element) -> str:
    """An element's namespace, "" for none."""
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def text_in(element: etree._Element | None) -> str:
    """All text in an element, as it is written there."""
    return "" if element is None else "".join(element.itertext()).strip()


def language_of(element: etree._Element) -> str:
    """The `xml:lang` in force at an element, "" for none."""
    for each in (element, *element.iterancestors()):
        if lang := each.get(f"{XML}lang"):
            return lang
    return ""


def base_of(element: etree._Element) -> Iterator[str]:
    """The `xml:base`s in force at an element, the outermost first."""
    chain = [element, *element.iterancestors()]
    yield from (base for each in reversed(chain) if (base := each.get(f"{XML}base")))
