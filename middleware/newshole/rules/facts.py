"""What there is to compare: the facts of a page, of its address and of its reader.

Each is the words that a condition is compared with; an empty word is as good as none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from newshole.rules.globs import rootless
from newshole.types import Reader, Story

Fact: TypeAlias = Callable[[Story, Reader, str, str], tuple[str, ...]]
"""The words that a fact has for a story, its reader and the URL; `name` tells of which meta, cookie, …"""


class Address(NamedTuple):
    """The parts of a URL that conditions look at."""

    host: str
    path: str
    query: Mapping[str, str]


@lru_cache(maxsize=1024)
def address(url: str) -> Address:
    """The parts of a URL, or of a path alone; the last value of a repeated query field holds."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Address(rootless(parts.hostname or ""), parts.path, query)


def _one(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    return (values.get(name, ""),)


def _of(pairs: tuple[tuple[str, tuple[str, ...]], ...], name: str) -> tuple[str, ...]:
    return next((values for each, values in pairs if each == name), ())


def _query(_story: Story, reader: Reader, url: str, name: str) -> tuple[str, ...]:
    return (reader.query.get(name) or address(url).query.get(name, ""),)


def _referrer(_story: Story, reader: Reader, _url: str, _name: str) -> tuple[str, ...]:
    """The host that the reader comes from."""
    try:
        return (urlsplit(reader.headers.get("referer", "")).hostname or "",)
    except ValueError:
        return ()


def _arm(_story: Story, reader: Reader, _url: str, name: str) -> tuple[str, ...]:
    """The arm of an experiment that the reader, or the page, is in."""
    return (reader.arms.get(name, ""),)


_SEVERAL = re.compile(r"[,\s]+")

FACTS: Final[dict[str, Fact]] = {
    "path": lambda _story, _reader, url, _name: (address(url).path,),
    "host": lambda _story, _reader, url, _name: (address(url).host,),
    "section": lambda story, _reader, _url, _name: (story.section,),
    "tag": lambda story, _reader, _url, _name: story.tags,
    "author": lambda story, _reader, _url, _name: story.authors,
    "type": lambda story, _reader, _url, _name: story.types,
    "page": lambda story, _reader, url, _name: (page_kind(story, address(url).path),),
    "language": lambda story, _reader, _url, _name: (story.language,),
    "sensitivity": lambda story, _reader, _url, _name: (story.sensitivity,),
    "meta": lambda story, _reader, _url, name: _of(story.metas, name.lower()),
    "jsonld": lambda story, _reader, _url, name: _of(story.jsonld, name),
    "device": lambda _story, reader, _url, _name: (reader.device,),
    "country": lambda _story, reader, _url, _name: (reader.country or "",),
    "referrer": _referrer,
    "query": _query,
    "cookie": lambda _story, reader, _url, name: _one(reader.cookies, name),
    "header": lambda _story, reader, _url, name: _one(reader.headers, name.lower()),
    "arm": _arm,
    "edge-arm": _arm,
    "page-arm": _arm,
    "consent": lambda _story, reader, _url, _name: tuple(_SEVERAL.split(reader.consent)),
}
"""What each fact is that has words."""

AMOUNTS: Final[dict[str, Callable[[Story, Reader], int | None]]] = {
    "words": lambda story, _reader: story.words,
    "visits": lambda _story, reader: reader.visits,
}
"""What each fact is that is counted; None where that is not known."""

FLAGS: Final[dict[str, Callable[[Story, Reader], bool]]] = {
    "paywalled": lambda story, _reader: story.paywalled,
    "logged_in": lambda _story, reader: reader.logged_in,
    "bot": lambda _story, reader: reader.bot,
}
"""What each fact is that is so or is not."""

NAMED: Final = ("meta", "jsonld", "query", "cookie", "header")
"""Facts that there are several of, told apart by name."""

NONE_AT_ALL: Final = {"consent": "none", "sensitivity": "none"}
"""The words that stand for nothing, where there is one."""

URL_FACTS: Final = frozenset(("path", "host"))
"""Facts that are known before anything is asked of the site."""

READER_FACTS: Final = frozenset(
    (
        "device",
        "country",
        "referrer",
        "cookie",
        "header",
        "logged_in",
        "consent",
        "bot",
        "visits",
        "arm",
        "edge-arm",
    )
)
"""Facts that differ from reader to reader, at one address."""

TIME_FACTS: Final = frozenset(("published", "from", "until", "schedule"))
"""Facts that change by themselves."""

LATE_FACTS: Final = frozenset(("words", "sensitivity"))
"""Facts that are known only once a page's text is read, which is after it is taken for an article."""

_GALLERIES: Final = ("imagegallery", "mediagallery", "photogallery", "gallery")
_FRONTS: Final = ("collectionpage", "website")


def page_kind(story: Story, path: str) -> str:
    """What a page is: "live", "gallery", "front", or else "article"."""
    types = [each.lower() for each in story.types]
    if "liveblogposting" in types:
        return "live"
    if any(each in types for each in _GALLERIES):
        return "gallery"
    is_front = not path.strip("/") or any(each in types for each in _FRONTS)
    return "front" if is_front and not story.is_article else "article"
