"""A site's living library: its stories in memory, and for each the ready list of those near it.

The shelf does no I/O and knows no clock. It may be used from several threads: what changes it holds its lock
for one story at a time, so a page never waits for more. Pages read snapshots.
"""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from newshole.library.address import address
from newshole.library.entry import Entry
from newshole.library.index import Index, Near
from newshole.library.item import FIXED, Item, item_of
from newshole.library.language import may_be_one
from newshole.library.merging import merged
from newshole.library.neighbours import MOST as LONGEST
from newshole.library.neighbours import Neighbours
from newshole.library.ranking import Showing, choose
from newshole.library.snapshot import LISTED, Snapshot, by_language
from newshole.library.terms import is_near_duplicate, is_same_text
from newshole.library.tone import go_together
from newshole.library.views import Views
from newshole.types import Story

DAY: Final = 86_400.0

MOST: Final = 10_000
"""Stories that are kept."""

OLDEST: Final = 730 * DAY
"""Seconds after which a story is let go."""

RECENT: Final = 30 * DAY
"""Seconds for which a learned story is among the latest, the popular and those of feeds."""

EAGER: Final = 200
"""Stories learned at once whose lists are made at once; of more, each is made when it is asked for."""

READY: Final = 20_000
"""Lists that are kept ready; of more stories, each is made when it is asked for."""

POPULAR: Final = 300.0
"""Seconds for which the order of the popular ones stands."""


