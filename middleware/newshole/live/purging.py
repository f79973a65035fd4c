"""Purging what an event changed from the caches in front: at once, and again for what was on its way.

Whoever has made a change purges after it, and says so once all is done. What nobody said so of in time was
left by a process that ended in the middle of it: a worker does it then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newshole.live.appending import Change
from newshole.live.entries import Event
from newshole.live.invalidation import ON_THEIR_WAY, Touched, touched, touched_late
from newshole.live.ledger import Beat, Ledger
from newshole.store import StoreError

if TYPE_CHECKING:
    from newshole.cdn.targets import Target


@dataclass(frozen=True, slots=True)
class Purged:
    """What one cache said to a purge: `problem` is None where it was done. `is_late` says that it was the
    second one, of pages that were on their way."""

    cache: str
    problem: str | None
    is_late: bool


async def purge_touched(
    ledger: Ledger,
    change: Change,
    workers: Iterable[Beat],
    targets: tuple[Target, ...],
    *,
    sites: Iterable[str] = (),
) -> AsyncIterator[Purged]:
    """Purge what a change touches from the caches in front, and tell of each as it answers.

    `workers` are those that served before it, `sites` the names of what they are to serve.
    """
    if not targets:
        return
    before = tuple(workers)
    found = touched(change.event, {*sites, *sites_of(before)}, before)
    if found:
        for each in await _purge(targets, found, is_late=False):
            yield each
        await asyncio.sleep(ON_THEIR_WAY)
        late = await _purge(targets, touched_late(change.event, found, before), is_late=True)
        with suppress(StoreError):  # then a worker purges once more, which does no harm
            await ledger.note_purge(change.number)
        for each in late:
            yield each


async def purge_left(
    event: Event, workers: Iterable[Beat], targets: tuple[Target, ...]
) -> AsyncIterator[Purged]:
    """Purge what an event changed some time ago, in the place of whoever did not come to it.

    Which rules were served before is not known any more: it is all pages of the sites that `workers` serve.
    """
    for each in await _purge(targets, touched(event, sites_of(workers)), is_late=True):
        yield each


async def _purge(targets: tuple[Target, ...], found: Touched, *, is_late: bool) -> list[Purged]:
    from newshole.cdn.purge import purge

    outcomes = await purge(targets, tags=found.tags, urls=found.urls, everything=found.everything)
    return [Purged(each.cache, each.problem, is_late) for each in outcomes]


def sites_of(workers: Iterable[Beat]) -> set[str]:
    """The names of the sites that workers serve."""
    return {site for each in workers for site in each.sites}
