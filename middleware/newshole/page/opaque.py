"""Opaque spots: where a page may hold anything, for nothing that decides on a plan reads it.

A token (see `frame`) is opaque in the value of an attribute and in a string of a script, and there only

- where the attribute is none of `READ_ATTRIBUTES` and the rules name it in no selector; a meta element's
  `content` is read by the element's names;
- where the parser builds the same tree for every value: it compares the attributes of formatting elements,
  takes those of a second `html` or `body` for the first, and ignores much inside a few other elements;
- where no text is measured that the token is part of: an element's text holds that of scripts inside it;
- where source that is read by a pattern (`Document.text` takes tags away as `<…>`) shows it as part of its
  tag: no `>` stands between the start of the tag and the token;
- beside punctuation, which no pattern over a page's bytes looks for, and not beside white space, `<`, `>`
  or `!`.

Scripts may be switched off for the proof, so a page with a `noscript` has two trees, and a token that is
not in the same kind of spot in both is not opaque.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from newshole.page.document import Document, Element, Tree, parse_tree
from newshole.page.media import SOURCES
from newshole.page.story import METAS_READ

Span: TypeAlias = tuple[int, int]
"""Where a token starts and ends, as byte offsets of a page."""

READ_ATTRIBUTES: Final = frozenset(
    "align charset class content data-component data-newshole data-newshole-runtime data-newshole-stop "
    "data-reactid data-reactroot data-server-rendered data-testid height hidden href http-equiv id "
    "itemprop itemtype lang name ng-server-context property q:container rel role style type width "
    "xml:lang".split()
)
"""The attributes that reading a page asks for, be it only whether they are there."""

READ_OF: Final = {**SOURCES, "custom-element": ("script",)}
"""Attributes that are asked for on these elements only."""

_OF_THE_PAGE: Final = frozenset(("charset", "http-equiv"))
_COMPARED: Final = frozenset(
    "a b big code em font i nobr s small strike strong tt u html head body frameset".split()
)
_UNSURE: Final = "svg, math, template, noscript, select"
_UNMEASURED: Final = frozenset("html head body div main article section aside header footer nav".split())
"""Elements of which no text is measured, at most whether there is any and how it ends."""

_BESIDE: Final = frozenset(b"\"'`?&;:,.|#%()[]{}")
_QUOTES: Final = (b'"', b"'", b"`")

_TAG = re.compile(rb"<([a-zA-Z][a-zA-Z0-9-]*)(?=[ \t\n\f\r/])")
_OPENING_QUOTE = re.compile(rb"""[^="'<>]+=[ \t\n\f\r]*(["'])""")
_WORD = re.compile(r"[\w-]+")
_UNCLEAR = re.compile(r"\\|:(?!(?:not|is|where|has|nth-(?:last-)?(?:child|of-type))\(|(?:first|last|only)-)")
"""An escape, or a pseudo-class that may read more than where an element stands."""


class Watched(NamedTuple):
    """What the rules of a page read of it: CSS `selectors`, and `metas` by their lower-case names."""

    selectors: tuple[str, ...] = ()
    metas: frozenset[str] = frozenset()


def are_opaque(document: Document, tokens: Sequence[Span], watched: Watched) -> bool:
    """Whether nothing reads any of the `tokens` of a page."""
    selectors = watched.selectors
    if any(map(_UNCLEAR.search, selectors)):
        return False
    named = {word.lower() for each in selectors for word in _WORD.findall(each.partition("[")[2])}
    trees = [document.tree]
    if document.tree.select_one("noscript") is not None:
        trees.append(parse_tree(document.page[document.shift :], scripting=False))
    return all(_Spots(document, tree, tokens, frozenset(named), watched.metas).hide(tokens) for tree in trees)


class _Spots:
    """The elements of a tree that tokens may be in, by the offset of their start tag."""

    def __init__(
        self,
        document: Document,
        tree: Tree,
        tokens: Sequence[Span],
        named: frozenset[str],
        metas: frozenset[str],
    ) -> None:
        self.page, self.shift, self.named = document.page, document.shift, named
        self.metas = METAS_READ | metas
        before = (_TAG.match(self.page, self.page.rfind(b"<", 0, start)) for start, _ in tokens)
        tags = {"script", *(tag[1].decode().lower() for tag in before if tag)}
        self.elements = {
            location.start_tag.start_offset + self.shift: element
            for element in tree.select(", ".join(sorted(tags)))
            if (location := element.source_location) is not None
        }

    def hide(self, tokens: Sequence[Span]) -> bool:
        """Whether all tokens are opaque."""
        scripts = self._script_texts()
        return all(
            _stands_beside(self.page, token) and (self._is_value(token) or self._is_string(token, scripts))
            for token in tokens
        )

    def _is_value(self, token: Span) -> bool:
        """Whether a token is in the quoted value of an attribute that nothing reads."""
        start, end = token
        tag = self.page.rfind(b"<", 0, start)
        element = self.elements.get(tag)
        location = None if element is None else element.source_location
        if element is None or location is None or b">" in self.page[tag:start] or not _is_plain(element):
            return False
        for name, span in location.attrs.items():
            first, last = span.start_offset + self.shift, span.end_offset + self.shift
            if first < start and end < last:
                quote = _OPENING_QUOTE.match(self.page, first, start)
                is_quoted = quote is not None and self.page[last - 1 : last] == quote[1]
                return is_quoted and not self._is_read(element, name)
        return False

    def _is_read(self, element: Element, name: str) -> bool:
        if name in self.named:
            return True
        if element.tag == "meta" and name == "content":
            said = [str(element.attr(each) or "").lower() for each in element.attrs]
            return not self.metas.isdisjoint(said) or not _OF_THE_PAGE.isdisjoint(element.attrs)
        return name in READ_ATTRIBUTES or element.tag in READ_OF.get(name, ())

    def _script_texts(self) -> list[Span]:
        """Where the texts of scripts stand that nothing reads or measures."""
        return [
            (location.start_tag.end_offset + self.shift, location.end_tag.start_offset + self.shift)
            for element in self.elements.values()
            if element.tag == "script"
            and _is_unread(element)
            and (location := element.source_location) is not None
            and location.end_tag is not None
        ]

    def _is_string(self, token: Span, scripts: list[Span]) -> bool:
        """Whether a token is all that stands between two quotes in one of the `scripts`."""
        start, end = token
        quote = self.page[start - 1 : start]
        return (
            quote in _QUOTES
            and self.page[end : end + 1] == quote
            and any(first < start and end < last for first, last in scripts)
        )


def _stands_beside(page: bytes, token: Span) -> bool:
    start, end = token
    return start > 0 and end < len(page) and page[start - 1] in _BESIDE and page[end] in _BESIDE


def _is_plain(element: Element) -> bool:
    """Whether a parser builds the same tree for all values that the element's attributes may have."""
    return element.tag not in _COMPARED and element.closest(_UNSURE) is None


def _is_unread(script: Element) -> bool:
    above = [each.tag for each in script.ancestors if isinstance(each, Element)]
    return "ld+json" not in str(script.attr("type") or "").lower() and _UNMEASURED.issuperset(above)
