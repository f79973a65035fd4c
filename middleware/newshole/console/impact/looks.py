"""What rules that nobody sees yet would do to the live site's pages, looked at in the background.

A look has an address of its own, so that it can be left and found again. It asks the site's own software for
few pages at a time, and composes them in a thread; what it found is kept for an hour.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias, get_args

from newshole.console.impact.sampling import AT_ONCE, Candidate, Sample
from newshole.console.pages import Pages
from newshole.errors import UsageError
from newshole.explaining.page import Page
from newshole.review.impact import Order, PageImpact, Study, worst_first
from newshole.review.price import Prices
from newshole.store.lru import Lru

log = logging.getLogger("newshole")

PAGES: Final = 100
MOST_PAGES: Final = 300
"""Pages that are looked at where nobody says how many, and at most."""

MOST_RUNNING: Final = 3
MOST_KEPT: Final = 12
KEPT: Final = 3600.0
"""Looks at a time, looks that are kept with those that have ended, and seconds that those are kept."""

SHOWN: Final = 40
"""Pages whose pictures are kept, of each order."""

FRESH: Final = 300.0
ROOM: Final = 48 * 1024 * 1024
"""Seconds that fetched pages are used again, and bytes of them that are kept."""

ORDERS: Final[tuple[Order, ...]] = get_args(Order)

Outcome: TypeAlias = Literal["running", "done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Subject:
    """The rules that are looked at: in words, and as screens name them ("draft" or "version")."""

    title: str
    asked: Mapping[str, str]


@dataclass(slots=True)
class Look:
    """One look at many pages; moments are seconds of the clock, `ended` is None while it runs."""

    id: str
    by: str
    subject: Subject
    device: str
    began: float
    total: int = 0
    pages: list[PageImpact] = field(default_factory=list)
    asked: tuple[Candidate, ...] = ()
    missing: list[tuple[str, str]] = field(default_factory=list)
    prices: Prices | None = None
    outcome: Outcome = "running"
    is_stopping: bool = False
    ended: float | None = None

    @property
    def done(self) -> int:
        """Pages that were looked at or could not be had."""
        return len(self.pages) + len(self.missing)

    @property
    def percent(self) -> int:
        """How much is done; 0 while the pages are still being chosen."""
        return min(100 * self.done // self.total, 100) if self.total else 0

    def seconds_left(self, now: float) -> int | None:
        """How long it will take, by what the pages so far took; None where nothing tells it yet."""
        if not self.total or self.done < AT_ONCE:
            return None
        return round((now - self.began) / self.done * (self.total - self.done))


Choose: TypeAlias = Callable[[], Awaitable[Sample]]
"""What chooses the pages once a look has begun."""


class BusyError(UsageError):
    """So many looks run that there is no room for another."""


class Looks:
    """The looks at one site, and the pages that were fetched for them."""

    def __init__(self, pages: Pages, *, clock: Callable[[], float] = time.time) -> None:
        self.pages, self.clock = pages, clock
        self._looks: dict[str, Look] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._fetched: Lru[str, tuple[float, Page]] = Lru(2 * MOST_PAGES, ROOM)

    def get(self, identifier: str) -> Look | None:
        """A look by its id; None where it was forgotten, or never was."""
        self._forget()
        return self._looks.get(identifier)

    def latest(self) -> list[Look]:
        """All that are kept, the newest first."""
        self._forget()
        return [*self._looks.values()][::-1]

    def begin(self, look: Look, study: Study, sample: Sample | Choose) -> None:
        """Begin a look. Raises BusyError where too many run."""
        self._forget()
        if sum(each.ended is None for each in self._looks.values()) >= MOST_RUNNING:
            raise BusyError(f"{MOST_RUNNING} looks run already: wait for one of them, or stop one")
        self._looks[look.id] = look
        task = asyncio.create_task(self._run(look, study, sample))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End the looks that run."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _forget(self) -> None:
        """Let looks go that ended long ago, and the oldest where there are too many."""
        now = self.clock()
        ended = [each for each in self._looks.values() if each.ended is not None]
        over = len(self._looks) - MOST_KEPT
        for n, each in enumerate(ended):
            if n < over or now - (each.ended or now) > KEPT:
                del self._looks[each.id]

    async def _run(self, look: Look, study: Study, sample: Sample | Choose) -> None:
        try:
            chosen = sample if isinstance(sample, Sample) else await sample()
            look.asked = chosen.pages
            look.missing += chosen.notes
            look.total = len(chosen.pages) + len(chosen.notes)
            await self._look_at(look, study, chosen.pages)
            look.prices = await asyncio.to_thread(study.prices)
            _let_pictures_go(look)
            look.outcome = "stopped" if look.is_stopping else "done"
        except Exception:
            log.exception("the impact of %s could not be worked out", look.subject.title)
            look.outcome = "failed"
        finally:
            look.ended = self.clock()

    async def _look_at(self, look: Look, study: Study, pages: Sequence[Candidate]) -> None:
        """Every page, some fetched at a time and one composed."""
        waiting, turn = iter(pages), asyncio.Lock()

        async def work() -> None:
            for each in _until_stopped(look, waiting):
                try:
                    page = await self._page(each.url)
                except UsageError as error:
                    look.missing.append((each.url, str(error)))
                    continue
                async with turn:
                    look.pages.append(await asyncio.to_thread(study.add, page))

        async with asyncio.TaskGroup() as group:  # where one fails, the others end too
            for _ in range(AT_ONCE):
                group.create_task(work())

    async def _page(self, url: str) -> Page:
        """A page as it is now, or was some minutes ago. Raises UsageError."""
        now = self.clock()
        kept = self._fetched.get(url)
        if kept is not None and now - kept[0] < FRESH:
            return kept[1]
        page = await self.pages.fetch(url)
        self._fetched.put(url, (now, page), len(page.body))
        return page


def new_look(by: str, subject: Subject, device: str, now: float) -> Look:
    """A look that has not begun, under an id that nobody guesses."""
    return Look(secrets.token_urlsafe(9), by, subject, device, now)


def _until_stopped(look: Look, waiting: Iterator[Candidate]) -> Iterator[Candidate]:
    for each in waiting:
        if look.is_stopping:
            return
        yield each


def _let_pictures_go(look: Look) -> None:
    """Keep the pictures of those pages alone that are shown."""
    shown = {page.url for order in ORDERS for page in worst_first(look.pages, order)[:SHOWN]}
    look.pages = [page if page.url in shown else replace(page, pictures={}) for page in look.pages]
