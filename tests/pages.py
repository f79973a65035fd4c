"""What every test of a composed page checks: nothing lost, nothing where it does not belong."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser

from newshole import Composition, Site

NEVER_INSIDE = frozenset(
    "script style template noscript svg math textarea select option title iframe ul ol dl blockquote q "
    "table figure figcaption picture pre code a button".split()
)


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
    blocks = list(tree.css("[data-newshole]"))
    assert [node.attributes["data-newshole"] for node in blocks] == [each.block for each in page.insertions]
    for node in blocks:
        ancestor = node.parent
        while ancestor is not None:
            assert ancestor.tag not in NEVER_INSIDE, (
                f"{node.attributes['data-newshole']} inside {ancestor.tag}"
            )
            ancestor = ancestor.parent
