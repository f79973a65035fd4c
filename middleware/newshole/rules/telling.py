"""What of a request tells the facts of a reader, and what a page therefore varies by.

The `vary` of the rules names a header that the edge sets for a fact, or a cookie. A header makes one version
of a page for each of its values; a cookie makes the page private, for no shared cache can know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Final

from pydantic import Discriminator, Tag

from newshole.rules.consent import IN_BROWSER, PERSONAL, SIGNAL, Consent
from newshole.rules.experiments import Tests, in_arms
from newshole.rules.facts import READER_FACTS
from newshole.rules.targeting import Condition, condition, leaves
from newshole.rules.words import matching
from newshole.rules.written import Written
from newshole.types import Reader, Story

BY_ITSELF: Final[Mapping[str, tuple[str, ...]]] = {
    "device": ("Sec-CH-UA-Mobile", "User-Agent"),
    "bot": ("User-Agent",),
    "referrer": ("Referer",),
}
"""The headers that tell a fact where the rules name no other, in the order in which they are believed."""

_NAME: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110, section 5.6.2
HeaderName = Annotated[
    str, matching(rf"(?![Cc][Oo][Oo][Kk][Ii][Ee]$|\*$){_NAME}", "the name of a header, such as X-Device")
]
CookieName = Annotated[str, matching(_NAME, "the name of a cookie, such as visits")]


class ByCookie(Written):
    """A cookie that tells a fact, where no edge does."""

    cookie: CookieName


Source = Annotated[
    Annotated[HeaderName, Tag("(header)")] | Annotated[ByCookie, Tag("(cookie)")],
    Discriminator(lambda written: "(cookie)" if isinstance(written, (dict, ByCookie)) else "(header)"),
]


class VaryWritten(Written):
    """What tells the facts of readers: a header that the edge sets, or {cookie: NAME}."""

    device: Source | None = None
    """mobile or desktop."""
    country: Source | None = None
    """Two letters (ISO 3166-1)."""
    consent: Source | None = None
    """A word, or several with commas."""
    logged_in: Source | None = None
    """0, false, no, off or nothing for readers who are not."""
    bot: Source | None = None
    """0, false, no, off or nothing for those who are none."""
    visits: Source | None = None
    """A number."""
    id: Source | None = None
    """An id of the reader, which experiments assign by."""
    arms: HeaderName | None = None
    """The arms that the edge has assigned: `wider-gaps=wide`, several with commas."""
    cookie: dict[str, HeaderName] | None = None
    """Headers in which the edge passes on the values of cookies."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The reader facts that rules look at, and what tells them.

    `conditions` are those on the reader alone, each once: readers for whom the same ones hold get the same
    page. `headers` and `cookies` tell a fact by its name; `passed` has the header for the name of a cookie.
    `consent` says how the consent is read where the server decides, None where it is a word as it comes.
    `tests` are the experiments, and who is held out of them.
    """

    conditions: tuple[Condition, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    passed: Mapping[str, str] = field(default_factory=dict)
    facts: frozenset[str] = frozenset()
    vary: tuple[bytes, ...] = ()
    is_private: bool = False
    consent: Consent | None = None
    tests: Tests = ((), None)
    known: dict[tuple[bytes | None, ...], tuple[bool, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Which conditions hold for values of the headers in `vary`, where these tell all."""

    def who(self, reader: Reader) -> tuple[bool, ...]:
        """What decides of a reader: which of the conditions hold."""
        reader = in_arms(*self.tests, reader, "")
        return tuple([each.holds(_NO_STORY, reader, "") for each in self.conditions])

    def names(self, fact: str) -> tuple[str, ...]:
        """The names that the conditions ask for of a fact such as "cookie"."""
        return tuple(dict.fromkeys(each.name for each in self.conditions if each.fact == fact))


_NO_STORY: Final = Story()
NOTHING_TOLD: Final = Telling()


