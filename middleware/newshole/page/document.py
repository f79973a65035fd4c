"""A page as its browser's tree with byte offsets: the one module that knows the HTML parser.

**Offsets are bytes.** The page is decoded as latin-1 before parsing, one byte one character, so the
parser's character offsets are byte offsets. The parser folds `\\r\\n` into one character, which would
shift all that follows, so it is first replaced by ` \\n`, and a lone `\\r` by `\\n`: same length, same
tree. This holds for every ASCII-compatible encoding, for there no byte of a longer character can be
taken for markup. A UTF-8 byte-order mark is skipped (as latin-1 it would be text and open the body
early), and `shift` adds it back.

**Text in the tree is not text.** A latin-1 tree mixes the page's bytes with characters that the parser
decoded from references; `text` and `attribute` go back to the bytes wherever that matters.

The tree is a scripting browser's: `noscript` holds raw text.
"""

from __future__ import annotations

import codecs
import html
import re
from contextlib import suppress
from functools import lru_cache
from typing import Final, TypeAlias, cast

import turbohtml
from turbohtml import Comment as Comment
from turbohtml import Element as Element
from turbohtml import Node as Node
from turbohtml import Text as Text

Tree: TypeAlias = turbohtml.Document

Edges: TypeAlias = tuple[int | None, int | None, int | None, int | None]
"""Byte offsets of an element's start, of its content's start and end, and of its end."""

VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())
"""Elements without content or end tag."""

UTF8_MARK: Final = b"\xef\xbb\xbf"

_TAGS = re.compile(r"<!--.*?-->|<[a-zA-Z/!?][^>]*>", re.DOTALL)
_REFERENCES = re.compile("([^\x00-\xff]+)")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_OPENING: Final = 160
"""Letters of a text's opening."""
_COMMENTS: Final = turbohtml.XPath(".//comment()")
_VALUE = re.compile(rb"""=[ \t\n\r\f]*(?:"([^"]*)"?|'([^']*)'?|([^ \t\n\r\f>]*))""", re.DOTALL)


def _kept(error: UnicodeError) -> tuple[str, int]:
    """What is no character in the page's encoding is one already, from a reference such as `&nbsp;`."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _written(error: UnicodeError) -> tuple[bytes, int]:
    """What is no byte came from a reference such as `&rsquo;`: its bytes as a UTF-8 page would write it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return error.object[error.start : error.end].encode(), error.end


_KEPT: Final = "newshole.kept"
_WRITTEN: Final = "newshole.written"
codecs.register_error(_KEPT, _kept)
codecs.register_error(_WRITTEN, _written)


def parse_tree(page: bytes, *, offsets: bool = True, scripting: bool = True) -> Tree:
    """The page's tree as a browser builds it, `scripting` or not; its `offsets`, if wanted, are of bytes."""
    return turbohtml.parse(_plain(page), positions=offsets, source_locations=offsets, scripting=scripting)


def parse_part(part: bytes) -> Element:
    """A `body` that holds part of a page, parsed as if nothing stood around it."""
    return turbohtml.parse_fragment(_plain(part), "body", positions=False, scripting=True)


def _plain(page: bytes) -> str:
    if b"\r" in page:
        page = page.replace(b"\r\n", b" \n").replace(b"\r", b"\n")
    return page.decode("latin-1")


def parse_fragment(fragment: bytes, *, scripting: bool = True) -> tuple[Node, ...]:
    """The top-level nodes of an ASCII fragment, as if it stood in a `div`."""
    return tuple(turbohtml.parse_fragment(fragment.decode("ascii"), scripting=scripting).children)


def comments(within: Node) -> list[Comment]:
    """The comments of a tree, or of a part of it, in document order."""
    return cast("list[Comment]", _COMMENTS(within))


def standard_encoding(label: str) -> str | None:
    """The Encoding Standard's name for a label; None for one that it does not have."""
    try:
        return turbohtml.parse(b"", encoding=label).encoding
    except LookupError:
        return None


def declared_encoding(head: bytes) -> str:
    """The encoding that a page's first bytes declare, by its standard name; else "windows-1252"."""
    return turbohtml.parse(head).encoding or "windows-1252"


def check_selector(selector: str) -> str | None:
    """What is wrong with a CSS selector, in words; None where it can be used."""
    try:
        turbohtml.parse("").select(selector)
    except ValueError as error:
        return str(error)
    return None


@lru_cache(maxsize=8)
def _loose(least: int) -> tuple[turbohtml.XPath, ...]:
    """Queries by one tag each, which take the parser a fraction of the time of one for all."""
    tags = "body main article section div center td font span".split()
    return tuple(turbohtml.XPath(f"//{tag}/text()[string-length(.) >= {least}]") for tag in tags)


