"""Places of a page in words for people: "after paragraph 4"."""

from __future__ import annotations

from typing import Final

from newshole.page.outline import Outline
from newshole.plan.spots import Spot

STACKS: Final = {
    "page-top": "at the top of the page",
    "headline-before": "above the headline",
    "headline-after": "below the headline",
    "body-start": "right before the story",
    "body-end": "right after the story",
    "body-after": "below the box of the story",
    "page-bottom": "at the bottom of the page",
}
"""The named stacks in words."""


def where(spot: Spot, outline: Outline) -> str:
    """A spot by its stack, or by the unit above it, counted among those of its kind."""
    if spot.stack is not None or spot.position is None:
        return STACKS.get(spot.stack or "", spot.stack or "outside the story")
    number = spot.position.units
    if number == 0:
        return f"before {outline.units[0].kind} 1" if outline.units else "in the story"
    kind = outline.units[number - 1].kind
    count = sum(unit.kind == kind for unit in outline.units[:number])
    return f"after unit {number}" if kind == "other" else f"after {kind} {count}"
