"""The pages of the demo to look at, for its welcome on the command line and for its front page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Sight:
    """A page by its path, what it is, and what it shows."""

    path: str
    name: str
    shows: str


SIGHTS: Final = (
    Sight("/world/talks-after-the-cable-was-cut", "A story from another site", "most kinds of block"),
    Sight("/magazine/the-last-lamp-at-grey-ness", "A long read", "pictures, lists, quotes, an embed"),
    Sight("/city/live-storm-ilse", "A live blog", "one ad, between two entries"),
    Sight("/obituaries/sunniva-tarrell", "An obituary", "without ads"),
    Sight("/business/what-paper-remembers", "A paid story", "its label, and no ads"),
    Sight("/ar/souq-al-samak-qabla-al-fajr", "In Arabic", "right to left"),
    Sight("/ja/sakanoue-no-panya", "In Japanese", "our words in the page’s language"),
    Sight("/gallery", "All blocks", "in every variant, beside its rule"),
)
"""In the order in which a newcomer would look; the first one is a story with newshole at its fullest."""
