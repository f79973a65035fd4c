"""Pages of one site, as a plan cache composes them and as they are composed anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from hypothesis import strategies as st

from newshole import Reader
from newshole.cache import Answer, PlanCache
from newshole.http.readers import read_reader
from newshole.store import MemoryStore
from tests.pages import SENTENCE

HOST = "https://news.example"
HTML = "text/html; charset=utf-8"
RULES = """
site: Example
vary: {country: X-Country}
articles: [{path: "/opening/**", until: 2026-01-02 00:10}, {path: "/city/**"}, {path: "/world/**"}]
layout: {gap: 1 unit, start: 1 unit}
library:
  stories:
    - {title: Harbour deepened for larger ferries, url: /a, section: City, published: 2026-01-01}
    - {title: The mill that bought itself, url: /b, section: Business, published: 2026-01-02T00:03:30Z}
blocks:
  weather:
    kind: strip
    items: [weather, date]
    weather: {feed: {url: "https://w.example/", temperature: t}}
    place: page-top
  only-weather:
    kind: strip
    items: [weather]
    weather: {feed: {url: "https://w.example/", temperature: t}}
    place: body-start
  inline: {kind: html, html: "<p>{{ section }} {{ n }}</p>", place: {after: paragraph, nth: [2, 4]}}
  city: {kind: html, html: "<p>city</p>", place: {after: paragraph, nth: 3}, when: {section: City}}
  small: {kind: html, html: "<p>small</p>", place: body-end, when: {device: mobile}}
  below: {kind: html, html: "<p>world</p>", place: body-after, when: {path: "/world/**"}}
  more: {kind: stories, source: related, count: 2, place: body-after}
  paying: {kind: html, html: "<p>paying</p>", place: body-end, when: {cookie: {subscriber: "1"}}}
  gold: {kind: html, html: "<p>gold</p>", place: body-end, when: {header: {X-Tier: [gold, silver]}}}
  mail: {kind: html, html: "<p>mail</p>", place: body-end, when: {query: {utm_source: newsletter}}}
  home: {kind: html, html: "<p>home</p>", place: body-end, when: {country: {not: [DE, FR]}}}
  found: {kind: html, html: "<p>found</p>", place: body-end, when: {referrer: "*.search.example"}}
  night: {kind: html, html: "<p>night</p>", place: body-end, when: {schedule: {hours: "23:59-00:01"}}}
  launch:
    kind: html
    html: <p>launch</p>
    place: body-end
    when: {from: 2026-01-02 00:02, until: 2026-01-03}
  fresh: {kind: html, html: "<p>fresh</p>", place: body-end, when: {published: {within: 2 minutes}}}
  native: {kind: html, html: "<p>native</p>", place: body-end, when: {meta: {ad-type: native}}}
  free: {kind: html, html: "<p>free</p>", place: body-end, when: {jsonld: {isAccessibleForFree: true}}}
  locked: {kind: html, html: "<p>locked</p>", place: body-end, when: {paywalled: true}}
  by-ann: {kind: html, html: "<p>Ann</p>", place: body-end, when: {author: Ann}}
  long: {kind: html, html: "<p>long</p>", place: body-end, when: {words: {min: 220}}}
  mixed:
    kind: html
    html: <p>mixed</p>
    place: body-end
    when:
      any: [{cookie: {subscriber: "1"}, section: City}, {country: DE}, {schedule: {hours: "00:00-00:02"}}]
      none: [{device: mobile, header: {x-tier: gold}}]
"""


@dataclass(frozen=True)
class Page:
    """A response of one URL: every part that may differ from one to the next."""

    section: str = "City"
    nonce: str = "abcdef012345"
    token: str = "T0k3n"  # noqa: S105 - a form token, no secret
    promo: bool = False
    head: str = ""
    between: str = ""
    paragraphs: int = 7
    in_class: str = "entry"
    ad_type: str = "plain"
    free: str = "true"
    author: str = "Ann"

    def __bytes__(self) -> bytes:
        text = "".join(f"<p>{SENTENCE * 2}</p>\n" for _ in range(self.paragraphs))
        promo = '<aside class="promo"><a href="/x">Read also</a></aside>' if self.promo else ""
        return (
            f'<!doctype html><html lang="en"><head><title>Bridge</title>{self.head}'
            f'<meta property="article:section" content="{self.section}">'
            f'<meta name="ad-type" content="{self.ad_type}"><meta name="author" content="{self.author}">'
            '<meta property="article:published_time" content="2026-01-02T00:00:30Z">'
            '<script type="application/ld+json">{"@type":"NewsArticle",'
            f'"isAccessibleForFree":"{self.free}"}}</script>'
            f'<meta name="csrf-token" content="{self.token}">'
            f'<script nonce="{self.nonce}">var csrf = "{self.token}";</script></head><body>{self.between}'
            f'<form action="/s"><input type="hidden" name="t" value="{self.token}"></form>'
            f'<main><article><h1>Bridge</h1><div class="{self.in_class}">\n{text}{promo}</div>'
            f"</article></main></body></html>"
        ).encode()


class Clock:
    """A clock that stands until it is moved, in seconds."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 2, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now


Headers = dict[str, str]


def reader_of(cache: PlanCache, url: str, headers: Headers) -> Reader:
    """The reader as the middleware makes one."""
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    return read_reader(raw, url.partition("?")[2].encode(), cache.telling(url))


async def cached(
    cache: PlanCache, page: bytes, url: str = f"{HOST}/city/bridge", headers: Headers | None = None
) -> Answer:
    """The page as the middleware gets it."""
    reader = partial(reader_of, cache, url, headers or {})
    who = cache.telling(url).who(reader())
    answer = cache.recall(page, url, HTML, who)
    if answer is not None:
        return answer
    return await cache.compose(cache.asked(page, url, HTML, who, reader))


def anew(
    cache: PlanCache, page: bytes, url: str = f"{HOST}/city/bridge", headers: Headers | None = None
) -> bytes:
    """The page as it is composed without anything kept."""
    now = datetime.fromtimestamp(cache.clock(), UTC)
    reader = replace(reader_of(cache, url, headers or {}), now=now)
    return cache.site.compose(page, url=url, content_type=HTML, reader=reader, facts=cache.site.facts).html


TOKENS = st.text("abcXYZ019+/=_-", min_size=1, max_size=24)


class Kept(MemoryStore):
    """A store whose values can be looked at and spoilt."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[bytes, bytes] = {}
        self.spoil: Callable[[bytes, bytes], bytes | None] = lambda _key, value: value

    async def get(self, key: bytes) -> bytes | None:
        return self.spoil(key, self.values.get(key, b"no such value"))

    async def put(self, key: bytes, value: bytes, *, ttl: float) -> None:
        assert ttl > 0
        self.values[key] = value
