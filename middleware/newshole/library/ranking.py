"""Which stories to show beside another: pinned ones, related ones, the latest.

Never the story itself, none from after `now`, none in another language, no two that say nearly the same.
Related ones are ranked by shared tags, the section and TF-IDF similarity of titles and tags, all of it
worth less with age; where too few are related, the freshest follow.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from newshole.library.address import address
from newshole.library.language import primary
from newshole.library.library import Indexed, Library, folded
from newshole.library.terms import is_near_duplicate, terms
from newshole.rules.kinds import StoryEntry
from newshole.types import Story

Source: TypeAlias = Literal["pinned", "related", "latest"]

WEIGHTS: Final = {"tags": 3.0, "section": 1.0, "text": 2.0}
HALF_LIFE: Final = 30.0
"""Days in which half of a story's freshness is gone; freshness is half of what relatedness is worth."""
FRESHNESS: Final = 0.05
"""What freshness is worth by itself: less than any relation."""
UNDATED: Final = 90.0
"""The age in days that a story without a date is taken to have."""


@dataclass(slots=True)
class Showing:
    """One page while its blocks are chosen: the story, the moment, and what earlier blocks show."""

    story: Story
    now: dt.datetime
    base: str = ""
    titles: list[frozenset[str]] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.base = self.base or self.story.url
        if self.story.url:
            self.addresses.add(address(self.story.url, self.base))
        if self.story.title:
            self.titles.append(terms(self.story.title))

    def takes(self, candidate: Indexed) -> bool:
        """Whether a story may be shown; it is then remembered as shown."""
        if candidate.address in self.addresses or not self._may_show(candidate):
            return False
        self.addresses.add(candidate.address)
        self.titles.append(candidate.title)
        return True

    def _may_show(self, candidate: Indexed) -> bool:
        if candidate.published is not None and candidate.published > self.now:
            return False
        if _speaks_otherwise(candidate.entry.language, self.story.language):
            return False
        return not any(is_near_duplicate(candidate.title, title) for title in self.titles)


def choose(
    source: Source, count: int, library: Library, pinned: Sequence[str], showing: Showing
) -> tuple[StoryEntry, ...]:
    """At most `count` stories for one block, best first; `pinned` are URLs, in the order they are shown."""
    ranked: Iterable[Indexed]
    if source == "pinned":
        ranked = _pinned(library, pinned, showing.base)
    elif source == "latest":
        ranked = library.newest
    else:
        ranked = _related(library, showing.story, showing.now)
    found: list[StoryEntry] = []
    for candidate in ranked:
        if len(found) == count:
            break
        if showing.takes(candidate):
            found.append(candidate.entry)
    return tuple(found)


def _pinned(library: Library, pinned: Sequence[str], base: str) -> Iterable[Indexed]:
    known = library.known
    return (known[key] for key in (address(url, base) for url in pinned) if key in known)


def _related(library: Library, story: Story, now: dt.datetime) -> list[Indexed]:
    """All stories, the nearest first; equally near ones stay in the rules' order."""
    tags, section = folded(story.tags), story.section.casefold()
    about = terms(f"{story.title} {' '.join(story.tags)}")
    rarest = max(library.telling.values(), default=1.0)
    norm = math.sqrt(sum(library.telling.get(term, rarest) ** 2 for term in about))

    def score(other: Indexed) -> float:
        related = (
            WEIGHTS["tags"] * _overlap(tags, other.tags)
            + WEIGHTS["section"] * (bool(section) and section == other.section)
            + WEIGHTS["text"] * _similarity(about, norm, other, library)
        )
        fresh = _freshness(other, now)
        return related * (1 + fresh) / 2 + FRESHNESS * fresh

    return sorted(library.stories, key=score, reverse=True)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    common = len(one & other)
    return common / math.sqrt(len(one) * len(other)) if common else 0.0


def _similarity(about: frozenset[str], norm: float, other: Indexed, library: Library) -> float:
    """The cosine of two TF-IDF vectors; a title has hardly a term twice, so every count is one."""
    common = about & other.about
    return sum(library.telling[term] ** 2 for term in common) / (norm * other.norm) if common else 0.0


def _freshness(story: Indexed, now: dt.datetime) -> float:
    """1 for a story of this moment, halved with every half-life."""
    days = (now - story.published).total_seconds() / 86400 if story.published else UNDATED
    return math.exp2(-max(days, 0.0) / HALF_LIFE)


def _speaks_otherwise(one: str | None, other: str) -> bool:
    """Whether two BCP 47 tags, both known, name two languages."""
    languages = {primary(one or ""), primary(other)} - {""}
    return len(languages) > 1
