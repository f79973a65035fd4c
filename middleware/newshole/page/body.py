"""Where a page's story stands: the element that holds its text, its headline, its first and last block.

The element is found by what its passages weigh, see `weights`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from newshole.page.document import Document, Element, Text
from newshole.page.jsonld import article, read_jsonld
from newshole.page.names import hint, names
from newshole.page.weights import BESIDE, UNSEEN, Weights, paragraphs, passages, weigh

TITLE_BYTES: Final = 600
HEADLINE_BYTES: Final = 600

ENOUGH: Final = 3000
"""What the paragraphs of an element weigh together where they are the story, whatever else is on the page."""

LOOSE_BYTES: Final = 60
"""Bytes from which on a text outside a paragraph is counted as loose."""

LOOSE: Final = 0.6
"""The share of loose text up to which fewer paragraphs are believed to be the story."""

LUMPS: Final = frozenset("ul ol dl blockquote table figure pre".split())
ROWS: Final = frozenset("table tbody thead tfoot tr".split())
HEADINGS: Final = frozenset("h2 h3 h4 h5 h6".split())

STATED: Final = "[itemprop~=articleBody]"

TRUSTED: Final = f"article, {STATED}"
NAMED: Final = (
    ".entry-content, .post-content, .article-body, .article__body, .article-content, .article__content, "
    ".article-text, .story-body, .story-content, .post-body, .articleBody, .td-post-content, .body-copy"
)
PARTS: Final = "[data-component=text-block], [data-component=text], [data-testid=article-body]"

DECLARED: Final = (
    (STATED, 1, 9), (NAMED, 1, 9), (PARTS, 1, 99), ("article", 2, 1), ("main, [role=main]", 2, 1),
)  # fmt: skip
"""What markup calls a story: how many paragraphs it must have, in how many parts at most."""

STATED_LETTERS: Final = 40
HOLDERS: Final = "p, div, section, article, main, td"

# Past ASCII the latin-1 tree has bytes, not letters: they may well be a full stop.
_SENTENCE_END = re.compile(r"[.!?:;\"')\]]\s*$|[^\x00-\x7f]\s*$")


@dataclass(frozen=True, slots=True)
class Body:
    """The element that holds a story's text, and what of it is the story.

    `headline` is the story's heading, None where there is none. `first` and `last` are the first and the
    last descendant block that belong to the story; None stands for the element's own first and last
    content.
    """

    element: Element
    headline: Element | None
    first: Element | None = None
    last: Element | None = None


def find_body(document: Document, selector: str | None = None) -> Body | None:
    """The body of the page's story, found by `selector` or by its text; None where there is no story."""
    element = _selected(document, selector) if selector else _in_paragraphs(document)
    if element is not None:
        element = element if selector else _stated_beside(document, element) or element
        weights = weigh(passages(element))
    elif selector:
        return None
    else:
        found = passages(document.tree)
        weights = weigh(found)
        element = weights.best() or _declared(document)
        if element is None:
            # A theme may call the story itself a "promo" or "meta": without another one, names prove nothing.
            weights = weigh(found, by_name=False)
            element = weights.best()
        if element is None:
            return None
    if element.tag in ROWS:
        return _in_table(document, element)
    first, last = _story_edges(element, weights)
    return Body(element, _headline(document, first or element), first, last)


def _in_table(document: Document, rows: Element) -> Body | None:
    """The body of a story that is written in the rows of a table: no block stands between those.

    So it is what holds the table, from the table's first row to its last.
    """
    table = rows.closest("table")
    holder = None if table is None else table.parent
    if table is None or not isinstance(holder, Element):
        return None
    return Body(holder, _headline(document, table), table, table)


def _in_paragraphs(document: Document) -> Element | None:
    """The element of the story where it is written in paragraphs; None where much is written without."""
    weights = weigh(paragraphs(document))
    element = weights.best()
    if element is None:
        return None
    held = sum(weights.own.get(each, 0.0) for each in weights.within(element))
    return element if held >= ENOUGH or document.loose_text(LOOSE_BYTES) < LOOSE * held else None


def _selected(document: Document, selector: str) -> Element | None:
    """The first match that holds text a reader sees."""
    for element in document.select(selector):
        holders = (element, *element.ancestors)
        if element.text.strip() and not any(isinstance(e, Element) and e.tag in UNSEEN for e in holders):
            return element
    return None


def _stated_beside(document: Document, element: Element) -> Element | None:
    """The one element that is marked as the story, where the weightiest one stands elsewhere."""
    if element.closest(TRUSTED) is not None:
        return None
    found = document.select(STATED)
    if len(found) != 1 or any(each is element for each in found[0].ancestors):
        return None
    return _innermost(found) if _plain_paragraphs(found) > 1 else None


def _declared(document: Document) -> Element | None:
    """The element that the markup calls the story, however short; several parts of one are one.

    One paragraph is enough where the name is of nothing but a story, as on a page before its paywall.
    """
    for selector, least, most in DECLARED:
        found = [each for each in document.select(selector) if _plain_paragraphs((each,))]
        if 0 < len(found) <= most and _plain_paragraphs(found) >= least:
            return _innermost(found)
    return _with_stated_text(document)


