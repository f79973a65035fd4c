"""An ad's sizes, and the images of the site's own that fit into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field

from newshole.rules.quantities import at_no_time
from newshole.rules.words import Moment, Pixels, Positive, Text, Url, Word
from newshole.rules.written import Conflict, Written, expected, wrong

PIXELS_SCHEMA: Final = {"type": "integer", "minimum": 1, "maximum": 10_000}


def _size(value: object) -> tuple[int, int]:
    if isinstance(value, (list, tuple)) and len(value) == 2:
        width, height = value
        if type(width) is int and type(height) is int and 0 < width <= 10_000 and 0 < height <= 10_000:
            return width, height
    raise expected("a size in pixels such as [300, 250], width before height")


def _sizes_shape(written: object) -> object:
    if isinstance(written, (list, tuple)) and written and all(type(each) is int for each in written):
        raise expected("a list of sizes such as [[300, 250], [336, 280]]")
    return written


def _loaded(value: str) -> str:
    if value.lower().startswith("http:"):
        raise wrong("a page of https does not load what is of http: write https")
    return value


Size = Annotated[
    tuple[int, int],
    Word(_size, {"type": "array", "items": PIXELS_SCHEMA, "minItems": 2, "maxItems": 2}),
]
"""Width and height in CSS pixels."""


SizeList = Annotated[tuple[Size, ...], BeforeValidator(_sizes_shape)]

LoadedUrl = Annotated[Url, BeforeValidator(lambda value: _loaded(value) if isinstance(value, str) else value)]
"""The address of what a page loads: one of http would be blocked, or loosen the page."""


class Sizes(Written):
    """Creative sizes in CSS pixels, width before height, per device. A device without sizes gets no ad."""

    mobile: SizeList = ()
    desktop: SizeList = ()

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        if not any(written.get(device) != [] for device in ("mobile", "desktop") if device in written):
            yield Conflict('needs a size for "mobile" or "desktop"', lacks=("mobile", "desktop"))


class Creative(Written):
    """An image with a link, served by the site itself; `weight` is its share among those of one block."""

    image: LoadedUrl
    link: Url
    alt: Text
    """What the image says, for readers who do not see it."""
    width: Pixels
    height: Pixels
    weight: Positive = 1
    start: Moment | None = Field(default=None, alias="from")
    """When it is shown first, by the site's clocks."""
    until: Moment | None = None
    """When it is no longer shown."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from at_no_time(written)


Extent: TypeAlias = tuple[int, int]
"""The width and height in CSS pixels that something may take."""


def extents(sizes: Mapping[str, Sequence[Extent]], reserve: int | str) -> dict[str, Extent]:
    """The room that is kept on each device that has sizes: the widest, and the height that is reserved."""
    found = {}
    for device, listed in sizes.items():
        if listed:
            heights = [height for _, height in listed]
            kept = reserve if isinstance(reserve, int) else max(heights)
            kept = heights[0] if reserve == "likely" else kept
            found[device] = max(width for width, _ in listed), kept
    return found


def fits(size: Extent, room: Extent) -> bool:
    """Whether something of a size stays within a room."""
    return size[0] <= room[0] and size[1] <= room[1]
