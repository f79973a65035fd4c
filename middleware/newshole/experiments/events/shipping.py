"""Shipping: from a worker's disk to whoever keeps rows for good.

    segments ──bring──► queue in Redis ──► sink ──settle──► the segment is deleted
        ▲                                                        │
        └── kept until then; brought again where Redis lost it ──┘

Without Redis the sink takes the segments from the folder itself. In both cases a segment goes after the sink
has its rows on the disk, never before, so whatever is killed, frozen or lost between, rows may come twice and
do not go missing; the sink keeps each once.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from newshole.experiments.events.row import decode
from newshole.experiments.events.segments import SEGMENT_BYTES, ready, records
from newshole.experiments.events.sinks.sink import Sink
from newshole.store.queue import Parcel, RedisQueue

KEY: Final = b"newshole:events"
"""The key of the queue in Redis."""

MOST_WAITING: Final = 256
"""Parcels that wait in Redis; further segments wait on the disks of those who wrote them."""

AGAIN: Final = 60.0
"""Seconds after which a parcel that nobody has settled is brought again, for Redis may have lost it."""

LEASE: Final = 30.0
"""Seconds for which one sink is the one that takes, after which another may."""

_LONGEST: Final = 2 * SEGMENT_BYTES
"""What a parcel may grow to when it is unpacked."""

_TAKEN: Final = 4
"""Parcels that are read at a time."""


@dataclass(slots=True)
class Shipper:
    """Brings the segments of a folder to a queue, and deletes those that are settled."""

    folder: Path
    queue: RedisQueue
    clock: Callable[[], float] = time.monotonic
    brought: dict[Path, float] = field(default_factory=dict)
    """When each segment that is still there was brought."""

    async def ship(self) -> int:
        """Bring what is ready, and delete what is settled; how many segments are left.

        Raises StoreError, and OSError; what is left is brought when it is called again.
        """
        segments = await asyncio.to_thread(ready, self.folder)
        self.brought = {path: self.brought[path] for path in segments if path in self.brought}
        left = 0
        for path in segments:
            if await self.queue.is_settled(_name(path)):
                path.unlink(missing_ok=True)
            elif await self._brought(path):
                left += 1
            else:
                return len(segments)
        return left

    async def _brought(self, path: Path) -> bool:
        """Whether a segment is in the queue; false where that is full."""
        at = self.brought.get(path)
        if at is not None and self.clock() - at < AGAIN:
            return True
        value = await asyncio.to_thread(lambda: zlib.compress(path.read_bytes(), 1))
        if not await self.queue.bring(_name(path), value, most=MOST_WAITING):
            return False
        self.brought[path] = self.clock()
        return True


@dataclass(slots=True)
class Taken:
    """What became of what a sink took: `rows` that it has, and lines that were none (`torn`)."""

    rows: int = 0
    torn: int = 0

    def __iadd__(self, other: Taken) -> Self:
        self.rows += other.rows
        self.torn += other.torn
        return self


async def take(queue: RedisQueue, sink: Sink, who: bytes) -> Taken | None:
    """Move what waits in a queue into a sink; None where another sink is the one that takes.

    `who` names this one. Raises StoreError, and what the sink raises; nothing is settled that it does not
    have.
    """
    taken = Taken()
    while await queue.lease(who, seconds=LEASE):
        parcels = await queue.waiting(most=_TAKEN)
        if not parcels:
            return taken
        for parcel in parcels:
            lines = unpacked(parcel)
            if lines is None:
                # Its bringer has it whole, and brings it again.
                await queue.drop(parcel)
                continue
            taken += await asyncio.to_thread(_kept, lines, sink)
            await queue.settle(parcel)
    return taken if taken.rows else None


def take_segments(folder: Path, sink: Sink) -> Taken:
    """Move the segments of a folder into a sink. Raises OSError, and what the sink raises."""
    taken = Taken()
    for path in ready(folder):
        taken += _kept(list(records(path)), sink)
        path.unlink(missing_ok=True)
    return taken


def unpacked(parcel: Parcel) -> list[bytes] | None:
    """The records in a parcel; None where it is damaged, or too large for a segment."""
    unpacking = zlib.decompressobj()
    try:
        packed = unpacking.decompress(parcel.value, _LONGEST)
    except zlib.error:
        return None
    if not unpacking.eof:
        return None
    return [line for line in packed.split(b"\n")[:-1] if line]


def _kept(lines: list[bytes], sink: Sink) -> Taken:
    rows = [row for line in lines if (row := decode(line)) is not None]
    sink.write(rows)
    return Taken(len(rows), len(lines) - len(rows))


def _name(path: Path) -> bytes:
    """What a segment is called in the queue: its name tells it from every other, its suffix changes."""
    return path.stem.encode()
