"""What is kept of pages in the process, and the keys that it is kept under."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeAlias

from newshole.cache.plan_record import KeptPage
from newshole.exposing import NOBODY, Exposed
from newshole.lasting import NEVER, Lasting
from newshole.library.lead import Lead
from newshole.page.encoding import page_encoding
from newshole.page.frame import Frame, Stable
from newshole.rules.ruleset import Rules
from newshole.types import Facts, Reader, ShownFacts
from newshole.version import VERSION

Who: TypeAlias = tuple[bool, ...]
"""What decides of a reader: which of the rules' conditions on readers hold; see `rules.telling`."""

Key: TypeAlias = tuple[bytes, str, str, str | tuple[str, ...] | None, Who, str]
"""The digest of a page's stable bytes, its address, its content type, its encoding, the reader, and what the
response tells newshole. Of a coded body the digest is its own, and its form stands for the encoding."""


Dress: TypeAlias = Callable[[bytes, tuple[bytes, ...]], bytes]
"""What makes the first fragment of a page fit its response, by it and the policies of the page's meta
elements; the same object where it does."""


class Asked(NamedTuple):
    """A page as it came, and for whom: `who` is empty where the rules do not look at readers, `read_reader`
    makes all that is known of the reader. `minute` counts from 1970. `words` are what the response tells
    newshole."""

    page: bytes
    url: str
    content_type: str
    who: Who
    minute: int
    read_reader: Callable[[], Reader]
    words: str = ""

    @property
    def now(self) -> datetime:
        """The beginning of the minute."""
        return datetime.fromtimestamp(self.minute * 60, UTC)

    @property
    def reader(self) -> Reader:
        """The reader, at the beginning of the minute."""
        return replace(self.read_reader(), now=self.now)


class Answer(NamedTuple):
    """A finished page. `untouched` is None, or why it is the site's own; `blocks` are the ids of what was
    placed; `digest` tells one outcome of the same page from another, in 16 hexadecimal digits; `lasting` says
    how long it is the same; `at` is the offset of the first block, before which the page is the site's own;
    `policies` are those of its meta elements; `plan` is what it is counted as: where its plan came from,
    empty for none; `lead` is what it tells the library; `seen` are the experiments that its reader meets;
    `offsets` are those of the blocks in the page as the site sent it; `overrides` are the names of those that
    are active."""

    html: bytes
    untouched: str | None
    blocks: tuple[str, ...] = ()
    digest: str = ""
    lasting: Lasting = Lasting()
    at: int = 0
    policies: tuple[bytes, ...] = ()
    plan: str = "plan-here"
    lead: Lead | None = None
    seen: Exposed = NOBODY
    offsets: tuple[int, ...] = ()
    overrides: tuple[str, ...] = ()


class Shown(NamedTuple):
    """What a page shows throughout one minute with some facts: nothing, and why, or fragments at offsets in
    its stable bytes, of `size` bytes together."""

    facts: Facts
    minute: int
    untouched: str | None
    offsets: tuple[int, ...] = ()
    fragments: tuple[bytes, ...] = ()
    blocks: tuple[str, ...] = ()
    digest: str = ""
    size: int = 0
    lasting: Lasting = Lasting()
    has_policies: bool = False
    lead: Lead | None = None
    seen: Exposed = NOBODY
    overrides: tuple[str, ...] = ()


@dataclass(slots=True)
class Finished:
    """A finished page, the same for all who ask in its minute; `made` is left to those who answer them."""

    shown: Shown
    answer: Answer
    made: tuple[object, int | None, list[tuple[bytes, bytes]]] | None = None


@dataclass(slots=True)
class Kept:
    """One page: how to compose it, what it showed last, and what it tells the library."""

    page: KeptPage
    shown: Shown | None = None
    lead: Lead | None = None

    @property
    def size(self) -> int:
        """The bytes of its texts, about, of what it tells the library, and of its fragments."""
        story = self.page.story
        named = (value for _, values in (*story.metas, *story.jsonld) for value in values)
        texts = (story.url, story.title, story.section, story.origin, *story.tags, *story.types)
        texts += (*story.authors, *named)
        told = () if self.lead is None else (self.lead.entry.image, *self.lead.entry.terms)
        return sum(map(len, (*texts, *told))) + (self.shown.size if self.shown else 0)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an address: what its pages have in common, None until it is learned; and a response
    to learn from, empty once it is."""

    frame: Frame | None = None
    sample: bytes = field(default=b"", repr=False)


def key_of(stable: Stable, page: bytes, url: str, content_type: str, who: Who, words: str = "") -> Key:
    """The key of a page in the process, beside its site."""
    # Without tokens the page's own bytes decide on the encoding, and are all in the digest.
    encoding = page_encoding(page, content_type) if stable.tokens else ""
    return (stable.digest, url, content_type, encoding, who, words)


def name_of(key: Key, rules: Rules) -> bytes:
    """The key in the store, of 16 bytes: the same in every process that would plan the same."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (VERSION.encode(), rules.digest.encode(), key[0], *(repr(each).encode() for each in key[1:])):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.digest()


def state_of(site_digest: str, who: Who, facts: ShownFacts, words: str = "") -> str:
    """All that decides on what a page shows beside the page itself and the time, in 9 hexadecimal digits.

    `facts` count by what their `repr` says.
    """
    state = repr((VERSION, site_digest, who, facts, words)).encode()
    return hashlib.blake2b(state, digest_size=8).hexdigest()[:STATE]


STATE: Final = 9
_LATEST: Final = 0xFFFFFFF


def digest_of(state: str, until: float) -> str:
    """Tells what a page shows from what it shows otherwise, in 16 hexadecimal digits.

    They are those of the state, and the minute since 1970 until which nothing changes by itself. So whether a
    digest still holds can be told without the page.
    """
    return f"{state}{_LATEST if until == NEVER else min(int(until // 60), _LATEST):07x}"


def until_of(digest: str) -> float:
    """The moment that is part of a digest."""
    minute = int(digest[STATE:], 16)
    return NEVER if minute == _LATEST else minute * 60.0
