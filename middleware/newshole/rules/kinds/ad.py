"""The options of an ad: who fills it, and with what sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from newshole.rules.kinds.texts import Snippet, Variables
from newshole.rules.words import OneOrSeveral, Pixels, Positive, Several, Text, Url, Word
from newshole.rules.written import Conflict, Written, expected, just_one, one_of

_PIXELS: Final = {"type": "integer", "minimum": 1, "maximum": 10_000}


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


def _reserve(value: object) -> str | int:
    if isinstance(value, str) and value in ("largest", "likely"):
        return value
    if type(value) is int and 0 < value <= 10_000:
        return value
    raise expected('"largest", "likely" or a height in pixels')


Size = Annotated[
    tuple[int, int],
    Word(
        _size,
        {"type": "array", "items": _PIXELS, "minItems": 2, "maxItems": 2},
    ),
]
"""Width and height in CSS pixels."""


SizeList = Annotated[tuple[Size, ...], BeforeValidator(_sizes_shape)]


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

    image: Url
    link: Url
    alt: Text
    """What the image says, for readers who do not see it."""
    width: Pixels
    height: Pixels
    weight: Positive = 1


class Gpt(Written):
    """A Google Publisher Tag slot: the ad unit's path and its key-values, variables allowed in both."""

    unit: Variables
    """Such as "/1234/{site}/{section}"; a part that a story leaves empty falls out."""
    targeting: dict[str, OneOrSeveral[Variables]] = Field(default_factory=dict)


class Serve(Written):
    """Who fills an ad: exactly one of these."""

    model_config = just_one("slot", "html", "house", "gpt")
    slot: Variables | None = None
    """The name of an empty, reserved element that the site's own ad wrapper fills."""
    html: Snippet | None = None
    """The operator's own markup, a Jinja2 template."""
    house: Several[Creative] | None = None
    """Images of the site's own."""
    gpt: Gpt | None = None

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, "slot", "html", "house", "gpt")


class Ad(Written):
    """An ad slot."""

    serve: Serve
    sizes: Sizes
    label: Text | None = None
    """What stands above the ad; the word of the page's language where absent."""
    reserve: Annotated[
        Literal["largest", "likely"] | Pixels,
        Word(_reserve, {"anyOf": [{"enum": ["largest", "likely"]}, _PIXELS]}),
    ] = "largest"
    """The height kept free: the largest creative's, that of the first one listed (`likely`), or pixels."""
