"""What a ledger comes to: the stories there are, those that are forgotten, and how often each was read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from newshole.library.address import address
from newshole.library.entry import Entry
from newshole.library.ledger import START, Change, Ledger
from newshole.library.merging import merged


@dataclass(slots=True)
class Stock:
    """Stories by their address, the addresses of those that are forgotten with their URLs, and views."""

    entries: dict[str, Entry] = field(default_factory=dict)
    forgotten: dict[str, str] = field(default_factory=dict)
    views: Counter[str] = field(default_factory=Counter)

    def take(self, change: Change) -> None:
        """Take up what became of one story."""
        key = address(change.url)
        if change.kind == "forgotten":
            self.forgotten[key] = change.url
        elif change.kind == "remembered":
            self.forgotten.pop(key, None)
        if change.entry is None:
            self.entries.pop(key, None)
        elif key not in self.forgotten:
            known = self.entries.get(key)
            self.entries[key] = change.entry if known is None else merged(known, change.entry)


async def read_stock(ledger: Ledger) -> Stock:
    """All that a ledger has. Raises LedgerError where it cannot be read."""
    stock, position = Stock(), (START, START)
    while (news := await ledger.news(position)).position != position:
        position = news.position
        for change in news.changes:
            stock.take(change)
        for count in news.counts:
            stock.views.update({address(url): n for url, n in count.views.items()})
    return stock
