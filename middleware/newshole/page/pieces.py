"""Pieces: a story's body cut where it may be cut, each piece with what it is and where it stands.

Containers (`div`, `section`, …) are looked through, at any depth; all else is one piece: a paragraph, a
list, a figure. Text that stands in a container without an element of its own is a piece as well, from
one block, or from one pair of line breaks, to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final, NamedTuple

from newshole.page.document import Document, Element, Node, Text
from newshole.page.kinds import block_kind, is_ad_in_line, media, role, said, text_kind
from newshole.page.words import seen, visible_words, words_in

DEEPEST: Final = 200
"""Containers in containers that are looked through; what lies deeper is one piece."""

BESIDE_SHARE: Final = 1 / 3
"""The part of a body's words from which on a container is looked through, whatever its names say."""

BOXES: Final = frozenset(("ad", "promo"))
"""The kinds of the site's own boxes; their words are none of the story's."""

_BLANK: Final = " \n\t\r\f\xa0\xc2"


class Piece(NamedTuple):
    """One piece of a body: nodes `first` to `last` in the innermost of the containers `path`.

    `path` begins with the body's own element. `text` is in the letters of the tree. `trait` is what else is
    known: "bold" and "small" say how all of it is written, "label" that it labels an ad, "separator" that it
    is ornament, "caption" and "dropcap" what its names say. Nothing comes between a `joined` piece and the
    one above it.
    """

    kind: str
    words: int
    first: Node
    last: Node
    path: tuple[Element, ...]
    text: str = ""
    trait: str | None = None
    joined: bool = False


def pieces(
    document: Document,
    body: Element,
    first: Element | None = None,
    last: Element | None = None,
    boxes: Mapping[Element, str] | None = None,
) -> list[Piece]:
    """The pieces of an element in document order; nothing for what a reader does not see.

    They begin with the descendant `first` and end with `last`, where those are given. `boxes` are elements
    that are known to be of a kind.
    """
    cutter = _Cutter(document, body, first, last, boxes or {})
    cutter.cut((body,))
    return cutter.found


def shared(path: tuple[Element, ...], other: tuple[Element, ...]) -> int:
    """How many containers two pieces have in common."""
    if path is other:  # as of most neighbours
        return len(path)
    depth = 0
    for one, two in zip(path, other, strict=False):
        if one is not two:
            break
        depth += 1
    return depth


class _Cutter:
    """Walks the containers and collects `found`.

    `ahead` holds the element to begin with and all above it, until it is met; `to_last` those of the last.
    `least` counts words that the body is sure to have: the last word of a piece and the first one of the
    next may be one in the body's text.
    """

    def __init__(
        self,
        document: Document,
        body: Element,
        first: Element | None,
        last: Element | None,
        boxes: Mapping[Element, str],
    ) -> None:
        self.document, self.body, self.first, self.boxes = document, body, first, boxes
        self.ahead = _chain(first)
        self.to_last = _chain(last)
        self.has_ended = False
        self.least = 0
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
                    line = self.broken(line, child, path) if line else [child]
                continue
            if not isinstance(child, Element) or (self.ahead and child not in self.ahead):
                continue
            kind = role(child)
            if kind == "line" and child not in self.boxes and not is_ad_in_line(child):
                line = self.broken(line, child, path) if line else [child]
            elif kind != "silent":
                self.line(line, path)
                line = []
                self.block(child, kind, path)
            self.ahead = frozenset()
            if self.has_ended or child in self.to_last:
                self.has_ended = True
                break
        self.line(line, path)

    def broken(self, line: list[Node], node: Node, path: tuple[Element, ...]) -> list[Node]:
        """The line with a node more, or a new one with it where two line breaks end the one before."""
        if _is_break(node) or not line or not _is_break(line[-1]):
            line.append(node)
            return line
        if isinstance(node, Text) and not node.data.strip(_BLANK):
            return line
        if len(line) > 1 and _is_break(line[-2]):
            self.line(line, path)
            return [node]
        line.append(node)
        return line

    def line(self, shown: list[Node], path: tuple[Element, ...]) -> None:
        """Text and inline elements between two blocks, as one piece."""
        if not shown:
            return
        if len(shown) == 1:
            text, words = seen(self.document, shown[0])
        else:
            text = "".join(["\n" if _is_break(node) else seen(self.document, node)[0] for node in shown])
            words = words_in(self.document, text)
        if words:
            self.least += words - len(shown)
            kind, trait = text_kind(self.document, shown, text, words)
            self.add(Piece(kind, words, shown[0], shown[-1], path, text.strip(), trait))
        elif (held := media([node for node in shown if isinstance(node, Element)])) is not None:
            self.add(Piece(held, 0, shown[0], shown[-1], path))

    def block(self, element: Element, kind: str, path: tuple[Element, ...]) -> None:
        """An element that ends the line before it: looked through, or one piece."""
        if element is self.first:
            self.ahead = frozenset()
        known = self.boxes.get(element) if self.boxes else None
        told = known or said(element)
        is_looked_through = known is None and kind == "container" and len(path) < DEEPEST
        if is_looked_through and told in (None, "dropcap"):
            self.cut((*path, element))
            return
        text, words = seen(self.document, element)
        if is_looked_through and not self.is_small(words):
            self.cut((*path, element))
            return
        trait = None
        if told is not None:
            if known is None and told in BOXES and not self.is_small(words):
                told = None
            trait = told if told in ("caption", "dropcap") else None
        self.least += max(words - 1, 0)
        shown = known or block_kind(element, told)
        if shown == "paragraph" and words:
            shown, found = text_kind(self.document, (element,), text, words)
            trait = found or trait
        elif shown == "paragraph":
            shown = media([element]) or "other"
        if words or shown not in ("other", "promo") or element.tag in ("hr", "p"):
            self.add(Piece(shown, words, element, element, path, text.strip(), trait))

    def add(self, piece: Piece) -> None:
        """Collect a piece; the words of the site's boxes and of ornaments are none."""
        if piece.words and (piece.kind in BOXES or piece.trait == "separator"):
            piece = piece._replace(words=0)
        self.found.append(piece)

    def is_small(self, words: int) -> bool:
        """Whether so many words are not much of the story."""
        return not words or words < self.least * BESIDE_SHARE or words < self.words * BESIDE_SHARE


def _is_break(node: Node) -> bool:
    return type(node) is Element and node.tag == "br"


def _chain(element: Element | None) -> frozenset[Node]:
    """An element and all above it."""
    return frozenset() if element is None else frozenset((element, *element.ancestors))
