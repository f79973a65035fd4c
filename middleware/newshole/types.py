"""The records that pass between the stages, and out of the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from newshole.library.snapshot import Snapshot

DEVICES: Final = ("mobile", "desktop")

Named: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""The values of each of some names."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What is known of one request; every field may be left at its default.

    `device` is one of `DEVICES`; `consent` is "none" until a reader has answered, then the word that tells
    it: "personal", "limited" (refused) or "restricted" (opted out of sale and targeting) where the rules say
    `consent: server`; `country` is an ISO 3166-1 alpha-2 code; `visits` counts this reader's pages; `now` is
    an aware datetime, None for the moment of the call; keys of `headers` are lower case. `id` is what
    experiments assign by; `arms` has the arm of each experiment by its name, where the edge assigned them;
    `forced` has those that somebody asked to see, for which nothing counts.
    """

    id: str | None = None
    device: str = "desktop"
    consent: str = "none"
    country: str | None = None
    logged_in: bool = False
    visits: int | None = None
    bot: bool = False
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None
    arms: Mapping[str, str] = field(default_factory=dict)
    forced: Mapping[str, str] = field(default_factory=dict)


class Told(NamedTuple):
    """A word that a page has for newshole ("off", "no-ads", "no-social", "no:BLOCK-ID"), and `by` what it
    says it."""

    word: str
    by: str


class Signal(NamedTuple):
    """What told that a story is sensitive: the path of the rule, and what it found, in words."""

    bound: str
    found: str


@dataclass(frozen=True, slots=True)
class Story:
    """What a page says of itself, in JSON-LD, OpenGraph, other meta elements and its own markup.

    `types` are schema.org and OpenGraph types as written ("NewsArticle", "article"); `language` is a BCP
    47 tag; `origin` is the URL that a syndicated story came from. `paywalled` is so where the page says
    that it is not free to read. `metas` and `jsonld` have only what the rules look at; `words` is 0 until
    the text is read. `topics` are codes of the IPTC Media Topics and, as "iab:389", of the IAB
    Content Taxonomy. `told` is what the page and its
    response say to newshole; `sensitivity` is one of "none", "review" and "solemn", as the rules see it,
    and `signal` what told so. `amp` are the extensions that an AMP page loads ("amp-ad"), None for any other
    page.
    """

    url: str = ""
    title: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    types: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    description: str = ""
    image: str = ""
    site: str = ""
    origin: str = ""
    paywalled: bool = False
    metas: Named = ()
    jsonld: Named = ()
    words: int = 0
    topics: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    sensitivity: str = "none"
    signal: Signal | None = None
    amp: tuple[str, ...] | None = None

    @property
    def is_article(self) -> bool:
        """Whether one of the types says article, in schema.org's words or OpenGraph's."""
        return any(each.lower().endswith(("article", "posting", "report")) for each in self.types)


@dataclass(frozen=True, slots=True)
class Weather:
    """One observation: the temperature in `unit` ("C" or "F"), read `at` an aware moment, None for one that
    does not age. `hours` is how old it is said to be where it is shown, 0 for one that is fresh."""

    temperature: float
    unit: str = "C"
    at: datetime | None = None
    hours: int = 0


@dataclass(frozen=True, slots=True)
class Clip:
    """A video that a feed tells of: its page, and a `file` that browsers play; "" for what there is not."""

    title: str
    url: str
    file: str = ""
    image: str = ""
    credit: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clips:
    """The videos of one feed, in its order; `digest` stands for all of them."""

    clips: tuple[Clip, ...] = field(repr=False)
    digest: str


SWITCHABLE: Final = ("all", "section", "url", "block", "kind", "no-ads")
"""What can be switched off."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Something that is switched off: `what` is one of `SWITCHABLE`, and `name` says which of them, "" for
    all. `by` whom and for what `reason`; `since` and `until` count seconds from 1970, `until` is None where
    no end is set."""

    what: str
    name: str = ""
    by: str = ""
    reason: str = ""
    since: float = 0.0
    until: float | None = None


class SwitchBoard(Protocol):
    """What is switched off at one moment, as pages and blocks ask for it."""

    until: float
    """When any of it comes back by itself, in seconds since 1970."""
    listed: tuple[Switch, ...]
    """The switches themselves."""

    def of_address(self, url: str) -> Switch | None:
        """What switches every page of an address off, whatever it holds."""

    def of_page(self, url: str, section: str) -> Switch | None:
        """What switches a page off."""

    def of_block(self, block: str, kind: str, url: str) -> Switch | None:
        """What switches a block off on a page."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What neither the page nor the rules hold: what blocks show, and what is switched off.

    Keys of `weather` are block ids, or what tells a feed from others; `switches` is None where nothing is
    off. `library` has all stories of each site, by its rules' name; without an entry those of the rules are
    all there are. `videos` are by the address of their feed.
    """

    weather: Mapping[str, Weather] = field(default_factory=dict)
    switches: SwitchBoard | None = None
    library: Mapping[str, Snapshot] = field(default_factory=dict)
    videos: Mapping[str, Clips] = field(default_factory=dict)


class ShownFacts(NamedTuple):
    """Facts as the page of one address shows them.

    Its `repr` goes into entity tags: it is the same in every process, and differs where pages do. `stories`
    stands for all that lists may show there, "" for those of the rules.
    """

    weather: Mapping[str, Weather]
    switches: SwitchBoard | None
    stories: str = ""
    videos: tuple[Clips, ...] = ()


@dataclass(frozen=True, slots=True)
class Insertion:
    """HTML put into the page: at byte `offset` of the page as the site sent it, for block id `block`.

    Insertions at the same offset stand in the page in the order of the tuple that holds them.
    """

    offset: int
    html: bytes
    block: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a decision fell: `bound` is the path of the rule in its file ("layout.gap[0]").

    `required` and `found` are words for people ("3 units", "1 unit").
    """

    code: str
    bound: str
    required: str
    found: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one block at one candidate gap.

    `gap` numbers the page's places from 0 in document order and `offset` is its byte offset; both are
    None where the block was refused before any place was looked at. `reasons` is never empty.
    """

    block: str
    gap: int | None
    offset: int | None
    placed: bool
    reasons: tuple[Reason, ...]
