"""JSON-LD as pages have it: the object that describes this page's article, out of all the page states.

Scripts hold objects, lists of them or an `@graph`; real ones also hold line breaks inside strings and
objects about other pages, which must not be taken for this one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from newshole.page.document import Document

Thing: TypeAlias = dict[str, Any]
"""A JSON-LD object, as written."""

LONGEST: Final = 1_000_000
"""Characters of the longest script that is read."""

MOST_ARTICLES: Final = 3
"""Beyond these, articles of which none names this page are a list of others."""

ARTICLE_ENDS: Final = ("Article", "Posting", "Report")
"""How the names of schema.org's article types end."""


def read_jsonld(document: Document) -> list[Thing]:
    """The objects that a page states at top level; what cannot be read is left out."""
    scripts = document.select("script[type^='application/ld+json' i]")
    return [thing for script in scripts for thing in _things(_parsed(document.raw_text(script)))]


def article(things: list[Thing], addresses: tuple[str, ...]) -> Thing | None:
    """The article that the page is about: one that names one of its `addresses`, else the first of few."""
    articles = [thing for thing in things if _is_article(thing)]
    wanted = {_plain(address) for address in addresses if address}
    named = (thing for thing in articles if not wanted.isdisjoint(map(_plain, _addresses(thing))))
    fallback = articles[0] if articles and len(articles) <= MOST_ARTICLES else None
    return next(named, fallback)


def values_at(thing: Mapping[str, Any], path: str) -> Iterator[str]:
    """The values at a dotted path in an object, as words: `publisher.name`; every entry of lists counts.

    A truth value is "true" or "false"; of an object it is the name, else the address, else its type.
    """
    found: list[object] = [thing]
    for key in path.split("."):
        inner = (each.get(key) for each in found if isinstance(each, dict))
        found = [entry for each in inner for entry in _listed(each)]
    return filter(None, map(_in_words, found))


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if isinstance(value, int) or value.is_integer() else str(value)
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "@value", "url", "@id", "@type") if value.get(key)), "")
    # Half of a surrogate pair, which JSON can hold, becomes "?".
    return " ".join(value.encode("utf-8", "replace").decode().split()) if isinstance(value, str) else ""


def _parsed(text: str) -> object:
    if len(text) > LONGEST:
        return None
    try:
        return json.loads(text.strip().removesuffix(";"), strict=False)
    except (ValueError, RecursionError):
        return None


def _things(value: object) -> Iterator[Thing]:
    for each in _listed(value):
        if isinstance(each, dict):
            yield each
            yield from (thing for thing in _listed(each.get("@graph")) if isinstance(thing, dict))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _is_article(thing: Thing) -> bool:
    return any(isinstance(each, str) and each.endswith(ARTICLE_ENDS) for each in _listed(thing.get("@type")))


def _addresses(thing: Thing) -> Iterator[str]:
    for key in ("mainEntityOfPage", "url", "@id"):
        value = thing.get(key)
        if isinstance(value, dict):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str):
            yield value


def _plain(address: str) -> str:
    """An address without what may differ between two spellings of it."""
    return address.partition("#")[0].partition("://")[2].removeprefix("www.").rstrip("/") or address
