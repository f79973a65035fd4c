"""Counting words as a reader would, also in scripts that put no space between them."""

from __future__ import annotations

import re
from typing import Final

from newshole.page.document import Document, Element, Node, Text

LETTERS_A_WORD: Final = 2
"""Letters of a word, on average, in Chinese, Japanese, Thai, Lao, Khmer and Burmese."""

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)
_STOPS = re.compile("[\u3000-\u3004\u3007-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+")
"""Punctuation of those scripts, which stands between letters without a space as well."""

_UNSEEN_TAGS: Final = frozenset(
    "script style noscript template textarea select iframe title audio canvas object svg video".split()
)
_UNSEEN: Final = ", ".join(sorted(_UNSEEN_TAGS))
_INSIDE_UNSEEN: Final = ", ".join(f"{tag}, {tag} *" for tag in sorted(_UNSEEN_TAGS))
_UNSPACED_LEADS: Final = bytes([0xE0, 0xE1, *range(0xE3, 0xEA), 0xEF, 0xF0])
"""The bytes that letters of those scripts begin with in UTF-8."""


def count_words(text: str) -> int:
    """How many words a text has; a run of unspaced script counts a word for every two of its letters."""
    if text.isascii() or _is_spaced(text):
        return len(text.split())
    unspaced = sum(-(-len(run) // LETTERS_A_WORD) for run in _UNSPACED.findall(text))
    text = _STOPS.sub(" ", text)
    return unspaced + len(_UNSPACED.sub(" ", text).split())


def _is_spaced(text: str) -> bool:
    """Whether a text surely has no letter or sign of those scripts; this takes a tenth of a search for them."""
    written = text.encode("utf-8", "surrogatepass")
    return len(written.translate(None, _UNSPACED_LEADS)) == len(written)


def visible_words(document: Document, node: Node) -> int:
    """The words that a reader sees of a node, without those of scripts, form fields and embedded media."""
    return seen(document, node)[1]


def seen(document: Document, node: Node) -> tuple[str, int]:
    """What a reader sees of a node, in the letters of the tree, and how many words that is."""
    if type(node) is Element:
        if node.tag in _UNSEEN_TAGS:
            return "", 0
        if node.select_one(_UNSEEN) is not None:
            text = "".join(_seen(node))
            return text, words_in(document, text)
    text = node.text
    if document.encoding != "utf-8" and not text.isascii():
        return text, count_words(document.text(node))
    return text, words_in(document, text)


def _seen(element: Element) -> list[str]:
    unseen: set[Node | None] = {*element.select(_INSIDE_UNSEEN)}
    return [
        each.data
        for each in element.descendants
        # A template's content hangs on a node that is no element.
        if type(each) is Text and type(parent := each.parent) is Element and parent not in unseen
    ]


def words_in(document: Document, text: str) -> int:
    """The words of a text in the letters of the tree."""
    return len(text.split()) if text.isascii() else count_words(document.decoded(text))
