"""The options of every block kind, as written in the rules: one model a kind.

These are pydantic models because operations write them; they are frozen, and the blocks read them as
they are.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PositiveInt


class Written(BaseModel):
    """Something that people write in the rules: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StoryEntry(Written):
    """A story that the rules name, in `library.stories`."""

    title: str
    url: str
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    published: dt.datetime | dt.date | None = None


class Sizes(Written):
    """Creative sizes in CSS pixels, width before height, per device."""

    mobile: tuple[tuple[PositiveInt, PositiveInt], ...] = ()
    desktop: tuple[tuple[PositiveInt, PositiveInt], ...] = ()


class Creative(Written):
    """An image with a link, served by the site itself; `weight` is its share among those of one block."""

    image: str
    link: str
    alt: str
    width: PositiveInt
    height: PositiveInt
    weight: PositiveInt = 1


class Gpt(Written):
    """A Google Publisher Tag slot: the ad unit's path and its key-values, variables allowed in both."""

    unit: str
    targeting: dict[str, str | tuple[str, ...]] = {}


class Serve(Written):
    """Who fills an ad: exactly one of these."""

    slot: str | None = None
    html: str | None = None
    house: tuple[Creative, ...] | None = None
    gpt: Gpt | None = None


class Ad(Written):
    """An ad slot. `label` is the page's language's word where None; `reserve` says which creative's
    height is kept free: the largest, the first one listed, or so many pixels."""

    serve: Serve
    sizes: Sizes
    label: str | None = None
    reserve: Literal["largest", "likely"] | PositiveInt = "largest"


class Stories(Written):
    """A list of stories."""

    source: Literal["pinned", "related", "latest"]
    title: str | None = None
    count: Annotated[int, Field(ge=1, le=20)] = 4
    layout: Literal["list", "cards"] = "list"
    thumbnails: bool = True


class Followers(Written):
    """A follower count and the day it was read; older than 180 days it is left out, unless `always`."""

    count: PositiveInt
    as_of: dt.date
    always: bool = False


class Follow(Written):
    """A call to follow the site in a network. `text` replaces the wording of the page's language;
    `{page}`, `{network}` and `{followers}` in it are filled in."""

    network: Literal[
        "facebook", "instagram", "x", "threads", "bluesky", "mastodon", "youtube", "tiktok", "linkedin",
        "telegram", "whatsapp", "googlenews", "rss",
    ]  # fmt: skip
    page: str
    url: str
    followers: Followers | None = None
    text: str | None = None


class Poster(Written):
    """A still picture, in CSS pixels."""

    image: str
    width: PositiveInt
    height: PositiveInt
    alt: str = ""


class Video(Written):
    """A video promo: a link to `url`, or a player of `file` where that is given."""

    title: str
    url: str | None = None
    file: str | None = None
    credit: str | None = None
    poster: Poster | None = None


class Source(Written):
    """Where a syndicated story came from; the page's own word for it where `url` is None."""

    url: str | None = None
    name: str | None = None
    text: str | None = None


class WeatherFeed(Written):
    """A JSON endpoint: `temperature` is the dotted path of the number in its answer."""

    url: str
    temperature: str
    minutes: PositiveInt = 10


class WeatherItem(Written):
    """The weather of a place: a fixed temperature, or a feed."""

    place: str | None = None
    temperature: float | None = None
    feed: WeatherFeed | None = None
    unit: Literal["C", "F"] = "C"


class Strip(Written):
    """A thin strip, as a rule at the top of the page. `date` fixes the date that is shown."""

    items: tuple[Literal["weather", "date"], ...]
    weather: WeatherItem | None = None
    date: dt.date | None = None


class Newsletter(Written):
    """A sign-up: a form that posts `field` to the site's own `action`, or a link to `url`."""

    title: str | None = None
    text: str | None = None
    action: str | None = None
    url: str | None = None
    field: str = "email"
    button: str | None = None


class Html(Written):
    """The operator's own snippet, vetted when the rules load; `reserve` is its height in pixels."""

    html: str
    reserve: PositiveInt | None = None


BlockOptions: TypeAlias = Ad | Stories | Follow | Video | Source | Strip | Newsletter | Html
