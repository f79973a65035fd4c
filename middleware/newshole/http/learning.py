"""The library desk: what requests see of stories becomes a library, beside the requests.

    a request ──lead──► intake ──every second──► shelf ──every ten──► what pages show
                          ▲  │
                          │  └──► ledger ──► other workers
                          └──────────┘

Nothing waits for it: a request leaves what it saw in the intake, which costs it less than a microsecond for a
story that is known. A ledger that fails, or that is full or damaged, is told of once in the log and counted,
and asked again later; until then each worker goes on from memory.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Final, TypeVar

from starlette.types import Message

from newshole.http.heads import Headers, RawHeaders
from newshole.http.learnable import ANSWER_REFUSED, is_gone, is_personal, is_reader, refuse_answer
from newshole.library.entry import Entry
from newshole.library.exchange import Exchange
from newshole.library.intake import REFUSED, Home, Intake, home_of, take_in
from newshole.library.lead import PAGE_REFUSED, Lead
from newshole.library.ledger import Change, Count, Ledger
from newshole.library.shelf import Shelf
from newshole.site import Site

log = logging.getLogger("newshole")

T = TypeVar("T")

PAUSE: Final = 1.0
"""Seconds from one look at what requests have left to the next, and at what other workers have told."""

COUNTED_EVERY: Final = 10.0
"""Seconds from one count of views to the next."""

FAULT: Final = "library-fault"
"""What a failure of the library is counted as."""

LEARNED: Final = "learned"
DROPPED: Final = "dropped"

OUTCOMES: Final = {
    LEARNED: "was learned, or learned anew for it has changed",
    DROPPED: "was let go, for it is no longer at its address",
    **PAGE_REFUSED,
    **ANSWER_REFUSED,
    **REFUSED,
}
"""All that becomes of stories and is counted, in words."""


class LibraryDesk:
    """The library of the site in service, kept in a `ledger` where there is one.

    `counts` is added to for a failure, `outcomes` for what becomes of a story.
    """

    def __init__(
        self,
        counts: Counter[str],
        outcomes: Counter[str],
        ledger: Ledger | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.counts, self.outcomes, self.clock = counts, outcomes, clock
        self.intake = Intake()
        self.exchange = None if ledger is None else Exchange(ledger, clock, self._count_fault)
        self.homes: dict[str, Home] = {}
        self.site: Site | None = None
        self.task: asyncio.Task[None] | None = None
        self._unseen: Counter[str] = Counter()
        self._wanted: list[tuple[Shelf, str, bool]] = []
        self._counted = 0.0

    @property
    def stories(self) -> int:
        """How many stories there are, with those that the rules name."""
        return sum(len(home.shelf) for home in self.homes.values())

    def attend(self, site: Site) -> None:
        """See to it that the library of `site`, and of no other, is kept. Never raises."""
        if self.site is site:
            return
        self.homes = {
            each.name: home_of(each, site.shelves[each.name], self.homes.get(each.name))
            for each in site.rules
            if each.name in site.shelves
        }
        self.intake.turn += 1
        self.site = site
        if not self.homes:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.homes = {}  # under trio, where nothing would take up what requests leave
            return
        if self.task is None or self.task.done():
            self.task = loop.create_task(self._run(), name="newshole library")
            self.task.add_done_callback(self._ended)

    def meet(self, lead: Lead, asked: Headers, answered: RawHeaders) -> None:
        """Take note of an answer with the page that a lead is of. Never raises.

        `asked` are the headers of its request, `answered` those of the site.
        """
        try:
            if lead.turn != self.intake.turn:
                self._consider(lead, asked, answered)
            if lead.turn == self.intake.turn and is_reader(asked):
                self.intake.see(lead)
        except Exception:
            log.exception("a story was not learned")
            self._count_fault()

    def miss(self, url: str, start: Message, asked: Headers) -> None:
        """Take note of how an answer to GET or HEAD begins that is no page. Never raises."""
        try:
            if (
                "?" in url
                or is_personal(asked)
                or not is_gone(url, start["status"], start.get("headers", ()))
            ):
                return
            home = self._home(url)
            if home is not None and self.intake.leave(url, home):
                self.outcomes[DROPPED] += 1
        except Exception:
            log.exception("a story that is gone was not noticed")
            self._count_fault()

    def is_ready(self, name: str, feed: str, entries: Iterable[Entry]) -> bool:
        """Whether it can be told which entries of a feed are stories of some rules, by these rules' name.

        The feed's own host becomes that of a library that has none yet, where a story is of it.
        """
        home = self.homes.get(name)
        if home is not None and not home.is_known:
            own = (each for each in entries if self._home(each.url) is home)
            self.intake.settle(own, feed, home)
        return home is not None and home.is_known

    def bring(self, name: str, entries: Iterable[Entry]) -> None:
        """Take in what a feed tells of the stories of some rules, by these rules' name.

        Stories of other hosts, those of other rules, and those that an operator has forgotten are left out.
        """
        home = self.homes.get(name)
        if home is not None:
            own = (each for each in entries if self._home(each.url) is home)
            self.outcomes[LEARNED] += self.intake.bring(own, home)

    async def close(self) -> None:
        """End the task, and keep what is not kept yet."""
        task, self.task, self.site = self.task, None, None
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            return
        task.cancel()
        await asyncio.wait([task])
        with suppress(Exception):
            await self._settle()
            await self._count()
        if self.exchange is not None:
            await self.exchange.close()

    def _home(self, url: str) -> Home | None:
        rules = None if self.site is None else self.site.rules_for(url)
        return None if rules is None else self.homes.get(rules.name)

    def _consider(self, lead: Lead, asked: Headers, answered: RawHeaders) -> None:
        home = self._home(lead.entry.url)
        if home is None:
            return
        if not home.is_known:
            home.takes(lead.entry.url, self.clock())
        if self.intake.knows(lead, home) or not (lead.is_own and home.learns):
            return
        reason = refuse_answer(asked, answered) or self.intake.offer(lead, home, self.clock())
        self.outcomes[reason or LEARNED] += 1

    async def _run(self) -> None:
        while True:
            try:
                await self._settle()
                if self.clock() - self._counted >= COUNTED_EVERY:
                    await self._count()
                await self._show()
            except Exception:
                log.exception("the library was not kept")
                self._count_fault()
            await asyncio.sleep(PAUSE)

    async def _settle(self) -> None:
        """Hear what the others tell, take up what requests have left, and tell the others."""
        if self.exchange is not None:
            await self._hear(self.exchange)
        changes, views = self.intake.take()
        self._unseen.update(views)
        await self._apply(changes)
        if self.exchange is not None:
            await self.exchange.tell([*self._told(changes)])

    def _told(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Changes as the others are told of them: a ledger may keep the last word alone, and a feed's says
        less than a page's."""
        for each in changes:
            is_fed = each.entry is not None and each.entry.source == "feed"
            home = self._home(each.url) if is_fed else None
            known = None if home is None else home.shelf.entry(each.url)
            yield each if known is None else Change("learned", known.url, known)

    async def _apply(self, changes: Iterable[Change]) -> None:
        """Put changes into effect, in a thread: beside many stories one takes its time."""
        for home, own in self._at_home(changes, lambda each: each.url):
            await asyncio.to_thread(take_in, own, home)

    async def _hear(self, exchange: Exchange) -> None:
        """Take up what others tell, as soon as it can be told which of it belongs here."""
        wanted = [(home.shelf, home.host, home.learns) for home in self.homes.values()]
        if not all(home.is_known for home in self.homes.values()):
            return
        if wanted != self._wanted:
            self._wanted = wanted
            exchange.begin_again()
        async for news in exchange.hear():
            await self._apply(self.intake.hear(news.changes))
            await asyncio.to_thread(self._view, news.counts)

    async def _count(self) -> None:
        self._counted = self.clock()
        views, self._unseen = self._unseen, Counter()
        await asyncio.to_thread(self._view, [Count("", self._counted, views)])
        if self.exchange is not None:
            await self.exchange.count(views)

    async def _show(self) -> None:
        """Let pages show the library as it is now, where that differs from what they show."""
        site, now = self.site, self.clock()
        if site is not None:
            site.show_stories(await asyncio.to_thread(site.changed_stories, now), now)

    def _view(self, counts: Iterable[Count]) -> None:
        for count in counts:
            for home, own in self._at_home(count.views.items(), lambda each: each[0]):
                home.is_read((url for url, _ in own), count.at)
                home.shelf.count(dict(own), count.at)

    def _at_home(self, things: Iterable[T], url_of: Callable[[T], str]) -> Iterator[tuple[Home, list[T]]]:
        """The shelves, each with the things that belong to it."""
        found: dict[str, list[T]] = {}
        for thing in things:
            rules = None if self.site is None else self.site.rules_for(url_of(thing))
            if rules is not None:
                found.setdefault(rules.name, []).append(thing)
        yield from ((self.homes[name], own) for name, own in found.items() if name in self.homes)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Begin again with the next request, be it that the loop of the last one has ended, or a fault."""
        if self.task is task:
            self.site = None
        if not task.cancelled() and task.exception() is not None:
            log.error("what keeps the library failed, and begins again", exc_info=task.exception())

    def _count_fault(self) -> None:
        self.counts[FAULT] += 1
