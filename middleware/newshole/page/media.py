"""How large pictures, films and embeds are going to be, by what their tags say."""

from __future__ import annotations

import re
from typing import Final, NamedTuple, TypeAlias

from newshole.page.document import Element

WIDE: Final = 16 / 9
"""The shape of what does not say its own."""

SOUND: Final = 54
"""Pixels of a player for sound."""

_NUMBER = re.compile(r"\s*([0-9]{1,5}(?:\.[0-9]+)?)(?:px)?\s*")
_RATIO = re.compile(r"aspect-ratio\s*:\s*(?:auto\s+)?([0-9.]{1,8})(?:\s*/\s*([0-9.]{1,8}))?")
_KEPT = re.compile(r"padding-(?:top|bottom)\s*:\s*([0-9]{2,3}(?:\.[0-9]+)?)%")
_STYLED = re.compile(r"(?<![\w-])(width|height)\s*:\s*([0-9]{1,5}(?:\.[0-9]+)?)px")


class Shape(NamedTuple):
    """A size in CSS pixels; `width` is None for what fills its column, `height` for what is 16:9."""

    width: float | None = None
    height: float | None = None
    ratio: float | None = None

    def height_in(self, column: float) -> float:
        """The height once it is scaled down to the column."""
        width = column if self.width is None else min(self.width, column)
        if self.ratio is not None:
            return width / self.ratio
        return width / WIDE if self.height is None else self.height


Embed: TypeAlias = tuple[float, float]
"""A height in pixels, and what is added to it of the column's width."""

# What the players and posts of these services measure, where their scripts have drawn them.
_FILMS: Final = re.compile(
    r"youtu\.?be|youtube-nocookie|vimeo|dailymotion|jwp(?:layer|latform)|brightcove|wistia|twitch|"
    r"facebook\.com/plugins/video|bbc\.co|cnn\.com/video|streamable|rumble|ooyala|kaltura|vidible"
)
_POSTS: Final[tuple[tuple[str, Embed], ...]] = (
    ("instagram", (220, 1.0)),
    ("tiktok", (740, 0.0)),
    ("twitter", (420, 0.0)),
    ("x.com", (420, 0.0)),
    ("facebook", (480, 0.0)),
    ("fb-", (480, 0.0)),
    ("bluesky", (420, 0.0)),
    ("mastodon", (420, 0.0)),
    ("reddit", (320, 0.0)),
    ("spotify", (232, 0.0)),
    ("soundcloud", (166, 0.0)),
)
POST_COLUMN: Final = 550
"""Pixels that a post of a network is wide at most."""
FRAME: Final = 150
"""Pixels of a frame that says nothing of its height, as browsers have it."""


SOURCES: Final = {"src": ("iframe", "embed"), "data-src": ("iframe", "embed"), "data": ("object", "embed")}
"""The attributes that tell what is embedded, each with the elements on which it does."""


def picture(element: Element) -> Shape:
    """The shape of a picture or film."""
    width, height = _number(element.attr("width")), _number(element.attr("height"))
    ratio = None
    style = element.attr("style")
    if style:
        ratio, styled = _ratio(style), {name: float(value) for name, value in _STYLED.findall(style)}
        width, height = styled.get("width", width), styled.get("height", height)
    if width and height and ratio is None:
        ratio = width / height
    elif ratio is None and height is None:
        ratio = WIDE
    return Shape(width or None, height, ratio)


def embed_height(element: Element, column: float) -> float:
    """The height of a frame or of a post that a script is to draw, in a column."""
    named = [element.attr(name) for name in SOURCES if element.tag in SOURCES[name]]
    said = " ".join(filter(None, (*named, element.attr("class")))).lower()
    shape = picture(element)
    if _FILMS.search(said):
        return Shape(shape.width if shape.ratio else None, None, shape.ratio or WIDE).height_in(column)
    if element.tag == "iframe" and shape.height:
        return shape.height
    for name, (height, share) in _POSTS:
        if name in said:
            return height + share * min(column, POST_COLUMN)
    return shape.height or FRAME


def kept_share(element: Element) -> float:
    """The part of its width that an element's style keeps free for a picture; 0 for none."""
    match = _KEPT.search(element.attr("style") or "")
    return float(match[1]) / 100 if match else 0.0


def _ratio(style: str) -> float | None:
    match = _RATIO.search(style)
    if match is None:
        return None
    try:
        return float(match[1]) / float(match[2] or 1) or None
    except (ValueError, ZeroDivisionError):
        return None


def _number(written: str | None) -> float | None:
    """An attribute in pixels; None for a percentage, or none at all."""
    match = _NUMBER.fullmatch(written) if written else None
    return float(match[1]) if match else None
