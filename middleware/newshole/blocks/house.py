"""House creatives: which of a block's own images stands in which copy, on which device."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from newshole.blocks.markup import safe_url
from newshole.blocks.room import Frame, ad_extents
from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.creative import Creative, fits
from newshole.rules.spans import Window, moment, next_turn
from newshole.types import DEVICES


@dataclass(frozen=True, slots=True)
class Shown:
    """A creative, and the class that hides it from the device that it is not for, "" for none."""

    creative: Creative
    only: str

    @property
    def frame(self) -> str:
        """The class that keeps the creative in its size."""
        return Frame(self.creative.width, self.creative.height).name


def usable(creatives: Sequence[Creative]) -> tuple[Creative, ...]:
    """Those whose image and link lead to http, https or the site itself."""
    return tuple(each for each in creatives if safe_url(each.image) and safe_url(each.link))


def running(creatives: Iterable[Creative], now: datetime) -> tuple[Creative, ...]:
    """Those that are to be shown at a moment, by the clocks of its time zone."""
    zone = _zone(now)
    return tuple(each for each in creatives if _window(each, zone).holds(now))


def turns(creatives: Iterable[Creative], now: datetime) -> Iterator[datetime | None]:
    """When each of them begins or ceases to be shown next, None for never."""
    zone = _zone(now)
    return (next_turn(_window(each, zone), now) for each in creatives)


def _zone(now: datetime) -> ZoneInfo:
    assert isinstance(now.tzinfo, ZoneInfo)  # noqa: S101 - for the type checker: a view's is the site's
    return now.tzinfo


def _window(creative: Creative, zone: ZoneInfo) -> Window:
    start, end = (None if at is None else moment(at, zone) for at in (creative.start, creative.until))
    return Window(zone, start, end)


def shown(options: Ad, creatives: Sequence[Creative], *, seed: str, ordinal: int) -> tuple[Shown, ...]:
    """One creative for both devices, or one for each, where no single one suits both; none for a device whose
    room takes none.

    The same `seed` and `ordinal` give the same creative; over many seeds each comes first by its weight, and
    the copies on one page go through them all before one comes again.
    """
    shuffled = sorted(creatives, key=lambda creative: _rank(creative, seed))
    fitting = {device: _fitting(shuffled, options, device) for device in DEVICES}
    turn = {device: found[(ordinal - 1) % len(found)] for device, found in fitting.items() if found}
    if len({id(each) for each in turn.values()}) == 1 and all(
        device in turn or not getattr(options.sizes, device) for device in DEVICES
    ):
        return (Shown(next(iter(turn.values())), ""),)
    return tuple(Shown(each, f"nh-{device}") for device, each in turn.items())


def _fitting(creatives: Sequence[Creative], options: Ad, device: str) -> Sequence[Creative]:
    """Those of exactly one of a device's sizes, else those that its room takes."""
    room = ad_extents(options).get(device)
    if room is None:
        return ()
    within = [each for each in creatives if fits((each.width, each.height), room)]
    sizes = getattr(options.sizes, device)
    return [each for each in within if (each.width, each.height) in sizes] or within


def _rank(creative: Creative, seed: str) -> float:
    """Where a creative stands in a shuffle by weight: sorting by -log(u) / weight, with u evenly spread over
    0 to 1, puts each first with the probability of its share (Efraimidis and Spirakis, 2006)."""
    text = f"{seed}\n{creative.image}\n{creative.link}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
    return -math.log((number + 1) / 2**64) / creative.weight
