"""Posts of WordPress's REST API, `/wp-json/wp/v2/posts?_embed`:
https://developer.wordpress.org/rest-api/reference/posts/."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from typing import Any

from newshole.library.feeds.jsonfeed import said
from newshole.library.feeds.told import FeedStory, absolute, moment, paragraphs, plain, story_address, unique


def is_posts(written: object) -> bool:
    """Whether a document is a list of posts."""
    return isinstance(written, list) and all(isinstance(each, dict) and "link" in each for each in written)


def read_posts(written: Sequence[Any], url: str, zone: tzinfo, most: int) -> Iterator[FeedStory]:
    """The first `most` stories of a list; what has no title or address, or is no public post, is left out."""
    for post in written[:most]:
        title = plain(said(post.get("title"), "rendered"))
        address = story_address(said(post, "link"), url)
        if title and address and said(post, "status") in ("", "publish"):
            categories, tags = _terms(post, "category"), _terms(post, "post_tag")
            yield FeedStory(
                url=address,
                title=title,
                published=moment(said(post, "date_gmt"), UTC) or moment(said(post, "date"), zone),
                section=next(iter(unique(categories)), ""),
                tags=unique([*tags, *categories]),
                image=absolute(image, url) if (image := _image(post)) else "",
                text=paragraphs(said(post.get("content"), "rendered")),
            )


def _embedded(post: dict[str, Any], key: str) -> list[Any]:
    embedded = post.get("_embedded")
    found = embedded.get(key) if isinstance(embedded, dict) else None
    return found if isinstance(found, list) else []


def _terms(post: dict[str, Any], taxonomy: str) -> list[str]:
    groups = (each for each in _embedded(post, "wp:term") if isinstance(each, list))
    return [said(each, "name") for group in groups for each in group if said(each, "taxonomy") == taxonomy]


def _image(post: dict[str, Any]) -> str:
    return next((said(each, "source_url") for each in _embedded(post, "wp:featuredmedia")), "")
