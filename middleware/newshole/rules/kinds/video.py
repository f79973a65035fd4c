"""The options of a video promo."""

from __future__ import annotations

from typing import Annotated

from newshole.rules.words import Pixels, Text, Url, Word
from newshole.rules.written import Written, expected


def _alt(value: object) -> str:
    if not isinstance(value, str):
        raise expected("text")
    return value


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
