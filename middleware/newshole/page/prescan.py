"""The pre-scan: what a page's bytes tell before they are parsed, each page in time linear in its length.

Parsing comes after it, so markup that a parser takes more than linear time or room for is refused here.
There are two such kinds: formatting elements that stay open, for every paragraph after them holds all of
them anew, and `body` or `html` tags in numbers, for each adds its attributes to the one element.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
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

# A tag's first letter after "<" tells of most tags that they are none of these: the pattern is tried at every
# tag of a page. Of formatting elements `a` and `nobr` are missing: their start tag ends the one before.
_NOTABLE = re.compile(
    rb"<(?=[bcefhistupBCEFHISTUP])"
    rb"(?i:[bisu]|big|code|em|font|small|strike|strong|tt|html|body|select|plaintext|frameset)[\s/>]"
)
_ROOTS: Final = (b"<html", b"<body")
_AMBIGUOUS: Final = (b"<select", b"<plaintext", b"<frameset")

_WEIGHTY = re.compile(
    rb"<(/?)(?=[abcefimostuABCEFIMOSTU])(?i:([bisu]|big|code|em|font|small|strike|strong|tt)"
    rb"|applet|caption|marquee|object|td|template|th)(?=[\s/>])"
)
_AMP = re.compile(
    rb"<html(?=[\s/])[^>]*?\s(?:amp|\xe2\x9a\xa1)(?:\xef\xb8\x8f)?[a-z0-9]*(?=[\s=>])", re.IGNORECASE
)
_IN_SELECT = re.compile(
    rb"<(?:(/?select)|plaintext|frameset|iframe|math|noembed|noframes|noscript|style|svg|template|textarea"
    rb"|title|xmp)(?=[\s/>])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Prescan:
    """`refusal` says why a page is not to be parsed, None where it may be; `ambiguity` is the byte offset
    from which on parsers disagree on what is markup, None where they agree throughout. Rules may set aside
    that a page is an AMP page."""

    refusal: str | None
    ambiguity: int | None = None


def prescan(page: bytes) -> Prescan:
    """What the bytes of a page tell."""
    if not page or page.isspace():
        return Prescan("empty")
    if len(page) > MAX_PAGE:
        return Prescan("too-large")
    if _is_binary(page[:_SNIFFED]):
        return Prescan("binary")
    tags = _NOTABLE.findall(page)
    written = b"".join(tags).lower()
    if sum(map(written.count, _ROOTS)) > MAX_ROOTS or _is_hostile(page, len(tags)):
        return Prescan("hostile-markup")
    ambiguity = _ambiguity(page) if any(tag in written for tag in _AMBIGUOUS) else None
    return Prescan("amp", ambiguity) if is_amp(page) else Prescan(None, ambiguity)


def is_amp(page: bytes) -> bool:
    """Whether a page says that it is an AMP page."""
    return _AMP.search(page, 0, _SNIFFED) is not None


def _ambiguity(page: bytes) -> int | None:
    """Inside `select`, older browsers and tokenizers that do not build a tree differ on elements that hold
    raw text, and on nested trees; after `plaintext` and in a `frameset` on nearly everything."""
    select = None
    for tag in _IN_SELECT.finditer(page):
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


def _is_hostile(page: bytes, tags: int) -> bool:
    """Whether formatting elements may stay open for too many others; `tags` of them bound what does."""
    # A tag has three bytes at least, so most pages need no count of theirs.
    return (
        tags * len(page) > 3 * MAX_CLONES
        and tags * (found := page.count(b"<")) > MAX_CLONES
        and _most_open(page) * found > MAX_CLONES
    )


def _most_open(page: bytes) -> int:
    """The most formatting elements that may be open at any point.

    An end tag closes one of its own name, and none from before a cell, an object or the like.
    """
    still_open: Counter[bytes] = Counter()
    out_of_reach = within = most = 0
    for slash, written in _WEIGHTY.findall(page):
        name = written.lower()
        if name and not slash:
            still_open[name] += 1
            within += 1
            most = max(most, out_of_reach + within)
        elif name and still_open[name]:
            still_open[name] -= 1
            within -= 1
        elif not name and not slash:
            out_of_reach += within
            within = 0
            still_open.clear()
    return most
