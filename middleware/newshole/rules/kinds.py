"""The options of every block kind, as written in the rules: one model a kind.

These are pydantic models because operations write them; they are frozen, and the blocks read them as
they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import InitErrorDetails

from newshole.rules import snippets
from newshole.rules.words import (
    TEXT_SCHEMA,
    Day,
    Few,
    Flag,
    Language,
    Link,
    Moment,
    OneOrSeveral,
    Pixels,
    Positive,
    Several,
    Temperature,
    Text,
    Url,
    Word,
    read_text,
)
from newshole.rules.written import Conflict, Written, expected, just_one, nearest, one_of, wrong

_PIXELS: Final = {"type": "integer", "minimum": 1, "maximum": 10_000}
_BRACES = re.compile(r"\{(\w+)\}")


def _with_braces(*names: str) -> Word:
    """Text in which these names may stand in braces, and no other ones."""

    def read(value: object) -> str:
        text = read_text(value)
        for name in _BRACES.findall(text):
            if name not in names:
                likely = nearest(name, list(names)) or names[0]
                raise wrong(f'unknown variable "{{{name}}}"; did you mean "{{{likely}}}"?')
        return text

    return Word(read, TEXT_SCHEMA)


def _snippet(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise expected("HTML")
    if faults := list(snippets.faults(value)):
        lines = [InitErrorDetails(type=wrong(fault), loc=(), input=None) for fault in faults]
        raise ValidationError.from_exception_data("snippet", lines)
    return value


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


def _alt(value: object) -> str:
    if not isinstance(value, str):
        raise expected("text")
    return value


Variables = Annotated[str, _with_braces(*snippets.VARIABLES)]
"""Text with variables of the page in braces."""

PageText = Annotated[str, _with_braces(*(name for name in snippets.VARIABLES if name != "n"))]
"""The same for what all copies of a block say."""

Snippet = Annotated[str, Word(_snippet, {**TEXT_SCHEMA, "contentMediaType": "text/html"})]
"""An operator's own markup, vetted."""

Size = Annotated[
    tuple[int, int],
    Word(
        _size,
        {"type": "array", "items": _PIXELS, "minItems": 2, "maxItems": 2},
    ),
]
"""Width and height in CSS pixels."""

SizeList = Annotated[tuple[Size, ...], BeforeValidator(_sizes_shape)]


class StoryEntry(Written):
    """A story that the rules name, in `library.stories`."""

    title: Text
    url: Url
    image: Url | None = None
    section: Text | None = None
    tags: tuple[Text, ...] = ()
    language: Language | None = None
    """A story in another language than the page's is not shown; without it, on every page."""
    published: Moment | None = None
    """A story from the future is not shown; the newest come first in `latest`."""


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


class Stories(Written):
    """A list of stories."""

    source: Literal["pinned", "related", "latest"]
    """Pinned ones in their order, those nearest to the page's story, or the newest."""
    title: PageText | None = None
    """The heading; the words of the page's language where absent, or where a variable in it is empty."""
    count: Few = 4
    layout: Literal["list", "cards"] = "list"
    thumbnails: Flag = True


class Followers(Written):
    """A follower count and the day it was read; older than 180 days it is left out, unless `always`."""

    count: Positive
    as_of: Day
    always: Flag = False


class Follow(Written):
    """A call to follow the site in a network."""

    network: Literal[
        "facebook", "instagram", "x", "threads", "bluesky", "mastodon", "youtube", "tiktok", "linkedin",
        "telegram", "whatsapp", "googlenews", "rss",
    ]  # fmt: skip
    page: Text
    """The site's name in the network."""
    url: Link
    followers: Followers | None = None
    text: Annotated[str, _with_braces("page", "network", "followers")] | None = None
    """The sentence, in place of that of the page's language; `{page}`, `{network}` and `{followers}`
    ("over 200,000") in it are filled in."""


class Poster(Written):
    """A still picture, in CSS pixels."""

    image: Url
    width: Pixels
    height: Pixels
    alt: Annotated[str, Word(_alt, {"type": "string"})] = ""


class Video(Written):
    """A video promo: a link to `url`, or a player of `file` where that is given."""

    title: Text
    url: Url | None = None
    file: Url | None = None
    credit: Text | None = None
    poster: Poster | None = None


class Source(Written):
    """Where a syndicated story came from; the page's own word for it where `url` is None."""

    url: Link | None = None
    name: Text | None = None
    text: PageText | None = None
    """The words of the link; the page's language has its own where absent, or where a variable is empty."""


class WeatherFeed(Written):
    """A JSON endpoint: `temperature` is the dotted path of the number in its answer."""

    url: Link
    temperature: Text
    """Such as "current.temp_c"."""
    minutes: Positive = 10
    """How often the feed is read."""
    oldest: Positive = 180
    """How many minutes old a temperature may be that is still shown, where the feed has failed since."""


class WeatherItem(Written):
    """The weather of a place: a fixed temperature, or a feed."""

    model_config = just_one("temperature", "feed")
    place: Text | None = None
    temperature: Temperature | None = None
    feed: WeatherFeed | None = None
    unit: Literal["C", "F"] = "C"

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, "temperature", "feed")


class Strip(Written):
    """A thin strip, as a rule at the top of the page."""

    items: Several[Literal["weather", "date"]]
    weather: WeatherItem | None = None
    date: Day | None = None
    """Fixes the date that is shown."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        items = written.get("items")
        if isinstance(items, Sequence) and "weather" in items and "weather" not in written:
            yield Conflict(
                'the item "weather" needs "weather", with a temperature or a feed', lacks=("weather",)
            )


class Newsletter(Written):
    """A sign-up: a form that posts `field` to the site's own `action`, or a link to `url`."""

    title: PageText | None = None
    text: PageText | None = None
    action: Url | None = None
    url: Url | None = None
    field: Text = "email"
    button: Text | None = None

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, "action", "url")


class Html(Written):
    """The operator's own snippet, vetted when the rules load."""

    html: Snippet
    """A Jinja2 template, sandboxed and autoescaped."""
    reserve: Pixels | None = None
    """The snippet's height in pixels, so that nothing moves when it is drawn."""


BlockOptions: TypeAlias = Ad | Stories | Follow | Video | Source | Strip | Newsletter | Html

KINDS: Final[Mapping[str, type[BlockOptions]]] = {
    "ad": Ad,
    "stories": Stories,
    "follow": Follow,
    "video": Video,
    "source": Source,
    "strip": Strip,
    "newsletter": Newsletter,
    "html": Html,
}
"""Every block kind by its name."""
