"""The overlay: a page as readers get it, with what is to be marked on it, and the script that does.

The page keeps its layout. Gaps are marked by comments, which no selector counts and no box is made of; the
script finds its places by them, and draws beside the page, into an element of its own behind it. The script
stands first in the head, where no policy of a meta element forbids it yet.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from newshole.explaining.fates import fates
from newshole.explaining.page import Page
from newshole.explaining.untouched import left_untouched
from newshole.explaining.words import Places, in_words
from newshole.page.document import Document
from newshole.page.encoding import page_encoding
from newshole.page.splice import splice
from newshole.plan.naming import where
from newshole.site import Composition
from newshole.types import Decision, Insertion

UNREAD: Final = frozenset(("empty", "binary", "too-large", "encoding", "hostile-markup"))
"""Why pages are left that are not read: nothing can be put into them either."""

_DOCTYPE: Final = re.compile(rb"(?:\s|<!--.*?-->|<\?[^>]*>)*+<!doctype[^>]*>", re.IGNORECASE | re.DOTALL)
_FOLDER: Final = Path(__file__).parent


def overlay_record(page: Page, device: str, composition: Composition) -> dict[str, Any]:
    """What the overlay tells of a page: its blocks with their fates, where those that are placed stand, and
    its gaps with what became of every block there, in words."""
    places, untouched = Places(composition.outline), composition.untouched
    gaps: dict[int, list[Decision]] = defaultdict(list)
    for decision in composition.decisions:
        if decision.gap is not None:
            gaps[decision.gap].append(decision)
    told = map(places.verdict, fates(composition))
    return {
        "url": page.url,
        "device": device,
        "untouched": None if untouched is None else f"This page {left_untouched(untouched, page.url)}.",
        "overrides": list(composition.overrides),
        "arms": dict(composition.arms),
        "blocks": [
            {
                "block": each.fate.block,
                "kind": each.fate.kind,
                "placed": len(each.fate.placed),
                "line": each.line,
                "reasons": list(each.reasons),
            }
            for each in told
        ],
        "placed": [*_placed(composition)],
        "gaps": [_gap(number, found, places) for number, found in sorted(gaps.items())],
    }


def _placed(composition: Composition) -> Iterator[dict[str, Any]]:
    """The blocks on the page in order, each with the number of its gap."""
    gaps = {(each.block, each.offset): each.gap for each in composition.decisions if each.placed}
    for insertion in composition.insertions:
        yield {"block": insertion.block, "gap": gaps.get((insertion.block, insertion.offset))}


def _gap(number: int, decisions: Iterable[Decision], places: Places) -> dict[str, Any]:
    spot = places.spots[number]
    return {
        "gap": number,
        "where": "" if places.outline is None else where(spot, places.outline),
        "decisions": [
            {
                "block": each.block,
                "placed": each.placed,
                "words": [in_words(reason) for reason in each.reasons],
            }
            for each in decisions
        ],
    }


def script_of(told: dict[str, Any]) -> bytes:
    """The script that marks a page, with what it is told."""
    document = json.dumps(told, separators=(",", ":")).replace("<", "\\u003c")
    return f"({_program()})({document},{json.dumps(_style())})".encode("ascii")


@cache
def _program() -> str:
    return (_FOLDER / "overlay.js").read_text("ascii").strip().removesuffix(";")


@cache
def _style() -> str:
    return (_FOLDER / "overlay.css").read_text("ascii")


def overlaid(page: Page, composition: Composition, insertions: Iterable[Insertion], script: bytes) -> bytes:
    """The page with its blocks as `insertions`, its gaps marked, and the script in its head."""
    at = script_place(page)
    own = Insertion(at, b"<script data-newshole-overlay>%s</script>" % script, "")
    gaps = sorted({(each.offset, each.gap) for each in composition.decisions if each.offset is not None})
    marks = (Insertion(offset, b"<!--newshole-gap %d-->" % (gap or 0), "") for offset, gap in gaps)
    # Sorting keeps the order of what stands at one offset: a gap is marked before what is placed there.
    return splice(page.body, sorted([own, *marks, *insertions], key=lambda each: each.offset))


def script_place(page: Page) -> int:
    """The offset at which a script runs before all else of a page: behind the tag that opens its head, else
    that of the document, else the doctype."""
    document = Document(page.body, page_encoding(page.body, page.content_type) or "utf-8")
    for tag in ("head", "html"):
        element = document.tree.select_one(tag)
        at = None if element is None else document.inner_start(element)
        if at is not None:
            return at
    doctype = _DOCTYPE.match(page.body, document.shift)
    return document.shift if doctype is None else doctype.end()
