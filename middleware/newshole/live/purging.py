"""Purging what an event changed from the caches in front: at once, and again for what was on its way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newshole.live.changes import ON_THEIR_WAY, Touched, touched, touched_late
from newshole.live.entries import Event
from newshole.live.ledger import Beat

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
    event: Event, workers: Iterable[Beat], sites: Iterable[str], targets: tuple[Target, ...]
) -> AsyncIterator[Purged]:
    """Purge what an event changed from the caches in front, and tell of each as it answers.

    `workers` are those that served before the event, `sites` the names of what they serve then and now.
    """
    if not targets:
        return
    before = tuple(workers)
    found = touched(event, sites, before)
    for each in await _purge(targets, found, is_late=False):
        yield each
    await asyncio.sleep(ON_THEIR_WAY)
    for each in await _purge(targets, touched_late(event, found, before), is_late=True):
        yield each


async def _purge(targets: tuple[Target, ...], found: Touched, *, is_late: bool) -> list[Purged]:
    from newshole.cdn.purge import purge

    outcomes = await purge(targets, tags=found.tags, urls=found.urls, everything=found.everything)
    return [Purged(each.cache, each.problem, is_late) for each in outcomes]


def sites_of(workers: Iterable[Beat]) -> set[str]:
    """The names of the sites that workers serve."""
    return {site for each in workers for site in each.sites}
