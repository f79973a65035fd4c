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
from itertools import pairwise
from typing import Final, Literal, NamedTuple, TypeAlias

from newshole.library.address import address
from newshole.library.language import primary
from newshole.library.library import Indexed, Library, folded
from newshole.library.terms import is_near_duplicate, terms
from newshole.rules.kinds.library import StoryEntry
from newshole.types import Story

Source: TypeAlias = Literal["pinned", "related", "latest"]

WEIGHTS: Final = {"tags": 3.0, "section": 1.0, "text": 2.0}
HALF_LIFE: Final = 30.0
"""Days in which half of a story's freshness is gone; freshness is half of what relatedness is worth."""
FRESHNESS: Final = 0.05
"""What freshness is worth by itself: less than any relation."""
_MINUTE: Final = dt.timedelta(minutes=1)
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


class Worth(NamedTuple):
    """What a story is worth beside another: what lasts, and what is halved with every half-life."""

    lasting: float
    fading: float

    @property
    def now(self) -> float:
        return self.lasting + self.fading

    def outlives(self, better: Worth, now: dt.datetime) -> dt.datetime | None:
        """When this story overtakes one that is worth as much or more; None for never."""
        if self.lasting <= better.lasting or self.fading >= better.fading:
            return None
        faded = (self.lasting - better.lasting) / (better.fading - self.fading)
        return now + dt.timedelta(days=max(-math.log2(faded), 0.0) * HALF_LIFE)


def next_turn(
    source: Source, library: Library, showing: Showing, shown: Sequence[StoryEntry]
) -> dt.datetime | None:
    """The first moment after now at which others than the stories that are `shown` may be chosen.

    None for never. Stories come to be published; and of related ones the fresher fades the faster.
    """
    now = showing.now
    moments = [each.published for each in library.newest if each.published and each.published > now]
    if source == "related" and shown:
        moments += _overtakings(library, showing, shown)
    return min(moments, default=None)


def _overtakings(library: Library, showing: Showing, shown: Sequence[StoryEntry]) -> list[dt.datetime]:
    """When stories overtake those that stand before them, as far down as stories are shown."""
    now = showing.now
    worth = _worths(library, showing.story, now)
    ranked = [
        (worth[rank], each.entry)
        for rank, each in _ranked(library, worth)
        if each.published is None or each.published <= now
    ]
    last = max(n for n, (_, entry) in enumerate(ranked) if any(entry is each for each in shown))
    pairs = [*pairwise([each for each, _ in ranked[: last + 1]])]
    pairs += [(ranked[last][0], each) for each, _ in ranked[last + 1 :]]
    found = (below.outlives(above, now) for above, below in pairs)
    # Scores that are all but equal may change places at any moment.
    return [max(at - _MINUTE, now + _MINUTE) for at in found if at is not None]


def _related(library: Library, story: Story, now: dt.datetime) -> list[Indexed]:
    """All stories, the nearest first; equally near ones stay in the rules' order."""
    return [each for _, each in _ranked(library, _worths(library, story, now))]


def _ranked(library: Library, worth: Sequence[Worth]) -> list[tuple[int, Indexed]]:
    return sorted(enumerate(library.stories), key=lambda ranked: worth[ranked[0]].now, reverse=True)


def _worths(library: Library, story: Story, now: dt.datetime) -> list[Worth]:
    """What every story is worth beside this one, in the rules' order."""
    tags, section = folded(story.tags), story.section.casefold()
    about = terms(f"{story.title} {' '.join(story.tags)}")
    rarest = max(library.telling.values(), default=1.0)
    norm = math.sqrt(sum(library.telling.get(term, rarest) ** 2 for term in about))

    def worth(other: Indexed) -> Worth:
        related = (
            WEIGHTS["tags"] * _overlap(tags, other.tags)
            + WEIGHTS["section"] * (bool(section) and section == other.section)
            + WEIGHTS["text"] * _similarity(about, norm, other, library)
        )
        fading = (related / 2 + FRESHNESS) * _freshness(other, now)
        return Worth(related / 2 + fading, 0.0) if other.published is None else Worth(related / 2, fading)

    return [worth(other) for other in library.stories]


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
