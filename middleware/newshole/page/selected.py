"""Elements that rules select, anywhere on a page, and the tag edges beside them where a block can stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from newshole.page.document import VOID, Document, Element, Node
from newshole.page.edges import is_in_flow
from newshole.page.hydration import is_under_root

MOST: Final = 50
"""Elements of one place on a page, whatever its rules say."""


class Wanted(NamedTuple):
    """What one place asks for: a CSS selector, the side, and which of the elements: 1 the first, -1 the last,
    all of them where `nth` is empty."""

    selector: str
    where: Literal["before", "after", "prepend", "append"]
    nth: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a page has of it: how many elements fit, the byte offsets at those that were asked for, and why
    others of those have none, "" where none lacks one."""

    count: int
    offsets: tuple[int, ...] = ()
    lacking: str = ""


def select(
    document: Document, wanted: Iterable[Wanted], limit: int, *, hydrated: bool = False
) -> dict[Wanted, Found]:
    """The edges of selected elements, in the order in which they were asked for.

    An edge is one that the source shows, in plain flow inside the page's body, not behind the byte `limit`.
    What a script draws again has none, unless it will do `hydrated`.
    """
    elements: dict[str, list[Element]] = {}
    found: dict[Wanted, Found] = {}
    for each in wanted:
        if each not in found:
            if each.selector not in elements:
                elements[each.selector] = document.select(each.selector)
            found[each] = _found(document, each, elements[each.selector], limit, hydrated=hydrated)
    return found


def _found(
    document: Document, wanted: Wanted, elements: list[Element], limit: int, *, hydrated: bool
) -> Found:
    offsets: list[int] = []
    lacking = ""
    for element in _picked(elements, wanted.nth):
        at = _edge(document, element, wanted.where, limit, hydrated=hydrated)
        if isinstance(at, str):
            lacking = lacking or at
        elif at not in offsets:
            offsets.append(at)
    return Found(len(elements), tuple(offsets), lacking)


def _picked(elements: list[Element], nth: tuple[int, ...]) -> list[Element]:
    if not nth:
        return elements[:MOST]
    indexes = dict.fromkeys(n - 1 if n > 0 else len(elements) + n for n in nth)
    return [elements[index] for index in indexes if 0 <= index < len(elements)][:MOST]


def _edge(document: Document, element: Element, where: str, limit: int, *, hydrated: bool) -> int | str:
    """The byte offset at one side of an element; in words why there is none."""
    container = element if where in ("prepend", "append") else element.parent
    if not _is_in_body(container) or (element.tag in VOID and container is element):
        return "it stands where no block may"
    if not hydrated and is_under_root(element):
        return "a script draws it again"
    edge = _offset(document, element, where)
    if edge is None:
        return "its tag is left out in the source"
    return edge if edge <= limit else "parsers disagree on the markup there"


def _offset(document: Document, element: Element, where: str) -> int | None:
    if where == "before":
        return document.start(element)
    if where == "prepend" or (where == "after" and element.tag in VOID):
        return document.inner_start(element)
    return document.inner_end(element) if where == "append" else document.end(element)


def _is_in_body(container: Node | None) -> bool:
    return isinstance(container, Element) and container.closest("body") is not None and is_in_flow(container)
