"""Bonds: which pieces of a story belong together, so that no block comes between them.

A picture and its caption, a quote and who said it, the label of an ad and the ad, the title of a box and
what it lists are one piece. A lead-in and its list, a question and its answer, a floated picture and the
text around it stay two, for they are counted as two, and are joined.
"""

from __future__ import annotations

from typing import Final

from newshole.page.document import Document, Element
from newshole.page.kinds import LAST_BYTES, MEDIA, SHORT, is_floated, is_linked, is_promo_title
from newshole.page.labels import (
    ASKED,
    COLONS,
    opens_answer,
    opens_attribution,
    opens_caption,
    question_opening,
)
from newshole.page.pieces import BOXES, Piece, shared

ATTRIBUTION_WORDS: Final = 20
BEHIND: Final = " \n\t\xa0\u200b\u200e\u200f*_"
"""What may stand behind a lead-in's colon."""

ALWAYS_ASKED: Final = frozenset(
    ("q", "question", "frage", "pregunta", "pergunta", "domanda", "pytanie", "вопрос")
)
"""Marks of a question that are none of anything else."""

LED_IN: Final = frozenset(("list", "table", "quote", "code"))
_AT_END: Final = frozenset('.!?)"')
"""Bytes that no lead-in ends with."""

_HELD: Final = "p, img, figure, ul, ol"
_MAY_ASK: Final = frozenset(
    first.encode().decode("latin-1")[0] for each in ASKED for first in (each, each.upper())
)
"""The first bytes of the marks of questions."""


def bonded(document: Document, found: list[Piece]) -> list[Piece]:
    """The pieces with those that belong together made one, or joined."""
    kept: list[Piece] = []
    above: Piece | None = None
    for number, piece in enumerate(found):
        if above is not None and not _is_plain(above):
            kind = _whole(document, above, piece)
            if kind is not None and _can_merge(kept, piece, found[number + 1 : number + 2]):
                above = kept[-1] = _merged(above, piece, kind)
                continue
            if kind is not None or _is_led(document, above, piece):
                is_caption = kind in MEDIA and piece.kind == "paragraph"
                piece = piece._replace(joined=True, kind="other" if is_caption else piece.kind)
        kept.append(piece)
        above = piece
    return kept


def _is_plain(piece: Piece) -> bool:
    """Whether a piece is a paragraph that nothing can belong to: most are, so that is asked first."""
    return (
        piece.kind == "paragraph"
        and piece.words > 1
        and piece.trait is None
        and piece.text[-1:] in _AT_END
        and piece.text[:1] not in _MAY_ASK
    )


def _whole(document: Document, above: Piece, below: Piece) -> str | None:
    """The kind of the one thing that two neighbours are; None where they are two."""
    kind = above.kind
    if kind == "paragraph":
        return kind if above.words <= 1 and _is_drop_cap(above, below) else None
    if kind in MEDIA:
        return kind if _is_caption(document, below) else None
    if kind == "quote":
        return kind if _is_attribution(document, below) else None
    if kind == "ad":
        return kind if below.kind == "ad" and above.trait == "label" else None
    if kind in ("heading", "promo"):
        return "promo" if _is_listed(below) and is_promo_title(document, above.text) else None
    return None


def _is_drop_cap(above: Piece, below: Piece) -> bool:
    """Whether a piece is the large first letter of the paragraph below it."""
    letter = above.text
    if below.kind != "paragraph" or not letter or not below.words:
        return False
    if above.trait == "dropcap":
        return True
    return len(letter) == 1 and letter.isalpha() and below.text[:1].islower()


def _is_caption(document: Document, below: Piece) -> bool:
    """Whether a piece below a picture is its caption: it says so, or it is short and all small."""
    if not 0 < below.words <= SHORT:
        return below.trait == "caption" and below.words > 0
    if below.kind != "paragraph":
        return below.trait == "caption"
    return below.trait in ("small", "caption") or opens_caption(document.decoded(below.text))


def _is_attribution(document: Document, below: Piece) -> bool:
    """Whether a piece below a quote says who said it."""
    if not 0 < below.words <= ATTRIBUTION_WORDS or below.kind != "paragraph":
        return False
    return opens_attribution(document.opening(below.text)) or _is_cited(below.first)


def _is_cited(node: object) -> bool:
    """Whether a node is a `cite`, or holds one with all of its text."""
    if not isinstance(node, Element):
        return False
    cited = node if node.tag == "cite" else node.select_one("cite")
    return cited is not None and len(cited.text) + 4 >= len(node.text)


def _is_listed(below: Piece) -> bool:
    """Whether a piece is a list of links, or a line that is one."""
    if below.kind not in ("list", "paragraph", "promo", "other") or not below.text:
        return False
    return below.kind == "promo" or (
        isinstance(below.first, Element) and is_linked((below.first,), below.text)
    )


def _is_led(document: Document, above: Piece, below: Piece) -> bool:
    """Whether a piece leads in to the one below it."""
    if above.kind in MEDIA:
        return below.kind == "paragraph" and _floats(above)
    if above.kind not in ("paragraph", "heading"):
        return False
    if below.kind in LED_IN:
        return document.decoded(above.text[-LAST_BYTES:]).rstrip(BEHIND).endswith(COLONS)
    if below.kind != "paragraph" or above.kind != "paragraph":
        return False
    if above.trait == "bold":
        return below.trait != "bold"
    return above.text[:1] in _MAY_ASK and _asks(document, above.text, below.text)


def _asks(document: Document, text: str, following: str) -> bool:
    """Whether a text is marked as a question, and the following one as its answer where it must be."""
    opening = question_opening(document.opening(text))
    if opening is None:
        return False
    return opening in ALWAYS_ASKED or opens_answer(document.opening(following), opening)


def _floats(piece: Piece) -> bool:
    """Whether a picture, its first element or the container that it has to itself is floated."""
    first = piece.first
    if not isinstance(first, Element):
        return False
    if is_floated(first):
        return True
    if first.tag not in ("img", "figure") and any(is_floated(each) for each in first.select("img, figure")):
        return True
    holder = piece.path[-1]
    if len(piece.path) == 1 or not is_floated(holder):
        return False
    return len(holder.select(_HELD)) <= len(first.select(_HELD)) + 1


def _can_merge(kept: list[Piece], below: Piece, follows: list[Piece]) -> bool:
    """Whether the containers that two neighbours do not share hold nothing else of the story."""
    above = kept[-1]
    depth = shared(above.path, below.path)
    before = kept[-2] if len(kept) > 1 else None
    if len(above.path) > depth and before is not None and shared(before.path, above.path) > depth:
        return False
    return len(below.path) <= depth or not follows or shared(below.path, follows[0].path) <= depth


def _merged(above: Piece, below: Piece, kind: str) -> Piece:
    depth = shared(above.path, below.path)
    return Piece(
        kind,
        _words(above, below, kind),
        above.path[depth] if len(above.path) > depth else above.first,
        below.path[depth] if len(below.path) > depth else below.last,
        above.path[:depth],
        above.text,
        None if kind == "ad" else above.trait,
        above.joined,
    )


def _words(above: Piece, below: Piece, kind: str) -> int:
    """The words of the two as one; a drop cap is part of a word that the paragraph has already."""
    if kind in BOXES:
        return 0
    return below.words if kind == "paragraph" else above.words + below.words
