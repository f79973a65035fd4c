"""The library: a site's stories, indexed once, so that a page only has to rank them."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from newshole.library.address import address
from newshole.library.terms import terms
from newshole.rules.kinds import StoryEntry


@dataclass(frozen=True, slots=True)
class Indexed:
    """One story, ready to be compared: its sets are of folded text, `published` is aware.

    `about` are the terms of title and tags, `norm` the length of their TF-IDF vector.
    """

    entry: StoryEntry
    address: str
    title: frozenset[str]
    about: frozenset[str]
    tags: frozenset[str]
    section: str
    published: dt.datetime | None
    norm: float


@dataclass(frozen=True, slots=True)
class Library:
    """All stories in the rules' order, and how much each term tells (its inverse document frequency)."""

    stories: tuple[Indexed, ...]
    telling: Mapping[str, float]

    @classmethod
    def of(cls, entries: Sequence[StoryEntry], base: str, zone: str) -> Library:
        """Index stories; relative URLs are read against `base`, times without a zone in `zone`."""
        about = [terms(f"{entry.title} {' '.join(entry.tags)}") for entry in entries]
        counts = Counter(term for each in about for term in each)
        telling = {term: math.log(1 + len(entries) / count) for term, count in counts.items()}
        return cls(
            tuple(
                Indexed(
                    entry=entry,
                    address=address(entry.url, base),
                    title=terms(entry.title),
                    about=own,
                    tags=folded(entry.tags),
                    section=(entry.section or "").casefold(),
                    published=_aware(entry.published, ZoneInfo(zone)),
                    norm=math.sqrt(sum(telling[term] ** 2 for term in own)),
                )
                for entry, own in zip(entries, about, strict=True)
            ),
            telling,
        )


def folded(tags: Sequence[str]) -> frozenset[str]:
    """Tags as they are compared."""
    return frozenset(tag.strip().casefold() for tag in tags)


def _aware(published: dt.datetime | dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    if published is None:
        return None
    if not isinstance(published, dt.datetime):
        published = dt.datetime.combine(published, dt.time())
    return published if published.tzinfo else published.replace(tzinfo=zone)


class _Same:
    """A tuple that is its own key: hashing every story for every page would cost more than ranking them."""

    __slots__ = ("entries",)

    def __init__(self, entries: tuple[StoryEntry, ...]) -> None:
        self.entries = entries

    def __hash__(self) -> int:
        return id(self.entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.entries is other.entries


@lru_cache(maxsize=32)
def _indexed(key: _Same, base: str, zone: str) -> Library:
    return Library.of(key.entries, base, zone)


def library_of(entries: tuple[StoryEntry, ...], base: str, zone: str) -> Library:
    """The library of these very entries, indexed once; see `Library.of`."""
    return _indexed(_Same(entries), base, zone)
