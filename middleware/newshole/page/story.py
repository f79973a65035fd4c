"""What a page says of itself: JSON-LD, OpenGraph, other meta elements, its own markup.

Where they differ, JSON-LD's article wins, for publishers write it by machine and search engines check
it; then OpenGraph, then what else there is. Everything in it is somebody's writing: nothing is trusted
to have the right type or size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, Final, TypeAlias
from urllib.parse import urljoin, urlsplit

from newshole.page.document import Document
from newshole.page.jsonld import article, read_jsonld, values_at
from newshole.page.told import META, told
from newshole.types import Story

MOST_TAGS: Final = 64
"""Tags that are kept; a page that claims more is not tagged but stuffed."""

MOST_AUTHORS: Final = 16
MOST_VALUES: Final = 8
"""Authors, and values of one name that rules look at, that are kept."""

LONGEST_VALUE: Final = 200
"""Letters of the longest value that a rule can ask for; of longer ones that a page has one more is kept."""

_NAMED_BY: Final = ("property", "name", "http-equiv", "itemprop")

Metas: TypeAlias = Mapping[str, tuple[str, ...]]
"""What a page's meta elements say, by their lower-case name or property."""

_TITLES: Final = ("og:title", "twitter:title", "parsely-title")
_DESCRIPTIONS: Final = ("og:description", "description")
_IMAGES: Final = ("og:image:secure_url", "og:image")
_SITES: Final = ("og:site_name", "application-name")
_AUTHORS: Final = ("author", "parsely-author", "article:author")
_TAG: Final = "article:tag"
_KEYWORDS: Final = ("parsely-tags", "news_keywords", "keywords")
_TYPE: Final = "og:type"
_LANGUAGES: Final = ("og:locale", "content-language", "language")
_ORIGINS: Final = ("syndication-source", "original-source", "article:original_source")
_SECTIONS: Final = ("article:section", "section", "parsely-section")
_PUBLISHED: Final = (
    "article:published_time", "article:published", "datepublished", "date", "dc.date.issued",
    "parsely-pub-date",
)  # fmt: skip
_TIER: Final = "article:content_tier"
_MODIFIED: Final = ("article:modified_time", "article:modified", "datemodified", "og:updated_time")

_TOLD: Final = "newshole"
_TOPIC_KEYS: Final = ("about", "keywords", "mentions", "genre", "articleSection", "subjectOf")
_TOPIC = re.compile(
    r"(?:\bmedtop:|\bmediatopic[:/])([0-9]{8})(?![0-9])|\b(iab:[A-Z0-9]{1,6})\b", re.IGNORECASE
)

_MINUTE: Final = timedelta(minutes=1)

METAS_READ: Final = frozenset(
    (
        *_TITLES, *_DESCRIPTIONS, *_IMAGES, *_SITES, *_AUTHORS, _TAG, *_KEYWORDS, _TYPE, *_LANGUAGES,
        *_ORIGINS, *_SECTIONS, *_PUBLISHED, *_MODIFIED, _TIER,
        _TOLD,
    )
)  # fmt: skip
"""The names of all meta elements that say something to us; the others are not looked at."""


def read_story(
    document: Document,
    url: str,
    asked_metas: frozenset[str] = frozenset(),
    asked_jsonld: frozenset[str] = frozenset(),
) -> Story:
    """What a page says of itself; empty where it says nothing. `url` is where it was asked for.

    `asked_metas` are lower-case names of further meta elements, `asked_jsonld` dotted paths in what JSON-LD
    says of the article: what the rules look at.
    """
    metas = read_metas(document, METAS_READ | asked_metas if asked_metas else METAS_READ)
    own = canonical(document, url)
    stated = article(read_jsonld(document), (url, own)) or {}
    return Story(
        url=url or own,
        title=_title(document, stated, metas),
        section=_first(_texts(stated.get("articleSection")), metas, *_SECTIONS),
        tags=_tags(stated, metas),
        language=_language(document, stated, metas),
        types=_types(document, stated, metas),
        authors=_authors(stated, metas),
        published=_date(stated.get("datePublished"), metas, *_PUBLISHED),
        modified=_date(stated.get("dateModified"), metas, *_MODIFIED),
        description=_first(_texts(stated.get("description")), metas, *_DESCRIPTIONS),
        image=_image(stated, metas, url),
        site=_first((), metas, *_SITES) or _name(stated.get("publisher")),
        origin=_origin(stated, metas, url, own),
        paywalled=_is_paywalled(stated, metas),
        metas=tuple((name, _kept(metas[name])) for name in sorted(asked_metas) if name in metas),
        jsonld=tuple(
            (path, kept) for path in sorted(asked_jsonld) if (kept := _kept(values_at(stated, path)))
        ),
        topics=_topics(stated, metas),
        told=told(", ".join(_said(metas, _TOLD)), META),
    )


