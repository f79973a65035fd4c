"""News sitemaps: https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from lxml import etree

from newshole.library.feeds.told import FeedError, FeedStory, absolute, moment, plain, story_address, unique
from newshole.library.feeds.tree import name_of, text_in


def is_sitemap(root: etree._Element) -> bool:
    """Whether a root element is that of a sitemap. Raises FeedError for an index of sitemaps."""
    if name_of(root) == "sitemapindex":
        raise FeedError("it is an index of sitemaps: name the news sitemap itself")
    return name_of(root) == "urlset"


def read_sitemap(root: etree._Element, url: str, zone: tzinfo, most: int) -> Iterator[FeedStory]:
    """The first `most` stories of a sitemap; an address without a title is left out."""
    for _, item in zip(range(most), root.iterchildren("{*}url"), strict=False):
        news = next(item.iterchildren("{*}news"), None)
        address = story_address(_said(item, "loc"), url)
        title = "" if news is None else plain(_said(news, "title"))
        if news is not None and title and address:
            yield FeedStory(
                url=address,
                title=title,
                published=moment(_said(news, "publication_date"), zone),
                tags=unique(_said(news, "keywords").split(",")),
                image=absolute(image, url) if (image := _said(item, "image", "loc")) else "",
                language=_said(news, "publication", "language"),
            )


def _said(element: etree._Element, *path: str) -> str:
    """The text of the first element at a path of names, whatever their namespaces."""
    return text_in(element.find("/".join(f"{{*}}{name}" for name in path)))
