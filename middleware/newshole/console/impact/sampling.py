"""Which pages of a live site to look at: what readers read, from all of its sections.

The library knows best, so its stories come first. What it lacks is taken from the sitemap, and from the
links of the front page and of the sections that it leads to.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final, Literal, TypeAlias
from urllib.parse import urljoin, urlsplit

from newshole.console.inside import InsideError, ask
from newshole.console.pages import Pages
from newshole.errors import UsageError
from newshole.explaining.page import Page
from newshole.library.address import address
from newshole.library.entry import Entry
from newshole.library.feeds.told import FeedError, story_address
from newshole.library.feeds.tree import decoded, name_of, parsed, text_in
from newshole.page.document import Document
from newshole.site import Site

Told: TypeAlias = Literal["library", "sitemap", "front page", "section", "list"]
"""Who told of a page."""

MOST_SECTIONS: Final = 12
MOST_SITEMAPS: Final = 4
MOST_SITEMAP_BYTES: Final = 8 * 1024 * 1024
MOST_LISTED: Final = 2_000
"""Sections whose links are followed, sitemaps of an index that are read, bytes of one, addresses of one."""

AT_ONCE: Final = 4
"""Requests to the site's own software at a time."""

_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|pdf|xml|rss|json|zip|mp[34]|css|js|txt|ico)$", re.IGNORECASE
)
_TELLING = re.compile(r"\d{4,}|.+-.+-")
"""What tells a story by the last part of its path: a number, or a headline's words."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A page that may be looked at; `section` as far as it is known, `told` says by whom."""

    url: str
    section: str
    told: Told


@dataclass(frozen=True, slots=True)
class Sample:
    """The pages to look at, and which lists of pages could not be had, and why."""

    pages: tuple[Candidate, ...]
    notes: tuple[tuple[str, str], ...] = ()


def listed(text: str, pages: Pages) -> Sample:
    """The addresses that somebody pasted, one a line; those that are not of this site are told."""
    found: list[Candidate] = []
    notes: list[tuple[str, str]] = []
    for line in dict.fromkeys(filter(None, map(str.strip, text.splitlines()))):
        try:
            url = pages.address(line)
        except UsageError as error:
            notes.append((line, str(error)))
        else:
            found.append(Candidate(url, _section(url), "list"))
    return Sample(tuple(found), tuple(notes))


async def sampled(site: Site, pages: Pages, count: int, *, may_change: Callable[[str], bool]) -> Sample:
    """At most `count` pages of a site, spread over its sections; of those that only lists of the site tell,
    the ones whose address `may_change`."""
    known = [*_in_library(site)]
    if len(_once(known)) >= count:
        return Sample(tuple(spread(known, count)))
    search = _Search(pages, count, may_change)
    found = await search.find(known)
    return Sample(tuple(spread(found, count)), tuple(search.notes))


def spread(candidates: Iterable[Candidate], count: int) -> list[Candidate]:
    """The first ones of every section in turn, each page once, until there are `count`."""
    sections: dict[str, list[Candidate]] = {}
    for each in _once(candidates):
        sections.setdefault(each.section.casefold(), []).append(each)
    turns = chain.from_iterable(zip_longest(*sections.values()))
    return [each for each in turns if each is not None][:count]


def links(page: Page) -> list[str]:
    """The addresses that a page links to, in its order, each once."""
    document = Document(page.body)
    base = urljoin(page.url, next(iter(_hrefs(document, "base")), ""))
    return [*dict.fromkeys(filter(None, (story_address(each, base) for each in _hrefs(document, "a"))))]


def is_story_like(url: str) -> bool:
    """Whether an address looks like that of a story, and not like that of a list of them."""
    parts = [each for each in urlsplit(url).path.split("/") if each]
    return bool(parts) and (len(parts) > 2 or _TELLING.search(parts[-1]) is not None)


def _hrefs(document: Document, tag: str) -> Iterator[str]:
    for element in document.select(f"{tag}[href]"):
        yield document.attribute(element, "href") or ""


def _once(candidates: Iterable[Candidate]) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    for each in candidates:
        found.setdefault(address(each.url), each)
    return [*found.values()]


def _section(url: str) -> str:
    """The section by an address: the first part of its path, where there are several."""
    parts = [each for each in urlsplit(url).path.split("/") if each]
    return parts[0] if len(parts) > 1 else ""


