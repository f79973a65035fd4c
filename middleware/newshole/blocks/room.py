"""Room kept free before anything has loaded, so that nothing on the page moves when it does.

A class that is named after its heights keeps the style sheet free of block ids, and blocks of one size
share their rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from newshole.rules.kinds.ad import Ad

DESKTOP_FROM: Final = 768
"""The viewport width, in CSS pixels, from which a page is laid out for the desktop."""


@dataclass(frozen=True, slots=True)
class Room:
    """Heights in CSS pixels per device."""

    mobile: int
    desktop: int

    @property
    def name(self) -> str:
        """The class that keeps this room."""
        return f"nh-room-{self.mobile}-{self.desktop}"

    @property
    def rule(self) -> str:
        """The CSS of that class."""
        rule = f".{self.name}:not(#n#n){{min-height:{self.mobile}px}}"
        if self.mobile == self.desktop:
            return rule
        wide = f".{self.name}:not(#n#n){{min-height:{self.desktop}px}}"
        return f"{rule}@media(min-width:{DESKTOP_FROM}px){{{wide}}}"


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of a picture in CSS pixels: it may become smaller, never larger, nor of another shape."""

    width: int
    height: int

    @property
    def name(self) -> str:
        """The class that keeps this size."""
        return f"nh-{self.width}x{self.height}"

    @property
    def rule(self) -> str:
        """The CSS of that class; it holds whatever a site's own style says of pictures."""
        size = f"inline-size:{self.width}px;aspect-ratio:{self.width}/{self.height}"
        return f".{self.name}:not(#n#n){{{size}}}"


def ad_room(options: Ad) -> Room:
    """What an ad's creatives need; its label has room of its own, for it is there from the start."""
    if isinstance(options.reserve, int):
        return Room(options.reserve, options.reserve)
    heights = _first if options.reserve == "likely" else max
    return Room(
        heights((height for _, height in options.sizes.mobile), default=0),
        heights((height for _, height in options.sizes.desktop), default=0),
    )


def _first(heights: Iterable[int], *, default: int) -> int:
    return next(iter(heights), default)
