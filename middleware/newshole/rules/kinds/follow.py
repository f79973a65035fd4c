"""The options of a follow call."""

from __future__ import annotations

from typing import Annotated, Literal

from newshole.rules.kinds.texts import with_braces
from newshole.rules.words import Day, Flag, Link, Positive, Text
from newshole.rules.written import Written


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
    text: Annotated[str, with_braces("page", "network", "followers")] | None = None
    """The sentence, in place of that of the page's language; `{page}`, `{network}` and `{followers}`
    ("over 200,000") in it are filled in."""
