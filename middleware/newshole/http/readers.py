"""The reader behind a request, as far as the rules look at one.

Every fact is told by the header or the cookie that the rules' `vary` names, and by nothing else then: what
is absent is a value too, which a cache in front keeps apart. The device, the crawler and the referrer are
told by the request itself where `vary` names nothing for them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import cookie_parser

from newshole.consent.judging import Evidence, state
from newshole.http.heads import LONGEST, Headers
from newshole.rules.consent import SIGNAL
from newshole.rules.telling import Telling
from newshole.types import Reader

# Tablets count as desktop: they say so themselves in client hints, and newer iPads in their user agent.
_PHONE = re.compile(rb"Mobi|Opera Mini|BlackBerry|Windows Phone")
_TABLET = re.compile(rb"iPad|Tablet")
_BOT = re.compile(rb"bot\b|crawl|spider|slurp|facebookexternalhit|mediapartners", re.IGNORECASE)

MOST_KNOWN: Final = 1024
"""Values of headers for which it is kept who asks."""

_COUNTRY = re.compile(r"(?!XX)[A-Z]{2}")
_NO: Final = frozenset(("", "0", "false", "no", "none", "off"))
_MOBILE: Final = frozenset(("mobile", "phone", "smartphone"))


def read_device(headers: Headers) -> str:
    """One of `newshole.types.DEVICES`, by what the browser says."""
    hint = headers.get(b"sec-ch-ua-mobile", b"").strip()
    if hint in (b"?0", b"?1"):
        return "mobile" if hint == b"?1" else "desktop"
    agent = headers.get(b"user-agent", b"")
    return "mobile" if _PHONE.search(agent) and not _TABLET.search(agent) else "desktop"


def read_bot(headers: Headers) -> bool:
    """Whether a crawler asks, by what it calls itself."""
    return _BOT.search(headers.get(b"user-agent", b"")) is not None


def read_reader(headers: Headers, query: bytes, told: Telling) -> Reader:
    """The reader behind a request, with the facts that the rules look at; all others are at their defaults.

    The last value of a repeated query field or cookie holds.
    """
    fields = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {}
    if not told.facts:
        return Reader(query=fields)
    request = _Request(headers, told)
    visits = request.value("visits").strip()
    return Reader(
        device=request.device(),
        consent=request.consent(),
        country=request.country(),
        logged_in=_is_so(request.value("logged_in")),
        visits=int(visits) if visits.isascii() and visits.isdigit() and len(visits) < 10 else None,
        bot=_is_so(request.value("bot")) if request.is_named("bot") else read_bot(headers),
        cookies={name: request.cookie(name) for name in told.names("cookie")},
        headers=request.headers(),
        query=fields,
        id=request.value("id").strip() or None,
        arms=read_arms(request.value("arms")),
    )


def read_id(headers: Headers, told: Telling) -> str | None:
    """The id of the reader behind a request."""
    return _Request(headers, told).value("id").strip() or None


def read_arms(written: str) -> dict[str, str]:
    """The arms of a header such as "wider-gaps=wide, paywall=control", by their experiments."""
    pairs = (each.partition("=") for each in written.split(","))
    return {name.strip(): arm.strip() for name, equals, arm in pairs if equals}


def read_who(headers: Headers, told: Telling) -> tuple[bool, ...]:
    """What decides of the reader behind a request: which of the rules' conditions on readers hold.

    Where headers tell all of it, most requests have the values of earlier ones.
    """
    if not told.conditions:
        return ()
    if told.is_private:
        return told.who(read_reader(headers, b"", told))
    seen = tuple([headers.get(name.lower()) for name in told.vary])
    who = told.known.get(seen)
    if who is None:
        who = told.who(read_reader(headers, b"", told))
        # Readers choose these values, and may choose long ones.
        if sum(map(len, filter(None, seen))) <= LONGEST:
            if len(told.known) >= MOST_KNOWN:
                told.known.clear()
            told.known[seen] = who
    return who


class _Request:
    """What tells the reader of one request."""

    def __init__(self, raw: Headers, told: Telling) -> None:
        self.raw, self.told = raw, told
        has_cookies = told.is_private and b"cookie" in raw
        self.cookies: Mapping[str, str] = cookie_parser(self.text("cookie")) if has_cookies else {}

    def text(self, header: str) -> str:
        return self.raw.get(header.lower().encode("latin-1"), b"").decode("latin-1")

    def is_named(self, fact: str) -> bool:
        return fact in self.told.headers or fact in self.told.cookies

    def value(self, fact: str) -> str:
        """What the header or the cookie says that the rules name for a fact; empty without one."""
        if fact not in self.told.facts:
            return ""
        if fact in self.told.headers:
            return self.text(self.told.headers[fact])
        return self.cookies.get(self.told.cookies[fact], "") if fact in self.told.cookies else ""

    def device(self) -> str:
        if not self.is_named("device"):
            return read_device(self.raw)
        return "mobile" if self.value("device").strip().lower() in _MOBILE else "desktop"

    def consent(self) -> str:
        consent = self.told.consent
        if consent is None or "consent" not in self.told.facts:
            return self.value("consent").strip().lower() or "none"
        told = Evidence(
            self.text(consent.header) if consent.header else "",
            self.cookies.get(consent.cookie, ""),
            self.country(),
            self.text(SIGNAL).strip() == "1",
        )
        return state(consent, told, now=time.time())

    def country(self) -> str | None:
        found = _COUNTRY.fullmatch(self.value("country").strip().upper())
        return found[0] if found else None

    def cookie(self, name: str) -> str:
        passed = self.told.passed.get(name)
        return self.cookies.get(name, "") if passed is None else self.text(passed)

    def headers(self) -> dict[str, str]:
        """The headers that conditions are about, and the referrer."""
        names = [name.lower() for name in self.told.names("header")]
        if "referrer" in self.told.facts:
            names.append("referer")
        return {name: self.text(name) for name in names}


def _is_so(value: str) -> bool:
    return value.strip().lower() not in _NO