def telling(
    conditions: Iterable[Condition],
    vary: VaryWritten | None,
    consent: Consent = IN_BROWSER,
    tests: Tests = ((), None),
) -> Telling:
    """What tells the facts of readers that these conditions look at."""
    written = vary or VaryWritten()
    named = {fact: getattr(written, fact) for fact in VaryWritten.model_fields if fact != "cookie"}
    headers = {fact: source for fact, source in named.items() if isinstance(source, str)}
    cookies = {fact: source.cookie for fact, source in named.items() if isinstance(source, ByCookie)}
    if consent.header:
        headers["consent"] = consent.header
    if consent.cookie:
        cookies["consent"] = consent.cookie
    sources = Telling(
        headers=headers,
        cookies=cookies,
        passed=written.cookie or {},
        consent=consent if consent.is_served else None,
        tests=tests,
    )
    return narrowed(sources, conditions)


def narrowed(told: Telling, conditions: Iterable[Condition]) -> Telling:
    """The same sources for these conditions."""
    of_readers = {_meaning(each): each for each in leaves(conditions) if each.fact in READER_FACTS}
    if any(each.fact == "device" for each in of_readers.values()):
        # A plan for one device is another than for the other, also where every condition holds for both.
        of_readers.setdefault(_meaning(_MOBILE), _MOBILE)
    facts = frozenset(each.fact for each in of_readers.values())
    facts |= {_TOLD_BY[fact] for fact in facts if fact in _TOLD_BY}
    if "arm" in facts:
        # Crawlers get no arm, nor does who has not agreed.
        asks = any(each.asks_consent for each in told.tests[0])
        facts |= {"bot", "consent"} if asks else {"bot"}
    if "consent" in facts and told.consent is not None and told.consent.regions:
        facts |= {"country"}
    found = replace(told, conditions=tuple(of_readers.values()), facts=facts, known={})
    by_cookie = not found.facts.isdisjoint(found.cookies) or any(
        name not in found.passed for name in found.names("cookie")
    )
    headers = dict.fromkeys(header for each in found.conditions for header in headers_of(each, found))
    vary = tuple(header.encode("latin-1") for header in headers)
    return replace(found, vary=vary, is_private=by_cookie, known={})


def _meaning(condition: Condition) -> tuple[object, ...]:
    """What two conditions have in common that hold for the same readers."""
    # The names of headers are the same in any case, those of cookies are not.
    name = condition.name.lower() if condition.fact == "header" else condition.name
    return condition.fact, name, condition.sense or condition.path


_TOLD_BY: Final = {"arm": "id", "edge-arm": "arms"}
"""The keys of `vary` that tell facts of another name."""

_MOBILE: Final = condition("", "device", ("mobile",))
_AGREED: Final = condition("", "consent", (PERSONAL,))


def headers_of(condition: Condition, told: Telling) -> Iterator[str]:
    """The headers that tell what a condition looks at; none where a cookie does, or nothing."""
    fact, name = _TOLD_BY.get(condition.fact, condition.fact), condition.name
    if condition.fact == "arm":
        yield from _of_visitors(told)
    elif fact == "header":
        yield name
    elif fact == "cookie" and name in told.passed:
        yield told.passed[name]
    elif fact == "consent" and told.consent is not None:
        countries = ("country",) if told.consent.regions else ()
        yield from (told.headers[name] for name in ("consent", *countries) if name in told.headers)
        yield SIGNAL
    elif fact in told.headers:
        yield told.headers[fact]
    elif fact not in told.cookies:
        yield from BY_ITSELF.get(fact, ())


def _of_visitors(told: Telling) -> Iterator[str]:
    """The headers that tell an arm: that of the id, and those by which its reader takes part or does not."""
    if "id" in told.headers:
        yield told.headers["id"]
        yield from (told.headers["bot"],) if "bot" in told.headers else BY_ITSELF["bot"]
        if "consent" in told.facts:
            yield from headers_of(_AGREED, told)
