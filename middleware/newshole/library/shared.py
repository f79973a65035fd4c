"""The ledger in Redis, which the workers of all machines share.

    library:{NAME}:changes     a stream of changes, each sealed
    library:{NAME}:counts      a stream of counts, each sealed
    library:{NAME}:forgotten   URL    who was forgotten, sealed

The streams are trimmed; what an operator has forgotten is kept beside them. The braces keep all of a site on
one node of a cluster. With a secret, whoever can write to Redis can make stories be left out, and nothing
else; without one they can also make stories of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from newshole.library.ledger import (
    FULL,
    KEPT,
    MOST_CHANGES,
    MOST_FORGOTTEN,
    START,
    VIEWS_KEPT,
    Change,
    Count,
    LedgerError,
    LedgerFullError,
    News,
    Position,
    decode_change,
    decode_count,
    encode_change,
    encode_count,
)
from newshole.store import Archive, Log, StoreError
from newshole.store.seal import sealed, unsealed

MOST_READ: Final = 1000
"""Entries of a stream that are read at a time."""

MOST_COUNTS: Final = 40_000
"""Counts that are kept: those of four workers for more than a day."""


class LoggedArchive(Archive, Log, Protocol):
    """An archive that keeps logs too, as Redis does."""


class SharedLedger:
    """The ledger of the site `name` in an archive, sealed with `secret`."""

    def __init__(self, archive: LoggedArchive, name: str, secret: bytes = b"") -> None:
        self.archive, self.secret = archive, secret
        prefix = f"library:{{{name}}}:".encode()
        self._changes, self._counts, self._forgotten = (
            prefix + each for each in (b"changes", b"counts", b"forgotten")
        )

    async def tell(self, changes: Iterable[Change]) -> None:
        """Add what became of stories."""
        for change in changes:
            document = encode_change(change)
            if document:
                await self._tell(change, sealed(document, self._changes, self.secret))

    async def count(self, count: Count) -> None:
        """Add how often stories were read."""
        value = sealed(encode_count(count), self._counts, self.secret)
        try:
            await self.archive.append(self._counts, value, most=MOST_COUNTS, ttl=VIEWS_KEPT)
        except StoreError as error:
            raise LedgerError(str(error)) from error

    async def news(self, position: tuple[Position, Position] = (START, START)) -> News:
        """What came behind two positions; at the start, behind all that are forgotten."""
        try:
            changed = await self.archive.after(self._changes, position[0], most=MOST_READ)
            counted = await self.archive.after(self._counts, position[1], most=MOST_READ)
            forgotten = await self.archive.entries(self._forgotten) if position[0] == START else {}
        except StoreError as error:
            raise LedgerError(str(error)) from error
        values = [*forgotten.values(), *(value for _, value in changed)]
        changes = (decode_change(unsealed(each, self._changes, self.secret)) for each in values)
        counts = (decode_count(unsealed(each, self._counts, self.secret)) for _, each in counted)
        return News(
            tuple(filter(None, changes)),
            tuple(filter(None, counts)),
            (changed[-1][0] if changed else position[0], counted[-1][0] if counted else position[1]),
        )

    async def close(self) -> None:
        """Close the connections."""
        try:
            await self.archive.close()
        except StoreError as error:
            raise LedgerError(str(error)) from error

    async def _tell(self, change: Change, value: bytes) -> None:
        field = change.url.encode()
        try:
            if change.kind == "forgotten":
                if len(await self.archive.entries(self._forgotten)) >= MOST_FORGOTTEN:
                    raise LedgerFullError(FULL)
                await self.archive.add(self._forgotten, field, value)
            elif change.kind == "remembered":
                await self.archive.drop(self._forgotten, field)
            await self.archive.append(self._changes, value, most=MOST_CHANGES, ttl=KEPT)
        except StoreError as error:
            raise LedgerError(str(error)) from error
