"""The stories that the rules name."""

from __future__ import annotations

from newshole.rules.words import Language, Moment, Text, Url
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
