"""A shelf at one moment, which never changes: what pages read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Literal, TypeAlias

from newshole.library.address import address, host_of
from newshole.library.entry import Entry
from newshole.library.item import Item
from newshole.library.language import primary
from newshole.library.neighbours import MOST, Neighbours
from newshole.types import Story

Source: TypeAlias = Literal["pinned", "related", "latest", "popular", "feed"]
"""Which of the stories a list has."""

Ordered: TypeAlias = Mapping[str, tuple[Item, ...]]
"""Stories in one order, for pages in each language that any is in; "" for pages that say none, and `UNKNOWN`
for those in every other, which get the stories that say none."""

UNKNOWN: Final = "?"

UNMET: Final = b"unmet"
"""What stands for the stories near a page of which nobody knows yet what is near it: no page that shows some
has a digest with it."""

LISTED: Final = 100
"""Stories of one language in an order."""

_MOST_MET: Final = 4096
"""Pages that are not on the shelf whose neighbours are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The stories of one site at one moment.

    `known` are all by address, `lists` the ready neighbours of some; `find` looks for those of any other
    page, which `met` keeps. `fixed` are those that the rules name; `is_living` is so where there are others.
    """

    known: Mapping[str, Item]
    lists: Mapping[str, Neighbours]
    latest: Ordered
    popular: Ordered
    feed: Ordered
    fixed: tuple[Item, ...]
    is_living: bool
    find: Callable[[str, Entry], Neighbours] = field(repr=False)
    met: dict[object, Neighbours] = field(default_factory=dict, repr=False)

    def story(self, url: str, base: str) -> Item | None:
        """The story of a URL, which is read against `base`; one that the rules name goes before."""
        key = address(url, base)
        host = host_of(key)
        own = self.known.get(key.removeprefix(host)) if host == host_of(address(base)) else None
        return own or self.known.get(key)

    def ordered(self, source: Source, language: str) -> tuple[Item, ...]:
        """The latest stories, those read most or those of feeds, for a page in a language."""
        lists, spoken = self._orders(source), primary(language)
        return lists.get(spoken, lists[UNKNOWN])

    def related(self, story: Story) -> Neighbours:
        """The stories that have to do with a page's; for one address they are always the same."""
        key = address(story.url)
        found = self.lists.get(key)
        if found is None:
            # Without an address nothing tells one page from another, and pages that only the rules decide on
            # may be edited.
            features = (key, story.title, story.section, story.tags, story.language, story.sensitivity)
            found = self._met(key if key and self.is_living else features, key, story)
        return self._current(found)

    def digest(self, url: str, now: float, sources: Iterable[Source], pinned: Iterable[str]) -> str:
        """Tells apart what lists of these sources may show on the page of a URL, `now` in seconds since 1970.

        Where no list of related stories was asked for since the snapshot was made, `UNMET` stands for them: a
        page that has none still has its other lists.
        """
        told = hashlib.blake2b(digest_size=8)
        for source in sorted(sources):
            items = self._may_show(source, url, now, pinned)
            told.update(source.encode() + (UNMET if items is None else b""))
            for each in items or ():
                if each.published is None or each.published <= now:
                    told.update(each.mark)
        return told.hexdigest()

    def _may_show(self, source: Source, url: str, now: float, pinned: Iterable[str]) -> Iterable[Item] | None:
        """The stories that a list may show, in their order; None for a page that was not met."""
        if source == "pinned":
            return filter(None, (self.story(each, url) for each in pinned))
        if source != "related":
            return chain.from_iterable(self._orders(source).values())
        key = address(url)
        found = self.lists.get(key) or self.met.get(key)
        if found is None:
            return None
        near = self._current(found)
        ranked = (item for _, item in near.ranked(now))
        return ranked if is_full(near) else chain(ranked, *self.latest.values())

    def _orders(self, source: Source) -> Ordered:
        return {"popular": self.popular, "feed": self.feed}.get(source, self.latest)

    def _met(self, kept: object, key: str, story: Story) -> Neighbours:
        found = self.met.get(kept)
        if found is None:
            if len(self.met) >= _MOST_MET:
                self.met.clear()
            found = self.met.setdefault(kept, self.find(key, entry_of(story)))
        return found

    def _current(self, found: Neighbours) -> Neighbours:
        """Neighbours without those that have changed or gone since."""
        known = self.known
        near = [each for each in found if known.get(each.item.address) is each.item]
        if len(near) == len(found.items):
            return found
        return Neighbours.in_order(near)


def is_full(near: Neighbours) -> bool:
    """Whether so many stories have to do with a page that no others are shown for want of them."""
    return len(near.items) >= MOST


def entry_of(story: Story) -> Entry:
    """What a page says of itself, as an entry."""
    return Entry(
        url=story.url,
        title=story.title,
        section=story.section,
        tags=story.tags,
        language=story.language,
        published=story.published,
        level=story.sensitivity,
    )


def by_language(items: Iterable[Item]) -> Ordered:
    """Stories in an order, the first `LISTED` of them for pages in each language that any is in."""
    every = list(items)
    lists: dict[str, list[Item]] = {"": [], UNKNOWN: [], **{each.language: [] for each in every}}
    for each in every:
        # One of unknown language is shown on any page, and any is on a page of unknown language.
        for language in {"", each.language} if each.language else lists:
            if len(lists[language]) < LISTED:
                lists[language].append(each)
    return {language: tuple(listed) for language, listed in lists.items()}
