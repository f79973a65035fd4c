"""The ledger: what the workers of a site tell each other of its stories, and what is left after them.

It is two lists that only grow at their ends: what became of stories, and how often they were read. A worker
reads both from the beginning once, and then every few seconds what is new. Both are bounded: of many entries
the oldest go, and so does the story that they tell of. Stories that an operator has forgotten stay in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

from pydantic import TypeAdapter, ValidationError

from newshole.errors import NewsholeError
from newshole.library.entry import LEVELS, Entry

Position: TypeAlias = tuple[int, int]
"""Where in a list an entry stands; positions rise."""

START: Final[Position] = (0, 0)

MOST_CHANGES: Final = 100_000
"""Stories of a site that a ledger keeps at least the newest of."""

MOST_FORGOTTEN: Final = 10_000
"""Stories that may be forgotten at a time."""

KEPT: Final = 90 * 86_400
"""Seconds after which a ledger that nobody writes to may go."""

VIEWS_KEPT: Final = 4 * 86_400
"""Seconds after which views are worth nothing any more: popularity is halved every day."""

MOST_BYTES: Final = 16_384
"""The largest document of one story that is written or read."""

MOST_VIEWED: Final = 1000
"""Stories in one count of views."""


class LedgerError(NewsholeError):
    """A ledger that cannot be read or written now; the message holds no address and no secret."""


class LedgerFullError(LedgerError):
    """A ledger that forgets no more stories."""


FULL: Final = f"{MOST_FORGOTTEN} stories are forgotten, which is all there may be: remember some first"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of the story of a URL.

    It was "learned", with its `entry`; "dropped", for it is no longer there, until it is learned again;
    "forgotten" for good by an operator; or "remembered", which takes that back.
    """

    kind: Literal["learned", "dropped", "forgotten", "remembered"]
    url: str
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How often a `worker` saw stories being read, by their URLs, up to a moment in seconds since 1970."""

    worker: str
    at: float
    views: Mapping[str, int] = field(default_factory=dict)


class News(NamedTuple):
    """What is new in a ledger: all of it in order, and the positions behind which to ask next."""

    changes: tuple[Change, ...]
    counts: tuple[Count, ...]
    position: tuple[Position, Position]


class Ledger(Protocol):
    """What is kept of one site's stories; every method may raise LedgerError, and may be cancelled."""

    async def tell(self, changes: Iterable[Change]) -> None:
        """Add what became of stories."""

    async def count(self, count: Count) -> None:
        """Add how often stories were read."""

    async def news(self, position: tuple[Position, Position] = (START, START)) -> News:
        """What came behind two positions, of changes and of counts; a part of it where it is much."""

    async def close(self) -> None:
        """Let go of everything that is open; using the ledger again opens it again."""


@cache
def _changes() -> TypeAdapter[Change]:
    return TypeAdapter(Change)


@cache
def _counts() -> TypeAdapter[Count]:
    return TypeAdapter(Count)


def encode_change(change: Change) -> bytes:
    """A change as JSON; empty where it would be larger than `MOST_BYTES`."""
    document = _changes().dump_json(change, exclude_defaults=True)
    return document if len(document) <= MOST_BYTES else b""


def decode_change(document: bytes | None) -> Change | None:
    """The change of a document; None for all else, and for a story that has no entry of its own URL."""
    if document is None or not 0 < len(document) <= MOST_BYTES:
        return None
    try:
        change = _changes().validate_json(document, strict=True)
    except ValidationError:
        return None
    entry = change.entry
    if change.kind != "learned":
        return change if entry is None else None
    return change if entry is not None and entry.url == change.url and _can_be(entry) else None


def _can_be(entry: Entry) -> bool:
    is_aware = entry.published is None or entry.published.utcoffset() is not None
    return is_aware and entry.level in LEVELS and math.isfinite(entry.seen)


def encode_count(count: Count) -> bytes:
    """A count as JSON, of the stories that were read most where there are many."""
    views = sorted(count.views.items(), key=lambda each: each[1], reverse=True)[:MOST_VIEWED]
    return _counts().dump_json(Count(count.worker, count.at, dict(views)))


def decode_count(document: bytes | None) -> Count | None:
    """The count of a document; None for all else."""
    if document is None:
        return None
    try:
        count = _counts().validate_json(document, strict=True)
    except ValidationError:
        return None
    is_sound = len(count.views) <= MOST_VIEWED and all(n > 0 for n in count.views.values())
    return count if is_sound and math.isfinite(count.at) else None