def _kept(values: Iterable[str]) -> tuple[str, ...]:
    """Values as they are kept: few, and of one that is too long for any rule as much as tells that it is."""
    return tuple(value[: LONGEST_VALUE + 1] for value in islice(values, MOST_VALUES))


def read_metas(document: Document, wanted: AbstractSet[str] = METAS_READ) -> Metas:
    """What a page's meta elements of the `wanted` names say."""
    found: dict[str, list[str]] = {}
    for element in document.select("meta[content]"):
        names = [name.lower() for key in _NAMED_BY if (name := element.attr(key))]
        if wanted.isdisjoint(names):
            continue
        content = (document.attribute(element, "content") or "").strip()
        for name in names if content else ():
            found.setdefault(name, []).append(content)
    return {name: tuple(values) for name, values in found.items()}


def canonical(document: Document, url: str) -> str:
    """The address that a page names as its own, read against `url`; "" where it names none."""
    element = next(iter(document.select("link[rel~=canonical][href]")), None)
    href = "" if element is None else (document.attribute(element, "href") or "").strip()
    return _joined(url, href)


def _joined(url: str, reference: str) -> str:
    """A reference as an http(s) address, or as it is where `url` does not say of what site; else nothing."""
    try:
        address = urljoin(url, reference.strip()) if reference else ""
        schemes = ("http", "https") if url else ("http", "https", "")
        return address if urlsplit(address).scheme in schemes else ""
    except ValueError:
        return ""


def _texts(value: object) -> tuple[str, ...]:
    """The texts of a JSON-LD value, which may be one, a list, or a thing with a name."""
    values = value if isinstance(value, list) else [value]
    return tuple(" ".join(text.split()) for each in values if (text := _name(each)))


def _name(value: object) -> str:
    """A JSON-LD text or the name of a thing; half a surrogate pair, which JSON can hold, becomes "?"."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return value.strip().encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _address(value: object) -> str:
    """The address that a JSON-LD value is, or the first of a list, or the address of a thing."""
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, dict):
        first = first.get("url") or first.get("contentUrl") or first.get("@id")
    return _name(first) if isinstance(first, str) else ""


def _first(stated: Iterable[str], metas: Metas, *names: str) -> str:
    """The first of what JSON-LD states and then what the metas of these names say."""
    return next((each for each in (*stated, *_said(metas, *names)) if each), "")


def _said(metas: Metas, *names: str) -> tuple[str, ...]:
    return tuple(value for name in names for value in metas.get(name, ()))


def _title(document: Document, stated: Mapping[str, Any], metas: Metas) -> str:
    title = _first(_texts(stated.get("headline")), metas, *_TITLES)
    if title:
        return title
    shown = (document.text(each) for name in ("head > title", "h1") for each in document.select(name))
    return next(filter(None, shown), "")


def _tags(stated: Mapping[str, Any], metas: Metas) -> tuple[str, ...]:
    """Every tag once, as first written; a text of several is one list, told apart by commas."""
    editors = _said(metas, _TAG)
    lists = _texts(stated.get("keywords")) or editors or _said(metas, *_KEYWORDS)
    unique: dict[str, str] = {}
    for text in (*lists, *editors):
        for tag in filter(None, map(str.strip, text.split(","))):
            unique.setdefault(tag.casefold(), tag)
    return tuple(unique.values())[:MOST_TAGS]


def _topics(stated: Mapping[str, Any], metas: Metas) -> tuple[str, ...]:
    """The IPTC Media Topics and IAB categories that the article is said to be about, by their codes."""
    texts = [text for part in _TOPIC_KEYS for text in _identifiers(stated.get(part))]
    found = _TOPIC.findall(" ".join((*texts, *_said(metas, *_KEYWORDS, _TAG))))
    return tuple(dict.fromkeys(medtop or iab for medtop, iab in found))[:MOST_TAGS]


def _identifiers(value: object) -> Iterator[str]:
    """The texts of a JSON-LD value that may name a concept of a vocabulary."""
    for each in value if isinstance(value, list) else (value,):
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            named = (each.get(part) for part in ("@id", "url", "sameAs", "identifier", "termCode"))
            yield from (text for text in named if isinstance(text, str))
            if "iabtechlab" in str(each.get("inDefinedTermSet")).lower():
                yield f"iab:{each.get('termCode')}"


def _types(document: Document, stated: Mapping[str, Any], metas: Metas) -> tuple[str, ...]:
    marked = (element.attr("itemtype") for element in document.select("[itemtype*='schema.org/' i]"))
    items = (str(each).rstrip("/").rpartition("/")[2] for each in marked if each)
    types = (*_texts(stated.get("@type")), *_said(metas, _TYPE), *items)
    return tuple(dict.fromkeys(each.rpartition("/")[2] for each in types if each))


def _authors(stated: Mapping[str, Any], metas: Metas) -> tuple[str, ...]:
    authors = _texts(stated.get("author")) or _said(metas, *_AUTHORS)
    return tuple(dict.fromkeys(each for each in authors if "://" not in each))[:MOST_AUTHORS]


def _is_paywalled(stated: Mapping[str, Any], metas: Metas) -> bool:
    """Whether JSON-LD says that the story is not free to read, or else Facebook's word for it."""
    is_free = next(iter(values_at(stated, "isAccessibleForFree")), "").lower()
    if is_free:
        return is_free.rpartition("/")[2] == "false"
    return any(each.lower() in ("locked", "metered") for each in _said(metas, _TIER))


