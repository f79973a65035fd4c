"""When a feed is asked again, and how: what its last answer was told, in pure terms.

A feed that has nothing new says so by its validators (`ETag`, `Last-Modified`) or by the very same bytes, and
is not read again. One that fails is asked ever more rarely, up to every six hours, and no two workers at the
same moments; one that names a time itself (`Retry-After`) is left alone until then, for a day at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

import xxhash

LEAST: Final = 60.0
"""Seconds from one visit to the next, at least."""

RAREST: Final = 6 * 3600.0
"""Seconds to the next visit, at most, of a feed that fails."""

LONGEST_WAIT: Final = 86_400.0
"""Seconds that a feed may ask to be left alone."""

SPREAD: Final = 0.2
"""The part of a pause by which it differs."""


@dataclass(frozen=True, slots=True)
class Visited:
    """What is known of a feed from its last answer, and how often it has failed since."""

    etag: str = ""
    modified: str = ""
    digest: bytes = b""
    failures: int = 0

    @property
    def conditions(self) -> dict[str, str]:
        """Headers that ask for the feed only where it has changed."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in found.items() if value}

    def knows(self, body: bytes) -> bool:
        """Whether an answer is the very same as the last one that was read."""
        return self.digest == xxhash.xxh3_128_digest(body)

    def read(self, body: bytes, headers: Mapping[str, str]) -> Visited:
        """What is known after an answer that was read."""
        digest = xxhash.xxh3_128_digest(body)
        return Visited(headers.get("ETag", ""), headers.get("Last-Modified", ""), digest)

    def answered(self) -> Visited:
        """What is known after an answer that had nothing new."""
        return replace(self, failures=0)

    def failed(self) -> Visited:
        """What is known after a visit without an answer that can be used."""
        return replace(self, failures=self.failures + 1)

    def pause(self, every: float, *, asked: float, chance: float) -> float:
        """Seconds until the next visit of a feed that is to be asked `every` so often.

        `asked` are those that its server asked for, 0 where it did not; `chance` is from 0 to 1.
        """
        usual = max(every, LEAST)
        backed_off = usual * 2.0 ** min(self.failures, 16)
        pause = backed_off if backed_off <= RAREST else max(usual, RAREST)
        return max(pause * (1 + SPREAD * (chance - 0.5)), min(asked, LONGEST_WAIT))


def asked_for(written: str, now: float) -> float:
    """Seconds that a `Retry-After` asks for, `now` in seconds since 1970; 0 where it says nothing."""
    text = written.strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now)
