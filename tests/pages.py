"""What every test of a composed page checks: nothing lost, nothing where it does not belong."""

from __future__ import annotations

import re
from collections.abc import Iterator

import html5lib
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from newshole import Composition, Site

NEVER_INSIDE = frozenset(
    "script style template noscript svg math textarea select option title iframe ul ol dl blockquote q "
    "table figure figcaption picture pre code a button".split()
)

_CELLS = re.compile(r" (?:td tr (?:t(?:body|head|foot) )?table|dd (?:div )?dl)(?= )")

SENTENCE = (
    "The council met on Tuesday and agreed, after some debate, to mend the old bridge before winter comes. "
)

_OPENED = (
    "p div span b a font form button label table caption tr td ul li dl dd blockquote section article aside "
    "main h2 header figure figcaption pre select option svg math object x-box template noscript iframe"
).split()
_PARTS = (
    *(f"<{tag}>" for tag in (*_OPENED, "br", "hr", "img src=x", "input", "body", "html")),
    *(f"</{tag}>" for tag in (*_OPENED, "br", "body", "html")),
    *("<p hidden>", "<div class=ad>", "<p class='x", "'>", "<p", ">", "<", "<![CDATA[", "]]>", "<!--", "-->"),
    *("<script>", "</script>", "<style>", "</style>", "<textarea>", "</textarea>"),
    *("\x00", "\r\n", "\r", " ", "&amp;", "&nbsp;", "&", "é", "表示"),
    *(SENTENCE, f"<p>{SENTENCE}", *3 * (f"<p>{SENTENCE}</p>",)),
)

SOUP = st.lists(st.sampled_from(_PARTS), max_size=60).map("".join)
"""Markup in any order, well formed or not."""

UNLIKE_HTML5LIB = (b"<template", b"<svg", b"<math", b"<select", b"<frameset", b"<plaintext", b"<![CDATA[")
"""Markup that html5lib reads by an older standard; a page that holds it is left to the other parser."""


def minus_insertions(page: Composition) -> bytes:
    """The composed page with our insertions cut out of it, each found where it must be."""
    kept: list[bytes] = []
    at = grown = 0
    for insertion in page.insertions:
        start = insertion.offset + grown
        assert page.html[start : start + len(insertion.html)] == insertion.html
        kept.append(page.html[at:start])
        at = start + len(insertion.html)
        grown += len(insertion.html)
    return b"".join(kept) + page.html[at:]


def check_untouched(site: Site, body: bytes, reason: str, **request: str) -> None:
    """The page leaves as it came, for this reason."""
    page = site.compose(body, **request)  # type: ignore[arg-type]  # url and content_type
    assert (page.untouched, page.html, page.insertions) == (reason, body, ())


def check_composed(body: bytes, page: Composition) -> None:
    """Whatever became of the page, its own bytes are whole, and blocks stand in plain flow."""
    assert minus_insertions(page) == body
    assert (page.untouched is None) == bool(page.insertions)
    if page.untouched is not None:
        return
    assert [each.offset for each in page.insertions] == sorted(each.offset for each in page.insertions)
    assert_in_flow(page)


def assert_in_flow(page: Composition) -> None:
    """By an independent parser, no block stands inside an element that must not hold one."""
    tree = LexborHTMLParser(page.html.decode("latin-1"))
    found = []
    for node in tree.css("[data-newshole]"):
        ancestors = []
        above = node.parent
        while above is not None:
            ancestors.append(str(above.tag))
            above = above.parent
        found.append((node.attributes["data-newshole"], ancestors))
    _assert_flow(page, found)


def assert_in_flow_by_html5lib(page: Composition) -> None:
    """The same by a second one, slower, which shares no code with the first; see `UNLIKE_HTML5LIB`."""
    if not any(each in page.html.lower() for each in UNLIKE_HTML5LIB):
        _assert_flow(page, list(_blocks_by_html5lib(page.html.decode("latin-1"))))


def _blocks_by_html5lib(page: str) -> Iterator[tuple[str | None, list[str]]]:
    tree = html5lib.HTMLParser(namespaceHTMLElements=False).parse(page, scripting=True)
    parents = {child: parent for parent in tree.iter() for child in parent}
    for element in tree.iter():
        if element.get("data-newshole") is not None:
            ancestors = []
            above = parents.get(element)
            while above is not None:
                ancestors.append(str(above.tag))
                above = parents.get(above)
            yield element.get("data-newshole"), ancestors


def _assert_flow(page: Composition, found: list[tuple[str | None, list[str]]]) -> None:
    assert [block for block, _ in found] == [each.block for each in page.insertions]
    for block, above in found:
        # A cell may hold the story, and then a block: what is around it is looked at without its table.
        ancestors = _CELLS.sub(" ", f" {' '.join(above)} ").split()
        assert NEVER_INSIDE.isdisjoint(ancestors), (block, ancestors)
