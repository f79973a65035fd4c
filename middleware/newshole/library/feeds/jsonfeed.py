"""JSON Feed 1.0 and 1.1: https://www.jsonfeed.org/version/1.1/."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from newshole.library.feeds.told import (
    FeedStory,
    absolute,
    is_playable,
    moment,
    paragraphs,
    plain,
    story_address,
    unique,
)


def is_json_feed(written: object) -> bool:
    """Whether a document is a JSON Feed."""
    return isinstance(written, dict) and isinstance(written.get("items"), list)


def read_json_feed(written: Mapping[str, Any], url: str, zone: tzinfo, most: int) -> Iterator[FeedStory]:
    """The first `most` stories of a feed; what has no title or address is left out."""
    for item in written["items"][:most]:
        if not isinstance(item, dict):
            continue
        title = plain(said(item, "title"))
        address = story_address(said(item, "url") or said(item, "external_url") or said(item, "id"), url)
        if title and address:
            image = said(item, "image") or said(item, "banner_image")
            tags = item.get("tags")
            yield FeedStory(
                url=address,
                title=title,
                published=moment(said(item, "date_published") or said(item, "date_modified"), zone),
                tags=unique(each for each in tags if isinstance(each, str)) if isinstance(tags, list) else (),
                image=absolute(image, url) if image else "",
                language=said(item, "language") or said(written, "language"),
                text=paragraphs(said(item, "content_html")) or _lines(said(item, "content_text")),
                video=_video(item, url),
            )


def _video(item: Mapping[str, Any], url: str) -> str:
    """The first attachment that browsers play as a video."""
    attached = item.get("attachments")
    for each in attached if isinstance(attached, list) else ():
        address = said(each, "url")
        if address and is_playable(said(each, "mime_type"), address) and (found := absolute(address, url)):
            return found
    return ""


def said(written: object, key: str) -> str:
    """The text at a key of a mapping; "" where there is none."""
    found = written.get(key) if isinstance(written, dict) else None
    return found if isinstance(found, str) else ""


def _lines(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (" ".join(each.split()) for each in text.split("\n"))))
