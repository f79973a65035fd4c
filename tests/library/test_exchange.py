"""A worker's side of a ledger that is slow, was away, or has what another clock says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from newshole.library import exchange
from newshole.library.entry import Entry
from newshole.library.exchange import Exchange
from newshole.library.ledger import START, Change, Count, News, Position


class Slow:
    """A ledger in memory that takes only so many changes at a time, and breaks off behind them."""

    def __init__(self, most: int) -> None:
        self.most, self.changes, self.counts = most, list[Change](), list[Count]()

    async def tell(self, changes: Iterable[Change]) -> None:
        told = [*changes]
        self.changes += told[: self.most]
        if len(told) > self.most:
            raise TimeoutError

    async def count(self, count: Count) -> None:
        self.counts.append(count)

    async def news(self, position: tuple[Position, Position] = (START, START)) -> News:
        (at, _), (counted, _) = position
        changes, counts = self.changes[at : at + self.most], self.counts[counted:]
        return News(tuple(changes), tuple(counts), ((at + len(changes), 0), (counted + len(counts), 0)))

    async def close(self) -> None:
        pass


def change(number: int, seen: float = 1.0) -> Change:
    url = f"https://news.example/{number}"
    return Change("learned", url, Entry(url, "Bridge", seen=seen))


def test_what_waited_for_a_slow_ledger_is_told_part_by_part_and_once() -> None:
    ledger, waiting = Slow(exchange.PART), [change(n) for n in range(5 * exchange.PART)]
    failures: list[None] = []
    asyncio.run(Exchange(ledger, lambda: 1.0, lambda: failures.append(None)).tell(waiting))
    assert ledger.changes == waiting
    assert failures == []


def test_what_is_told_is_heard_in_the_parts_that_the_ledger_gives() -> None:
    ledger = Slow(exchange.PART)
    ledger.changes = [change(n) for n in range(3 * exchange.PART)]

    async def heard() -> list[int]:
        return [len(news.changes) async for news in Exchange(ledger, lambda: 1.0, lambda: None).hear()]

    assert asyncio.run(heard()) == [exchange.PART] * 3


def test_nothing_heard_is_later_than_now() -> None:
    ledger = Slow(exchange.PART)
    ledger.changes = [change(1, seen=900.0), change(2, seen=1.7e12)]
    ledger.counts = [Count("other", 5000.0, {"https://news.example/1": 1})]

    async def heard() -> News:
        (news,) = [each async for each in Exchange(ledger, lambda: 1000.0, lambda: None).hear()]
        return news

    news = asyncio.run(heard())
    assert [each.entry.seen for each in news.changes if each.entry] == [900.0, 1000.0]
    assert [each.at for each in news.counts] == [1000.0]
