"""Which stories to show beside another: pinned, related, the latest, those read most, those of feeds.

Never the story itself, none from after `now`, none in another language, no two that say nearly the same, no
light story beside a solemn one. Related ones are those of the ready list, worth less with age; where it is
not full, the freshest follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Final

from newshole.library.address import address, host_of
from newshole.library.entry import Entry
from newshole.library.item import Item
from newshole.library.language import may_be_one, primary
from newshole.library.snapshot import Snapshot, Source, is_full
from newshole.library.terms import is_near_duplicate, is_same_text, terms
from newshole.library.tone import go_together
from newshole.types import Story

_MINUTE: Final = timedelta(minutes=1)


@dataclass(slots=True)
class Showing:
    """One page while its blocks are chosen: the story, the moment, and what earlier blocks show.

    With `is_one_host` stories of other hosts than the page's are left out.
    """

    story: Story
    now: datetime
    base: str = ""
    is_one_host: bool = False
    titles: list[frozenset[str]] = field(default_factory=list)
    texts: list[frozenset[str]] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)
    tags: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.base = self.base or self.story.url
        self.tags = frozenset(tag.strip().casefold() for tag in self.story.tags)
        if self.story.url:
            self.addresses.add(address(self.story.url, self.base))
        if self.story.title:
            self.titles.append(terms(self.story.title))

    def meet(self, own: Item | None) -> None:
        """Take note of what the library has of the page's own story: its text."""
        if own is not None:
            self.texts.append(frozenset(own.text))

    def takes(self, item: Item, source: Source) -> bool:
        """Whether a story may be shown; it is then remembered as shown."""
        key = address(item.entry.url, self.base) if item.address.startswith("/") else item.address
        if key in self.addresses or not self._may_show(item) or not self._goes_with(item, source):
            return False
        if self.is_one_host and not item.is_fixed and host_of(key) != host_of(address(self.base)):
            return False
        title, text = frozenset(item.title), frozenset(item.text)
        if any(is_near_duplicate(title, each) for each in self.titles):
            return False
        if any(is_same_text(text, each) for each in self.texts):
            return False
        self.addresses.add(key)
        self.titles.append(title)
        self.texts.append(text)
        return True

    def _may_show(self, item: Item) -> bool:
        if item.published is not None and item.published > self.now.timestamp():
            return False
        return may_be_one(item.language, primary(self.story.language))

    def _goes_with(self, item: Item, source: Source) -> bool:
        """Whether a story's tone goes with the page's; a solemn one that is pinned is an editor's choice."""
        own, other = self.story.sensitivity, item.entry.level
        if source == "pinned" and own == "none":
            return True
        return go_together((own, other), (tag[1:] for tag in item.tags), self.tags)


def choose(
    source: Source, count: int, snapshot: Snapshot, pinned: Sequence[str], showing: Showing
) -> tuple[Entry, ...]:
    """At most `count` stories for one block, best first; `pinned` are URLs, in the order they are shown."""
    found: list[Entry] = []
    for item in _ranked(source, snapshot, pinned, showing):
        if len(found) == count:
            break
        if showing.takes(item, source):
            found.append(item.entry)
    return tuple(found)


def _ranked(source: Source, snapshot: Snapshot, pinned: Sequence[str], showing: Showing) -> Iterable[Item]:
    story = showing.story
    if not snapshot.known:
        return ()
    if source == "pinned":
        return filter(None, (snapshot.story(url, showing.base) for url in pinned))
    if source != "related":
        return snapshot.ordered(source, story.language)
    near = snapshot.related(story)
    ranked = (item for _, item in near.ranked(showing.now.timestamp()))
    return ranked if is_full(near) else chain(ranked, snapshot.ordered("latest", story.language))


def next_turn(
    source: Source, snapshot: Snapshot, showing: Showing, shown: Sequence[Entry]
) -> datetime | None:
    """The first moment after now at which time alone may choose others than those `shown`; None for never.

    Stories of the rules come to be published; and where they are all there are, the fresher of related ones
    fades the faster. What is learned changes at any time, so there it is left to the entity tag to tell.
    """
    now = showing.now
    moments = [each.entry.published for each in snapshot.fixed if each.entry.published]
    coming = [each for each in moments if each > now]
    if source == "related" and shown and not snapshot.is_living:
        coming += _overtakings(snapshot, showing, shown)
    return min(coming, default=None)


def _overtakings(snapshot: Snapshot, showing: Showing, shown: Sequence[Entry]) -> Iterator[datetime]:
    """When stories overtake those that stand before them, as far down as stories are shown."""
    now = showing.now
    stamp = now.timestamp()
    near = snapshot.related(showing.story).ranked(stamp)
    ranked = [(each, item) for each, item in near if item.published is None or item.published <= stamp]
    last = max((n for n, (_, item) in enumerate(ranked) if item.entry in shown), default=-1)
    pairs = [*pairwise(each for each, _ in ranked[: last + 1])]
    pairs += [(ranked[last][0], each) for each, _ in ranked[last + 1 :] if last >= 0]
    for better, worse in pairs:
        seconds = worse.outlives(better)
        if seconds is not None:
            # Scores that are all but equal may change places at any moment.
            yield max(now + timedelta(seconds=seconds) - _MINUTE, now + _MINUTE)
