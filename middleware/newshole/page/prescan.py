"""The pre-scan: what a page's bytes tell before they are parsed, each page in time linear in its length.

Parsing comes after it, so markup that a parser takes more than linear time or room for is refused here.
There are two such kinds: formatting elements that stay open, for every paragraph after them holds all of
them anew, and `body` or `html` tags in numbers, for each adds its attributes to the one element.
"""

from __future__ import annotations

import re
from typing import Final

MAX_PAGE: Final = 5 * 1024 * 1024
"""Bytes of the largest page that is read."""

MAX_CLONES: Final = 1_000_000
"""Elements that a parser may have to make for formatting elements left open."""

MAX_ROOTS: Final = 50
"""Tags of `html` and `body` together."""

_SNIFFED: Final = 4096
_CONTROLS: Final = bytes({*range(0x20), 0x7F} - set(b"\t\n\f\r\x1b"))
_FEW_CONTROLS: Final = 0.02

# Each of these patterns tells by one letter after "<" that most tags are none of its own: it is tried at
# every tag of a page. Of formatting elements `a` and `nobr` are missing: their start tag ends the one before.
_WEIGHTY = re.compile(
    rb"<(/?)(?=[bcefhistuBCEFHISTU])"
    rb"(?i:[bisu]|big|code|em|font|small|strike|strong|tt|(html|body))(?=[\s/>])"
)
_AMP = re.compile(
    rb"<html(?=[\s/])[^>]*?\s(?:amp|\xe2\x9a\xa1)(?:\xef\xb8\x8f)?[a-z0-9]*(?=[\s=>])", re.IGNORECASE
)
_COMPOSED = re.compile(rb"[\s/\"']data-newshole(?:-runtime)?(?=[\s=>])")

_MAYBE_AMBIGUOUS = re.compile(rb"<[fpsFPS](?i:laintext|rameset|elect)(?=[\s/>])")
_IN_SELECT = re.compile(
    rb"<(?:(/?select)|plaintext|frameset|iframe|math|noembed|noframes|noscript|style|svg|template|textarea"
    rb"|title|xmp)(?=[\s/>])",
    re.IGNORECASE,
)


def refusal(page: bytes) -> str | None:
    """Why a page is not to be parsed, or not to be changed; None for one that may be composed."""
    if not page.strip():
        return "empty"
    if len(page) > MAX_PAGE:
        return "too-large"
    if _is_binary(page[:_SNIFFED]):
        return "binary"
    if _is_hostile(page):
        return "hostile-markup"
    if b"data-newshole" in page and _COMPOSED.search(page):
        return "already-composed"
    return "amp" if _AMP.search(page, 0, _SNIFFED) else None


def ambiguity(page: bytes) -> int | None:
    """The offset from which on parsers disagree on what is markup; None where they agree throughout.

    Inside `select`, older browsers and tokenizers that do not build a tree differ on elements that hold
    raw text, and on nested trees; after `plaintext` and in a `frameset` on nearly everything.
    """
    first = _MAYBE_AMBIGUOUS.search(page)
    select = None
    for tag in () if first is None else _IN_SELECT.finditer(page, first.start()):
        if not tag[1]:
            if select is not None:
                return select
            if tag[0][1:2] in b"pPfF":
                return tag.start()
        elif tag[1].startswith(b"/"):
            select = None
        elif select is None:
            select = tag.start()
    return None


def _is_binary(sample: bytes) -> bool:
    # A few NUL and other control bytes stand in real pages, and parsers know what to do with them.
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return b"<" not in sample or controls > _FEW_CONTROLS * len(sample)


def _is_hostile(page: bytes) -> bool:
    still_open = most = roots = 0
    for slash, root in _WEIGHTY.findall(page):
        if root:
            roots += 1
        elif slash:
            still_open = max(0, still_open - 1)
        else:
            still_open += 1
            most = max(most, still_open)
    # A tag has three bytes at least, so most pages need no count of theirs.
    cloned = most * len(page) > 3 * MAX_CLONES and most * page.count(b"<") > MAX_CLONES
    return roots > MAX_ROOTS or cloned