class Shelf:
    """The stories of one site: at most `most` that were learned, none older than `oldest` in seconds, and
    beside them those that are `fixed` by the rules."""

    def __init__(self, fixed: Iterable[Entry] = (), *, most: int = MOST, oldest: float = OLDEST) -> None:
        self.most, self.oldest = most, oldest
        self.has_changed = True
        self._lock = threading.RLock()
        self._index = Index()
        self._known: dict[str, Item] = {}
        self._fixed: tuple[Item, ...] = ()
        self._recent: dict[str, Item] = {}
        self._lists: dict[str, Neighbours] = {}
        self._ages: list[tuple[float, int, str]] = []
        self._views = Views()
        self._popular: list[str] = []
        self._counted = -math.inf
        self._number = 0
        self._moment = 0.0
        self._changes = 0
        self._coming = math.inf
        self.fix(fixed)

    def __len__(self) -> int:
        """How many stories there are, with those of the rules."""
        return len(self._known)

    @property
    def is_living(self) -> bool:
        """Whether there are stories beside those of the rules."""
        return len(self._known) > len(self._fixed)

    def fix(self, entries: Iterable[Entry]) -> None:
        """Put the stories of the rules in the place of those that they had; their `source` becomes FIXED."""
        first: dict[str, Entry] = {}
        for each in entries:
            first.setdefault(address(each.url), replace(each, source=FIXED))
        if [each.entry for each in self._fixed] == [*first.values()]:
            return
        with self._lock:
            for item in self._fixed:
                self._drop(item)
            self._fixed = tuple(self._add(each) for each in first.values())
            self._settle()

    def learn(self, entries: Iterable[Entry]) -> None:
        """Take stories in; what is known of one already is kept where the entry does not say.

        What is over `most` or too old, by the latest that any was seen, is let go, the oldest first.
        """
        taken = sorted(entries, key=lambda each: each.published.timestamp() if each.published else each.seen)
        added = [item for each in taken if (item := self._take(each)) is not None]
        self._expire(self._moment)
        if self._changes * 10 > len(self._known) or len(added) > EAGER:
            self._settle()
        if len(added) <= EAGER:
            for item in added:
                self._introduce(item)

    def bound(self, *, most: int, oldest: float) -> None:
        """Keep at most so many learned stories, none older than so many seconds."""
        self.most, self.oldest = most, oldest
        self._expire(self._moment)

    def forget(self, urls: Iterable[str]) -> None:
        """Let stories go; those that the rules name stay."""
        for url in urls:
            with self._lock:
                item = self._known.get(address(url))
                if item is not None and not item.is_fixed:
                    self._drop(item)

    def count(self, views: Mapping[str, int], now: float) -> None:
        """Count views by URL, seen `now` in seconds since 1970; those of stories not known are let go."""
        with self._lock:
            known = {address(url): count for url, count in views.items()}
            self._views.add({key: count for key, count in known.items() if key in self._known}, now)
        if now - self._counted >= POPULAR:
            self._counted = now
            popular = self._views.most(LISTED, now)
            self.has_changed |= popular != self._popular
            self._popular = popular

    def entry(self, url: str) -> Entry | None:
        """The entry of a story, None where it is not known."""
        item = self._known.get(address(url))
        return None if item is None else item.entry

    def entries(self) -> tuple[Entry, ...]:
        """All entries, the newest first, without those of the rules."""
        with self._lock:
            learned = [each for each in self._known.values() if not each.is_fixed]
        return tuple(each.entry for each in sorted(learned, key=_newest_first))

    def related(self, story: str | Entry, now: float, count: int) -> tuple[Entry, ...]:
        """At most `count` stories to show beside one, best first, as its page shows them `now`.

        `now` is in seconds since 1970. None beside a URL that is not known.
        """
        entry = self.entry(story) if isinstance(story, str) else story
        if entry is None:
            return ()
        page = Story(
            url=entry.url,
            title=entry.title,
            section=entry.section,
            tags=entry.tags,
            language=entry.language,
            sensitivity=entry.level,
        )
        showing = Showing(page, datetime.fromtimestamp(now, UTC))
        showing.meet(self._known.get(address(entry.url)))
        return choose("related", count, self.snapshot(now), (), showing)

    def is_stale(self, now: float) -> bool:
        """Whether a snapshot `now`, in seconds since 1970, may differ from the last one."""
        return self.has_changed or now >= self._coming

    def snapshot(self, now: float) -> Snapshot:
        """The shelf as it is `now`, in seconds since 1970."""
        self._expire(now)
        with self._lock:
            self.has_changed = False
            known, lists = self._known.copy(), self._lists.copy()
            self._recent = {key: each for key, each in self._recent.items() if _is_recent(each, now)}
            recent = [*self._fixed, *self._recent.values()]
            fixed, popular = self._fixed, [known[key] for key in self._popular if key in known]
        dates = (each.published for each in recent if each.published is not None)
        self._coming = min((at for at in dates if at > now), default=math.inf)
        recent.sort(key=_newest_first)
        return Snapshot(
            known=known,
            lists=lists,
            latest=by_language(each for each in recent if each.is_fixed or each.published is not None),
            popular=by_language(each for each in popular if each.is_fixed or _is_recent(each, now)),
            feed=by_language(each for each in recent if each.entry.source == "feed"),
            fixed=fixed,
            is_living=len(known) > len(fixed),
            find=self.neighbours,
        )

    def neighbours(self, key: str, entry: Entry) -> Neighbours:
        """The stories near the one at an address, else near one of which an entry tells."""
        with self._lock:
            found = self._lists.get(key)
            if found is not None:
                return found
            item = self._known.get(key)
            if item is None:
                return Neighbours.of(self._near(item_of(entry, -1)), self._moment)
            return self._listed(item, self._near(item))

    def _listed(self, item: Item, near: Iterable[Near]) -> Neighbours:
        """Keep the list of a story, in the place of the oldest where there are too many."""
        if len(self._lists) >= READY:
            del self._lists[next(iter(self._lists))]
        made = self._lists[item.address] = Neighbours.of(near, self._moment)
        return made

    def _near(self, item: Item) -> list[Near]:
        """The stories that have to do with one and may stand beside it."""
        title, text = frozenset(item.title), frozenset(item.text)

        def may_stand(other: Item) -> bool:
            is_other = other.address != item.address
            return (
                is_other
                and may_be_one(item.language, other.language)
                and go_together((item.entry.level, other.entry.level), item.tags, other.tags)
                and not is_near_duplicate(title, frozenset(other.title))
                and not is_same_text(text, frozenset(other.text))
            )

        near = (each for each in self._index.nearest(item) if may_stand(each.item))
        return list(islice(near, 2 * LONGEST))

    def _introduce(self, item: Item) -> None:
        """Make the list of a story that came, and put it on those of its neighbours."""
        with self._lock:
            if self._known.get(item.address) is not item:
                return
            near = self._near(item)
            self._listed(item, near)
            for relation, other in near:
                listed = self._lists.get(other.address)
                if listed is not None:
                    self._lists[other.address] = listed.with_near(Near(relation, item), self._moment)

    def _take(self, entry: Entry) -> Item | None:
        """Put an entry on the shelf; None where it says nothing new, or the rules name its story."""
        with self._lock:
            self._moment = max(self._moment, entry.seen)
            key = address(entry.url)
            if not key or key.startswith("/") or self._is_fixed(key):
                return None
            old = self._known.get(key)
            if old is None:
                return self._add(entry)
            entry = merged(old.entry, entry)
            if replace(entry, seen=old.entry.seen) == old.entry:
                return None
            self._remove(old)
            return self._add(entry)

    def _is_fixed(self, key: str) -> bool:
        found = self._known.get(key) or self._known.get(key[key.index("/") :])
        return found is not None and found.is_fixed

    def _add(self, entry: Entry) -> Item:
        item = item_of(entry, self._number)
        self._number += 1
        self._known[item.address] = item
        self._index.add(item)
        if not item.is_fixed:
            heapq.heappush(self._ages, (item.since, item.number, item.address))
            if _is_recent(item, self._moment):
                self._recent[item.address] = item
        self._has_turned()
        return item

    def _remove(self, item: Item) -> None:
        """Take a story off the shelf; its views stay."""
        del self._known[item.address]
        self._recent.pop(item.address, None)
        self._lists.pop(item.address, None)
        self._index.remove(item)
        self._has_turned()

    def _drop(self, item: Item) -> None:
        """Let a story go."""
        self._remove(item)
        self._views.forget(item.address)

    def _has_turned(self) -> None:
        self._changes += 1
        self.has_changed = True

    def _settle(self) -> None:
        """Make all lists anew, as they are asked for: with many changes every word tells something else."""
        with self._lock:
            self._index.settle()
            self._lists.clear()
            self._changes = 0
            self._ages = [each for each in self._ages if self._is_current(each)]
            heapq.heapify(self._ages)

    def _is_current(self, age: tuple[float, int, str]) -> bool:
        _, number, key = age
        item = self._known.get(key)
        return item is not None and item.number == number

    def _expire(self, now: float) -> None:
        """Let go of what is over the bounds, the oldest first."""
        while True:
            with self._lock:
                learned = len(self._known) - len(self._fixed)
                if not self._ages or (learned <= self.most and self._ages[0][0] >= now - self.oldest):
                    return
                oldest = heapq.heappop(self._ages)
                if self._is_current(oldest):
                    self._drop(self._known[oldest[2]])


def _is_recent(item: Item, now: float) -> bool:
    return now - item.since < RECENT


def _newest_first(item: Item) -> tuple[float, int]:
    return (math.inf if item.published is None else -item.published), item.number
