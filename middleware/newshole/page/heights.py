"""How tall a unit of the body is going to be, per device, without a browser: an estimate in CSS pixels.

Text is letters over the letters of a line, rounded up to lines; pictures, films and embeds are what their
attributes say, scaled down to the column; margins are part of the unit above them. It is asked for where
rules speak of pixels, screens or density, and is made of few questions to the parser: what can be told from
the unit's bytes is counted there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from newshole.page.document import Document, Element, Node
from newshole.page.media import SOUND, Shape, embed_height, kept_share, picture
from newshole.page.pieces import Piece
from newshole.page.screen import TYPES, Metrics, Sheet, sheet

LETTERS: Final = 6
"""Letters of a word with the space behind it, where a piece's text is more than what is seen of it."""

MOST_LETTERS: Final = 16
"""Letters of a word from which on a text is taken to hold what nobody sees, such as a script."""


CELLS: Final = 1.5
"""How much taller the text of a row is where its cells are narrower than the table."""

_SHOWN: Final = ("img", "video", "audio", "svg", "canvas", "iframe")
_FRAMES: Final = ("iframe", "object", "embed")
_UNPLAIN = re.compile(rb"<(?:br|img|iframe)")
_UNSEEN: Final = (b"<noscript", b"<script", b"<style", b"<svg")
_BLANK = re.compile(rb"<br[^>]*>\s*(?=<br)")
_NARROW: Final = bytes(set(range(256)) - {*range(0xE3, 0xEE), 0xF0})

Heights: TypeAlias = tuple[int, int]
"""On mobile and on desktop."""


def heights(
    document: Document, found: Sequence[Piece], spans: Sequence[tuple[int, int]], metrics: Metrics
) -> list[Heights]:
    """The heights of pieces that stand at these bytes of the page."""
    page, is_utf8 = document.page, document.encoding == "utf-8"
    mobile, desktop = sheet(metrics.mobile), sheet(metrics.desktop)
    tall = []
    for piece, (start, end) in zip(found, spans, strict=True):
        kind, words, first, last = piece[:4]
        if kind == "paragraph" and first is last:
            # Most of a story is paragraphs without pictures, so those are taken by a short way.
            text = first.text
            letters = columns(text, is_utf8=is_utf8)
            if letters <= MOST_LETTERS * words and not _UNPLAIN.search(page, start, end):
                name = "p" if type(first) is Element and first.tag == "p" else "run"
                tall.append((round(mobile.text(name, letters)), round(desktop.text(name, letters))))
                continue
        seen = _Seen(piece, page, start, end, is_utf8)
        tall.append(_KINDS.get(kind, _other)(seen, mobile, desktop))
    return tall


class _Seen(NamedTuple):
    """A piece, and where its bytes are."""

    piece: Piece
    page: bytes
    start: int
    end: int
    is_utf8: bool

    def count(self, markup: bytes) -> int:
        return self.page.count(markup, self.start, self.end)

    def has(self, markup: bytes) -> bool:
        return self.page.find(markup, self.start, self.end) >= 0

    @property
    def name(self) -> str:
        """The tag of a piece of one element; empty for a run of text."""
        first = self.piece.first
        return first.tag if isinstance(first, Element) and first is self.piece.last else ""

    def letters(self) -> int:
        """The letters that a reader sees, a wide one counted twice."""
        kind, words, first, last = self.piece[:4]
        text = first.text if first is last else "".join(each.text for each in self.nodes())
        found = columns(text, is_utf8=self.is_utf8)
        if found <= (MOST_LETTERS if kind == "paragraph" else LETTERS) * words + 40:
            return found
        if not any(map(self.has, _UNSEEN)):
            return found
        return min(found, LETTERS * words)

    def nodes(self) -> Iterator[Node]:
        """The nodes of the piece."""
        first, last = self.piece.first, self.piece.last
        yield first
        if first is not last:
            for node in first.next_siblings:
                yield node
                if node is last:
                    return

    def elements(self, tags: Sequence[str]) -> Iterator[Element]:
        """The elements of the piece with one of these tags."""
        inner = self.page[self.start : self.end]
        selector = ",".join([tag for tag in tags if f"<{tag}".encode() in inner])
        for node in self.nodes() if selector else ():
            if type(node) is Element:
                if node.tag in tags:
                    yield node
                else:
                    yield from node.select(selector)


def columns(text: str, *, is_utf8: bool) -> int:
    """The letters of a text of the tree, with what indents lines folded; wide ones of East Asia count twice.

    In the other encodings that have them, a wide letter is two bytes, and the tree has bytes for letters.
    """
    if text.isascii():
        return len(text) - _indents(text) if "\n" in text else len(text)
    indents = _indents(text) if "\n" in text else 0
    written = text.encode("latin-1", "replace")
    if not is_utf8:
        return len(written) - indents
    found = len(written.decode("utf-8", "ignore"))
    # Two bytes to a letter is the most that a text has without letters of East Asia, or of India.
    wide = len(written.translate(None, _NARROW)) if found * 2 <= len(written) else 0
    return found + wide - indents


def _indents(text: str) -> int:
    """The white space at the start of lines, close enough: what comes in pairs of blanks, and tabs."""
    return 2 * text.count("  ") + text.count("\t")


