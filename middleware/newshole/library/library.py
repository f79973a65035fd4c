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
from newshole.library.same import Same
from newshole.library.terms import terms
from newshole.rules.kinds.library import StoryEntry


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
    """All stories in the rules' order, and how much each term tells (its inverse document frequency).

    `newest` has the same stories, those without a date last, and `known` maps addresses to them.
    """

    stories: tuple[Indexed, ...]
    telling: Mapping[str, float]
    newest: tuple[Indexed, ...]
    known: Mapping[str, Indexed]

    @classmethod
    def of(cls, entries: Sequence[StoryEntry], base: str, zone: str) -> Library:
        """Index stories; relative URLs are read against `base`, times without a zone in `zone`."""
        about = [terms(f"{entry.title} {' '.join(entry.tags)}") for entry in entries]
        counts = Counter(term for each in about for term in each)
        telling = {term: math.log(1 + len(entries) / count) for term, count in counts.items()}
        stories = tuple(
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
        )
        newest = tuple(sorted(stories, key=lambda each: -_stamp(each)))
        return cls(stories, telling, newest, {each.address: each for each in stories})


def folded(tags: Sequence[str]) -> frozenset[str]:
    """Tags as they are compared."""
    return frozenset(tag.strip().casefold() for tag in tags)


def _aware(published: dt.datetime | dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    if published is None:
        return None
    if not isinstance(published, dt.datetime):
        published = dt.datetime.combine(published, dt.time())
    return published if published.tzinfo else published.replace(tzinfo=zone)


def _stamp(story: Indexed) -> float:
    return story.published.timestamp() if story.published else -math.inf


@lru_cache(maxsize=32)
def _indexed(key: Same[tuple[StoryEntry, ...]], base: str, zone: str) -> Library:
    return Library.of(key.value, base, zone)


def library_of(entries: tuple[StoryEntry, ...], base: str, zone: str) -> Library:
    """The library of these very entries, indexed once; see `Library.of`."""
    return _indexed(Same(entries), base, zone)
