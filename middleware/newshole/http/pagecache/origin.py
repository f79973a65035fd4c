"""The site behind a page cache: pages are fetched from it once for all who wait, and kept if they may be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from starlette.types import ASGIApp, Scope, Send

from newshole.http.headers import HeaderList
from newshole.http.pagecache.asking import Asked, site_scope
from newshole.http.pagecache.entry import Stored, freshened, stored
from newshole.http.pagecache.exchange import Exchange
from newshole.http.pagecache.fetching import Fetch, Landing, fetch_alone
from newshole.http.pagecache.refreshing import Fetches
from newshole.http.pagecache.settings import Settings
from newshole.http.pagecache.shelf import Shelf
from newshole.http.pagecache.storing import INCOMPLETE, PURGED, TOO_SLOW, Head
from newshole.http.pagecache.tally import CacheTally


class Origin:
    """Fetches from `app`, of which what may be kept goes to `shelf`."""

    def __init__(
        self,
        app: ASGIApp,
        shelf: Shelf,
        settings: Settings,
        tally: CacheTally,
        *,
        now: Callable[[], float],
    ) -> None:
        self.app, self.shelf, self.settings, self.tally, self.now = app, shelf, settings, tally, now
        self.fetches = Fetches(settings.refreshes, tally.refused)

    async def lead(self, key: bytes, asked: Asked, exchange: Exchange, send: Send) -> None:
        """Fetch a page for a reader, while others wait for it."""

        def is_awaited() -> bool:
            return self.fetches.get(key) is fetch.landed

        fetch = self._fetch(asked, send, partial(self._remember, key), is_awaited)
        scope = site_scope(exchange.scope)
        try:
            self.fetches.add(key, fetch.landed)
            await exchange.ask(self.app, scope, fetch)
        except Exception:
            fetch.end(is_broken=True)
            raise
        finally:
            fetch.end()

    def renew(
        self, key: bytes, asked: Asked, scope: Scope, page: Stored | None
    ) -> asyncio.Future[Landing] | None:
        """Fetch a page, be it kept or not, behind a reader's back; None where it is not worth it now."""
        if self.fetches.rests(key):
            return None
        return self.fetches.start(key, lambda: self._renew(key, asked, scope, page))

    async def wait(
        self, key: bytes, landed: asyncio.Future[Landing], asked: Asked, scope: Scope
    ) -> Landing | None:
        """What came of a fetch, None where it takes too long: others do not wait for it then.

        A reader may be what keeps it, by taking nothing; so it is made once more, behind all of them.
        """
        landing = await self.fetches.wait(landed, self.settings.patience)
        if landing is None and not landed.done():
            if self.fetches.forsake(key, landed):
                self.renew(key, asked, scope, None)
            self.fetches.rest(key, self.settings.timeout)
        return landing

    async def _renew(self, key: bytes, asked: Asked, scope: Scope, page: Stored | None) -> Landing:
        try:
            async with asyncio.timeout(self.settings.timeout):
                landing = await self._ask(asked, scope, page)
        except TimeoutError:
            landing = Landing("failed", reason=TOO_SLOW)
        events = {"kept": "refreshed", "refused": "refused-anew", "failed": "refresh-failed"}
        self.tally.events[events[landing.outcome]] += 1
        if landing.outcome == "refused" and page is not None:
            self.shelf.forget(page)
        self._remember(key, landing)
        return landing

    async def _ask(self, asked: Asked, scope: Scope, page: Stored | None) -> Landing:
        """Ask the site whether a page has changed, and for a whole one where its answer does not fit."""
        if page is not None and page.validators():
            fetch = self._fetch(asked)
            await fetch_alone(self.app, site_scope(scope, more=page.validators()), fetch)
            if fetch.status != 304 or fetch.head is None:
                return fetch.landed.result()
            anew = freshened(page, fetch.raw, self.settings, fetch.head, seen=fetch.seen)
            if anew is not None:
                return self._keep(anew)
        fetch = self._fetch(asked)
        await fetch_alone(self.app, site_scope(scope, more=[]), fetch)
        return fetch.landed.result()

    def _fetch(
        self,
        asked: Asked,
        forward: Send | None = None,
        land: Callable[[Landing], None] | None = None,
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> Fetch:
        seen = self.shelf.purge_log.marks.seen

        def keep(head: Head, raw: HeaderList, body: bytes) -> Landing:
            names = self.shelf.names(asked.page, head.vary)
            if names is None:
                return Landing("refused", reason="vary")
            key = self.shelf.key_with(names, asked)
            newer = None if is_awaited() else self.shelf.pages.peek(key)
            if newer is not None:
                return Landing("kept", newer)
            return self._keep(
                stored(head, raw, body, page=asked.page, mark=asked.mark, key=key, names=names, seen=seen)
            )

        counts = self.tally.refused
        return Fetch(self.settings, keep, counts, seen=seen, forward=forward, land=land, now=self.now)

    def _keep(self, page: Stored) -> Landing:
        """Keep a page, if it was not purged while it was on its way."""
        if self.shelf.purge_log.marks.has_purged(page.marks, page.seen):
            return Landing("refused", reason=PURGED)
        self.tally.events["kept"] += 1
        return Landing("kept", self.shelf.keep(page))

    def _remember(self, key: bytes, landing: Landing) -> None:
        """Count what came of a fetch, and spare the site another one of what came to nothing."""
        if landing.outcome == "kept":
            self.fetches.wake(key)
            return
        self.tally.refused[landing.reason] += 1
        if landing.outcome == "refused" and landing.reason != PURGED:
            self.fetches.rest(key, self.settings.remembered)
        elif landing.outcome == "failed" and landing.reason != INCOMPLETE:  # a reader who left is no failure
            self.fetches.rest(key, self.settings.rest)
