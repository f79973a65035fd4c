"""What the library keeps of one story, wherever it was learned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

LONGEST_URL: Final = 2048
LONGEST_TITLE: Final = 300
LONGEST_WORD: Final = 100
MOST_TAGS: Final = 16
"""Bounds of what is kept of a story: letters of its addresses, title, section and tags, and tags."""

LEVELS: Final = ("none", "review", "solemn")
"""How sensitive a story may be, the strictest last."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One story of a site.

    `url` is absolute and the story's own (its canonical address), `image` absolute or "", `language` a BCP 47
    tag or "", `published` aware or None. `terms` are the words that tell most of what its text is about, the
    most telling first; a feed that has no text leaves them out. `level` is how sensitive it is: "none",
    "review" or "solemn". `source` says who told of it: "traffic", "feed", or "import" for an operator. `seen`
    is when that was last, in seconds since 1970.
    """

    url: str
    title: str
    image: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    published: datetime | None = None
    terms: tuple[str, ...] = ()
    level: str = "none"
    source: str = "traffic"
    seen: float = 0.0
