"""Edges: byte offsets between a page's nodes where a block can stand as an element of its own.

Only tags have offsets in the source; text begins where the element before it ended. An edge that the
source does not show (an omitted tag, a comment beside text) is None, and nothing is put there.
"""

from __future__ import annotations

from typing import Final

from newshole.page.body import Body
from newshole.page.document import VOID, Document, Element, Node
from newshole.page.kinds import LOOKED_THROUGH
from newshole.page.pieces import Piece, shared
from newshole.page.weights import INLINE

NOT_IN_FLOW: Final = (
    frozenset(
        "button canvas caption code colgroup dd dl dt figcaption figure h1 h2 h3 h4 h5 h6 head iframe label "
        "li math menu noembed noframes noscript object ol optgroup option p picture plaintext pre q "
        "blockquote rt ruby script select style summary svg table tbody td template textarea tfoot th thead "
        "title tr ul video audio xmp nav hgroup address dir listing".split()
    )
    | INLINE - LOOKED_THROUGH
)
"""Elements that no block stands in, at any depth."""

_NOT_IN_FLOW: Final = ", ".join(sorted(NOT_IN_FLOW))

CELLS: Final = frozenset(("td", "dd"))
"""Elements that lay a page out where they hold nearly all text of their row: a block may stand in those."""

_CELLS: Final = ", ".join(sorted(CELLS))
_ROWS: Final = "tr, dl"
_TABLES: Final = ("table", "dl")
_PARTS: Final = frozenset("tr tbody thead tfoot div".split())
"""What may stand between a cell and its table or list."""

_STORY_BYTES: Final = 500
"""Bytes of text from which on a cell may hold a story."""

_ALONE: Final = 0.8
"""The share of a row's text from which on the other cells have none to speak of."""


def is_in_flow(container: Node | None) -> bool:
    """Whether a block may stand in a container: it and all above it are plain flow content.

    A cell is that as well where it is there for the layout, not one fact beside others.
    """
    while isinstance(container, Element):
        holder = container.closest(_NOT_IN_FLOW)
        if holder is None:
            return True
        table = _table_of(holder) if holder.tag in CELLS and _lays_out(holder) else None
        container = None if table is None else table.parent
    return False


def _table_of(cell: Element) -> Element | None:
    """The table or list of a cell; None where markup that is not of it stands between."""
    above = cell.parent
    while isinstance(above, Element) and above.tag in _PARTS:
        above = above.parent
    return above if isinstance(above, Element) and above.tag in _TABLES else None


def _lays_out(cell: Element) -> bool:
    """Whether a cell holds a story, and nearly all text of its row or its list."""
    row, held = cell.closest(_ROWS), _text_bytes(cell)
    return row is not None and held >= _STORY_BYTES and held >= _ALONE * _text_bytes(row)


def _text_bytes(element: Element) -> int:
    """The bytes of an element's text, scripts and white space left out."""
    silent = sum([len("".join(each.text.split())) for each in element.select("script, style")])
    return len("".join(element.text.split())) - silent


def node_start(document: Document, node: Node) -> int | None:
    """Where a node starts: an element's start tag, or for text where the element before it ended."""
    if isinstance(node, Element):
        return document.start(node)
    before = node.previous_sibling
    if isinstance(before, Element):
        return node_end(document, before)
    return document.inner_start(node.parent) if before is None and isinstance(node.parent, Element) else None


def node_end(document: Document, node: Node) -> int | None:
    """Where a node ends: an element's last tag, or for text where the element after it starts."""
    if isinstance(node, Element):
        end = document.end(node)
        return end if end is not None or node.tag not in VOID else document.inner_start(node)
    after = node.next_sibling
    if isinstance(after, Element):
        return document.start(after)
    return document.inner_end(node.parent) if after is None and isinstance(node.parent, Element) else None


def edge_between(document: Document, above: Piece, below: Piece) -> int | None:
    """The offset between two neighbouring pieces, in the innermost container that holds both."""
    depth = shared(above.path, below.path)
    upper = above.path[depth] if len(above.path) > depth else above.last
    lower = below.path[depth] if len(below.path) > depth else below.first
    end = node_end(document, upper)
    if end is not None:
        return end
    start = node_start(document, lower)
    return start if start is not None and _ends_by_itself(document, upper, start) else None


def _ends_by_itself(document: Document, node: Node, at: int) -> bool:
    """Whether a block at the offset `at`, behind a node without an end tag, would not stand inside it."""
    last: Node | None = node
    while isinstance(last, Element) and last.tag not in VOID:
        end = document.end(last)
        if end is not None and end <= at:
            return True
        if last.tag in NOT_IN_FLOW and last.tag != "p":
            return False
        last = next((each for each in reversed([*last.children]) if isinstance(each, Element)), None)
    return True


def stack_edges(document: Document, body: Body, first: Piece, last: Piece) -> dict[str, int | None]:
    """The offset of every named stack, None where the page has no edge for it or it is not in flow."""
    page = document.tree.select_one("body")
    edges = page_edges(document)
    edges |= _headline_edges(document, body.headline, body.element.closest(_CELLS))
    if is_in_flow(first.path[-1]):
        edges["body-start"] = node_start(document, first.first)
    if is_in_flow(last.path[-1]):
        edges["body-end"] = _behind(document, last)
    if body.element is page or body.element.tag in CELLS:
        edges["body-after"] = edges.get("body-end")
    elif is_in_flow(body.element.parent):
        edges["body-after"] = document.end(body.element)
    return edges


def page_edges(document: Document) -> dict[str, int | None]:
    """The offsets of the two stacks that need no story."""
    page = document.tree.select_one("body")
    if page is None:
        return {}
    return {"page-top": _top(document, page), "page-bottom": _bottom(document, page)}


def _top(document: Document, page: Element) -> int | None:
    inside = document.inner_start(page)
    if inside is not None:
        return inside
    return next((document.start(each) for each in page.children if isinstance(each, Element)), None)


def _bottom(document: Document, page: Element) -> int | None:
    inside = document.inner_end(page)
    if inside is not None:
        return inside if _ends_by_itself(document, page, inside) else None
    last = [each for each in page.children if isinstance(each, Element)][-1:]
    return document.end(last[0]) if last else None


def _headline_edges(
    document: Document, headline: Element | None, cell: Element | None
) -> dict[str, int | None]:
    """Both sides of the headline, or of the elements around it that hold nothing else but a line of text.

    In a cell there is room only where it is the story's own.
    """
    while headline is not None and isinstance(headline.parent, Element):
        parent = headline.parent
        if parent.tag not in INLINE and parent.tag != "hgroup":
            break
        headline = parent
    if headline is None or not is_in_flow(headline.parent) or headline.closest(_CELLS) is not cell:
        return {}
    return {"headline-before": document.start(headline), "headline-after": document.end(headline)}


def _behind(document: Document, last: Piece) -> int | None:
    end = node_end(document, last.last)
    if end is not None or last.last.next_sibling is not None:
        return end
    end = document.inner_end(last.path[-1])
    return end if end is not None and _ends_by_itself(document, last.last, end) else None
