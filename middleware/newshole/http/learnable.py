"""Which answers may teach the library a story, and which count as read, by their heads.

A story is learned from an answer that anybody might have had: to a request without a cookie or a password,
which any cache may keep and search engines may show. How long caches keep it does not matter here, so what
says nothing of that will do (RFC 9111, section 3).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from newshole.http.freshness import DIRECTIVES, is_closed
from newshole.http.heads import Headers, RawHeaders, read_headers
from newshole.http.readers import read_bot
from newshole.library.address import address
from newshole.library.lead import forbids_finding

ANSWER_REFUSED: Final = {
    "cookie": "was asked for with a cookie or a password",
    "private": "is not for shared caches to keep, or sets a cookie",
    "noindex": "asks search engines not to show it",
}
"""Why an answer teaches no story, in words; another one with the same page may."""

LONGEST_AGENT: Final = 512
"""Letters of a browser's name that are looked at."""

_GONE: Final = frozenset((404, 410))
_MOVED: Final = frozenset((301, 308))
_TOOLS = re.compile(
    rb"curl|wget|python-|httpx|aiohttp|go-http-client|headless|lighthouse|pingdom|uptime|monitor",
    re.IGNORECASE,
)


def refuse_answer(asked: Headers, answered: RawHeaders) -> str | None:
    """Why an answer teaches no story, one of `ANSWER_REFUSED`; None where it may.

    `asked` are the request's headers, `answered` the site's own.
    """
    if is_personal(asked):
        return "cookie"
    headers = read_headers(answered)
    if b"set-cookie" in headers or _is_closed(headers):
        return "private"
    robots = headers.get(b"x-robots-tag", b"").decode("latin-1")
    return "noindex" if robots and forbids_finding(iter((robots,))) else None


def is_personal(asked: Headers) -> bool:
    """Whether a request tells who asks, so that its answer may be theirs alone."""
    return b"cookie" in asked or b"authorization" in asked


def is_reader(asked: Headers) -> bool:
    """Whether somebody sees the page: no crawler, no tool, and no browser that fetches ahead."""
    if b"sec-purpose" in asked or b"purpose" in asked or b"x-moz" in asked:
        return False
    return _is_browser(asked.get(b"user-agent", b"")[:LONGEST_AGENT])


def is_gone(url: str, status: int, answered: RawHeaders) -> bool:
    """Whether an answer says that the story of a URL is there no more.

    A move to the same address under another scheme, or with `www.`, is none.
    """
    if status in _GONE:
        return True
    if status not in _MOVED:
        return False
    location = read_headers(answered).get(b"location", b"").decode("latin-1")
    return address(location, url) != address(url)


@lru_cache(maxsize=1024)
def _is_browser(agent: bytes) -> bool:
    return bool(agent) and not read_bot({b"user-agent": agent}) and _TOOLS.search(agent) is None


def _is_closed(headers: Headers) -> bool:
    """Whether a cache is told to keep nothing, or each request is another one."""
    told = tuple(headers[name] for name in DIRECTIVES if name in headers)
    is_forbidden = _forbids(told) or b"no-store" in headers.get(b"edge-control", b"").lower()
    return (
        is_forbidden or headers.get(b"vary", b"").strip() == b"*" or headers.get(b"x-accel-expires") == b"0"
    )


@lru_cache(maxsize=1024)
def _forbids(told: tuple[bytes, ...]) -> bool:
    # Most answers say the same, and where they forbid it, every one is asked.
    return any(map(is_closed, told))