def _in_library(site: Site) -> Iterator[Candidate]:
    """The newest stories and those read most, by turns."""
    newest = [each for shelf in site.shelves.values() for each in shelf.entries()]
    read = [
        item.entry
        for snapshot in site.facts.library.values()
        for items in snapshot.popular.values()
        for item in items
        if not item.is_fixed
    ]
    turns: Iterable[Entry | None] = chain.from_iterable(zip_longest(newest, read))
    for each in turns:
        if each is not None:
            yield Candidate(each.url, each.section or _section(each.url), "library")


class _Search:
    """A search for pages that the library does not know."""

    def __init__(self, pages: Pages, count: int, may_change: Callable[[str], bool]) -> None:
        self.pages, self.count, self.may_change = pages, count, may_change
        self.notes: list[tuple[str, str]] = []
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def find(self, known: Sequence[Candidate]) -> list[Candidate]:
        """What is known, and what lists of the site lead to, the best first."""
        front, mapped = await asyncio.gather(self._linked(self.pages.home), self._mapped())
        found = [*known, *self._stories(front, "front page"), *mapped]
        if len(_once(found)) < self.count:
            sections = [url for url in front if self._is_own(url) and not is_story_like(url)]
            within = await asyncio.gather(*map(self._linked, sections[:MOST_SECTIONS]))
            found += self._stories(chain.from_iterable(within), "section")
        return found

    def _stories(self, urls: Iterable[str], told: Told) -> Iterator[Candidate]:
        for url in urls:
            if is_story_like(url) and self._is_own(url) and self.may_change(url):
                yield Candidate(url, _section(url), told)

    def _is_own(self, url: str) -> bool:
        try:
            return self.pages.address(url) != self.pages.home and not _NO_PAGE.search(urlsplit(url).path)
        except UsageError:
            return False

    async def _linked(self, url: str) -> list[str]:
        """What a page of lists links to; nothing where it cannot be had, which is told."""
        try:
            async with self._gate:
                page = await self.pages.fetch(url)
        except UsageError as error:
            self.notes.append((url, str(error)))
            return []
        return await asyncio.to_thread(links, page)

    async def _mapped(self) -> list[Candidate]:
        """The newest addresses of the sitemap, or of those that it lists."""
        root = urljoin(self.pages.home, "/sitemap.xml")
        is_index, urls = await self._read(root)
        if is_index:
            own = [url for url in urls if self._is_of_site(url)][:MOST_SITEMAPS]
            read = await asyncio.gather(*map(self._read, own))
            urls = [url for is_index, found in read if not is_index for url in found]
        return [*self._stories(urls, "sitemap")]

    def _is_of_site(self, url: str) -> bool:
        try:
            return bool(self.pages.address(url))
        except UsageError:
            return False

    async def _read(self, url: str) -> tuple[bool, list[str]]:
        """Whether a sitemap is an index of others, and what it lists; nothing where there is none."""
        try:
            async with self._gate:
                answer = await ask(
                    self.pages.origin, urlsplit(self.pages.address(url)), most=MOST_SITEMAP_BYTES
                )
            if answer.status != 200:
                return False, []
            return await asyncio.to_thread(
                read_sitemap, answer.body, answer.header("content-type"), self.pages.home
            )
        except (InsideError, UsageError, FeedError):
            return False, []  # few sites have one at this place, and nobody asked for it


def read_sitemap(body: bytes, content_type: str, base: str) -> tuple[bool, list[str]]:
    """Whether a sitemap is an index of others, and the addresses in it, the latest changed first.

    Raises FeedError for what is no sitemap.
    """
    root = parsed(decoded(body, content_type))
    kind = name_of(root)
    if kind not in ("urlset", "sitemapindex"):
        raise FeedError("it is no sitemap")
    rows = [
        (text_in(item.find("{*}lastmod")), story_address(text_in(item.find("{*}loc")), base))
        for item in root
        if name_of(item) in ("url", "sitemap")
    ]
    rows.sort(key=lambda row: row[0], reverse=True)  # ISO 8601 sorts by itself; without a date comes last
    return kind == "sitemapindex", [url for _, url in rows if url][:MOST_LISTED]
