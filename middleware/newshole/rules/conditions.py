"""Conditions, as they are written: on articles, blocks and whatever else holds on some pages only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag

from newshole.page.story import LONGEST_VALUE
from newshole.rules.facts import LATE_FACTS, NAMED
from newshole.rules.quantities import Counted, NotPublished, Published, Schedule, at_no_time, is_negated
from newshole.rules.words import Flag, Moment, OneOrSeveral, PathGlob, Several, T, Text, Word, matching
from newshole.rules.written import Conflict, Written, expected, found_in

DEEPEST: Final = 4
"""How deep combinations of conditions may be nested."""


def _value(value: object) -> str:
    """A value as JSON has them, in the words in which it is compared."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return _short(value)


def _short(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise expected("text (put it in quotes)" if isinstance(value, (int, float)) else "text")
    if len(value) > LONGEST_VALUE:
        raise expected(f"text of at most {LONGEST_VALUE} letters")
    return value


_SHORT: Final = {"type": "string", "pattern": r"\S", "maxLength": LONGEST_VALUE}
ShortText = Annotated[str, Word(_short, _SHORT)]
Value = Annotated[str, Word(_value, {"anyOf": [_SHORT, {"type": ["boolean", "integer"]}]})]
HostGlob = Annotated[
    str,
    matching(
        r"present|[^\s/:?#@]*[^\s/:?#@.]",
        'a host such as "www.news.example" or "*.news.example", "*" for any part of it',
    ),
]
Country = Annotated[
    str, matching(r"[A-Za-z]{2}|present", 'a country of two letters such as PL (ISO 3166-1), or "present"')
]
DeviceName = Literal["mobile", "desktop", "present"]
PageKind = Literal["article", "live", "gallery", "front"]
Level = Literal["none", "review", "solemn", "present"]


class Not(Written):
    """The condition holds where none of these does."""

    excluded: OneOrSeveral[Text] = Field(alias="not")


class NotShort(Written):
    """The condition holds where the value is none of these."""

    excluded: OneOrSeveral[ShortText] = Field(alias="not")


class NotValue(Written):
    """The condition holds where the value is none of these."""

    excluded: OneOrSeveral[Value] = Field(alias="not")


class NotPath(Written):
    """The condition holds where none of these paths matches."""

    excluded: OneOrSeveral[PathGlob] = Field(alias="not")


class NotHost(Written):
    """The condition holds where none of these hosts matches."""

    excluded: OneOrSeveral[HostGlob] = Field(alias="not")


class NotDevice(Written):
    """The condition holds on every other device."""

    excluded: OneOrSeveral[DeviceName] = Field(alias="not")


class NotCountry(Written):
    """The condition holds in every other country."""

    excluded: OneOrSeveral[Country] = Field(alias="not")


class NotPage(Written):
    """The condition holds on every other kind of page."""

    excluded: OneOrSeveral[PageKind] = Field(alias="not")


class NotLevel(Written):
    """The condition holds for every other level."""

    excluded: OneOrSeveral[Level] = Field(alias="not")


def _form(written: object) -> str:
    if isinstance(written, (list, tuple)):
        return "(list)"
    return "(not)" if isinstance(written, (dict, BaseModel)) else "(one)"


N = TypeVar("N", bound=Written)

Fact = Annotated[
    Annotated[T, Tag("(one)")] | Annotated[Several[T], Tag("(list)")] | Annotated[N, Tag("(not)")],
    Discriminator(_form),
]
"""What a fact must be: a value, one of a list, or not those of an `N`."""


def _alternatives(written: object) -> object:
    if not isinstance(written, (list, tuple)):
        raise expected("a list of conditions such as [{section: Business}, {tag: economy}]")
    return written


Combined = Annotated["Several[When]", BeforeValidator(_alternatives)]


class When(Written):
    """Conditions, which must all hold: each a value, a list of which one must fit, `present`, or {not: …}."""

    path: Fact[PathGlob, NotPath] | None = None
    """The URL's path: `/world/**` for all below /world, `*` within one part."""
    host: Fact[HostGlob, NotHost] | None = None
    """The URL's host: `*.news.example` for all below news.example."""
    section: Fact[Text, Not] | None = None
    tag: Fact[Text, Not] | None = None
    author: Fact[Text, Not] | None = None
    type: Fact[Text, Not] | None = None
    """A schema.org or OpenGraph type, such as NewsArticle."""
    page: Fact[PageKind, NotPage] | None = None
    """What kind of page it is."""
    language: Fact[Text, Not] | None = None
    """`en` fits en-GB too."""
    words: Counted | None = None
    """How many words the story's text has."""
    published: (
        Annotated[
            Annotated[Published, Tag("(age)")] | Annotated[NotPublished, Tag("(not)")],
            Discriminator(lambda written: "(not)" if is_negated(written) else "(age)"),
        ]
        | None
    ) = None
    """How long ago the story was published."""
    sensitivity: Fact[Level, NotLevel] | None = None
    """How sensitive the story is."""
    meta: dict[str, Fact[ShortText, NotShort]] | None = None
    """The page's meta elements by name or property."""
    jsonld: dict[str, Fact[Value, NotValue]] | None = None
    """What the page's JSON-LD says of the article, by dotted path: `publisher.name`."""
    paywalled: Flag | None = None
    """Whether the page says that the story is not free to read."""
    device: Fact[DeviceName, NotDevice] | None = None
    country: Fact[Country, NotCountry] | None = None
    """The reader's country, where `vary` says what tells it."""
    referrer: Fact[HostGlob, NotHost] | None = None
    """The host of the page that the reader comes from."""
    query: dict[str, Fact[Text, Not]] | None = None
    """The fields of the URL's query."""
    cookie: dict[str, Fact[Text, Not]] | None = None
    """The reader's cookies."""
    header: dict[str, Fact[Text, Not]] | None = None
    """The request's headers."""
    logged_in: Flag | None = None
    """Whether the reader is logged in, where `vary` says what tells it."""
    consent: Fact[Text, Not] | None = None
    """What the reader has consented to, where `vary` says what tells it."""
    bot: Flag | None = None
    """Whether the reader is a crawler."""
    visits: Counted | None = None
    """How many pages the reader has seen, where `vary` says what tells it."""
    start: Moment | None = Field(default=None, alias="from")
    """Not before this moment; a date is its beginning."""
    until: Moment | None = None
    """Not from this moment on; a date is its beginning."""
    schedule: OneOrSeveral[Schedule] | None = None
    """Times of the week."""
    any: Combined | None = None
    """One of these must hold."""
    all: Combined | None = None
    """All of these must hold."""
    none: Combined | None = None
    """None of these may hold."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        yield from super().conflicts(written)
        yield from at_no_time(written)
        header = written.get("header")
        for name in header if isinstance(header, dict) else ():
            if str(name).lower() == "cookie":
                yield Conflict('cookies have a key of their own, "cookie"', ("header", name, "[key]"))
        for key in NAMED:
            if written.get(key) == {}:
                yield Conflict("needs a name and what it must be", (key,), lacks=("section",))
        for key in COMBINATIONS:
            for n, each in enumerate(found_in(written, key)):
                if each == {}:
                    yield Conflict("needs a condition", (key, n), lacks=("section",))


COMBINATIONS: Final = ("any", "all", "none")
"""The keys of a `When` that hold more of them."""


def late_facts(written: Mapping[str, object]) -> Iterator[tuple[str | int, ...]]:
    """Where conditions look at what is known only once a page's text is read."""
    for key in written:
        if key in LATE_FACTS:
            yield (key,)
    for key in COMBINATIONS:
        for n, each in enumerate(found_in(written, key)):
            if isinstance(each, dict):
                yield from ((key, n, *below) for below in late_facts(each))
