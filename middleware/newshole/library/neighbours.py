"""Ready lists: the stories that have to do with one, kept as others come and go."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from newshole.library.index import Near
from newshole.library.item import Item

MOST: Final = 24
"""Stories on one list: enough for several blocks, after those that a page may not show."""

HALF_LIFE: Final = 30 * 86_400.0
"""Seconds in which half of a story's freshness is gone."""

FADING: Final = 0.25
"""The share of what a relation is worth that is freshness."""

FRESHNESS: Final = 0.05
"""What freshness is worth by itself: less than any relation."""

UNDATED: Final = 90 * 86_400.0
"""The age in seconds that a story without a date is taken to have."""


class Worth(NamedTuple):
    """What a story is worth beside another: what lasts, and what is halved with every half-life."""

    lasting: float
    fading: float

    @property
    def now(self) -> float:
        """Both together."""
        return self.lasting + self.fading

    def outlives(self, better: Worth) -> float | None:
        """In how many seconds this story overtakes one that is worth as much or more; None for never."""
        if self.lasting <= better.lasting or self.fading >= better.fading:
            return None
        faded = (self.lasting - better.lasting) / (better.fading - self.fading)
        return max(-math.log2(faded), 0.0) * HALF_LIFE


def worth(relation: float, published: float | None, now: float) -> Worth:
    """What a relation is worth `now`, both in seconds since 1970; it is halved with age."""
    lasting, fading = relation * (1 - FADING), relation * FADING + FRESHNESS
    if published is None:
        return Worth(lasting + fading * 2 ** (-UNDATED / HALF_LIFE), 0.0)
    return Worth(lasting, fading * 2 ** (-max(now - published, 0.0) / HALF_LIFE))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The stories that have to do with one, at most `MOST`, and how much each has."""

    items: tuple[Item, ...] = ()
    relations: tuple[float, ...] = ()

    @classmethod
    def of(cls, near: Iterable[Near], now: float) -> Neighbours:
        """Those that are worth most `now`."""

        def rank(each: Near) -> tuple[float, int]:
            return -worth(each.relation, each.item.published, now).now, each.item.number

        return cls.in_order(sorted(near, key=rank)[:MOST])

    @classmethod
    def in_order(cls, near: Iterable[Near]) -> Neighbours:
        """These, as they come."""
        kept = list(near)
        return cls(tuple(each.item for each in kept), tuple(each.relation for each in kept))

    def with_near(self, near: Near, now: float) -> Neighbours:
        """The list with a story that came; what is worth least goes where it is full."""
        if len(self.items) >= MOST and near.relation + FRESHNESS < min(self.relations) * (1 - FADING):
            return self
        others = [each for each in self if each.item.address != near.item.address]
        return Neighbours.of((*others, near), now)

    def __iter__(self) -> Iterator[Near]:
        return map(Near, self.relations, self.items)

    def ranked(self, now: float) -> list[tuple[Worth, Item]]:
        """What each is worth `now`, the best first; equally good ones by number."""
        valued = [(worth(each.relation, each.item.published, now), each.item) for each in self]
        valued.sort(key=_rank)
        return valued


def _rank(valued: tuple[Worth, Item]) -> tuple[float, int]:
    return -valued[0].now, valued[1].number
