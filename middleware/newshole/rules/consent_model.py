"""The key `consent`, as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Tag

from newshole.rules.consent import COOKIE, GOOGLE, GRACE, IN_BROWSER, REGIONS, Consent
from newshole.rules.telling import CookieName, HeaderName
from newshole.rules.words import OneOrSeveral, Word, matching, whole
from newshole.rules.written import Conflict, Written, expected, listed

_ON_SERVER: Final = ("cookie", "header", "regions")
_LONGEST_GRACE: Final = 60
_GRACE = re.compile(r"([0-9]{1,2}(?:\.[0-9])?) seconds?")


def _grace(value: object) -> int:
    match = _GRACE.fullmatch(value) if isinstance(value, str) else None
    if match is None or float(match[1]) > _LONGEST_GRACE:
        raise expected('up to 60 seconds, such as "2 seconds"')
    return round(float(match[1]) * 1000)


Grace = Annotated[int, Word(_grace, {"type": "string", "pattern": f"^{_GRACE.pattern}$"})]
"""In milliseconds."""

Vendor = Annotated[int, whole(1, 65_535, "the number of a vendor in the Global Vendor List, such as 755")]
Region = Annotated[
    str, matching(r"[A-Za-z]{2}|standard", '"standard", or a country of two letters such as PL (ISO 3166-1)')
]


class ConsentWritten(Written):
    """Who tells what readers have agreed to, and what that takes."""

    mode: Literal["browser", "server"] = "browser"
    """Whether a script asks the site's consent platform, or the server decides by what a request tells."""
    vendors: OneOrSeveral[Vendor] = (GOOGLE,)
    """Those in the Global Vendor List that a reader must agree to for personal ads: all of them."""
    without: Literal["limited", "personal"] = "limited"
    """Which ads a page without a consent platform gets."""
    grace: Grace = GRACE
    """How long after a page has loaded a consent platform may still come."""
    cookie: CookieName | None = None
    """The cookie that holds the TC string, on the server; asked where no header tells."""
    header: HeaderName | None = None
    """The header in which the edge tells the word: `personal`, `limited`, `restricted` or `none`."""
    regions: OneOrSeveral[Region] | None = None
    """The countries where no answer is no consent, on the server; `standard` for those with a framework."""

    @classmethod
    def conflicts(cls, written: Mapping[str, object]) -> Iterator[Conflict]:
        if written.get("mode", "browser") == "browser":
            for key in _ON_SERVER:
                if key in written:
                    yield Conflict(f'"{key}" is for "mode: server"', (key, "[key]"), lacks=("mode",))


def _shape(written: object) -> object:
    if written not in ("browser", "server") and not isinstance(written, (dict, ConsentWritten)):
        raise expected('"browser", "server", or a mapping of ' + ", ".join(ConsentWritten.model_fields))
    return written


ConsentKey: TypeAlias = Annotated[
    Annotated[Literal["browser", "server"], Tag("(mode)")] | Annotated[ConsentWritten, Tag("(spelled)")],
    Discriminator(lambda written: "(mode)" if isinstance(written, str) else "(spelled)"),
    BeforeValidator(_shape),
]


def consent(written: str | ConsentWritten | None) -> Consent:
    """Who tells what readers have agreed to."""
    if written is None or written == "browser":
        return IN_BROWSER
    if isinstance(written, str):
        return Consent(cookie=COOKIE)
    regions = {each.upper() for each in listed(written.regions) if each != "standard"}
    if "standard" in listed(written.regions):
        regions |= REGIONS
    is_served = written.mode == "server"
    return Consent(
        vendors=listed(written.vendors),
        without=written.without,
        grace=written.grace,
        cookie=written.cookie or ("" if written.header or not is_served else COOKIE),
        header=written.header or "",
        regions=frozenset(regions),
    )


def untold(written: Mapping[str, object]) -> Iterator[Conflict]:
    """What the keys `consent` and `vary` say that does not go together."""
    said, vary = written.get("consent"), written.get("vary")
    told = vary if isinstance(vary, Mapping) else {}
    spelled = said if isinstance(said, Mapping) else {"mode": said}
    if spelled.get("mode") != "server":
        return
    if "consent" in told:
        sentence = '"vary.consent" and "consent: server" do not go together; keep one'
        yield Conflict(sentence, ("vary", "consent", "[key]"))
    if "regions" in spelled and "country" not in told:
        sentence = '"regions" needs what tells the country: say vary: {country: HEADER}'
        yield Conflict(sentence, ("consent", "regions", "[key]"), lacks=("vary",))
