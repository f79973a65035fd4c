"""Which stories have to do with one another: an inverted index over terms, tags and sections.

A story is compared with those alone that share one of its most telling features, the newest of each, so the
time for one does not grow with the shelf; on a small shelf any feature will do. Of two stories count

- the tags that both have, by how much each tells: one on every fifth story tells little;
- the section;
- the cosine of their terms' TF-IDF vectors, in which title and tags weigh more than the text.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, NamedTuple

from newshole.library.item import Item

TAGS: Final = 2.0
SECTION: Final = 0.5
TEXT: Final = 8.0
"""What all tags, the same section, and all the same words are worth."""

IN_TEXT: Final = 0.8
"""The weight of a term of the text, beside one of the title or the tags."""

SHORT: Final = 0.4
"""The weight of a title's word of up to three Latin letters."""

ASKED: Final = 10
"""Terms of a story by which others are looked up, those that tell most; where there are few stories, all."""

NEWEST: Final = 150
"""Stories with one feature that are looked at, from the newest on."""

CONSIDERED: Final = 64
"""Stories that are compared in full with one."""


class Near(NamedTuple):
    """A story that has to do with another, and how much: above 0, at most `TAGS + SECTION + TEXT`."""

    relation: float
    item: Item


class Query(NamedTuple):
    """A story that others are compared with: what each of its features weighs.

    `terms` make a vector of length 1; `tags` are squared, with their sum in `told`.
    """

    item: Item
    terms: Mapping[str, float]
    tags: Mapping[str, float]
    told: float


class Index:
    """The stories by what they are about."""

    def __init__(self) -> None:
        self.size = 0
        self._newest: dict[str, list[Item]] = {}
        self._counts: Counter[str] = Counter()
        # What words tell is settled from time to time, and not with every story.
        self._told: dict[str, float] = {}
        self._norms: dict[Item, float] = {}

    def add(self, item: Item) -> None:
        """Take a story in, as the newest of all."""
        self.size += 1
        for feature in _features(item):
            self._counts[feature] += 1
            posted = self._newest.setdefault(feature, [])
            posted.append(item)
            if len(posted) >= 2 * NEWEST:
                del posted[:NEWEST]

    def remove(self, item: Item) -> None:
        """Let a story go."""
        self.size -= 1
        self._norms.pop(item, None)
        for feature in _features(item):
            self._counts[feature] -= 1
            posted = self._newest[feature]
            if item in posted:
                posted.remove(item)
            if not self._counts[feature]:
                del self._counts[feature], self._newest[feature]

    def settle(self) -> None:
        """Weigh all words anew, by the stories that there are now."""
        self._told.clear()
        self._norms.clear()

    def nearest(self, item: Item) -> list[Near]:
        """The stories that have most to do with one, the nearest first; the story itself may be there too."""
        query = self._query(item)
        promising = self._promising(query)
        best = heapq.nlargest(CONSIDERED, promising, key=promising.__getitem__)
        near = [Near(self._relation(query, each), each) for each in best]
        near.sort(key=_rank)
        return [each for each in near if each.relation > 0]

    def _telling(self, feature: str) -> float:
        """The inverse document frequency: how much a feature tells."""
        told = self._told.get(feature)
        if told is None:
            told = math.log(1 + max(self.size, 1) / max(self._counts[feature], 1))
            self._told[feature] = told
        return told

    def _query(self, item: Item) -> Query:
        weighed = {term: weight * self._telling(term) for term, weight in _weights(item)}
        norm = math.sqrt(sum(each * each for each in weighed.values())) or 1.0
        tags = {tag: self._telling(tag) ** 2 for tag in item.tags}
        terms = {term: weight / norm for term, weight in weighed.items()}
        return Query(item, terms, tags, sum(tags.values()))

    def _promising(self, query: Query) -> dict[Item, float]:
        """Stories that share a telling feature, and about how much they share."""
        found: dict[Item, float] = {}
        for feature, worth in self._asked(query):
            for item in self._newest.get(feature, ())[-NEWEST:]:
                found[item] = found.get(item, 0.0) + worth
        return found

    def _asked(self, query: Query) -> Iterator[tuple[str, float]]:
        """What stories are looked up by, and what each feature is worth."""
        # Where there are few, what two have in common tells least of all.
        asked = ASKED if self.size > CONSIDERED else len(query.terms) + len(query.tags)
        most = heapq.nlargest(asked, query.terms, key=query.terms.__getitem__)
        yield from ((term, TEXT * query.terms[term] ** 2) for term in most)
        tags = heapq.nlargest(asked, query.tags, key=query.tags.__getitem__)
        yield from ((tag, TAGS * query.tags[tag] / query.told) for tag in tags)
        if query.item.section:
            yield query.item.section, SECTION

    def _relation(self, query: Query, item: Item) -> float:
        terms, told = query.terms, 0.0
        for term, weight in _weights(item):
            if term in terms:
                told += terms[term] * self._telling(term) * weight
        is_same = bool(item.section) and item.section == query.item.section
        similarity = told / self._norm(item) if told else 0.0
        return TAGS * self._shared(query, item) + SECTION * is_same + TEXT * similarity

    def _shared(self, query: Query, item: Item) -> float:
        """How much of two stories' tags is the same, and how much that tells, from 0 to 1."""
        common = [query.tags[tag] for tag in item.tags if tag in query.tags]
        if not common:
            return 0.0
        told = sum(self._telling(tag) ** 2 for tag in item.tags)
        most = math.log(1 + max(self.size, 1))
        return sum(common) / math.sqrt(query.told * told) * min(math.sqrt(max(common)) / most, 1.0)

    def _norm(self, item: Item) -> float:
        """The length of a story's vector of terms."""
        norm = self._norms.get(item)
        if norm is None:
            squares = ((weight * self._telling(term)) ** 2 for term, weight in _weights(item))
            norm = self._norms[item] = math.sqrt(sum(squares))
        return norm


def _rank(near: Near) -> tuple[float, int]:
    return -near.relation, near.item.number


def _features(item: Item) -> Iterator[str]:
    return chain(item.about, item.text, item.tags, (item.section,) if item.section else ())


def _weights(item: Item) -> Iterator[tuple[str, float]]:
    yield from ((term, SHORT if _is_short(term) else 1.0) for term in item.about)
    yield from ((term, IN_TEXT) for term in item.text)


def _is_short(term: str) -> bool:
    """Whether a word is likely one as "the", which on a small shelf may be as rare as any."""
    return len(term) <= 3 and term.isascii()