def _edges(element: Element, shift: int) -> Edges:
    location = element.source_location
    if location is None:
        return (None, None, None, None)
    opening, closing = location.start_tag, location.end_tag
    start, inner_start = opening.start_offset + shift, opening.end_offset + shift
    if closing is None:
        return (start, inner_start, None, None)
    return (start, inner_start, closing.start_offset + shift, closing.end_offset + shift)


class Document:
    """One parsed page.

    `encoding` is a Python codec name. Elements are the parser's own; `start`, `inner_start`, `inner_end`
    and `end` give their byte offsets, None where the source does not show that edge (an omitted tag).
    """

    __slots__ = ("_known", "encoding", "page", "shift", "tree")

    def __init__(self, page: bytes, encoding: str = "utf-8") -> None:
        self.page = page
        self.encoding = encoding
        self.shift = len(UTF8_MARK) if page.startswith(UTF8_MARK) else 0
        self.tree = parse_tree(page[self.shift :])
        self._known: dict[Element, Edges] = {}

    def select(self, selector: str, within: Node | None = None) -> list[Element]:
        """Elements that match a CSS selector as operations write it, in any script, in document order."""
        if not selector.isascii():
            selector = _in_page_bytes(selector, self.encoding)
        return (within or self.tree).select(selector) if selector else []

    def loose_text(self, least: int) -> int:
        """The bytes of the texts of `least` bytes and more that stand in a container without a paragraph."""
        found = (cast("list[str]", query(self.tree)) for query in _loose(least))
        return sum(len(text) for texts in found for text in texts)

    def start(self, element: Element) -> int | None:
        """The byte offset of the element's start tag."""
        return self._edges(element)[0]

    def inner_start(self, element: Element) -> int | None:
        """The byte offset right behind the start tag."""
        return self._edges(element)[1]

    def inner_end(self, element: Element) -> int | None:
        """The byte offset of the end tag."""
        return self._edges(element)[2]

    def end(self, element: Element) -> int | None:
        """The byte offset right behind the end tag."""
        return self._edges(element)[3]

    def _edges(self, element: Element) -> Edges:
        """The element's four offsets; kept, for the parser makes a record of many parts at every question."""
        edges = self._known.get(element)
        if edges is None:
            edges = self._known[element] = _edges(element, self.shift)
        return edges

    def decode(self, start: int, end: int) -> str:
        """Part of the page's source as text; bytes that the encoding does not have become U+FFFD."""
        return self.page[start:end].decode(self.encoding, "replace")

    def text(self, node: Node) -> str:
        """The node's text with white space folded, decoded from the page's bytes."""
        text = node.text
        if not text.isascii():
            text = self._decoded_text(node, text)
        return _SPACE.sub(" ", text).strip(" ")

    def raw_text(self, element: Element) -> str:
        """The text of a raw-text element such as `script`, where the source has no references."""
        return self.decoded(element.text)

    def decoded(self, text: str) -> str:
        """Text of the tree as text, exact in UTF-8; elsewhere a reference may come out as another letter."""
        if text.isascii():
            return text
        if self.encoding == "utf-8":
            return text.encode("latin-1", _WRITTEN).decode("utf-8", _KEPT)
        with suppress(UnicodeEncodeError):
            return text.encode("latin-1").decode(self.encoding, _KEPT)
        return "".join(
            run if run[:1] > "\xff" else run.encode("latin-1").decode(self.encoding, _KEPT)
            for run in _REFERENCES.split(text)
        )

    def opening(self, text: str) -> str:
        """What a text of the tree begins with, decoded, without white space around it."""
        return self.decoded(text.strip()[:_OPENING])

    def attribute(self, element: Element, name: str) -> str | None:
        """An attribute's value decoded from the page's bytes; None where the element lacks it."""
        value = element.attr(name)
        if value is None or value.isascii():
            return value
        if self.encoding == "utf-8":
            with suppress(UnicodeError):
                return value.encode("latin-1").decode()
        location = element.source_location
        span = None if location is None else location.attrs.get(name)
        if span is None:
            return value
        source = self.page[span.start_offset + self.shift : span.end_offset + self.shift]
        match = _VALUE.search(source, len(name))
        written = next((group for group in match.groups() if group is not None), b"") if match else b""
        return html.unescape(written.decode(self.encoding, "replace"))

    def _decoded_text(self, node: Node, text: str) -> str:
        if isinstance(node, Element):
            start, end = self.inner_start(node), self.inner_end(node)
            if start is not None and end is not None:
                return html.unescape(_TAGS.sub("", self.decode(start, end)))
        # Without known edges, characters that came from references cannot be told from bytes.
        return self.decoded(text)


def _in_page_bytes(selector: str, encoding: str) -> str:
    """The selector as the latin-1 tree has its names; empty where the encoding cannot write it.

    Every byte of a letter becomes a CSS escape, for some encodings use bytes that are CSS syntax.
    """
    try:
        return "".join(
            letter if letter.isascii() else "".join(f"\\{byte:x} " for byte in letter.encode(encoding))
            for letter in selector
        )
    except UnicodeEncodeError:
        return ""
