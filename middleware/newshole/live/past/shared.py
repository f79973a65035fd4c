"""The journal's rows in Redis, where the machines of a site share them.

    journal:NAME:DAY:PART   lines   the rows of a day, of the addresses that fall into one of 64 parts

A line is what one machine wrote at once: JSON, compressed, sealed for its key, in base64. Lines are added to
a string by `APPEND`, which tells how long it has become: so a part is bounded in bytes whoever writes to it,
and what others write between the lines costs those lines alone. A day's keys go 30 days after it began.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import socket
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pydantic import TypeAdapter, ValidationError

from newshole.live.past.journal_file import KEPT
from newshole.live.past.served import DAY, Served
from newshole.store.archive import RedisArchive, open_redis_archive
from newshole.store.redis import Command
from newshole.store.seal import sealed, unsealed

PARTS: Final = 64

MOST_BYTES: Final = 16 * 1024 * 1024
"""Bytes that are kept of one day of one site."""

LARGEST_LINE: Final = 32 * 1024
"""Bytes by which a part may be over its bound, and that a line has at most."""

LARGEST_BATCH: Final = 1024 * 1024
"""Bytes of a batch that is read back."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that a machine wrote at once."""

    machine: str
    rows: tuple[Served, ...]


@dataclass(slots=True)
class SharedPast:
    """What machines share about an address: the rows of each, and how many lines could not be read."""

    rows: dict[str, list[Served]] = field(default_factory=dict)
    unreadable: int = 0


@cache
def _batches() -> TypeAdapter[Batch]:
    return TypeAdapter(Batch)


def line_of(batch: Batch, key: bytes, secret: bytes) -> bytes:
    """The line of a batch for a key."""
    document = _batches().dump_json(batch, exclude_defaults=True)
    # What others left without an end of line is theirs alone then.
    return b"\n%b\n" % base64.b64encode(sealed(zlib.compress(document), key, secret))


def read_line(line: bytes, key: bytes, secret: bytes) -> Batch | None:
    """The batch of a line that was made for this key with this secret; None for all else."""
    try:
        document = unsealed(base64.b64decode(line, validate=True), key, secret)
        if document is None:
            return None
        return _batches().validate_json(zlib.decompressobj().decompress(document, LARGEST_BATCH), strict=True)
    except (binascii.Error, zlib.error, ValidationError):
        return None


def open_shared(redis: str, name: str, secret: bytes) -> SharedRows:
    """What the machines of a site share in the Redis at an address; what is added is of this one.

    Raises UsageError where the address is wrong.
    """
    return SharedRows(open_redis_archive(redis), name, secret, machine=socket.gethostname())


class SharedRows:
    """The rows of the site `name`, sealed with `secret`; those that are added are of `machine`. A day has
    `most_bytes`. Every method may raise StoreError."""

    def __init__(
        self,
        archive: RedisArchive,
        name: str,
        secret: bytes = b"",
        *,
        machine: str,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.archive, self.name, self.secret, self.machine = archive, name, secret, machine
        self._room = most_bytes // PARTS
        self._full: set[bytes] = set()

    def key(self, day: int, address: str) -> bytes:
        """The key that the rows of an address are kept under on a day, in days since 1970."""
        part = hashlib.blake2b(address.encode("utf-8", "surrogatepass"), digest_size=1).digest()[0] % PARTS
        return f"journal:{self.name}:{day}:{part}".encode()

    async def add(self, rows: Sequence[Served]) -> int:
        """Keep rows; how many were kept. One round trip."""
        lines = [*self._lines(rows)]
        commands: list[Command] = []
        for key, line, day, _ in lines:
            commands += ("APPEND", key, line), ("PEXPIREAT", key, round((day * DAY + KEPT) * 1000))
        answers = await self.archive.ask_all(commands) if commands else []
        kept = 0
        for (key, _, _, number), length in zip(lines, answers[::2], strict=True):
            if isinstance(length, int):
                kept += number
                if length >= self._room:
                    self._full.add(key)
        return kept

    def _lines(self, rows: Sequence[Served]) -> Iterator[tuple[bytes, bytes, int, int]]:
        """For each key that has room its line, the day, and how many rows are in it."""
        if len(self._full) > 2 * PARTS:  # those of days that are over
            self._full.clear()
        parts: dict[tuple[bytes, int], list[Served]] = {}
        for row in rows:
            day = int(row.at // DAY)
            parts.setdefault((self.key(day, row.address), day), []).append(row)
        for (key, day), each in parts.items():
            line = line_of(Batch(self.machine, tuple(each)), key, self.secret)
            if key not in self._full and len(line) <= LARGEST_LINE:
                yield key, line, day, len(each)

    async def lookup(self, address: str, query: str, at: float) -> SharedPast:
        """The rows of an address with a query, and of it without one, before a moment: those of the last day
        that has one with it, and of the day before that."""
        past = SharedPast()
        last = int(at // DAY)
        is_found = False
        for day in range(last, last - round(KEPT / DAY), -1):
            found = [row for row in await self._day(day, address, past) if row.query in (query, "")]
            if is_found:
                break
            is_found = any(row.query == query and row.at <= at for row in found)
        for machine, rows in past.rows.items():
            # The other way round first: of rows of one moment, what was written last is the newer one.
            kept = [row for row in reversed(rows) if row.query in (query, "") and row.at <= at]
            past.rows[machine] = sorted(kept, key=lambda row: -row.at)
        return past

    async def _day(self, day: int, address: str, past: SharedPast) -> list[Served]:
        """Add what a day has of an address; the rows."""
        key = self.key(day, address)
        value = await self.archive.ask("GETRANGE", key, 0, self._room + LARGEST_LINE)
        if not isinstance(value, bytes):  # somebody else's key of another kind
            past.unreadable += 1
            return []
        added = []
        for line in filter(None, value.split(b"\n")):
            batch = read_line(line, key, self.secret)
            if batch is None:
                past.unreadable += 1
                continue
            rows = [row for row in batch.rows if row.address == address]
            past.rows.setdefault(batch.machine, []).extend(rows)
            added += rows
        return added

    async def close(self) -> None:
        """Let go of the connections."""
        await self.archive.close()
