"""Where pages are kept: in the process, bounded in bytes, and behind it in the store that workers share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from newshole.http.pagecache.asking import Asked
from newshole.http.pagecache.entry import Held, Stored
from newshole.http.pagecache.page_record import decode, encode_names, encode_page, store_key
from newshole.http.pagecache.purge_log import PurgeLog
from newshole.http.pagecache.settings import Settings
from newshole.http.pagecache.variants import MOST_NAMES, joined_names, variant_key
from newshole.store import Flights, GuardedStore, Lru

MOST_PAGES: Final = 65_536
MOST_ADDRESSES: Final = 65_536
ROOM_FOR_ADDRESSES: Final = 32 * 1024 * 1024


@dataclass(slots=True)
class Known:
    """What is known of an address: the request headers that its pages vary on, and its variants, the one kept
    last at the end."""

    names: tuple[bytes, ...] = ()
    variants: dict[bytes, None] = field(default_factory=dict)


class Shelf:
    """The pages of a cache; `now` gives the moment in seconds since 1970."""

    def __init__(
        self,
        settings: Settings,
        purge_log: PurgeLog,
        counts: Counter[str],
        *,
        store: GuardedStore | None,
        secret: bytes,
        now: Callable[[], float],
    ) -> None:
        self.settings, self.purge_log, self.counts = settings, purge_log, counts
        self.store, self.secret, self.now = store, secret, now
        self.pages: Lru[bytes, Held] = Lru(MOST_PAGES, settings.memory)
        self._reads: Flights[bytes, bytes | None] = Flights()
        self._known: Lru[bytes, Known] = Lru(MOST_ADDRESSES, ROOM_FOR_ADDRESSES)

    def key(self, asked: Asked) -> bytes:
        """The key of the variant that a request asks for, as far as is known what its address varies on."""
        known = self._known.get(asked.page)
        return asked.page if known is None else variant_key(asked.page, known.names, asked.headers)

    def is_known(self, asked: Asked) -> bool:
        """Whether pages of an address were kept before."""
        return self._known.peek(asked.page) is not None

    def fits(self, held: Held, asked: Asked) -> bool:
        """Whether a page is the variant that a request asks for, and was not purged."""
        page = held.stored
        is_one = page.key == variant_key(asked.page, page.names, asked.headers)
        return is_one and self.is_sound(held)

    def is_sound(self, held: Held) -> bool:
        """Whether a page was not purged; what is known of that is kept with it."""
        marks = self.purge_log.marks
        if held.checked != marks.version:
            page = held.stored
            if marks.has_purged(page.marks, page.seen):
                return False
            held.softened = marks.softened(page.marks, page.seen)
            held.checked = marks.version
        return True

    def at_hand(self, asked: Asked) -> Held | None:
        """The page for a request that the process has."""
        key = self.key(asked)
        held = self.pages.get(key)
        if held is None:
            return None
        if not self.is_sound(held) or self.now() >= held.until:
            self.pages.drop(key)
            return None
        return held

    async def look(self, asked: Asked) -> Held | None:
        """The page for a request that the store has; it is at hand from then on."""
        if self.store is None or not self.purge_log.is_shared:
            return None
        found = await self._read(asked.page, asked.page)
        if isinstance(found, tuple):
            self._learn(asked.page, found)
            key = self.key(asked)
            found = await self._read(key, asked.page) if key != asked.page else None
        if not isinstance(found, Stored):
            return None
        held = self._held(found)
        if not self.is_sound(held) or self.now() >= held.until:
            return None
        self._put(held)
        return held

    def key_with(self, names: tuple[bytes, ...], asked: Asked) -> bytes:
        """The key of the variant that a request asks for, where its address varies on these headers."""
        return variant_key(asked.page, names, asked.headers)

    def names(self, page: bytes, more: tuple[bytes, ...]) -> tuple[bytes, ...] | None:
        """All that the pages of an address vary on, with what one more does; None for too many."""
        known = self._known.get(page)
        names = joined_names(known.names if known else (), more)
        return names if len(names) <= MOST_NAMES else None

    def keep(self, page: Stored) -> Held:
        """Keep a page here, and in the store where it is small enough."""
        held = self._held(page)
        self._put(held)
        if self.store is None or not self.purge_log.is_shared:
            return held
        if page.size <= self.settings.largest_shared:
            self.store.put_later(
                store_key(page.key), encode_page(page, self.secret), ttl=held.until - self.now()
            )
            if page.names:
                index = encode_names(page.page, page.names, self.secret)
                self.store.put_later(store_key(page.page), index, ttl=self.settings.longest)
        return held

    def forget(self, page: Stored) -> None:
        """Keep a page no more, here and in the store."""
        self.pages.drop(page.key)
        if self.store is not None and self.purge_log.is_shared:
            self.store.put_later(store_key(page.key), b"", ttl=1)

    async def _read(self, key: bytes, page: bytes) -> Stored | tuple[bytes, ...] | None:
        if self.store is None:
            return None
        value = await self._reads.once(key, partial(self.store.get, store_key(key)))
        if not value:
            return None
        found = decode(value, key, page, self.secret)
        if found is None:
            self.counts["page-unsound"] += 1
        return found

    def _put(self, held: Held) -> None:
        page = held.stored
        known = self._learn(page.page, page.names)
        known.variants.pop(page.key, None)
        known.variants[page.key] = None
        while len(known.variants) > self.settings.variants:
            oldest = next(iter(known.variants))
            del known.variants[oldest]
            self.pages.drop(oldest)
        self._known.put(page.page, known, _room(known, page.page))
        self.pages.put(page.key, held, page.size)

    def _learn(self, page: bytes, names: tuple[bytes, ...]) -> Known:
        known = self._known.get(page) or Known()
        known.names = joined_names(known.names, names)
        self._known.put(page, known, _room(known, page))
        return known

    def _held(self, page: Stored) -> Held:
        """A page at hand until it can be of no more use, fresh or stale."""
        terms = page.terms
        # A page that has validators is worth keeping for a while beyond: the site need not send it again.
        spare = terms.lifetime if page.validators() else 0
        useful = terms.lifetime + max(terms.while_revalidate, terms.if_error, spare)
        return Held(page, until=page.born + min(useful, self.settings.longest))


def _room(known: Known, page: bytes) -> int:
    """Bytes that what is known of an address takes at most; each key of a variant begins with its page's."""
    return (len(page) + 128) * (2 + len(known.variants))
