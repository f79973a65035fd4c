"""Room kept free before anything has loaded, so that nothing on the page moves when it does.

A class that is named after its heights keeps the style sheet free of block ids, and blocks of one size
share their rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from newshole.rules.kinds.ad import Ad
from newshole.rules.kinds.creative import Extent, extents

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
    kept = {device: height for device, (_, height) in ad_extents(options).items()}
    return Room(kept.get("mobile", 0), kept.get("desktop", 0))


def ad_extents(options: Ad) -> dict[str, Extent]:
    """The width and height that are kept for an ad on each device that has it."""
    return extents({"mobile": options.sizes.mobile, "desktop": options.sizes.desktop}, options.reserve)
