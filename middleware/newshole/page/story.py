"""What a page says of itself: JSON-LD, OpenGraph, other meta elements, its own markup.

Where they differ, JSON-LD's article wins, for publishers write it by machine and search engines check
it; then OpenGraph, then what else there is. Everything in it is somebody's writing: nothing is trusted
to have the right type or size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from urllib.parse import urljoin, urlsplit

from newshole.page.document import Document, Element
from newshole.page.jsonld import article, read_jsonld
from newshole.types import Story

MOST_TAGS: Final = 64
"""Tags that are kept; a page that claims more is not tagged but stuffed."""

Metas: TypeAlias = Mapping[str, tuple[str, ...]]
"""What a page's meta elements say, by their lower-case name or property."""

_ORIGINS: Final = ("syndication-source", "original-source", "article:original_source")
_OPENGRAPH_ARTICLE: Final = "article"


def read_story(document: Document, url: str) -> Story:
    """What a page says of itself; empty where it says nothing. `url` is where it was asked for."""
    metas = _metas(document)
    canonical = _link(document, "canonical", url)
    stated = article(read_jsonld(document), (url, canonical)) or {}
    return Story(
        url=url or canonical,
        title=_title(document, stated, metas),
        section=_first(
            _texts(stated.get("articleSection")), metas, "article:section", "section", "parsely-section"
        ),
        tags=_tags(stated, metas),
        language=_language(document, stated, metas),
        types=_types(document, stated, metas),
        authors=_authors(stated, metas),
        published=_date(
            stated.get("datePublished"), metas, "article:published_time", "date", "parsely-pub-date"
        ),
        modified=_date(stated.get("dateModified"), metas, "article:modified_time", "og:updated_time"),
        description=_first(_texts(stated.get("description")), metas, "og:description", "description"),
        image=_image(stated, metas, url),
        site=_first((), metas, "og:site_name", "application-name") or _name(stated.get("publisher")),
        origin=_origin(stated, metas, url, canonical),
    )


def _metas(document: Document) -> Metas:
    found: dict[str, list[str]] = {}
    for element in document.select("meta[content]"):
        content = (document.attribute(element, "content") or "").strip()
        for key in ("property", "name", "http-equiv", "itemprop"):
            name = element.attr(key)
            if name and content:
                found.setdefault(str(name).lower(), []).append(content)
    return {name: tuple(values) for name, values in found.items()}


def _link(document: Document, rel: str, url: str) -> str:
    element = next(iter(document.select(f"link[rel~={rel}][href]")), None)
    href = "" if element is None else (document.attribute(element, "href") or "").strip()
    return _joined(url, href)


def _joined(url: str, reference: str) -> str:
    """An absolute http(s) address, else nothing."""
    try:
        address = urljoin(url, reference) if reference else ""
        return address if urlsplit(address).scheme in ("http", "https") or not url else ""
    except ValueError:
        return ""


def _texts(value: object) -> tuple[str, ...]:
    """The texts of a JSON-LD value, which may be one, a list, or a thing with a name."""
    values = value if isinstance(value, list) else [value]
    return tuple(" ".join(text.split()) for each in values if (text := _name(each)))


def _name(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return value.strip() if isinstance(value, str) else ""


def _first(stated: Iterable[str], metas: Metas, *names: str) -> str:
    """The first of what JSON-LD states and then what the metas of these names say."""
    return next((each for each in (*stated, *_said(metas, *names)) if each), "")


def _said(metas: Metas, *names: str) -> tuple[str, ...]:
    return tuple(value for name in names for value in metas.get(name, ()))


def _title(document: Document, stated: Mapping[str, Any], metas: Metas) -> str:
    title = _first(_texts(stated.get("headline")), metas, "og:title", "twitter:title", "parsely-title")
    return title or next(
        (
            text
            for name in ("head > title", "h1")
            for each in document.select(name)
            if (text := document.text(each))
        ),
        "",
    )


def _tags(stated: Mapping[str, Any], metas: Metas) -> tuple[str, ...]:
    """Every tag once, as first written; a text of several is one list, told apart by commas."""
    stated_tags = _texts(stated.get("keywords"))
    lists = (
        stated_tags
        or _said(metas, "article:tag")
        or _said(metas, "parsely-tags", "news_keywords", "keywords")
    )
    tags = (part.strip() for text in (*lists, *_said(metas, "article:tag")) for part in text.split(","))
    unique = {tag.casefold(): tag for tag in reversed([tag for tag in tags if tag])}
    return tuple(reversed(unique.values()))[:MOST_TAGS]


def _types(document: Document, stated: Mapping[str, Any], metas: Metas) -> tuple[str, ...]:
    marked = (element.attr("itemtype") for element in document.select("[itemtype*='schema.org/' i]"))
    items = (str(each).rstrip("/").rpartition("/")[2] for each in marked if each)
    types = (*_texts(stated.get("@type")), *_said(metas, "og:type"), *items)
    return tuple(dict.fromkeys(each.rpartition("/")[2] for each in types if each))


def _authors(stated: Mapping[str, Any], metas: Metas) -> tuple[str, ...]:
    authors = _texts(stated.get("author")) or _said(metas, "author", "parsely-author", "article:author")
    return tuple(dict.fromkeys(each for each in authors if "://" not in each))


def _language(document: Document, stated: Mapping[str, Any], metas: Metas) -> str:
    root = document.tree.select_one("html")
    written = "" if root is None else root.attr("lang") or root.attr("xml:lang") or ""
    said = _first(_texts(stated.get("inLanguage")), metas, "og:locale", "content-language", "language")
    tag = (str(written).strip() or said).split(",")[0].strip().replace("_", "-")
    return tag if tag.isascii() and tag.replace("-", "").isalnum() else ""


def _date(stated: object, metas: Metas, *names: str) -> datetime | None:
    """The first moment that can be read, aware; one without a zone is taken for UTC."""
    for text in (*_texts(stated), *_said(metas, *names)):
        try:
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _image(stated: Mapping[str, Any], metas: Metas, url: str) -> str:
    image = stated.get("image")
    first = image[0] if isinstance(image, list) and image else image
    address = first.get("url") if isinstance(first, dict) else first
    written = address if isinstance(address, str) else ""
    return _joined(
        url,
        _first(
            _said(metas, "og:image:secure_url", "og:image"),
            {},
        )
        or written.strip(),
    )


def _origin(stated: Mapping[str, Any], metas: Metas, url: str, canonical: str) -> str:
    """Where a syndicated story came from: named so, or a canonical address on another site."""
    based = stated.get("isBasedOn")
    first = based[0] if isinstance(based, list) and based else based
    address = (first.get("url") or first.get("@id")) if isinstance(first, dict) else first
    named = _joined(url, address.strip() if isinstance(address, str) else "")
    named = named or next((each for text in _said(metas, *_ORIGINS) if (each := _joined(url, text))), "")
    return named or (canonical if _site(canonical) != _site(url) and url else "")


def _site(url: str) -> str:
    """The host without what sites of one publisher put before it ("www.", "m.", "amp.")."""
    host = urlsplit(url).hostname or ""
    return host.removeprefix("www.").removeprefix("m.").removeprefix("amp.")
