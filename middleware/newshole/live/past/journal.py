"""The journal: what readers of an address got when, written beside the requests.

A page that was composed a moment ago comes by no line of this. Of one that was planned, or shown anew, it is
seen in memory whether anything is another than before; a row for that waits in a bounded queue for a thread
that writes twenty times a second at most. Where the thread falls behind, or readers make up addresses, rows
are dropped and counted; what was not written is written when the page is met again.
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

from newshole.live.past.journal_file import JournalFile
from newshole.live.past.served import DAY, Key, Served
from newshole.live.past.sharing import Sharing
from newshole.store.lru import Lru

log = logging.getLogger("newshole")

ReadPage: TypeAlias = Callable[[], bytes]
"""Gives the site's own bytes, decoded; called in the journal's thread."""

KEPT: Final = "journal-kept"
DROPPED: Final = "journal-dropped"
FAULT: Final = "journal-fault"
SHARED: Final = "journal-shared"
UNSHARED: Final = "journal-unshared"
COUNTED: Final = {
    KEPT: "rows that were written",
    DROPPED: "rows that were dropped, for more waited than there is room for, or one address had too many",
    FAULT: "rows that could not be written",
    SHARED: "rows that other machines can read in Redis",
    UNSHARED: "rows that Redis did not take, or has no room for; the file has them",
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

MOST_A_MINUTE: Final = 60
"""Rows of one address in a minute: whoever makes up queries pushes nothing else out of the file."""

MOST_KNOWN: Final = 20_000
"""Addresses and kinds of readers of which it is known what they got last."""

Waiting: TypeAlias = tuple[Served, ReadPage | None, int]


class Journal:
    """What writes to a journal's file, and where there is a `sharing` to what machines share; queries of
    addresses are kept as digests under `secret`."""

    def __init__(
        self,
        file: JournalFile,
        *,
        secret: bytes = b"",
        sharing: Sharing | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.file, self.secret, self.sharing, self.clock = file, secret, sharing, clock
        self.counts: Counter[str] = Counter()
        self._known: Lru[Key, Served] = Lru(MOST_KNOWN, MOST_KNOWN)
        self._waiting: deque[Waiting] = deque()
        self._lost: deque[Key] = deque()
        self._minute, self._new = 0.0, Counter[str]()
        self._lock = threading.Lock()
        self._size = 0
        self._thread: ThreadPoolExecutor | None = None
        self._is_writing = False
        self._is_failing = False
        self._pruned, self._grown = 0.0, 0

    def note(self, served: Served, read_page: ReadPage | None = None, size: int = 0) -> None:
        """Keep what is served from now on, where that is new; `read_page` gives the site's own bytes, and
        `size` says how many are held until then."""
        while self._lost:
            self._known.drop(self._lost.popleft())
        before = self._known.get(served.key)
        if before is not None and _is_known(before, served):
            return
        if self._is_too_much(served):
            self.counts[DROPPED] += 1
            self._known.drop(served.key)
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

    def _is_too_much(self, served: Served) -> bool:
        """Whether an address has had all its rows of this minute."""
        minute = served.at // MINUTE
        if minute != self._minute:
            self._minute, self._new = minute, Counter()
        self._new[served.address] += 1
        return self._new[served.address] > MOST_A_MINUTE

    def _write(self) -> None:
        """Write what waits, until nothing does."""
        time.sleep(MOMENT)
        while rows := self._taken():
            try:
                # Pages are decoded one by one: fifty of them together may be more than there is memory for.
                new = self.file.write((served, _read(read)) for served, read, _ in rows)
                self._is_failing = False
            except Exception as error:  # noqa: BLE001 - what waits next is written nevertheless
                self._fail(rows, error)
                continue
            self.counts[KEPT] += len(new)
            self._share(new)
            self._prune(sum(size for _, _, size in rows))

    def _share(self, rows: list[Served]) -> None:
        """Share what is new to the file."""
        if self.sharing is not None and rows:
            taken = self.sharing.put(rows)
            self.counts[SHARED] += taken
            self.counts[UNSHARED] += len(rows) - taken

    def _fail(self, rows: list[Waiting], error: Exception) -> None:
        """Count rows that were not written, and see to it that their pages are noted again."""
        self.counts[FAULT] += len(rows)
        self._lost.extend(served.key for served, _, _ in rows)
        if not self._is_failing:
            self._is_failing = True
            log.warning("the journal %s cannot be written: %s", self.file.file, error)
        self.file.close()

    def _prune(self, grown: int) -> None:
        """Let go of what is too old or too much, now and then, and sooner where pages of many bytes came."""
        now = self.clock()
        self._grown += grown
        if 0 <= now - self._pruned <= OFTEN and self._grown <= self.file.most_bytes // 4:
            return
        self._pruned, self._grown = now, 0
        try:
            self.file.prune(now)
        except (sqlite3.Error, OSError) as error:
            log.warning("the journal %s cannot be pruned: %s", self.file.file, error)
            self.file.close()

    def _taken(self) -> list[Waiting]:
        """What waits, which is the thread's from now on."""
        with self._lock:
            rows = [self._waiting.popleft() for _ in range(min(len(self._waiting), AT_ONCE))]
            self._size -= sum(size for _, _, size in rows)
            self._is_writing = bool(rows)
        return rows

    def fail(self) -> None:
        """Count a row that could not be made."""
        self.counts[FAULT] += 1

    async def close(self) -> None:
        """Write what waits, and close the file."""
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            if self.sharing is not None:
                thread.submit(self.sharing.close)
            thread.shutdown()
        self.file.close()


def _is_known(before: Served, served: Served) -> bool:
    """Whether a row would tell nothing that the one before does not."""
    most = DAY if before.page == served.page else MINUTE
    # Clocks are set back, too.
    return abs(served.at - before.at) < most and served.tells_no_more_than(before)


def _read(read_page: ReadPage | None) -> bytes | None:
    try:
        return None if read_page is None else read_page()
    except Exception:
        log.exception("a page could not be kept")
        return None
