"""One story on the shelf, ready to be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from sys import intern

from newshole.library.address import address
from newshole.library.entry import Entry
from newshole.library.language import primary
from newshole.library.terms import terms_in_order

FIXED = "rules"
"""The `source` of an entry that the rules name: its addresses may be relative, and it is never let go."""

_TAG, _SECTION = "#", "/"


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """An entry with what it is compared by, all of it folded; terms are in order, each once.

    `address` is its key, a bare path for a relative one. `number` counts the items of a shelf. `title` are
    the terms of the title, `about` those and the tags', `text` what else the story tells of. `tags` and
    `section` are features of their own kind, so no word is taken for one. `published` is in seconds since
    1970. `mark` tells what a reader sees of it from what another shows.
    """

    entry: Entry
    address: str
    number: int
    title: tuple[str, ...]
    about: tuple[str, ...]
    text: tuple[str, ...]
    tags: tuple[str, ...]
    section: str
    language: str
    published: float | None
    mark: bytes

    @property
    def is_fixed(self) -> bool:
        """Whether the rules name it."""
        return self.entry.source == FIXED

    @property
    def since(self) -> float:
        """When it was published, else last seen, in seconds since 1970."""
        return self.entry.seen if self.published is None else self.published


def item_of(entry: Entry, number: int) -> Item:
    """The item of an entry."""
    title = _interned(terms_in_order(entry.title))
    about = _interned(terms_in_order(f"{entry.title} {' '.join(entry.tags)}"))
    return Item(
        entry=entry,
        address=address(entry.url),
        number=number,
        title=title,
        about=title if about == title else about,
        text=_interned(term for term in dict.fromkeys(entry.terms) if term not in about),
        tags=_interned(dict.fromkeys(_TAG + tag.strip().casefold() for tag in entry.tags)),
        section=intern(_SECTION + entry.section.strip().casefold()) if entry.section.strip() else "",
        language=intern(primary(entry.language)),
        published=None if entry.published is None else entry.published.timestamp(),
        mark=_mark(entry),
    )


def _interned(terms: Iterable[str]) -> tuple[str, ...]:
    # The same words are in thousands of stories.
    return tuple(map(intern, terms))


def _mark(entry: Entry) -> bytes:
    # A moment has many ways to be written, and a worker reads from a ledger another one than it told.
    published = None if entry.published is None else entry.published.timestamp()
    shown = (entry.url, entry.title, entry.image, entry.language, published, entry.level, entry.tags)
    return hashlib.blake2b(repr(shown).encode("utf-8", "replace"), digest_size=8).digest()
