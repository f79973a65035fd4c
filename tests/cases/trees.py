"""The trees that two parsers, which share no code with ours or each other, make of a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import html5lib
from selectolax.lexbor import LexborHTMLParser

Tree: TypeAlias = tuple[Any, ...]
"""(tag, attributes, children), where a child is such a tree or the text of adjacent text nodes."""

OURS = ("data-newshole", "data-newshole-runtime")


def by_html5lib(page: bytes, *, without_blocks: bool = False) -> Tree:
    root = html5lib.HTMLParser(namespaceHTMLElements=False).parse(page.decode("latin-1"), scripting=True)
    return _of_element(root, without_blocks)


def by_lexbor(page: bytes, *, without_blocks: bool = False) -> Tree:
    root = LexborHTMLParser(page.decode("latin-1")).root
    assert root is not None
    return _of_node(root, without_blocks)


def blocks_by_html5lib(page: bytes) -> list[Tree]:
    """The subtrees of our blocks, in document order."""
    return [*_blocks(by_html5lib(page))]


def blocks_by_lexbor(page: bytes) -> list[Tree]:
    return [*_blocks(by_lexbor(page))]


def _blocks(tree: Tree) -> Iterator[Tree]:
    if any(name == OURS[0] for name, _ in tree[1]):
        yield tree
    else:
        for child in tree[2]:
            if isinstance(child, tuple):
                yield from _blocks(child)


def _of_element(element: Any, without_blocks: bool) -> Tree:
    children: list[Tree | str] = [element.text or ""]
    for child in element:
        if not (without_blocks and any(name in child.attrib for name in OURS)):
            children.append(_of_element(child, without_blocks))
        children.append(child.tail or "")
    attributes = tuple(sorted((str(name), value) for name, value in element.attrib.items()))
    return str(element.tag), attributes, _joined(children)


def _of_node(node: Any, without_blocks: bool) -> Tree:
    children: list[Tree | str] = []
    child = node.first_child
    while child is not None:
        if child.tag == "-text":
            children.append(child.text_content or "")
        elif not (without_blocks and any(name in child.attributes for name in OURS)):
            children.append(_of_node(child, without_blocks))
        child = child.next
    if node.tag == "-comment":
        children.append(node.comment_content or "")
    return str(node.tag), tuple(sorted((k, v or "") for k, v in node.attributes.items())), _joined(children)


def _joined(children: list[Tree | str]) -> tuple[Tree | str, ...]:
    """The children, adjacent texts made one: a block may have stood between them."""
    found: list[Tree | str] = []
    for child in children:
        if isinstance(child, str) and found and isinstance(found[-1], str):
            found[-1] += child
        elif child:
            found.append(child)
    return tuple(found)