def _with_stated_text(document: Document) -> Element | None:
    """The element whose text begins like the `articleBody` that the page states in JSON-LD."""
    stated = (article(read_jsonld(document), ()) or {}).get("articleBody")
    wanted = _letters(stated[: 2 * STATED_LETTERS])[:STATED_LETTERS] if isinstance(stated, str) else ""
    if len(wanted) < STATED_LETTERS // 2:
        return None
    for each in reversed(document.select(HOLDERS)):
        if len(each.text) >= len(wanted) and _letters(document.text(each)[: 3 * STATED_LETTERS]).startswith(
            wanted
        ):
            return _around(each) if each.tag == "p" else each
    return None


def _around(paragraph: Element) -> Element | None:
    return paragraph.parent if isinstance(paragraph.parent, Element) else None


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _plain_paragraphs(found: Sequence[Element]) -> int:
    return sum(_is_plain_paragraph(each) for part in found for each in part.select("p"))


def _is_plain_paragraph(paragraph: Element) -> bool:
    """Whether a paragraph has text of its own, outside of all that is beside a story."""
    holders = (each for each in paragraph.ancestors if isinstance(each, Element))
    if any(each.tag in BESIDE or each.tag in LUMPS or hint(names(each)) < 0 for each in holders):
        return False
    return len(paragraph.text.strip()) > 2 * sum(len(each.text) for each in paragraph.select("a"))


def _innermost(parts: Sequence[Element]) -> Element:
    """The smallest element that holds all of the paragraphs in some parts of a page."""
    paragraphs = [each for part in parts for each in part.select("p")]
    common = [each for each in paragraphs[0].ancestors if isinstance(each, Element)]
    last = [each for each in paragraphs[-1].ancestors if isinstance(each, Element)]
    return next(each for each in common if any(each is other for other in last))


def _story_edges(element: Element, weights: Weights) -> tuple[Element | None, Element | None]:
    """The first and last block of the story in the element; None for its own first and last content."""
    passages = [each for each in weights.within(element) if each in weights.own]
    total = sum(weights.own[each] for each in passages)
    if weights.own.get(element, 0.0) > 0.3 * total:
        return None, None
    edges = [each for each in passages if _is_running(each, weights.sizes[each][0])]
    if not edges:
        return None, None
    first, last = (_outermost(each, element, weights) for each in (edges[0], edges[-1]))
    return first and _with_heading(first), last and _with_rest(last)


def _is_running(block: Element, size: int) -> bool:
    """Whether a passage at the story's edge is text, not a byline, a date or a call to read on."""
    return size >= 120 or (_SENTENCE_END.search(block.text) is not None and not block.select("time"))


def _outermost(block: Element, element: Element, weights: Weights) -> Element | None:
    """The list, quote or table that a block stands in, else the block; None for the element itself."""
    if block is element:
        return None
    found = block
    at = weights.parents[block]
    while at is not None and at is not element:
        if at.tag in LUMPS:
            found = at
        at = weights.parents[at]
    return found


def _with_heading(first: Element) -> Element:
    """The heading right above the story's first block, where there is one."""
    for each in first.previous_siblings:
        if isinstance(each, Element):
            return each if each.tag in HEADINGS else first
        if isinstance(each, Text) and each.data.strip():
            break
    return first


def _with_rest(last: Element) -> Element:
    """The last of the lists, quotes, tables and short paragraphs that follow on the story's last passage."""
    for each in last.next_siblings:
        if not isinstance(each, Element) or each.tag in HEADINGS or each.tag in UNSEEN:
            continue
        text = each.text.strip()
        linked = sum([len(link.text) for link in each.select("a")])
        if not text:
            continue
        if (each.tag not in LUMPS and each.tag != "p") or linked * 2 > len(text) or hint(names(each)) < 0:
            break
        if each.tag == "p" and not _SENTENCE_END.search(text):
            break
        last = each
    return last


def _headline(document: Document, story: Element) -> Element | None:
    """The heading that says what the page's title says, else the last h1 before the story."""
    title = _title(document)
    around = set(story.ancestors)
    last_h1 = None
    for selector in ("h1", "h2, h3, [itemprop~=headline]"):
        found = document.select(selector)
        behind = bisect_left(found, True, key=lambda each: _stands_behind(each, story))
        for each in reversed(found[:behind]):
            text = _plain(each.text[:HEADLINE_BYTES])
            if each not in around and text:
                if _is_named(text, title):
                    return each
                last_h1 = last_h1 or (each if each.tag == "h1" else None)
    return last_h1


def _title(document: Document) -> str:
    """What the head calls the page, in the letters of the tree, where headings have the same ones."""
    head = document.select("head")
    titles = document.select("title", head[0]) if head else []
    return _plain(titles[0].text[:TITLE_BYTES]) if titles else ""


def _is_named(heading: str, title: str) -> bool:
    """Whether a page's title holds the heading, or most words of it."""
    words = heading.split()
    return bool(words) and sum(each in title for each in words) >= 0.7 * len(words) and len(words) > 1


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _stands_behind(one: Element, other: Element) -> bool:
    """Whether an element starts in the document after another one has ended."""
    path, other_path = ([*reversed([*each.ancestors]), each] for each in (one, other))
    for above, other_above in zip(path, other_path, strict=False):
        if above is not other_above:
            return any(each is above for each in other_above.next_siblings)
    return False
