"""The proof: a composed page, parsed again, is the site's page with our blocks in it and nothing else.

Where a block stands decides what a browser makes of it and of the page around: an `a` under an
unclosed `a` closes that one, a `form` inside a page-wide `form` vanishes, an unclosed `b` is opened
again inside the block. Rules for all of these would be a second parser; parsing once more is a check
that cannot be outwitted.

**A part is enough where it stands for itself.** Parsing dominates what a new plan costs, and the story is
a small part of its page. So the innermost container around all insertions is parsed alone, blocks and all:
without them it must come out as the whole page's tree has it, which shows that nothing from before reaches
in, and nothing reaches out. What could reach in unseen is met by parsing the whole page: see
`_stands_alone`. Whether the part itself reaches out the page shows in the text behind it; where there is
none, the part is parsed without the blocks as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from newshole.page.document import (
    VOID,
    Comment,
    Document,
    Element,
    Node,
    Text,
    Tree,
    parse_fragment,
    parse_part,
    parse_tree,
)
from newshole.page.edges import is_in_flow
from newshole.page.splice import splice
from newshole.types import Insertion

OURS: Final = "[data-newshole], [data-newshole-runtime]"
"""Every element that we insert at top level; no page that holds one of them is composed."""

MOST: Final = 0.7
"""The share of a page up to which a part of it is parsed twice, where it has to be, rather than the page
once."""

Root: TypeAlias = Tree | Element
"""What a parse gives: a page, or the element that stands for what is around a part."""

_PARTS: Final = frozenset("article div main section".split())
_AROUND: Final = _PARTS | {"html", "body", "aside", "header", "center"}
_BEHIND: Final = b"<i>.</i>."
"""Markup behind a part: it shows whether the part has ended, and which formatting it leaves open."""

_SECRET = re.compile(
    rb"</?(?:body|button|caption|col|colgroup|form|frame|frameset|head|html|input|keygen|optgroup|option|select"
    rb"|table|tbody|td|template|textarea|tfoot|th|thead|tr)(?![a-z0-9-])",
    re.IGNORECASE,
)
_PLAIN_TAG: Final = rb"""(?:[\s/](?:[^<>"']|"[^"<>]*"|'[^'<>]*')*)?>"""
_TEXT_FIRST = re.compile(rb"(?:<(?:p|div|section|article|main|h[1-6])%s)*+[^<\0]" % _PLAIN_TAG, re.IGNORECASE)
_TEXT_BEHIND = re.compile(rb"(?:<!--(?:[^<>-]|-(?!-))*-->)*+[^<\0]")
_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:[\s/](?:[^<>"']|"[^"<>]*"|'[^'<>]*')*)?>""")


def unproven(
    document: Document, insertions: Sequence[Insertion], story: Element | None = None
) -> tuple[int, ...]:
    """Indexes of the insertions that may not stand where they are; empty for a page that is proved.

    At most one page is parsed where all is well, and only a part of it where `story` is the element that
    most of the insertions stand in. Else each insertion is tried beside those that were found good before
    it, so the rest, together, is proved.
    """
    if story is not None and _holds_in_part(document, insertions, story):
        return ()
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
    return _is_page_with_blocks(parse_tree(composed, offsets=False, scripting=False), page, insertions)


def _holds_in_part(document: Document, insertions: Sequence[Insertion], story: Element) -> bool:
    """Whether a part of the page proves the insertions; False also where none can."""
    part = next((each for each in (story, *story.ancestors) if _holds_all(document, each, insertions)), None)
    if not isinstance(part, Element) or not _stands_alone(document, part, insertions):
        return False
    start, end = document.start(part), document.end(part)
    if start is None or end is None:
        return False
    source = document.page[start:end]
    above = [each.tag for each in part.ancestors if isinstance(each, Element)][-3::-1]
    around = b"".join(b"<%s>" % tag.encode() for tag in above)
    if not _leaves_nothing_open(document, part, end) and (
        len(source) > MOST * len(document.page)
        or not _is_innermost(parse_part(around + source + _BEHIND), part, len(above))
    ):
        return False
    inside = [Insertion(each.offset - start, each.html, each.block) for each in insertions]
    page = parse_part(around + splice(source, inside) + _BEHIND)
    return _without_blocks(page, insertions) and _is_innermost(page, part, len(above))


def _holds_all(document: Document, node: Node, insertions: Sequence[Insertion]) -> bool:
    """Whether all insertions lie between the tags of an element."""
    if not isinstance(node, Element):
        return False
    first, last = document.inner_start(node), document.inner_end(node)
    return (
        first is not None
        and last is not None
        and all(first <= insertion.offset <= last for insertion in insertions)
    )


def _stands_alone(document: Document, part: Element, insertions: Sequence[Insertion]) -> bool:
    """Whether nothing from before a part can reach into it unseen.

    An open `p` cannot, for the part's start tag closes it. A formatting element left open would show in
    the first text, white space included, so there must be some before the first block. The open forms and
    tables around are the parser's secret, so blocks that hold what asks for them, or that end in a stray
    tag, are not proved in part.
    """
    first = document.inner_start(part) or 0
    text = _TEXT_FIRST.match(document.page, first)
    return (
        part.tag in _PARTS
        and all(isinstance(each, Element) and each.tag in _AROUND for each in [*part.ancestors][:-1])
        and text is not None
        and all(text.end() <= insertion.offset for insertion in insertions)
        and all(_asks_nothing(each.html) for each in insertions)
        and not _differs_without_scripts(document)
    )


@lru_cache(maxsize=256)
def _asks_nothing(fragment: bytes) -> bool:
    """Whether a block holds nothing that depends on what the parser does not show."""
    return fragment.endswith(b"</aside>") and not _SECRET.search(fragment)


def _leaves_nothing_open(document: Document, part: Element, end: int) -> bool:
    """Whether the text behind a part shows that no formatting element is left open: none is around it."""
    after = part.next_sibling
    while isinstance(after, Comment):
        after = after.next_sibling
    return isinstance(after, Text) and _TEXT_BEHIND.match(document.page, end) is not None


def _is_innermost(page: Element, part: Element, depth: int) -> bool:
    """Whether a part that was parsed alone is what the whole page's tree has, and ended where it should."""
    at: Node = page
    for _ in range(depth):
        children = [*at.children]
        if len(children) != 1:
            return False
        at = children[0]
    children = [*at.children]
    return len(children) == 3 and _are_equal(children[0], part)


def _is_page_with_blocks(tree: Tree, page: Tree, insertions: Sequence[Insertion]) -> bool:
    """Whether a composed page's tree is that of the `page` with all blocks whole and in plain flow."""
    return _without_blocks(tree, insertions) and _are_equal(tree, page)


def _without_blocks(tree: Root, insertions: Sequence[Insertion]) -> bool:
    """Take the blocks out of a tree; whether all were there, whole and in plain flow."""
    expected = [root for insertion in insertions for root in _roots(insertion.html)]
    found = [element for element in tree.select(OURS) if element.parent and not element.parent.closest(OURS)]
    if len(found) != len(expected):
        return False
    for element, root in zip(found, expected, strict=True):
        is_block = "data-newshole" in element.attrs  # the style may end up in the `p` that the block closes
        if not element.equals(root) or (is_block and not is_in_flow(element.parent)):
            return False
        element.extract()
    return True


def _are_equal(tree: Node, page: Node) -> bool:
    # A text that a block stood in is in two parts now; to join parts everywhere costs more than to compare.
    return tree.equals(page) or _joined(tree).equals(_joined(page))


def _joined(tree: Node) -> Node:
    """The tree with neighbouring texts as one."""
    root = tree.root if isinstance(tree, Tree) else tree
    if isinstance(root, Element):
        root.normalize()
    return tree


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
