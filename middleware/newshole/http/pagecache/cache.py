"""`PageCache`, the ASGI middleware between newshole and the site: what is kept is the site's own page.

    request ──refused──► the site, as if no cache were there
       │
       ├─ kept, fresh ─────────────────────► the kept page
       ├─ kept, stale, may be used meanwhile ─► the kept page, and one fetch behind
       ├─ kept, stale ──► one fetch for all who ask ──► the page; the stale one where the site fails
       └─ not kept ─────► the first fetches, the others wait for it; each for itself if it may not be kept

A fetch behind is nobody's: without cookies, conditions and ranges, and what may not be kept of it is sent to
nobody.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from newshole.http.headers import HeaderList
from newshole.http.heads import read_headers
from newshole.http.lifespan import closing
from newshole.http.operators import HEADER, is_operator
from newshole.http.pagecache.asking import (
    BEFORE,
    CONDITIONAL,
    COOKIES,
    HEAD,
    SAFE,
    WAITED,
    Asked,
    Question,
    admit,
    plain_url,
    read_question,
    refuse_question,
)
from newshole.http.pagecache.entry import Held
from newshole.http.pagecache.exchange import Exchange
from newshole.http.pagecache.judging import Verdict, is_wanted_anew, judge, staleness, stands_in
from newshole.http.pagecache.origin import Origin
from newshole.http.pagecache.purge_log import PurgeLog
from newshole.http.pagecache.purging import marks_of, named_urls
from newshole.http.pagecache.sending import Noting, absent_messages, held_messages, passing
from newshole.http.pagecache.settings import Settings
from newshole.http.pagecache.shelf import Shelf
from newshole.http.pagecache.storing import FAULT, read_head, refuse_head
from newshole.http.pagecache.tags import url_mark
from newshole.http.pagecache.tally import CacheTally
from newshole.http.trace import tell_cache
from newshole.store import GuardedStore

log = logging.getLogger("newshole")

TRIES: Final = 3
"""Fetches of others that a request waits for, where one after the other breaks off."""


class PageCache:
    """ASGI middleware that keeps pages of `app` which say that shared caches may keep them.

    `store` is a guarded store that workers share, where there is one; it is closed with the app's lifespan.
    `secret` signs what is kept there, and the tokens of operators. `settings` bound all of it. `tally` has
    what became of requests. `now` gives the moment in seconds since 1970. It needs an asyncio server.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        store: GuardedStore | None = None,
        secret: str | bytes = b"",
        settings: Settings | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.app, self.store, self.now = app, store, now
        self.settings = settings or Settings()
        self.secret = secret.encode() if isinstance(secret, str) else secret
        self.tally = CacheTally()
        self.purge_log = PurgeLog(store, self.tally.events, now=now)
        self.shelf = Shelf(
            self.settings, self.purge_log, self.tally.events, store=store, secret=self.secret, now=now
        )
        self.origin = Origin(app, self.shelf, self.settings, self.tally, now=now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        try:
            await self._serve(exchange)
        except Exception:
            if exchange.has_begun:
                raise
            # As if no cache were there, by nothing that may have failed.
            log.exception("%s on %r", FAULT, scope.get("path"))
            self.tally.outcomes["passed"] += 1
            self.tally.refused[FAULT] += 1
            await self.app(scope, receive, send)

    async def purge(
        self,
        *,
        urls: Iterable[str] = (),
        tags: Iterable[str] = (),
        everything: bool = False,
        soft: bool = False,
    ) -> bool:
        """Keep no more the pages of these addresses, with these tags, or any; `soft` only makes them stale.

        Holds here at once and in every worker within two seconds; false where the store did not take it, so
        that the others do not know. Raises UsageError for what is no absolute address.
        """
        plain = [plain_url(url, self.settings.ignored_parameters) for url in urls]
        return await self.purge_log.write(marks_of(plain, tags, everything=everything), soft=soft)

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The app's lifespan, at whose end what runs in the background is ended."""
        try:
            await self.app(scope, closing(receive, self.close), send)
        finally:
            await self.close()

    async def close(self) -> None:
        """End what runs in the background, and let go of the store's connections."""
        await self.origin.fetches.close()
        await self.purge_log.close()
        if self.store is not None:
            await self.store.close()

    def _is_told(self, question: Question) -> bool:
        written = question.headers.get(HEADER)
        return written is not None and is_operator(written, self.secret, self.now())

    async def _serve(self, exchange: Exchange) -> None:
        """Answer a request here, or let the site answer."""
        question = read_question(exchange.scope, self.settings)
        exchange.is_told = self._is_told(question)
        reason = refuse_question(question)
        if reason is None:
            await self._answer(admit(question, self.settings), exchange)
        else:
            await self._pass_refused(question, reason, exchange)

    async def _answer(self, asked: Asked, exchange: Exchange) -> None:
        """Answer with a kept page, or with the site's."""
        held = await self._find(asked)
        verdict = None if held is None else self._judge(held, asked)
        if held is None:
            await self._miss(asked, exchange)
        elif verdict == "ask" and b"only-if-cached" in asked.wishes:
            await self._tell_absent(exchange)
        elif verdict == "ask":
            await self._revalidate(asked, exchange, held)
        else:
            if verdict == "behind":
                self.origin.renew(held.stored.key, asked, exchange.scope, held.stored)
            await self._give(asked, exchange, held, outcome="hit" if verdict == "fresh" else "stale")

    async def _find(self, asked: Asked) -> Held | None:
        """The kept page that a request may be answered with, fresh or stale."""
        reading = self.purge_log.attend()
        if reading is not None:
            await self.purge_log.wait(reading)
        # While the store was asked, another request may have fetched the page.
        held = self.shelf.at_hand(asked) or await self.shelf.look(asked) or self.shelf.at_hand(asked)
        if held is not None and asked.cookies == "some" and not held.stored.terms.is_shared:
            return None
        return held

    def _judge(self, held: Held, asked: Asked) -> Verdict:
        age, softened = self._times(held)
        obeys = self.settings.obeys_reloads
        return judge(held.stored.terms, asked.wishes, age=age, softened=softened, obeys=obeys)

    def _times(self, held: Held) -> tuple[float, float | None]:
        """A page's age, and the seconds since a purge made it stale."""
        now = self.now()
        softened = None if held.softened is None else now - held.softened
        return max(0.0, now - held.stored.born), softened

    def _count(self, exchange: Exchange, outcome: str) -> None:
        self.tally.outcomes[outcome] += 1
        tell_cache(exchange.scope, outcome)

    async def _give(self, asked: Asked, exchange: Exchange, held: Held, *, outcome: str) -> None:
        status = None
        if exchange.is_told:
            ttl = -int(staleness(held.stored.terms, *self._times(held)))
            status = exchange.status(f"hit; ttl={ttl}; detail={outcome}")
        messages = held_messages(held, exchange.scope, asked.headers, now=self.now(), status=status)
        self._count(exchange, outcome)
        await exchange.answer(*messages)

    async def _revalidate(self, asked: Asked, exchange: Exchange, held: Held) -> None:
        """Ask the site about a page, once for all who want it; use it as it is where the site fails."""
        page = held.stored
        landed = self.origin.renew(page.key, asked, exchange.scope, page)
        landing = None if landed is None else await self.origin.wait(page.key, landed, asked, exchange.scope)
        if landing is not None and landing.held is not None and self._suits(landing.held, asked):
            await self._give(asked, exchange, landing.held, outcome="revalidated")
        elif landing is not None and landing.outcome != "failed":
            await self._pass(exchange, BEFORE)
        elif self._stands_in(held, asked):
            await self._give(asked, exchange, held, outcome="stood-in")
        else:
            await self._pass(exchange, WAITED)

    def _stands_in(self, held: Held, asked: Asked) -> bool:
        """Whether a stale page may be given to a request that the site does not answer."""
        age, softened = self._times(held)
        terms = held.stored.terms
        if self.settings.obeys_reloads and is_wanted_anew(terms, asked.wishes, age):
            return False
        return stands_in(terms, staleness(terms, age, softened)) and self.shelf.is_sound(held)

    def _suits(self, held: Held, asked: Asked) -> bool:
        """Whether what another request fetched may be given to this one."""
        is_for_all = asked.cookies == "idle" or held.stored.terms.is_shared
        return is_for_all and self.shelf.fits(held, asked)

    async def _miss(self, asked: Asked, exchange: Exchange) -> None:
        """Fetch a page, or wait for another who does."""
        if b"only-if-cached" in asked.wishes:
            await self._tell_absent(exchange)
            return
        for _ in range(TRIES):
            key = self.shelf.key(asked)
            reason = self._alone(asked, key)
            if reason is not None:
                await self._pass(exchange, reason, asked)
                return
            landed, outcome = self.origin.fetches.get(key), "collapsed"
            if landed is None and not asked.has_conditions:
                await self._lead(key, asked, exchange)
                return
            if landed is None and self.shelf.is_known(asked):
                # A whole page, for all: those who have the old one come in crowds too, when it was purged.
                landed, outcome = self.origin.renew(key, asked, exchange.scope, None), "miss"
            if landed is None:
                await self._pass(exchange, CONDITIONAL)
                return
            landing = await self.origin.wait(key, landed, asked, exchange.scope)
            if landing is None:
                break
            # Where the first one broke off, another who waited may have fetched the page by now.
            held = landing.held or self.shelf.at_hand(asked)
            if held is not None and self._suits(held, asked):
                await self._give(asked, exchange, held, outcome=outcome)
                return
        await self._pass(exchange, WAITED)

    def _alone(self, asked: Asked, key: bytes) -> str | None:
        """Why a request that found nothing fetches for itself alone; None where others may wait for it."""
        if asked.cookies != "idle":
            return COOKIES
        if asked.method == "HEAD":
            return HEAD
        if asked.is_for_site:
            return CONDITIONAL
        return BEFORE if self.origin.fetches.rests(key) else None

    async def _lead(self, key: bytes, asked: Asked, exchange: Exchange) -> None:
        """Fetch a page that others may wait for."""
        self._count(exchange, "miss")
        send = passing(exchange.send, status=exchange.status("fwd=miss"))
        await self.origin.lead(key, asked, exchange, send)

    async def _tell_absent(self, exchange: Exchange) -> None:
        self._count(exchange, "absent")
        await exchange.answer(*absent_messages(status=exchange.status("detail=only-if-cached")))

    async def _pass(
        self, exchange: Exchange, reason: str, asked: Asked | None = None, note: Noting | None = None
    ) -> None:
        """Let the site answer; what it says to a reader with cookies may be worth asking for without them."""
        self._count(exchange, "passed")
        self.tally.refused[reason] += 1
        if asked is not None and reason == COOKIES:
            note = partial(self._fill, asked, exchange.scope)
        send = passing(exchange.send, status=exchange.status(f"fwd=bypass; detail={reason}"), note=note)
        await exchange.ask(self.app, exchange.scope, send)

    def _fill(self, asked: Asked, scope: Scope, status: int, raw: HeaderList) -> None:
        """Fetch what a reader with cookies got once more without them, where all may share it."""
        now = self.now()
        head = read_head(status, raw, self.settings, asked=now, answered=now)
        if head.terms.is_shared and refuse_head(head, self.settings.largest) is None:
            self.origin.renew(self.shelf.key(asked), asked, scope, None)

    async def _pass_refused(self, question: Question, reason: str, exchange: Exchange) -> None:
        """Let the site answer a request that is none of the cache's, and purge what it changes."""
        is_unsafe = exchange.scope["method"] not in SAFE and question.url is not None
        await self._pass(
            exchange, reason, note=partial(self._invalidate, question.url or "") if is_unsafe else None
        )

    def _invalidate(self, url: str, status: int, raw: HeaderList) -> None:
        """Purge what was written to (RFC 9111, section 4.4)."""
        if not 200 <= status < 400:
            return
        urls = {url, *named_urls(url, read_headers(raw))}
        marks = {url_mark(plain_url(each, self.settings.ignored_parameters)) for each in urls}
        self.tally.events["invalidated"] += len(marks)
        self.purge_log.write_later(marks)
