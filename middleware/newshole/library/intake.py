"""The intake: which stories a library takes in, which it lets go, and how often they are read.

Nothing here waits or opens anything: requests leave what they have seen, and the desk behind them takes it up
every now and then (see `newshole.http.learning`).

**Whose stories.** A request says itself which host it is for, and a site may believe that in its canonical
addresses. So where the rules name no hosts, stories of one host alone are taken in: the first that brings
one, until it brings none for an hour. And of new stories so many a minute are taken in, so that made-up
addresses cannot push the real ones out.
"""

from __future__ import annotations

import ipaddress
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
            return self.owns(url)
        if not self.owns(url):
            if self.host and now - self.seen < SILENCE:
                return False
            self.shelf.forget([each.url for each in self.shelf.entries()])
        self.host, self.seen = _host(url), max(self.seen, now)
        return True

    @property
    def is_known(self) -> bool:
        """Whether it can be told which stories belong here."""
        return self.names_hosts or bool(self.host)

    def owns(self, url: str) -> bool:
        """Whether an address is of the library's host; where the rules name hosts, it is one of theirs, and
        the port is the usual one: a request chooses that as freely as a host."""
        return not _has_port(_host(url)) if self.names_hosts else self.host == _host(url)

    def is_read(self, urls: Iterable[str], now: float) -> None:
        """Keep the library with its host as long as anybody reads its stories."""
        if not self.names_hosts and any(map(self.owns, urls)):
            self.seen = max(self.seen, now)

    def lacks(self, entry: Entry) -> bool:
        """Whether an entry belongs here, and says something new."""
        is_wanted = self.owns(entry.url) and (self.learns or entry.source != "traffic")
        known = self.shelf.entry(entry.url) if is_wanted else None
        return is_wanted and (known is None or _adds(entry, known))


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
        if known is None or (lead.is_own and _adds(lead.entry, known)):
            return False
        lead.turn = self.turn
        return True

    def offer(self, lead: Lead, home: Home, now: float) -> str | None:
        """Why the story of a lead is not taken in; None where it is. `now` is in seconds since 1970."""
        entry = lead.entry
        if address(entry.url) in self.forgotten:
            return "forgotten"
        before = home.host
        if not home.takes(entry.url, now):
            return "host"
        self.turn += home.host != before
        minute = int(now // 60)
        if minute != self._minute:
            self._minute, self._taken = minute, 0
        if self._taken >= MOST_A_MINUTE:
            return "too-many"
        self._taken += 1
        lead.turn = self.turn
        self.changes.append(Change("learned", entry.url, entry))
        return None

    def settle(self, entries: Iterable[Entry], feed: str, home: Home) -> None:
        """Make a feed's host that of a library that has none yet, where it tells of a story there."""
        first = next((each for each in entries if _host(each.url) == _host(feed)), None)
        if first is not None:
            home.takes(first.url, first.seen)

    def bring(self, entries: Iterable[Entry], home: Home) -> int:
        """Take in what a feed tells of stories; of how many it told something new."""
        told = [each for each in entries if address(each.url) not in self.forgotten]
        new = [Change("learned", each.url, each) for each in told if home.lacks(each)]
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
        """What is left to be done of what a ledger tells."""
        heard = tuple(changes)
        for change in heard:
            if change.kind == "forgotten":
                self.forgotten.add(address(change.url))
            elif change.kind == "remembered":
                self.forgotten.discard(address(change.url))
            if change.kind != "learned":
                self.turn += 1
        return [each for each in heard if each.kind != "learned" or address(each.url) not in self.forgotten]

    def take(self) -> tuple[list[Change], Counter[str]]:
        """What requests have left; from now on they leave it anew."""
        taken = self.changes, self.views
        self.changes, self.views = [], Counter()
        return taken


def take_in(changes: Iterable[Change], home: Home) -> None:
    """Put what became of stories into effect on a shelf; the last word says whether each is there."""
    changes = tuple(changes)
    is_there = {address(change.url): change.entry is not None for change in changes}
    kept = [change.entry for change in changes if change.entry is not None and is_there[address(change.url)]]
    home.shelf.forget([change.url for change in changes if not is_there[address(change.url)]])
    home.shelf.learn([*filter(home.lacks, kept)])


def _host(url: str) -> str:
    return host_of(address(url))


def _has_port(host: str) -> bool:
    """Whether a host has a port of its own, which only a machine without a name in public may have."""
    name = host.rpartition(":")[0]
    if not name or name == "localhost":
        return False
    return not any(map(_is_number, (name, host)))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _adds(entry: Entry, known: Entry) -> bool:
    """Whether an entry says something new of a story: what it leaves out is none, nor is who tells it, but
    for a feed, whose stories are a list of their own."""
    told = merged(known, entry)
    source = told.source if entry.source == "feed" else known.source
    return replace(told, seen=known.seen, source=source) != known
