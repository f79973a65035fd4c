"""How often anybody may send: a bucket each, which fills again with time; of bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Final, NamedTuple

MOST_KNOWN: Final = 50_000
"""Buckets that are kept; who was not heard of for longest has a full one again."""

_LONGEST: Final = 45
"""Characters of the longest network address. Whoever believes any `X-Forwarded-For` believes longer ones."""


class Rate(NamedTuple):
    """So many at once, and so many a second after that."""

    burst: float
    a_second: float


@dataclass(slots=True)
class Rates:
    """The buckets of all that one rate holds for; `clock` counts seconds, from whenever."""

    rate: Rate
    clock: Callable[[], float]
    buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    """What each had left, and when."""

    def take(self, who: str) -> bool:
        """Take one out of somebody's bucket; false where it is empty."""
        now = self.clock()
        left, at = self.buckets.pop(who, (self.rate.burst, now))
        left = min(self.rate.burst, left + (now - at) * self.rate.a_second)
        is_left = left >= 1
        self.buckets[who] = (left - is_left, now)
        if len(self.buckets) > MOST_KNOWN:
            self.buckets.popitem(last=False)
        return is_left


def sender_of(address: str) -> str:
    """Whom a network address counts for: of IPv6 all of a /64, for whoever has one address of it has all."""
    written = address[:_LONGEST]
    if ":" not in written:
        return written
    try:
        found = IPv6Address(written)
    except ValueError:
        return written
    return str(found.ipv4_mapped or f"{int(found) >> 64:x}/64")
