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
    """Whether a text has none of those scripts, by its bytes: quicker than to search for their letters."""
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
    """The texts of an element that holds something unseen; what holds none of that is one text each."""
    around: set[Node | None] = {None, element}
    for unseen in element.select(_UNSEEN):
        at = unseen.parent
        while at not in around:
            around.add(at)
            at = at.parent if at is not None else None
    texts: list[str] = []
    ahead: list[Node] = [element]
    while ahead:
        node = ahead.pop()
        if type(node) is Text:
            texts.append(node.data)
        elif type(node) is not Element or node.tag in _UNSEEN_TAGS:
            continue
        elif node in around:
            ahead += [*node.children][::-1]
        else:
            texts.append(node.text)
    return texts


def words_in(document: Document, text: str) -> int:
    """The words of a text in the letters of the tree."""
    return len(text.split()) if text.isascii() else count_words(document.decoded(text))
