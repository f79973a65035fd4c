"""Stories as operators write them: a JSON document each in lines of its own, or a list of them.

    {"url": "https://news.example/bridge", "title": "Bridge reopens", "published": "2026-03-01T12:00:00Z"}

The keys are those of `Entry`; `url` and `title` are needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Final
from urllib.parse import urljoin, urlsplit

from pydantic import TypeAdapter, ValidationError

from newshole.errors import NewsholeError
from newshole.library.entry import LEVELS, LONGEST_TITLE, LONGEST_URL, Entry
from newshole.library.ledger import MOST_BYTES, Change, encode_change

SOURCE: Final = "import"
"""The `source` of an entry that an operator has brought."""

MOST_TOLD: Final = 20
"""Mistakes that are told at once."""


class EntriesError(NewsholeError):
    """Stories that cannot be read: all that is wrong with them, a line each."""


@cache
def _entry() -> TypeAdapter[Entry]:
    return TypeAdapter(Entry)


def read_entries(document: bytes, base: str = "") -> list[Entry]:
    """The stories of a document; relative addresses are read against `base`.

    Raises EntriesError with every mistake.
    """
    entries: list[Entry] = []
    mistakes: list[str] = []
    for place, text in _documents(document):
        try:
            entries.append(_read(text, base))
        except ValueError as error:
            mistakes.append(f"{place}: {error}")
    if mistakes:
        more = len(mistakes) - MOST_TOLD
        mistakes[MOST_TOLD:] = [f"and {more} more"] if more > 0 else []
        raise EntriesError("\n".join(mistakes))
    return entries


def _documents(document: bytes) -> Iterator[tuple[str, bytes]]:
    """Each story's document, and where it stands."""
    whole = document.removeprefix(b"\xef\xbb\xbf").strip()
    if whole.startswith(b"["):
        try:
            listed = json.loads(whole)
        except (ValueError, RecursionError) as error:
            raise EntriesError(f"not a list in JSON: {error}") from error
        yield from ((f"entry {n}", json.dumps(each).encode()) for n, each in enumerate(listed, 1))
        return
    for n, line in enumerate(document.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if line.strip():
            yield f"line {n}", line


def _read(text: bytes, base: str) -> Entry:
    """One story. Raises ValueError, in words, for what is none."""
    try:
        entry = _entry().validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None
    url = urljoin(base, entry.url)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > LONGEST_URL:
        raise ValueError(f'no address of a story: "{entry.url}"; write https://news.example/story')
    if not entry.title.strip():
        raise ValueError("title: a story needs one")
    if entry.published is not None and entry.published.tzinfo is None:
        raise ValueError('published: write the zone too, as in "2026-03-01T12:00:00Z"')
    if entry.level not in LEVELS:
        raise ValueError(f'level: expected none, review or solemn, found "{entry.level}"')
    image = urljoin(url, entry.image) if entry.image else ""
    found = replace(entry, url=url, image=image, title=entry.title[:LONGEST_TITLE], source=SOURCE)
    if not encode_change(Change("learned", url, found)):
        raise ValueError(f"a story of more than {MOST_BYTES:,} bytes is not kept")
    return found
