"""One site as the console knows it: its log, its pages, and what its workers know, followed as they do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from newshole.cdn.named import named_caches
from newshole.console.drafting.drafts import Draft, Drafts, became
from newshole.console.experiments.readouts import Readouts
from newshole.console.fresh import Fresh
from newshole.console.health.pulse import Pulse
from newshole.console.impact.looks import Looks
from newshole.console.pages import Pages
from newshole.console.publishing.aftermath import Aftermath
from newshole.console.turns import Turns
from newshole.explaining.page import Page
from newshole.http.middleware import Newshole
from newshole.live.appending import read_log
from newshole.live.audit import Audit
from newshole.live.entries import State
from newshole.live.ledger import Ledger
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.shared import SharedRows
from newshole.live.source import Source, SourceError, load_site, taken_by
from newshole.live.staging.deciding import known_digest
from newshole.rules.environment import Taken
from newshole.site import Composition, Site
from newshole.store import StoreError
from newshole.store.lru import Lru
from newshole.types import Reader

HOUR: Final = 3600.0

LOADED: Final = 8
"""Versions that are kept ready."""


class ConsoleSite:
    """A site under its `label`. `newshole` follows what is published, switched and learned like any worker,
    but serves nobody; `pages` come from the site's own software. `switches` is the switch file of this
    machine's workers, `caches` are those in front, None for those of the environment; `journal` is what
    workers write of what they served, `shared` what all machines share of that, `warehouse` where the sink of
    their events writes; None for none. `remark` is told beside figures."""

    def __init__(
        self,
        label: str,
        newshole: Newshole,
        pages: Pages,
        ledger: Ledger,
        *,
        switches: Path | None = None,
        caches: Sequence[str] | None = None,
        journal: JournalFile | None = None,
        shared: SharedRows | None = None,
        warehouse: Path | None = None,
        remark: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.label, self.newshole, self.pages, self.ledger, self.clock = label, newshole, pages, ledger, clock
        self.switches, self.journal, self.shared = switches, journal, shared
        self.aftermath = Aftermath(named_caches(caches))
        self.pulse = Pulse(ledger, clock)
        self.audit, self.drafts = Audit(ledger), Drafts(ledger, clock)
        self.looks, self.readouts = Looks(pages, clock=clock), Readouts(warehouse, clock, remark)
        self.fresh, self.turns = Fresh(clock), Turns()
        self._versions: Lru[str, Site] = Lru(LOADED, LOADED)
        desk = newshole.desk
        if desk is not None and desk.follower is not None:
            desk.follower.is_silent = True

    async def close(self) -> None:
        """End what runs in the background, and close the log."""
        await self.looks.close()
        self.readouts.close()
        self.turns.close()
        await self.pulse.close()
        await self.aftermath.close()
        if self.shared is not None:
            await self.shared.close()
        await self.ledger.archive.close()

    async def state(self) -> State:
        """What is published and off now, by the log. Raises StoreError, UsageError."""
        return (await read_log(self.ledger))[1]

    async def open_drafts(self) -> Sequence[Draft]:
        """The drafts that are still to be published, the newest first; one that is in service by now, or was,
        is discarded. Raises StoreError, UsageError."""
        drafts, versions = await self.drafts.list(), (await self.state()).versions
        found = []
        for draft in drafts:
            version = became(draft, versions)
            if version is None:
                found.append(draft)
            else:
                # A log that takes nothing now can be looked at all the same; whoever looks next discards it.
                with suppress(StoreError):
                    await self.drafts.drop(draft.id, version.by, seen=draft.revision)
        return found

    async def source(self, version: str = "") -> Source:
        """The files of a version by the beginning of its digest, of the one in service for "".

        Raises UsageError where there is none, SourceError where they are lost, StoreError.
        """
        state = await self.state()
        digest = state.version.digest if not version and state.version else known_digest(state, version)
        return await self.ledger.source(digest)

    async def known(self) -> frozenset[Taken]:
        """What the rules in service take from the environment, and a draft may take, too. Raises StoreError,
        UsageError."""
        state = await self.state()
        if state.version is None:
            return frozenset()
        try:
            source = await self.ledger.source(state.version.digest)
        except SourceError:
            return frozenset()
        found: frozenset[Taken] = await self.fresh.get(
            ("known", source.digest), lambda: self.turns.take(taken_by, source), last=HOUR
        )
        return found

    async def version(self, version: str = "") -> Site:
        """The rules of a version, ready to compose; those in service for "". Raises as `source` does."""
        if not version:
            return self.newshole.site
        digest = known_digest(await self.state(), version)
        site = self._versions.get(digest)
        if site is None:
            site = await asyncio.to_thread(load_site, await self.ledger.source(digest))
            self._versions.put(digest, site, 1)
        return site

    def compose(self, page: Page, reader: Reader, site: Site | None = None) -> Composition:
        """What rules make of a page for a reader, with what the site's blocks show now; nothing of it counts.

        The rules in service where none are given. May run in a thread.
        """
        rules = site or self.newshole.site
        return rules.compose(
            page.body,
            url=page.url,
            content_type=page.content_type,
            reader=reader,
            facts=self.newshole.site.facts,
            words=rules.kept_out(page.policies, page.url),
        )
