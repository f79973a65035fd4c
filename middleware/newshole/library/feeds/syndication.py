"""RSS (0.9 to 2.0, with the usual modules) and Atom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Final

from lxml import etree

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
from newshole.library.feeds.tree import base_of, language_of, name_of, space_of, text_in

_CONTENT: Final = "http://purl.org/rss/1.0/modules/content/"
_CORE: Final = "http://purl.org/dc/elements/1.1/"
_MEDIA: Final = "http://search.yahoo.com/mrss/"
_ORIGINAL: Final = "http://rssnamespace.org/feedburner/ext/1.0"
_MODULES: Final = (_CONTENT, _CORE, _MEDIA, _ORIGINAL)
"""Namespaces whose elements are never the item's own."""

DATES: Final = ("pubdate", "published", "issued", "created", "date", "updated", "modified")


def read_syndication(root: etree._Element, url: str, zone: tzinfo, most: int) -> Iterator[FeedStory]:
    """The first `most` stories of a feed that came from a URL; what has no title or address is left out."""
    language = next((text_in(each) for each in root.iter("{*}language") if text_in(each)), "")
    items = (each for each in root.iter() if name_of(each) in ("item", "entry"))
    for _, item in zip(range(most), items, strict=False):
        told = _Item(item, url)
        title, address = told.title, told.address
        if title and address:
            yield FeedStory(
                url=address,
                title=title,
                published=told.published(zone),
                tags=told.tags,
                image=told.image,
                language=language_of(item) or told.text("language", _CORE) or language,
                text=paragraphs(told.content),
                video=told.video,
                credit=told.credit,
            )


class _Item:
    """One item of a feed, read part by part."""

    def __init__(self, item: etree._Element, url: str) -> None:
        self.item = item
        self.base = url
        for each in base_of(item):
            self.base = absolute(each, self.base) or self.base
        self.children: dict[str, list[etree._Element]] = {}
        for child in item:
            if space_of(child) not in _MODULES:
                self.children.setdefault(name_of(child), []).append(child)

    def own(self, *names: str) -> Iterator[etree._Element]:
        """The item's own children of these names, by the names' order."""
        yield from (each for name in names for each in self.children.get(name, ()))

    def of(self, name: str, space: str) -> Iterator[etree._Element]:
        return self.item.iterchildren(f"{{{space}}}{name}")

    def text(self, name: str, space: str) -> str:
        return text_in(next(self.of(name, space), None))

    @property
    def title(self) -> str:
        """The title, which RSS and Atom's types html and xhtml write with markup."""
        found = next(self.own("title"), None)
        written = text_in(found)
        is_bare = found is not None and found.get("type", "") == "text"
        return " ".join(written.split()) if is_bare else plain(written or self.text("title", _CORE))

    @property
    def address(self) -> str:
        for written in self._addresses():
            if written and (found := story_address(written, self.base)):
                return found
        return ""

    def _addresses(self) -> Iterator[str]:
        yield self.text("origLink", _ORIGINAL)
        links = list(self.own("link"))
        yield from (each.get("href", "") for each in links if each.get("rel", "alternate") == "alternate")
        yield from map(text_in, links)
        for each in self.own("guid"):
            written = text_in(each)
            if each.get("isPermaLink", "true") != "false" and written.startswith(("http://", "https://")):
                yield written

    def published(self, zone: tzinfo) -> datetime | None:
        """The first date that can be told."""
        written = [*map(text_in, self.own(*DATES)), self.text("date", _CORE)]
        return next((found for each in written if each and (found := moment(each, zone))), None)

    @property
    def tags(self) -> tuple[str, ...]:
        named = [each.get("label") or each.get("term") or text_in(each) for each in self.own("category")]
        keywords = [word for each in self.media("keywords") for word in text_in(each).split(",")]
        return unique([*named, *map(text_in, self.of("subject", _CORE)), *keywords])

    @property
    def image(self) -> str:
        found = (absolute(each, self.base) for each in self._images() if each)
        return next(filter(None, found), "")

    def _images(self) -> Iterator[str]:
        for each in self.media("content", "thumbnail"):
            kind, address = each.get("medium") or each.get("type") or "image", each.get("url", "")
            if kind.startswith("image") and not is_playable(each.get("type", ""), address):
                yield address
        for kind, address in self._enclosures():
            if kind.startswith("image/"):
                yield address

    @property
    def video(self) -> str:
        """The first video that browsers play, of the modules for media or enclosed."""
        media = ((each.get("type", ""), each.get("url", "")) for each in self.media("content"))
        playable = (address for kind, address in (*media, *self._enclosures()) if is_playable(kind, address))
        return next(filter(None, (absolute(each, self.base) for each in playable if each)), "")

    def _enclosures(self) -> Iterator[tuple[str, str]]:
        """The media types and addresses of what is enclosed."""
        for each in self.own("enclosure", "link"):
            if kind := each.get("type", ""):
                yield kind, each.get("url", "") or each.get("href", "")

    @property
    def credit(self) -> str:
        return next(filter(None, (plain(text_in(each)) for each in self.media("credit"))), "")

    def media(self, *names: str) -> Iterator[etree._Element]:
        """The item's elements of Media RSS of these names, in groups of them too."""
        return self.item.iter(*(f"{{{_MEDIA}}}{name}" for name in names))

    @property
    def content(self) -> str:
        """The story's text with its markup, where the feed has it."""
        found = next(self.own("content"), None)
        if found is not None and len(found):
            return "".join(etree.tostring(each, encoding="unicode") for each in found)
        return text_in(found) or self.text("encoded", _CONTENT)


def is_syndication(root: etree._Element) -> bool:
    """Whether a root element is that of RSS or Atom."""
    return name_of(root) in ("rss", "rdf", "feed", "channel")
