"""The intake: which stories a library takes in, which it lets go, and how often they are read.

Nothing here waits or opens anything: requests leave what they have seen, and the desk behind them takes it up
every now and then (see `newshole.http.learning`).

**Whose stories.** A request says itself which host it is for, and a site may believe that in its canonical
addresses. So where the rules name no hosts, stories of one host alone are taken in: the first that brings
one, until it brings none for an hour. And of new stories so many a minute are taken in, so that made-up
addresses cannot push the real ones out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from newshole.library.address import address, host_of
from newshole.library.entry import Entry
from newshole.library.lead import Lead
from newshole.library.ledger import Change
from newshole.library.merging import merged
from newshole.library.shelf import Shelf
from newshole.rules.ruleset import Rules

MOST_A_MINUTE: Final = 120
"""Stories that are taken in or changed in a minute, by one worker."""

MOST_COUNTED: Final = 20_000
"""Stories whose views are counted at a time."""

SILENCE: Final = 3600.0
"""Seconds without a story after which another host may bring them."""

REFUSED: Final = {
    "too-many": "so many came in this minute already",
    "host": "is of another host than the library, where the rules name none",
    "forgotten": "an operator has forgotten it",
}
"""Why a story is not taken in that its page and its response speak for, in words."""


@dataclass(slots=True)
class Home:
    """Where the stories of some rules go: the `shelf`. `learns` says whether pages bring some.

    Where these rules name no hosts, `host` is that of the library, "" before there is one, which brought a
    story last when it was `seen`.
    """

    shelf: Shelf
    names_hosts: bool = False
    learns: bool = True
    host: str = ""
    seen: float = 0.0

    def takes(self, url: str, now: float) -> bool:
        """Whether a story is of the library's host, which it becomes where there is no other."""
        if self.names_hosts:
            return True
        if not self.owns(url):
            if self.host and now - self.seen < SILENCE:
                return False
            self.shelf.forget([each.url for each in self.shelf.entries()])
        self.host, self.seen = host_of(address(url)), max(self.seen, now)
        return True

    @property
    def is_known(self) -> bool:
        """Whether it can be told which stories belong here."""
        return self.names_hosts or bool(self.host)

    def owns(self, url: str) -> bool:
        """Whether an address is of the library's host."""
        return self.names_hosts or self.host == host_of(address(url))

    def lacks(self, entry: Entry) -> bool:
        """Whether an entry belongs here, and says something new."""
        is_wanted = self.owns(entry.url) and (self.learns or entry.source != "traffic")
        known = self.shelf.entry(entry.url) if is_wanted else None
        return is_wanted and (known is None or not _is_same(entry, known))


def home_of(rules: Rules, shelf: Shelf, before: Home | None) -> Home:
    """The home for the stories of some rules on a shelf; `before` was that of the shelf, if it had one."""
    host, seen = (before.host, before.seen) if before is not None and before.shelf is shelf else ("", 0.0)
    return Home(shelf, bool(rules.hosts), rules.learning.has_traffic, host, seen)


@dataclass(slots=True)
class Intake:
    """What requests have left since it was last taken up, in `changes` and `views`.

    `turn` rises whenever a story may have gone, so that leads ask again whether theirs is known.
    """

    turn: int = 0
    views: Counter[str] = field(default_factory=Counter)
    changes: list[Change] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    _minute: int = 0
    _taken: int = 0

    def knows(self, lead: Lead, home: Home) -> bool:
        """Whether a lead's story is on the shelf as the lead has it, or on its way there."""
        known = home.shelf.entry(lead.entry.url)
        if known is None or (lead.is_own and not _is_same(lead.entry, known)):
            return False
        lead.turn = self.turn
        return True

    def offer(self, lead: Lead, home: Home, now: float) -> str | None:
        """Why the story of a lead is not taken in; None where it is. `now` is in seconds since 1970."""
        entry = lead.entry
        if address(entry.url) in self.forgotten:
            return "forgotten"
        if not home.takes(entry.url, now):
            return "host"
        minute = int(now // 60)
        if minute != self._minute:
            self._minute, self._taken = minute, 0
        if self._taken >= MOST_A_MINUTE:
            return "too-many"
        self._taken += 1
        lead.turn = self.turn
        self.changes.append(Change("learned", entry.url, entry))
        return None

    def bring(self, entries: Iterable[Entry], feed: str, home: Home) -> int:
        """Take in what a feed at an address tells of stories; of how many it told something new.

        The feed's own host becomes that of a library that has none yet.
        """
        told = [each for each in entries if address(each.url) not in self.forgotten]
        if not home.names_hosts and not home.host:
            first = next(
                (each for each in told if host_of(address(each.url)) == host_of(address(feed))), None
            )
            if first is not None:
                home.takes(first.url, first.seen)
        new = [Change("learned", each.url, each) for each in told if _adds(each, home)]
        self.changes += new
        return len(new)

    def see(self, lead: Lead) -> None:
        """Count one reader of a story that is known."""
        url = lead.entry.url
        if len(self.views) < MOST_COUNTED or url in self.views:
            self.views[url] += 1

    def leave(self, url: str, home: Home) -> bool:
        """Let a story go that is no longer at its address; whether there was one."""
        known = home.shelf.entry(url)
        if known is None:
            return False
        self.turn += 1
        self.changes.append(Change("dropped", known.url))
        return True

    def hear(self, changes: Iterable[Change]) -> list[Change]:
        """What is left to be done of what a ledger tells: the last word on each story."""
        last: dict[str, Change] = {}
        for change in changes:
            key = address(change.url)
            if change.kind == "forgotten":
                self.forgotten.add(key)
            elif change.kind == "remembered":
                self.forgotten.discard(key)
            if change.kind != "learned":
                self.turn += 1
            last[key] = change
        return [each for key, each in last.items() if each.kind != "learned" or key not in self.forgotten]

    def take(self) -> tuple[list[Change], Counter[str]]:
        """What requests have left; from now on they leave it anew."""
        taken = self.changes, self.views
        self.changes, self.views = [], Counter()
        return taken


def take_in(changes: Iterable[Change], home: Home) -> None:
    """Put what became of stories into effect on a shelf."""
    changes = tuple(changes)
    entries = [change.entry for change in changes if change.entry is not None]
    home.shelf.forget([change.url for change in changes if change.entry is None])
    home.shelf.learn([*filter(home.lacks, entries)])


def _adds(entry: Entry, home: Home) -> bool:
    """Whether an entry says something of its story that is not known yet."""
    known = home.shelf.entry(entry.url)
    if known is None or not home.lacks(entry):
        return home.lacks(entry)
    return replace(merged(known, entry), seen=known.seen) != known


def _is_same(entry: Entry, known: Entry) -> bool:
    """Whether two entries say the same of a story, whoever told it and when."""
    return replace(entry, seen=known.seen, source=known.source) == known
