"""House creatives: which of a block's own images stands in which copy, on which device."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

from newshole.blocks.markup import safe_url
from newshole.blocks.room import Frame
from newshole.rules.kinds.ad import Ad, Creative

Size = tuple[int, int]


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


def shown(options: Ad, creatives: Sequence[Creative], *, seed: str, ordinal: int) -> tuple[Shown, ...]:
    """One creative for both devices, or one for each, where no single one suits both.

    The same `seed` and `ordinal` give the same creative; over many seeds each comes first by its weight, and
    the copies on one page go through them all before one comes again.
    """
    shuffled = sorted(creatives, key=lambda creative: _rank(creative, seed))
    mobile, desktop = (
        _turn(_fitting(shuffled, sizes), ordinal) if sizes else None
        for sizes in (options.sizes.mobile, options.sizes.desktop)
    )
    if mobile and desktop and mobile != desktop:
        return Shown(mobile, "nh-mobile"), Shown(desktop, "nh-desktop")
    one = mobile or desktop
    return (Shown(one, ""),) if one else ()


def _turn(creatives: Sequence[Creative], ordinal: int) -> Creative:
    return creatives[(ordinal - 1) % len(creatives)]


def _fitting(creatives: Sequence[Creative], sizes: Sequence[Size]) -> Sequence[Creative]:
    """Those of exactly one of the sizes, else those that fit into the room of all, else every one."""
    exact = [each for each in creatives if (each.width, each.height) in sizes]
    width, height = (max(lengths) for lengths in zip(*sizes, strict=True))
    return exact or [each for each in creatives if each.width <= width and each.height <= height] or creatives


def _rank(creative: Creative, seed: str) -> float:
    """Where a creative stands in a shuffle by weight: sorting by -log(u) / weight, with u evenly spread over
    0 to 1, puts each first with the probability of its share (Efraimidis and Spirakis, 2006)."""
    text = f"{seed}\n{creative.image}\n{creative.link}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")
    return -math.log((number + 1) / 2**64) / creative.weight
