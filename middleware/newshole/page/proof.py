"""The proof: a composed page, parsed again, is the site's page with our blocks in it and nothing else.

Where a block stands decides what a browser makes of it and of the page around: an `a` under an
unclosed `a` closes that one, a `form` inside a page-wide `form` vanishes, an unclosed `b` is opened
again inside the block. Rules for all of these would be a second parser; parsing once more is a check
that cannot be outwitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from newshole.page.document import Document, Node, parse_fragment, parse_tree
from newshole.page.edges import is_in_flow
from newshole.page.splice import splice
from newshole.types import Insertion

OURS: Final = "[data-newshole], [data-newshole-runtime]"
"""Every element that we insert at top level; no page that holds one of them is composed."""


def unproven(document: Document, insertions: Sequence[Insertion]) -> tuple[int, ...]:
    """Indexes of the insertions that may not stand where they are; empty for a page that is proved.

    The page is parsed once where all is well. Else each insertion is tried beside those that were found
    good before it, so the rest, together, is proved.
    """
    document.normalize()
    if _holds(document, insertions):
        return ()
    good: list[Insertion] = []
    bad: list[int] = []
    for index, insertion in enumerate(insertions):
        if _holds(document, [*good, insertion]):
            good.append(insertion)
        else:
            bad.append(index)
    return tuple(bad)


def _holds(document: Document, insertions: Sequence[Insertion]) -> bool:
    tree = parse_tree(splice(document.page, insertions)[document.shift :], offsets=False)
    expected = [root for insertion in insertions for root in _roots(insertion.html)]
    found = [element for element in tree.select(OURS) if element.parent and not element.parent.closest(OURS)]
    if len(found) != len(expected):
        return False
    for element, root in zip(found, expected, strict=True):
        if not element.equals(root) or not is_in_flow(element.parent):
            return False
        element.extract()
    if tree.root is not None:
        tree.root.normalize()
    return tree.equals(document.tree)


@lru_cache(maxsize=256)
def _roots(fragment: bytes) -> tuple[Node, ...]:
    return parse_fragment(fragment)