def _language(document: Document, stated: Mapping[str, Any], metas: Metas) -> str:
    root = document.tree.select_one("html")
    written = "" if root is None else root.attr("lang") or root.attr("xml:lang") or ""
    said = _first(_texts(stated.get("inLanguage")), metas, *_LANGUAGES)
    tag = (str(written).strip() or said).split(",")[0].strip().replace("_", "-")
    return tag if tag.isascii() and tag.replace("-", "").isalnum() else ""


def _date(stated: object, metas: Metas, *names: str) -> datetime | None:
    """The first moment that can be read, aware."""
    moments = map(_moment, (*_texts(stated), *_said(metas, *names)))
    return next(filter(None, moments), None)


def _moment(text: str) -> datetime | None:
    """A moment in ISO 8601 or as in mail (RFC 5322); one without a zone is taken for UTC."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.removesuffix(" UTC"))
            offset = moment.utcoffset()
            if offset is None:
                return moment.replace(tzinfo=UTC)
            # Clocks that are not whole minutes from UTC are history, and nothing keeps their seconds.
            return moment.astimezone(UTC) if offset % _MINUTE else moment
        except (ValueError, OverflowError):
            continue
    return None


def _image(stated: Mapping[str, Any], metas: Metas, url: str) -> str:
    shared = _said(metas, *_IMAGES)
    return _joined(url, _first(shared, {}) or _address(stated.get("image")))


def _origin(stated: Mapping[str, Any], metas: Metas, url: str, canonical: str) -> str:
    """Where a syndicated story came from: named so, or a canonical address on another site."""
    named = (_address(stated.get("isBasedOn")), *_said(metas, *_ORIGINS))
    elsewhere = canonical if canonical and url and not _is_same_site(canonical, url) else ""
    return next(filter(None, (_joined(url, each) for each in named)), elsewhere)


def _is_same_site(one: str, other: str) -> bool:
    """Whether two addresses have the same host, or one host is a part of the other's site."""
    host, other_host = _host(one), _host(other)
    return host == other_host or host.endswith(f".{other_host}") or other_host.endswith(f".{host}")


def _host(url: str) -> str:
    """The host as DNS writes it, without what sites of one publisher put before it ("www.", "m.", "amp.")."""
    host = urlsplit(url).hostname or ""
    with suppress(UnicodeError):
        host = host if host.isascii() else host.encode("idna").decode()
    return host.removeprefix("www.").removeprefix("m.").removeprefix("amp.")
