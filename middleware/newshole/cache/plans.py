"""Plans that are made once: a page is found again by its bytes, and composed without being read.

    page ─► stable bytes ─► kept here? ─► in the store? ─► read, plan, prove, keep
                               │              │
                               └──────────────┴─► look at the blocks ─► render ─► splice

**Never stale.** A plan is kept under a digest of everything that may decide on it: the page's stable bytes
(see `page.frame`), its address, its content type and the encoding told from it, what its response tells
newshole, the rules, the engine, and which of the rules' conditions on readers hold. Which blocks have
something to show is looked at anew, from the story that is kept with the plan; a set of blocks that was not
met before is planned anew, and so is a page where a block's markup has another shape than the one that was
proved. What operators switch off counts as a fact: blocks that are off are refused like those without
anything to show, so no plan is lost for a switch, and none is shown that a switch forbids.

**What was shown** is kept beside the plan, as fragments, for as long as it can be the same: within one
minute, with the same facts. So a page that is asked for again costs a hash, a look-up and a splice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Final
from urllib.parse import urlsplit

import anyio

from newshole.cache.budget import BUDGET, BUSY, OVER_BUDGET, Budget, left
from newshole.cache.kept import (
    Answer,
    Asked,
    Dress,
    Finished,
    Kept,
    Key,
    Known,
    Shown,
    Who,
    digest_of,
    key_of,
    name_of,
    state_of,
    until_of,
)
from newshole.cache.plan_record import decode, encode
from newshole.cache.reading import Read, read_anew, watched, whole
from newshole.cache.showing import is_plan_of, reminded, show, spliced
from newshole.cache.tally import Tally
from newshole.cache.threads import planners
from newshole.composing import SWITCHED_OFF
from newshole.lasting import FAULTY, LASTS, Lasting, switched
from newshole.page.frame import Stable, whole_digest
from newshole.rules.addressed import Tellings
from newshole.rules.ruleset import Rules
from newshole.rules.telling import NOTHING_TOLD, Telling
from newshole.site import Site
from newshole.store import Flights, GuardedStore, Lru
from newshole.types import Facts, Reader

log = logging.getLogger("newshole")

MOST_PAGES: Final = 8192
ROOM: Final = 64 * 1024 * 1024
"""Pages, and bytes of what they show, that are kept in the process."""

FINISHED_ROOM: Final = 32 * 1024 * 1024
"""Bytes of finished pages that are kept, of those that were asked for again within a minute."""

MOST_KNOWN: Final = 4096
KNOWN_ROOM: Final = 24 * 1024 * 1024
"""Addresses, and bytes of one response each, that are kept to learn what changes from one to the next."""

ENTRY: Final = 1500
"""What one entry takes beside its fragments, in bytes, about."""

KEEP: Final = 86_400.0
"""Seconds for which a plan stays in the store; its key says all that it holds for."""

INLINE: Final = 256 * 1024
"""Bytes over which a page is read in a worker thread, so that other requests go on meanwhile."""


class PlanCache:
    """The pages of one site, planned once; `store` shares plans with other workers, `secret` signs them.

    `tally` counts what happens, `budget` bounds what large pages cost: those over `inline` bytes, which are
    read in threads.
    """

    def __init__(
        self,
        site: Site,
        store: GuardedStore | None = None,
        *,
        secret: bytes = b"",
        tally: Tally | None = None,
        clock: Callable[[], float] = time.time,
        budget: Budget = BUDGET,
        inline: int | None = None,
    ) -> None:
        self.site, self.store, self.secret, self.budget = site, store, secret, budget
        self.inline = INLINE if inline is None else inline
        self.clock = clock
        self.tally = Tally() if tally is None else tally
        self.counts = self.tally.plans
        self.has_readers = bool(site.reader_facts)
        tellings = {id(each): Tellings(each) for each in site.rules}
        # A method of this cache would keep it, and all its pages, until the collector finds the circle.
        self._telling = lru_cache(maxsize=MOST_PAGES)(partial(_told_at, site, tellings))
        self.is_steady = lru_cache(maxsize=MOST_PAGES)(site.is_steady)
        self.may_compose = lru_cache(maxsize=MOST_PAGES)(site.may_compose)
        self.needed = lru_cache(maxsize=MOST_PAGES)(site.needed)
        self.takes_fragments = lru_cache(maxsize=MOST_PAGES)(site.takes_fragments)
        self.kept: Lru[Key, Kept] = Lru(MOST_PAGES, ROOM)
        self.finished: Lru[Key, Finished] = Lru(MOST_PAGES, FINISHED_ROOM)
        self.known: Lru[str, Known] = Lru(MOST_KNOWN, KNOWN_ROOM)
        self.fetching: Flights[Key, None] = Flights()
        self.reading: Flights[tuple[Key, int, int], tuple[bytes, Answer]] = Flights()
        self.coding: Flights[tuple[Key, int, int], Answer] = Flights()

    def inherit(self, other: PlanCache) -> None:
        """Take over what another cache knows of pages whose rules are the same here."""
        same = {each.digest for each in self.site.rules} & {each.digest for each in other.site.rules}
        if not same:
            return
        if watched(self.site) == watched(other.site):
            self.known = other.known
        for key, kept in other.kept.items():
            rules, before = self.site.rules_for(key[1]), other.site.rules_for(key[1])
            if rules is not None and before is not None and rules.digest == before.digest:
                self._keep(key, Kept(kept.page, lead=kept.lead))

    def switched_off(self, url: str) -> Lasting | None:
        """How long every page of an address is switched off; None where that is not so now."""
        facts = self.site.facts
        is_off = facts.switches is not None and facts.switches.of_address(url) is not None
        return switched(LASTS, facts) if is_off else None

    def telling(self, url: str) -> Telling:
        """What tells the readers of an address, where its rules look at them."""
        return self._telling(url) if self.has_readers else NOTHING_TOLD

    def digest(self, url: str, who: Who, until: float) -> str:
        """The digest of a page that is composed now for a reader, and is the same `until` a moment."""
        site, now = self.site, datetime.fromtimestamp(self.clock() // 60 * 60, UTC)
        return digest_of(
            state_of(site.digest + site.mark, who, site.shown_facts(site.facts, now, url)), until
        )

    def is_current(self, digest: str, url: str, who: Who) -> bool:
        """Whether a page with such a digest would be composed the same now, as long as the site's own is the
        same, for a reader of whom `who` decides."""
        until = until_of(digest)
        return self.clock() < until and digest == self.digest(url, who, until)

    def recall(
        self,
        page: bytes,
        url: str,
        content_type: str,
        who: Who,
        words: str = "",
        form: tuple[str, ...] = (),
        dress: Dress | None = None,
    ) -> Answer | None:
        """The page as it was composed in this minute; None where it was not.

        With a `form`, its codings and what else tells them apart, it is a coded body, and what that became.
        With `dress` it is for one response alone.
        """
        known = None if form else self.known.peek(url)
        if known is not None and known.frame is not None and known.frame.lengths:
            stable = known.frame.stable(page)
            if stable is not None:
                self.known.get(url)
                shown = self._shown(key_of(stable, page, url, content_type, who, words))
                return None if shown is None else self._spliced(shown, page, stable, dress)
        # Of a page without tokens the answer is the same bytes as long as it shows the same.
        key: Key = (whole_digest(page), url, content_type, form or "", who, words)
        if dress is not None:
            shown = self._shown(key)
            return None if shown is None else self._spliced(shown, page, None, dress)
        finished = self.again(key)
        return self._finished(page, key) if finished is None else finished.answer

    def has_tokens(self, url: str) -> bool:
        """Whether pages of an address are known to differ in tokens."""
        known = self.known.peek(url)
        return known is not None and known.frame is not None and bool(known.frame.lengths)

    def again(self, key: Key) -> Finished | None:
        """The page of a key as it was finished in this minute; None where it was not."""
        finished = self.finished.peek(key)
        if finished is None:
            return None
        shown = finished.shown
        if shown.facts is not self.site.facts or shown.minute != self.clock() // 60:
            return None
        self.counts["plan-here"] += 1
        if shown.blocks:
            tally = self.tally
            tally.placed[shown.blocks] += 1
            tally.added += shown.size
        return finished

    def _finished(self, page: bytes, key: Key) -> Answer | None:
        """The answer for a page without tokens, finished and kept where its plan is here."""
        shown = self._shown(key)
        if shown is None:
            return None
        answer = self._spliced(shown, page, None)
        if answer.untouched is None:
            self.finished.put(key, Finished(shown, answer), len(answer.html))
        return answer

    def _shown(self, key: Key) -> Shown | None:
        """What the page of a key showed, None where that may have changed."""
        kept = self.kept.get(key)
        shown = None if kept is None else kept.shown
        if shown is None or shown.facts is not self.site.facts or shown.minute != self.clock() // 60:
            return None
        self.counts["plan-here"] += 1
        return shown

    def _spliced(
        self, shown: Shown, page: bytes, stable: Stable | None, dress: Dress | None = None
    ) -> Answer:
        if shown.untouched is None:
            self._count_shown(shown.blocks, shown.size)
        return spliced(shown, page, stable, dress)

    def _count_shown(self, blocks: tuple[str, ...], added: int) -> None:
        if blocks:
            self.tally.placed[blocks] += 1
            self.tally.added += added

    async def coded_once(self, key: Key, make: Callable[[], Awaitable[tuple[Answer, int]]]) -> Answer:
        """What a coded body becomes, made once for all who ask at the same time, and kept for the minute.

        `make` has the answer, and the bytes that its page grew by.
        """
        minute = int(self.clock() // 60)
        facts = self.site.facts
        work = partial(self._code, key, minute, facts, make)
        return await self.coding.once((key, minute, id(facts)), work)

    async def _code(
        self, key: Key, minute: int, facts: Facts, make: Callable[[], Awaitable[tuple[Answer, int]]]
    ) -> Answer:
        answer, added = await make()
        if answer.lasting != FAULTY:
            shown = Shown(facts, minute, answer.untouched, blocks=answer.blocks, size=added)
            self.finished.put(key, Finished(shown, answer), len(answer.html))
        return answer

    def asked(
        self,
        page: bytes,
        url: str,
        content_type: str,
        who: Who,
        read_reader: Callable[[], Reader],
        words: str = "",
    ) -> Asked:
        """A page as it came, asked for now."""
        return Asked(page, url, content_type, who, int(self.clock() // 60), read_reader, words)

    async def compose(self, asked: Asked) -> Answer:
        """The page composed: by a plan kept here or in the store, else read, planned and kept."""
        rules = self.site.rules_for(asked.url)
        if rules is None:
            return Answer(asked.page, "no-site", plan="")
        off = self.switched_off(asked.url)
        if off is not None:
            return Answer(asked.page, SWITCHED_OFF, lasting=off, plan="")
        stable, key = self._keyed(asked)
        answer = self._by_plan(asked, rules, stable, key)
        if answer is not None:
            self.counts["plan-here"] += 1
            return answer
        if self.store is not None and self.kept.get(key) is None:
            fetch = partial(self._fetch, asked, stable, key, rules, self.store)
            await self.fetching.once(key, fetch)
            answer = self._by_plan(asked, rules, stable, key)
            if answer is not None:
                self.counts["plan-store"] += 1
                return answer._replace(plan="plan-store")
        if len(asked.page) <= self.inline:
            return await self._anew(asked, key, rules)
        with anyio.move_on_after(self.budget.seconds):
            return await self._anew(asked, key, rules)
        # The thread goes on, and what it finds is kept for whoever asks next.
        return left(asked.page, OVER_BUDGET)

    async def _anew(self, asked: Asked, key: Key, rules: Rules) -> Answer:
        """The page read and planned, once for all who ask for it now."""
        facts = self.site.facts
        read = partial(self._read, asked, key, rules, facts)
        # Who asks after a switch was thrown does not share what was begun before.
        page, answer = await self.reading.once((key, asked.minute, id(facts)), read)
        if page == asked.page:
            return answer
        # Another response with the same stable bytes was read meanwhile.
        found = self._by_plan(asked, rules, *self._keyed(asked))
        if found is None:
            stable = whole(asked.page)
            own = key_of(stable, asked.page, asked.url, asked.content_type, asked.who, asked.words)
            _, found = await self.reading.once((own, asked.minute, id(facts)), read)
        return found

    def _keyed(self, asked: Asked) -> tuple[Stable, Key]:
        """What of a page is stable, and its key in the process."""
        known = self.known.get(asked.url)
        frame = known and known.frame
        stable = (frame and frame.stable(asked.page)) or whole(asked.page)
        return stable, key_of(stable, asked.page, asked.url, asked.content_type, asked.who, asked.words)

    def _by_plan(self, asked: Asked, rules: Rules, stable: Stable, key: Key) -> Answer | None:
        """A page by a plan that is kept in the process, its blocks rendered for this minute."""
        kept = self.kept.get(key)
        if kept is None:
            return None
        facts = self.site.facts
        try:
            shown = show(kept.page, asked, self.site, rules, facts)
        except Exception:
            # The page is read anew then, and what fails has its name there.
            log.exception("a kept plan failed on %s", urlsplit(asked.url).path)
            return None
        if shown is None:
            return None
        kept.shown = shown = shown._replace(lead=kept.lead)
        self._keep(key, kept)
        return self._spliced(shown, asked.page, stable)

    async def _fetch(self, asked: Asked, stable: Stable, key: Key, rules: Rules, store: GuardedStore) -> None:
        """Take a page's plans from the store, where they are there and sound."""
        name = name_of(key, rules)
        value = await store.get(name)
        if value is None:
            return
        page = decode(value, name, self.secret)
        if page is not None and all(is_plan_of(each, asked.page, stable, rules) for each in page.plans):
            self._keep(key, Kept(page, lead=reminded(page, asked.url, self.site, rules)))
        else:
            self.counts["plan-unsound"] += 1

    async def _read(self, asked: Asked, key: Key, rules: Rules, facts: Facts) -> tuple[bytes, Answer]:
        """Read and plan a page anew, and keep what came of it."""
        is_large = len(asked.page) > self.inline
        if is_large and planners().load >= self.budget.pages:
            return asked.page, left(asked.page, BUSY)
        self.counts["plan-anew"] += 1
        known = self.known.get(asked.url) or Known()
        kept = self.kept.get(key)
        before = None if kept is None else (key, kept.page)
        work = partial(read_anew, asked, self.site, rules, facts, before, known)
        started = time.perf_counter()
        read = await planners().run(work) if is_large else work()
        self.tally.planned(time.perf_counter() - started)
        self.tally.refused.update(read.refused)
        if read.untold:
            self.tally.stories[read.untold] += 1
        self._count_shown(read.answer.blocks, len(read.answer.html) - len(asked.page))
        self._keep_read(asked, read, rules)
        return asked.page, read.answer

    def _keep_read(self, asked: Asked, read: Read, rules: Rules) -> None:
        self.known.put(asked.url, read.known, ENTRY + len(asked.url) + len(read.known.sample))
        if read.key is None or read.kept is None:
            return
        self._keep(read.key, read.kept)
        if self.store is not None:
            name = name_of(read.key, rules)
            value = encode(read.kept.page, name, self.secret)
            if value is not None:
                self.store.put_later(name, value, ttl=KEEP)

    def _keep(self, key: Key, kept: Kept) -> None:
        self.kept.put(key, kept, ENTRY + len(key[1]) + kept.size)


def _told_at(site: Site, tellings: Mapping[int, Tellings], url: str) -> Telling:
    rules = site.rules_for(url)
    return NOTHING_TOLD if rules is None else tellings[id(rules)].at(url)
