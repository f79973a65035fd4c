"""A feed's bytes read into stories, by what is in them: what a server calls it is often wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Final

from newshole.library.feeds.jsonfeed import is_json_feed, read_json_feed
from newshole.library.feeds.sitemap import is_sitemap, read_sitemap
from newshole.library.feeds.syndication import is_syndication, read_syndication
from newshole.library.feeds.told import FeedError, FeedStory
from newshole.library.feeds.tree import decoded, parsed
from newshole.library.feeds.wordpress import is_posts, read_posts

MOST_BYTES: Final = 10 * 1024 * 1024
"""The largest feed that is read."""

MOST_STORIES: Final = 1000
"""Stories of one feed that are read, from its beginning."""


def read_feed(
    body: bytes, *, url: str, content_type: str = "", zone: tzinfo = UTC, most: int = MOST_STORIES
) -> tuple[FeedStory, ...]:
    """The stories of a feed that came from a URL, in its order.

    RSS, Atom, a news sitemap, JSON Feed, or posts of WordPress. `content_type` is the header of its response,
    of which the charset counts where the feed itself declares none. Times without a zone are in `zone`.
    Raises FeedError, and nothing else.
    """
    if len(body) > MOST_BYTES:
        raise FeedError(f"it has more than {MOST_BYTES:,} bytes")
    text = decoded(body, content_type).lstrip()
    read = _read_json if text[:1] in ("{", "[") else _read_xml
    return tuple(read(text, url, zone, most))


def is_feed(body: bytes) -> bool:
    """Whether a document that may be something else is a feed: any XML, or JSON of a feed's shape."""
    text = decoded(body, "").lstrip()
    if text[:1] not in ("{", "["):
        return text.startswith("<")
    try:
        written = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return is_json_feed(written) or (bool(written) and is_posts(written))


def _read_json(text: str, url: str, zone: tzinfo, most: int) -> Iterator[FeedStory]:
    try:
        written = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FeedError("it is no JSON that can be read") from error
    if is_json_feed(written):
        return read_json_feed(written, url, zone, most)
    if is_posts(written):
        return read_posts(written, url, zone, most)
    raise FeedError("it is neither a JSON Feed nor a list of posts")


def _read_xml(text: str, url: str, zone: tzinfo, most: int) -> Iterator[FeedStory]:
    root = parsed(text)
    if is_syndication(root):
        return read_syndication(root, url, zone, most)
    if is_sitemap(root):
        return read_sitemap(root, url, zone, most)
    raise FeedError("it is neither RSS nor Atom nor a news sitemap")
