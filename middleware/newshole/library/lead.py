"""Leads: what a page tells of its own story when it is read, for the library to learn.

A page is read once and answered many times. So what it tells waits with its plan, and is learned with the
first answer that anybody might have had: see `newshole.http.learning`. Here is what the page itself has to
say for that, in this order: it names its own address, wants to be found, is nobody's advertisement, and has a
title and a date that can be.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from newshole.library.entry import LONGEST_TITLE, LONGEST_URL, LONGEST_WORD, MOST_TAGS, Entry
from newshole.library.subject import subject
from newshole.page.document import Document
from newshole.page.jsonld import read_jsonld
from newshole.page.outline import Outline
from newshole.page.story import canonical, read_metas
from newshole.rules.globs import rootless
from newshole.types import Story

ROBOTS: Final = frozenset(("robots", "googlebot", "googlebot-news"))
SPONSORS: Final = frozenset(("sponsor", "sponsored", "sponsor_name", "article:sponsor"))
WATCHED: Final = ROBOTS | SPONSORS
"""Names of the meta elements that decide whether a story is learned, beside what every page is read for."""

PAGE_REFUSED: Final = {
    "canonical": "names no address of its own, or another one",
    "noindex": "asks search engines not to show it",
    "sponsored": "is paid for",
    "no-title": "has no title",
    "no-date": "does not say when it was published",
    "date": "says that it was published in the future, or before there were news sites",
}
"""Why a page is not learned, in words."""

OLDEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LATEST: Final = timedelta(days=1)
"""A story may be dated so far in the future: clocks and time zones are wrong now and then."""

_TEXTS: Final = frozenset(("paragraph", "list", "quote", "heading"))
_PAID: Final = "AdvertiserContentArticle"
_CLOSED: Final = frozenset(("noindex", "none"))
_UNSEEN: Final = ("script", "style")
_SEPARATORS = re.compile(r"[\s,:]+")


@dataclass(slots=True)
class Lead:
    """What a page told of its story, and of the library, whether it knows.

    `is_own` says that the page was read, at the story's very address: else its readers count, and it teaches
    nothing. `turn` is that of the library in which the story was last found there.
    """

    entry: Entry
    is_own: bool = True
    turn: int = -1


def reminder(url: str, title: str) -> Lead:
    """A lead to a story of which is known where it is, no more: its readers count, and it teaches nothing."""
    return Lead(Entry(urlunsplit(urlsplit(url)._replace(query="", fragment="")), title), is_own=False)


class RefusedError(Exception):
    """The reason why a page tells the library nothing, one of `PAGE_REFUSED`."""


def lead_of(document: Document, story: Story, outline: Outline, url: str, now: datetime) -> Lead:
    """What the page of `url` tells of its story. Raises RefusedError where that is nothing."""
    own = own_address(url, canonical(document, url))
    if not own:
        raise RefusedError("canonical")
    metas = read_metas(document, WATCHED)
    if forbids_finding(value for name in ROBOTS for value in metas.get(name, ())):
        raise RefusedError("noindex")
    if _is_paid(document, story) or not SPONSORS.isdisjoint(metas):
        raise RefusedError("sponsored")
    _check(story, now)
    return Lead(_entry(document, story, outline, own, now), is_own=not urlsplit(url).query)


def own_address(url: str, canonical: str) -> str:
    """A page's canonical address where that is the one asked for, but for its query; "" where it is not.

    Of two schemes it has the safer one: in front of newshole, TLS may have ended.
    """
    try:
        asked, named = urlsplit(url), urlsplit(canonical)
        is_same = (_host(asked), unquote(asked.path or "/")) == (_host(named), unquote(named.path or "/"))
    except ValueError:
        return ""
    if not is_same or named.query or "@" in named.netloc or not named.hostname:
        return ""
    scheme = "https" if "https" in (asked.scheme, named.scheme) else "http"
    address = f"{scheme}://{_host(named)}{quote(named.path or '/', safe='/%:@!$&()*+,;=~')}"
    return address if len(address) <= LONGEST_URL else ""


def forbids_finding(values: Iterator[str]) -> bool:
    """Whether a robots rule, of a meta element or a header, forbids to show the page in a list."""
    return any(not _CLOSED.isdisjoint(_SEPARATORS.split(value.lower())) for value in values)


def _host(parts: SplitResult) -> str:
    host, port = rootless(parts.hostname or ""), parts.port
    host = f"[{host}]" if ":" in host else host
    return host if port in (None, 80, 443) else f"{host}:{port}"


def _is_paid(document: Document, story: Story) -> bool:
    if _PAID in story.types:
        return True
    # Hardly any page has the word, and then its statements are read once more.
    return b"sponsor" in document.page and any(thing.get("sponsor") for thing in read_jsonld(document))


def _check(story: Story, now: datetime) -> None:
    if not story.title:
        raise RefusedError("no-title")
    if story.published is None:
        raise RefusedError("no-date")
    if not OLDEST <= story.published <= now + LATEST:
        raise RefusedError("date")


def _entry(document: Document, story: Story, outline: Outline, url: str, now: datetime) -> Entry:
    return Entry(
        url=url,
        title=story.title[:LONGEST_TITLE],
        image=story.image if len(story.image) <= LONGEST_URL else "",
        section=story.section[:LONGEST_WORD],
        tags=tuple(tag[:LONGEST_WORD] for tag in story.tags[:MOST_TAGS]),
        language=story.language,
        published=story.published,
        terms=subject(_paragraphs(document, outline)),
        level=story.sensitivity,
        seen=now.timestamp(),
    )


def _paragraphs(document: Document, outline: Outline) -> Iterator[str]:
    """What stands in the story's paragraphs, without markup."""
    for unit in outline.units:
        if unit.kind in _TEXTS and unit.words:
            yield _text(document.decode(unit.start, unit.end))


def _text(source: str) -> str:
    """The text of some source, in one pass whatever is in it: a word more or less does not matter here."""
    first, *tags = source.split("<")
    texts = (tag.partition(">")[2] for tag in tags if not tag.lower().startswith(_UNSEEN))
    return html.unescape(" ".join((first, *texts)))
