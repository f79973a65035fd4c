"""Pages of a site to pick from: its newest stories, or what its front page links to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urljoin

from newshole.console.site import ConsoleSite
from newshole.errors import UsageError
from newshole.explaining.page import Page
from newshole.page.document import Document
from newshole.page.encoding import page_encoding
from newshole.page.prescan import prescan

MOST: Final = 18
"""Pages at most."""

LAST: Final = 60.0
"""Seconds for which they stay the same."""

_LEAST_LETTERS: Final = 15
"""Of a link that names a story, and no section."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A page by its address, title and section."""

    url: str
    title: str
    section: str = ""


async def picks(site: ConsoleSite) -> tuple[Pick, ...]:
    """What there is to pick from, the newest first; nothing where the front page cannot be had either."""
    return await site.fresh.get("picks", lambda: _picks(site), last=LAST)


async def _picks(site: ConsoleSite) -> tuple[Pick, ...]:
    known = tuple(islice(_stories(site), MOST))
    if known:
        return known
    try:
        front = await site.pages.fetch("/")
    except UsageError:
        return ()
    return tuple(islice(await asyncio.to_thread(_linked, site, front), MOST))


def _stories(site: ConsoleSite) -> Iterator[Pick]:
    entries = {each.url: each for shelf in site.newshole.site.shelves.values() for each in shelf.entries()}
    when = {url: each.published.timestamp() if each.published else 0.0 for url, each in entries.items()}
    for url in sorted(entries, key=lambda url: when[url], reverse=True):
        own = _own(site, url)
        if own:
            yield Pick(own, entries[url].title, entries[url].section)


def _linked(site: ConsoleSite, front: Page) -> Iterator[Pick]:
    encoding = page_encoding(front.body, front.content_type)
    if encoding is None or prescan(front.body).refusal is not None:
        return
    document = Document(front.body, encoding)
    found: dict[str, Pick] = {}
    for link in document.select("a[href]"):
        url = _own(site, urljoin(front.url, str(link.attr("href"))))
        title = document.text(link)
        if url and url != front.url and len(title) >= _LEAST_LETTERS:
            found.setdefault(url, Pick(url, title))
    yield from found.values()


def _own(site: ConsoleSite, url: str) -> str:
    """The address of a page of the site; "" for any other."""
    try:
        return site.pages.address(url)
    except (UsageError, ValueError):
        return ""
