"""The journal: what readers of an address got when, written beside the requests.

A page that was composed a moment ago comes by no line of this. Of one that was planned, or shown anew, it is
seen in memory whether anything is another than before; a row for that waits in a bounded queue for a thread
that writes twenty times a second at most. Where the thread falls behind, rows are dropped and counted.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias

from newshole.live.past.journal_file import DAY, JournalFile
from newshole.live.past.served import Key, Served
from newshole.store.lru import Lru

log = logging.getLogger("newshole")

ReadPage: TypeAlias = Callable[[], bytes]
"""Gives the site's own bytes, decoded; called in the journal's thread."""

KEPT: Final = "journal-kept"
DROPPED: Final = "journal-dropped"
FAULT: Final = "journal-fault"
COUNTED: Final = {
    KEPT: "rows that were written",
    DROPPED: "rows that were dropped, for more waited than there is room for",
    FAULT: "rows that could not be written",
}
"""Everything that a journal counts."""

MOST_WAITING: Final = 1000
ROOM: Final = 64 * 1024 * 1024
"""Rows, and bytes of their pages, that wait to be written."""

AT_ONCE: Final = 50
"""Rows that are written in one transaction: other workers wait for it."""

MOMENT: Final = 0.05
"""Seconds for which rows are gathered before they are written."""

MINUTE: Final = 60.0
"""Seconds for which no row is written where the site's own bytes alone are others, as with a page that is
another in every response."""

OFTEN: Final = 600.0
"""Seconds from one look at what is too old to the next."""

MOST_KNOWN: Final = 20_000
"""Addresses and kinds of readers of which it is known what they got last."""

Waiting: TypeAlias = tuple[Served, ReadPage | None, int]


class Journal:
    """What writes to a journal's file; queries of addresses are kept as digests under `secret`."""

    def __init__(
        self, file: JournalFile, *, secret: bytes = b"", clock: Callable[[], float] = time.time
    ) -> None:
        self.file, self.secret, self.clock = file, secret, clock
        self.counts: Counter[str] = Counter()
        self._known: Lru[Key, Served] = Lru(MOST_KNOWN, MOST_KNOWN)
        self._waiting: deque[Waiting] = deque()
        self._lock = threading.Lock()
        self._size = 0
        self._thread: ThreadPoolExecutor | None = None
        self._is_writing = False
        self._pruned = 0.0

    def note(self, served: Served, read_page: ReadPage | None = None, size: int = 0) -> None:
        """Keep what is served from now on, where that is new; `read_page` gives the site's own bytes, and
        `size` says how many are held until then."""
        before = self._known.get(served.key)
        if before is not None and _is_known(before, served):
            return
        self._known.put(served.key, served, 1)
        with self._lock:
            if len(self._waiting) >= MOST_WAITING or self._size + size > ROOM:
                self.counts[DROPPED] += 1
                self._known.drop(served.key)
                return
            self._waiting.append((served, read_page, size))
            self._size += size
            if self._is_writing:
                return
            self._is_writing = True
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="newshole journal")
            self._thread.submit(self._write)

    def _write(self) -> None:
        """Write what waits, until nothing does."""
        time.sleep(MOMENT)
        while rows := self._taken():
            try:
                self.counts[KEPT] += self.file.write([(served, _read(read)) for served, read, _ in rows])
                self._prune()
            except (sqlite3.Error, OSError) as error:
                self.counts[FAULT] += len(rows)
                log.warning("the journal %s cannot be written: %s", self.file.file, error)
                self.file.close()

    def _prune(self) -> None:
        """Let go of what is too old, now and then."""
        now = self.clock()
        if now - self._pruned > OFTEN:
            self._pruned = now
            self.file.prune(now)

    def _taken(self) -> list[Waiting]:
        """What waits, which is the thread's from now on."""
        with self._lock:
            rows = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]
            self._size -= sum(size for _, _, size in rows)
            self._is_writing = bool(rows)
        return rows

    async def close(self) -> None:
        """Write what waits, and close the file."""
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown()
        self.file.close()


def _is_known(before: Served, served: Served) -> bool:
    """Whether a row would tell nothing that the one before does not."""
    most = DAY if before.page == served.page else MINUTE
    return served.at - before.at < most and served.tells_no_more_than(before)


def _read(read_page: ReadPage | None) -> bytes | None:
    try:
        return None if read_page is None else read_page()
    except Exception:
        log.exception("a page could not be kept")
        return None
