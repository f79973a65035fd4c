"""What a cached plan takes: as a value for the store, and in the process with what the page shows."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Sequence
from typing import Final

from benchmarks.articles import URL, article
from benchmarks.figures import Options, Report, Spread, Table, at_most
from newshole import Reader, Site
from newshole.cache import PlanCache
from newshole.store import GuardedStore, MemoryStore

PAGES: Final = 400
LIMIT: Final = 2048
CONTENT_TYPE: Final = "text/html; charset=utf-8"


class Recorder(GuardedStore):
    """A store that notes the size of each value and keeps none."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())
        self.sizes: list[float] = []

    def put_later(self, key: bytes, value: bytes, *, ttl: float) -> None:  # noqa: ARG002 - as the guard's
        """Note a value's size."""
        self.sizes.append(len(value))


def measure(_options: Options) -> Report:
    """Plan some hundreds of pages, and look at what stays of them."""
    site = Site.load("newspaper")
    _plan(PlanCache(site), 0, 20)  # what all pages share is made now
    recorder = Recorder()
    _plan(PlanCache(site, recorder), 0, PAGES)
    cache = PlanCache(site)
    tracemalloc.start()
    _plan(cache, PAGES, 2 * PAGES)
    cache.known.clear()  # the samples have a bound of their own
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(cache.kept) == PAGES, "not every page was kept"
    return _report(recorder.sizes, held / PAGES)


def _plan(cache: PlanCache, first: int, last: int) -> None:
    async def plan() -> None:
        for number in range(first, last):
            page = article(paragraphs=12, token=f"{number:064x}")
            await cache.compose(cache.asked(page, f"{URL}-{number}", CONTENT_TYPE, (), Reader))

    asyncio.run(plan())


def _report(sizes: Sequence[float], held: float) -> Report:
    values = Spread.of(sizes)
    rows = (
        ("a plan as a value of the store", *values.cells(0)),
        ("the largest of them", f"{max(sizes):.0f}", ""),
        ("a page in the process, with what it shows", f"{held:.0f}", ""),
    )
    caption = f"{PAGES} pages of the pack newspaper; in the process by tracemalloc."
    table = Table("Memory", caption, ("", "bytes", "quartiles"), rows)
    return Report((table,), (at_most("a cached plan", Spread.of([max(sizes)]), LIMIT, "bytes"),))
