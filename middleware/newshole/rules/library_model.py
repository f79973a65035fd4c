"""The stories and the feeds that the rules name."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Discriminator, Tag

from newshole.rules.quantities import Lasting
from newshole.rules.spans import Age
from newshole.rules.words import Language, Link, Moment, Text, Url
from newshole.rules.written import Written


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


class FeedWritten(Written):
    """A feed of stories or videos: RSS, Atom, a news sitemap, JSON Feed, or posts of WordPress."""

    url: Link
    every: Lasting = Age(10, "minute")
    """How often it is asked for what is new."""


FeedEntry: TypeAlias = Annotated[
    Annotated[Link, Tag("(address)")] | Annotated[FeedWritten, Tag("(feed)")],
    Discriminator(lambda written: "(feed)" if isinstance(written, (dict, FeedWritten)) else "(address)"),
]
"""A feed, or its address alone."""