def _both(name: str, letters: int, rows: int, mobile: Sheet, desktop: Sheet, *, blank: int = 0) -> Heights:
    return (round(mobile.text(name, letters, rows, blank)), round(desktop.text(name, letters, rows, blank)))


def _add(one: Heights, other: Heights) -> Heights:
    return one[0] + other[0], one[1] + other[1]


def _paragraph(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    name = "p" if seen.name == "p" else "run"
    breaks = seen.count(b"<br")
    blank = len(_BLANK.findall(seen.page, seen.start, seen.end)) if breaks > 1 else 0
    found = _both(name, seen.letters(), 1 + breaks - blank, mobile, desktop, blank=blank)
    if seen.has(b"<img") or seen.has(b"<iframe"):
        return _add(found, _media(seen, mobile, desktop))
    return found


def _heading(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    name = seen.name if seen.name in TYPES else "h4" if seen.name in ("h5", "h6") else "h2"
    rows = 1 + seen.count(b"<br")
    if name == "h2" and seen.name != "h2":
        rows += seen.count(b"<p") + seen.count(b"<h")
    found = _both(name, seen.letters(), rows, mobile, desktop)
    return _add(found, _media(seen, mobile, desktop)) if seen.has(b"<img") else found


def _list(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    rows = seen.count(b"<li") + seen.count(b"<dt") + seen.count(b"<dd") + seen.count(b"<br")
    found = _both("li", seen.letters(), rows, mobile, desktop)
    return _add(found, _media(seen, mobile, desktop)) if seen.has(b"<img") else found


def _quote(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    paragraphs = seen.count(b"<p>") + seen.count(b"<p ")
    found = _both("quote", seen.letters(), max(1, paragraphs) + seen.count(b"<br"), mobile, desktop)
    between = max(0, paragraphs - 1)
    room = tuple(round(between * each.settings["quote"].margin) for each in (mobile, desktop))
    found = _add(found, (room[0], room[1]))
    return _add(found, _media(seen, mobile, desktop)) if seen.has(b"<img") else found


def _table(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    rows = max(1, seen.count(b"<tr"))
    letters = seen.letters()
    found = []
    for each in (mobile, desktop):
        setting = each.settings["tr"]
        lines = max(1.0, CELLS * letters / rows / setting.letters)
        found.append(round(rows * lines * setting.line + setting.margin))
    both = found[0], found[1]
    return _add(both, _media(seen, mobile, desktop)) if seen.has(b"<img") else both


def _code(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    text = "".join(node.text for node in seen.nodes())
    lines = text.strip("\n").count("\n") + 1
    settings = mobile.settings["pre"], desktop.settings["pre"]
    return tuple(round(lines * each.line + each.margin) for each in settings)  # type: ignore[return-value]


def _figure(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    found = _media(seen, mobile, desktop)
    first = seen.piece.first
    if seen.has(b"padding-") and isinstance(first, Element):
        share = max(map(kept_share, first.select('[style*="padding-"]')), default=0.0)
        kept = round(share * mobile.column), round(share * desktop.column)
        found = max(found[0], kept[0]), max(found[1], kept[1])
    if not seen.piece.words:
        return found
    return _add(found, _both("caption", seen.letters(), 1 + seen.count(b"<br"), mobile, desktop))


def _embed(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    first = next(seen.elements(_FRAMES), None)
    element = first or seen.piece.first
    if not isinstance(element, Element):
        return 0, 0
    found = tuple(
        round(embed_height(element, each.column) + each.settings["p"].margin) for each in (mobile, desktop)
    )
    return found[0], found[1]


def _other(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    name, words = seen.name, seen.piece.words
    if not words and name == "hr":
        return round(mobile.settings["p"].margin), round(desktop.settings["p"].margin)
    if not words:
        # A paragraph with a no-break space is a line of its own; a browser shows nothing of an empty one.
        return _both("p", 1, 1, mobile, desktop) if "\xa0" in seen.piece.first.text else (0, 0)
    rows = max(1, sum(map(seen.count, (b"<p", b"<li", b"<div", b"<h2", b"<h3", b"<h4", b"<br", b"<tr"))))
    found = _both("other", seen.letters(), rows, mobile, desktop)
    return _add(found, _media(seen, mobile, desktop)) if seen.has(b"<img") else found


def _media(seen: _Seen, mobile: Sheet, desktop: Sheet) -> Heights:
    """The pictures, films and frames of a piece, in rows where several fit beside each other."""
    found = [(each, picture(each)) for each in seen.elements(_SHOWN)]
    return _rows(found, mobile), _rows(found, desktop)


def _rows(found: Sequence[tuple[Element, Shape]], on: Sheet) -> int:
    total = row = used = 0.0
    for element, shape in found:
        width, height = on.column, 0.0
        if element.tag == "audio":
            height = SOUND
        elif element.tag == "iframe":
            height = embed_height(element, on.column)
        else:
            width, height = min(shape.width or on.column, on.column), shape.height_in(on.column)
        if used + width > on.column:
            total, row, used = total + row, 0.0, 0.0
        row, used = max(row, height), used + width
    return round(total + row)


_KINDS: Final[Mapping[str, Callable[[_Seen, Sheet, Sheet], Heights]]] = {
    "paragraph": _paragraph,
    "heading": _heading,
    "image": _figure,
    "video": _figure,
    "embed": _embed,
    "list": _list,
    "quote": _quote,
    "table": _table,
    "code": _code,
    "other": _other,
}
