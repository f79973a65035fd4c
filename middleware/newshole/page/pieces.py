"""Pieces: a story's body cut where it may be cut, each piece with what it is and where it stands.

Containers (`div`, `section`, …) are looked through, at any depth; all else is one piece: a paragraph, a
list, a figure. Text that stands in a container without an element of its own is a piece as well, from
one block to the next.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final, NamedTuple

from newshole.page.document import Document, Element, Node, Text
from newshole.page.names import hint
from newshole.page.weights import INLINE
from newshole.page.words import visible_words

DEEPEST: Final = 200
"""Containers in containers that are looked through; what lies deeper is one piece."""

BESIDE_SHARE: Final = 1 / 3
"""The part of a body's words from which on a container is looked through, whatever its names say."""

SILENT: Final = frozenset(
    "base command frame frameset head link meta noembed noframes noscript param rp script source style "
    "template title track".split()
)
"""Elements that show nothing."""

CONTAINERS: Final = frozenset("article body center div main section".split())

PHRASING: Final = INLINE | frozenset(
    "audio br button canvas embed iframe img input label math meter object output picture progress ruby "
    "select svg textarea video".split()
)
"""Elements that stand in a line of text."""

LOOKED_THROUGH: Final = frozenset("b big em font i ins small span strong".split())
"""Phrasing elements that some sites put around paragraphs."""

_HEADING_TAGS: Final = frozenset("h1 h2 h3 h4 h5 h6 header hgroup".split())
_KINDS: Final = {
    **dict.fromkeys(_HEADING_TAGS, "heading"),
    **dict.fromkeys(("ul", "ol", "dl", "menu", "dir"), "list"),
    **dict.fromkeys(("pre", "listing", "xmp", "plaintext"), "code"),
    "p": "paragraph",
    "blockquote": "quote",
    "table": "table",
}
_BLOCKS: Final = ", ".join(
    "p div section article main center ul ol dl blockquote table figure pre form aside nav header footer "
    "hgroup details fieldset address hr h1 h2 h3 h4 h5 h6".split()
)
_MEDIA: Final = (
    ("iframe, object, embed", "embed"),
    ("video, audio", "video"),
    ("img, picture, svg, canvas", "image"),
)
_HELD: Final = (*_MEDIA, ("blockquote", "quote"), ("table", "table"), ("pre", "code"))
_EMBEDDED: Final = ("twitter-", "instagram-", "tiktok-", "fb-", "bluesky-", "mastodon-", "reddit-embed")


class Piece(NamedTuple):
    """One piece of a body: nodes `first` to `last` in the innermost of the containers `path`.

    `path` begins with the body's own element.
    """

    kind: str
    words: int
    first: Node
    last: Node
    path: tuple[Element, ...]


def pieces(
    document: Document, body: Element, first: Element | None = None, last: Element | None = None
) -> list[Piece]:
    """The pieces of an element in document order; nothing for what a reader does not see.

    They begin with the descendant `first` and end with `last`, where those are given.
    """
    cutter = _Cutter(document, body, first, last)
    cutter.cut((body,))
    return cutter.found


class _Cutter:
    """Walks the containers and collects `found`.

    `ahead` holds the element to begin with and all above it, until it is met; `to_last` those of the last.
    """

    def __init__(
        self, document: Document, body: Element, first: Element | None, last: Element | None
    ) -> None:
        self.document, self.body, self.first = document, body, first
        self.ahead = _chain(first)
        self.to_last = _chain(last)
        self.has_ended = False
        self.found: list[Piece] = []

    @cached_property
    def words(self) -> int:
        """The words of the whole body."""
        return visible_words(self.document, self.body)

    def cut(self, path: tuple[Element, ...]) -> None:
        """Collect the pieces of the innermost of the containers `path`."""
        line: list[Node] = []
        for child in path[-1].children:
            if isinstance(child, Text):
                if not self.ahead and not child.data.isspace():
                    line.append(child)
                continue
            if not isinstance(child, Element) or (self.ahead and child not in self.ahead):
                continue
            role = _role(child)
            if role == "line":
                line.append(child)
            elif role != "silent":
                self.line(line, path)
                line = []
                self.block(child, role, path)
            self.ahead = frozenset()
            if self.has_ended or child in self.to_last:
                self.has_ended = True
                break
        self.line(line, path)

    def line(self, shown: list[Node], path: tuple[Element, ...]) -> None:
        """Text and inline elements between two blocks, as one piece."""
        if not shown:
            return
        words = sum([visible_words(self.document, node) for node in shown])
        kind = "paragraph" if words else _media([node for node in shown if isinstance(node, Element)])
        if kind is not None:
            self.found.append(Piece(kind, words, shown[0], shown[-1], path))

    def block(self, element: Element, role: str, path: tuple[Element, ...]) -> None:
        """An element that ends the line before it: looked through, or one piece."""
        if element is self.first:
            self.ahead = frozenset()
        if role == "container" and len(path) < DEEPEST and not self.is_beside(element):
            self.cut((*path, element))
            return
        words = visible_words(self.document, element)
        kind = self.kind(element) if role == "block" else "other"
        if kind == "paragraph" and not words:
            kind = _media([element]) or "other"
        if words or kind != "other" or element.tag in ("hr", "p"):
            self.found.append(Piece(kind, words, element, element, path))

    def is_beside(self, container: Element) -> bool:
        """Whether a container's names say that it is beside the story, and it does not hold much of it."""
        if not _is_named_beside(container):
            return False
        return visible_words(self.document, container) < self.words * BESIDE_SHARE

    def kind(self, element: Element) -> str:
        """What a block is, by its tag, its names and, for a figure, by what it holds."""
        tag = element.tag
        if tag == "blockquote" and (element.attr("class") or "").startswith(_EMBEDDED):
            return "embed"
        if tag == "figure":
            return _first_held(_HELD, [element]) or "image"
        if tag == "p" and _is_named_beside(element):
            return "other"
        return _KINDS.get(tag, "other")


def _chain(element: Element | None) -> frozenset[Node]:
    """An element and all above it."""
    return frozenset() if element is None else frozenset((element, *element.ancestors))


def _role(element: Element) -> str:
    """What an element is to its container: "silent", part of a "line", a "container" itself or a "block"."""
    tag = element.tag
    if tag in SILENT or (element.attrs and _is_hidden(element)):
        return "silent"
    if tag in CONTAINERS:
        return "container"
    if tag in PHRASING or "-" in tag:
        if element.select_one(_BLOCKS) is None:
            return "line"
        return "container" if "-" in tag or tag in LOOKED_THROUGH else "block"
    return "block"


def _media(elements: list[Element]) -> str | None:
    """What elements without words show, if anything."""
    return _first_held(_MEDIA, elements)


def _first_held(choices: tuple[tuple[str, str], ...], elements: list[Element]) -> str | None:
    for selector, kind in choices:
        if any(each.matches(selector) or each.select_one(selector) is not None for each in elements):
            return kind
    return None


def _is_named_beside(element: Element) -> bool:
    return bool(element.attrs) and hint(f"{element.attr('class') or ''} {element.attr('id') or ''}") < 0


def _is_hidden(element: Element) -> bool:
    style = element.attr("style")
    return (
        style is not None and "display:none" in style.replace(" ", "").lower()
    ) or "hidden" in element.attrs
