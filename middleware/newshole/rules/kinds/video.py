"""The options of a video promo."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from newshole.rules.library_model import FeedEntry
from newshole.rules.words import Pixels, Several, Text, Url, Word, matching
from newshole.rules.written import Conflict, Written, expected, one_of


def _alt(value: object) -> str:
    if not isinstance(value, str):
        raise expected("text")
    return value


Player = Annotated[
    str,
    matching(
        r"(https://[^\s/?#\\]+|/(?![/\\]))[^\s\x00-\x20]*",
        'an address that starts with "https://", or a path such as "/player/1"',
    ),
]


class Poster(Written):
    """A still picture, in CSS pixels."""

    image: Url
    width: Pixels
    height: Pixels
    alt: Annotated[str, Word(_alt, {"type": "string"})] = ""


class Film(Written):
    """One of the videos of a promo, shown on pages of a story with one of its `tags`."""

    title: Text
    url: Url | None = None
    file: Url | None = None
    embed: Player | None = None
    credit: Text | None = None
    poster: Poster | None = None
    tags: tuple[Text, ...] = ()


ONE: Final = ("url", "file", "embed", "credit", "poster")
"""What a promo of one video says of it beside its title."""


class Video(Written):
    """A video promo: a link to `url`, a player of `file`, or another site's player that comes at a click."""

    title: Text | None = None
    url: Url | None = None
    """Where the title and the still lead."""
    file: Url | None = None
    """A video file, played on the page."""
    embed: Player | None = None
    """The address of another site's player, of which nothing is loaded before a reader asks for it."""
    credit: Text | None = None
    poster: Poster | None = None
    items: Several[Film] | None = None
    """Several videos, of which the one that shares most tags with the story is shown."""
    feed: FeedEntry | None = None
    """A feed that tells of several videos, of which one is shown as of `items`."""
    otherwise: Literal["first", "nothing"] = "nothing"
    """What is shown where no video of several shares a tag with the story."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from one_of(written, "title", "items", "feed")
        for many, own in (("items", "each item"), ("feed", "each video of a feed")):
            for key in ONE if many in written else ():
                if key in written:
                    sentence = f'"{key}" and "{many}" do not go together; {own} has its own'
                    yield Conflict(sentence, (key, "[key]"))
