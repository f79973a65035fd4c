"""The proof: a composed page, parsed again, is the site's page with our blocks in it and nothing else.

Where a block stands decides what a browser makes of it and of the page around: an `a` under an
unclosed `a` closes that one, a `form` inside a page-wide `form` vanishes, an unclosed `b` is opened
again inside the block. Rules for all of these would be a second parser; parsing once more is a check
that cannot be outwitted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from newshole.page.document import Document, Node, Tree, parse_fragment, parse_tree
from newshole.page.edges import VOID, is_in_flow
from newshole.page.splice import splice
from newshole.types import Insertion

OURS: Final = "[data-newshole], [data-newshole-runtime]"
"""Every element that we insert at top level; no page that holds one of them is composed."""


_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[\s/](?:[^<>"']|"[^"<>]*"|'[^'<>]*')*)?>""")


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
    composed = splice(document.page, insertions)[document.shift :]
    if not _is_page_with_blocks(parse_tree(composed, offsets=False), document.tree, insertions):
        return False
    if not _differs_without_scripts(document):
        return True
    page = parse_tree(document.page[document.shift :], offsets=False, scripting=False)
    if page.root is not None:
        page.root.normalize()
    return _is_page_with_blocks(parse_tree(composed, offsets=False, scripting=False), page, insertions)


def _is_page_with_blocks(tree: Tree, page: Tree, insertions: Sequence[Insertion]) -> bool:
    """Whether a composed page's tree is the `page`, normalized, with all blocks whole and in plain flow."""
    expected = [root for insertion in insertions for root in _roots(insertion.html)]
    found = [element for element in tree.select(OURS) if element.parent and not element.parent.closest(OURS)]
    if len(found) != len(expected):
        return False
    for element, root in zip(found, expected, strict=True):
        is_block = "data-newshole" in element.attrs  # the style may end up in the `p` that the block closes
        if not element.equals(root) or (is_block and not is_in_flow(element.parent)):
            return False
        element.extract()
    if tree.root is not None:
        tree.root.normalize()
    return tree.equals(page)


def _differs_without_scripts(document: Document) -> bool:
    """Whether a `noscript` holds markup that may reach out of it where its content is parsed.

    Plain markup, closed in the order in which it was opened, does not.
    """
    for element in document.tree.select("noscript"):
        still_open: list[str] = []
        for slash, name in _TAG.findall(element.text):
            if not slash and name.lower() not in VOID:
                still_open.append(name.lower())
            elif slash and (not still_open or still_open.pop() != name.lower()):
                return True
        if still_open or "<" in _TAG.sub("", element.text):
            return True
    return False


@lru_cache(maxsize=256)
def _roots(fragment: bytes) -> tuple[Node, ...]:
    return parse_fragment(fragment)
