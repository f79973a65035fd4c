"""A request as the page cache sees it: what it asks for, who asks, and why it may go straight to the site.

**Who asks.** A site may make a page for the owner of a cookie and forget to say so. So a request with a
cookie that tells of a login goes to the site; a request with any other is answered only with a page that
names shared caches, and its own answer is never kept. Cookies that no page depends on do not count, and are
taken out of a request whose answer may be kept, so that it cannot depend on them.

**What is asked for.** All that decides the answer is in the key, or the request goes to the site: a header
that sites reflect and that no key has would let one reader choose what others see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from starlette.types import Scope

from newshole.http.cookies import Cookies, matcher_of, whose
from newshole.http.directives import Directives, read_directives
from newshole.http.heads import Headers, read_headers, read_url
from newshole.http.pagecache.settings import Settings
from newshole.http.pagecache.storing import FAULT
from newshole.http.pagecache.tags import url_mark
from newshole.http.trace import TRACE

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH"})
"""Methods that change nothing, so that no page is dropped for them."""

KEYED: Final = (
    b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-prefix", b"x-forwarded-proto",
    b"x-forwarded-scheme", b"x-forwarded-server", b"x-forwarded-ssl", b"x-host", b"x-original-host",
    b"x-scheme",
)  # fmt: skip
"""Request headers that sites make addresses of, so they are part of every key."""

PARTS: Final = (
    b"hx-boosted", b"hx-request", b"hx-target", b"turbo-frame", b"x-inertia", b"x-pjax", b"x-pjax-container",
    b"x-up-target",
)  # fmt: skip
"""Request headers by which scripts ask for a part of a page. Sites forget to say that they vary on them, and
a part must not be shown as the page, so they are part of every key, as is whether a script asks at all."""

REWRITING: Final = frozenset(
    {b"x-http-method", b"x-http-method-override", b"x-method-override", b"x-original-url", b"x-rewrite-url"}
)
"""Request headers by which some sites answer for another address or method than is written."""

CONDITIONS: Final = frozenset(
    {b"if-match", b"if-modified-since", b"if-none-match", b"if-range", b"if-unmodified-since"}
)
_OF_SITE: Final = frozenset({b"if-match", b"if-unmodified-since"})
_PERSONAL: Final = frozenset({*CONDITIONS, b"cookie", b"cookie2", b"range"})
_SCRIPT: Final = b"x-requested-with"
_AROUND: Final = frozenset({*KEYED, *PARTS, _SCRIPT, b"forwarded"})
_FORWARDED = re.compile(rb"(?:^|[;,])\s*((?:host|proto)\s*=\s*(?:\"[^\"]*\"|[^;,\s]*))", re.IGNORECASE)


class Asked(NamedTuple):
    """A request that may be answered from the cache.

    `page` is the key of its address, `mark` that of purges of it, `wishes` its `Cache-Control`, `cookies`
    whose they are.
    """

    method: str
    url: str
    page: bytes
    mark: bytes
    headers: Headers
    wishes: Directives
    cookies: Cookies

    @property
    def has_conditions(self) -> bool:
        """Whether it asks for an answer only where something holds."""
        return not CONDITIONS.isdisjoint(self.headers)

    @property
    def is_for_site(self) -> bool:
        """Whether its conditions are for the site alone to judge (RFC 9111, section 4.3.2)."""
        return not _OF_SITE.isdisjoint(self.headers)


class Question(NamedTuple):
    """A request before it is admitted; `url` is None for a malformed one."""

    scope: Scope
    headers: Headers
    url: str | None
    wishes: Directives
    cookies: Cookies


def read_question(scope: Scope, settings: Settings) -> Question:
    """A request, read."""
    headers = read_headers(scope["headers"])
    written = headers.get(b"cache-control", b"")
    if not written and b"no-cache" in headers.get(b"pragma", b"").lower():
        written = b"no-cache"
    wishes = read_directives(written) if written else {}
    cookies = whose(headers.get(b"cookie", b""), settings.idle_cookies, settings.login_cookies)
    return Question(scope, headers, read_url(scope, headers), wishes, cookies)


def _has_body(question: Question) -> bool:
    length = question.headers.get(b"content-length", b"0").strip()
    return length.strip(b"0") != b"" or b"transfer-encoding" in question.headers


def _has(*names: bytes) -> Callable[[Question], bool]:
    return lambda question: any(name in question.headers for name in names)


QUESTIONS: Final[tuple[tuple[str, Callable[[Question], bool]], ...]] = (
    ("method", lambda question: question.scope["method"] not in ("GET", "HEAD")),
    ("url", lambda question: question.url is None),
    ("authorization", _has(b"authorization", b"proxy-authorization")),
    ("login", lambda question: question.cookies == "login"),
    ("rewritten", lambda question: not REWRITING.isdisjoint(question.headers)),
    ("range", _has(b"range", b"if-range")),
    ("upgrade", _has(b"upgrade")),
    ("request-body", _has_body),
    ("request-no-store", lambda question: b"no-store" in question.wishes),
)
"""Every reason why a request goes to the site as it is, in order."""

_TELLING: Final = REWRITING | {
    b"authorization", b"content-length", b"if-range", b"proxy-authorization", b"range", b"transfer-encoding",
    b"upgrade",
}  # fmt: skip
"""Request headers that some reason looks at; most requests have none of them."""

COOKIES: Final = "cookies"
CONDITIONAL: Final = "conditional"
HEAD: Final = "head"
BEFORE: Final = "refused-before"
WAITED: Final = "waited"
BYPASSES: Final = (
    *(name for name, _ in QUESTIONS), COOKIES, CONDITIONAL, HEAD, BEFORE, WAITED, FAULT,
)  # fmt: skip
"""These, and the reasons why a request goes there that found nothing to be answered with."""


def refuse_question(question: Question) -> str | None:
    """The first reason why a request goes to the site as it is; None where it may be answered here."""
    if _is_plain(question):
        return None
    for reason, applies in QUESTIONS:
        if applies(question):
            return reason
    return None


def _is_plain(question: Question) -> bool:
    """Whether no reason can apply: most requests take this one look."""
    return (
        question.scope["method"] == "GET"
        and question.url is not None
        and question.cookies != "login"
        and not question.wishes
        and _TELLING.isdisjoint(question.headers)
    )


def admit(question: Question, settings: Settings) -> Asked:
    """The request, ready to be looked up; its address is known to be one."""
    headers = question.headers
    has_more = _is_rooted(headers) or not _AROUND.isdisjoint(headers)
    around = tuple(_around(headers)) if has_more else ()
    url = question.url or ""
    page, mark = _keys(url, around, settings.ignored_parameters)
    return Asked(question.scope["method"], url, page, mark, headers, question.wishes, question.cookies)


def _around(headers: Headers) -> Iterator[bytes]:
    """What decides of an answer beside the address."""
    if _is_rooted(headers):  # the same host, but sites write their links as they were asked
        yield b"host=" + headers[b"host"].lower()
    for name in (*KEYED, *PARTS):
        if name in headers:
            yield name + b"=" + headers[name]
    # Browsers inside of apps write the app's name there, which no site looks at.
    if headers.get(_SCRIPT, b"").lower() == b"xmlhttprequest":
        yield _SCRIPT
    yield from (each.lower() for each in _FORWARDED.findall(headers.get(b"forwarded", b"")))


def _is_rooted(headers: Headers) -> bool:
    """Whether the host is written with the dot for the root."""
    return headers.get(b"host", b"").partition(b":")[0].endswith(b".")


def plain_url(url: str, ignored: tuple[str, ...]) -> str:
    """An address without those parameters that count in no key."""
    path, mark, query = url.partition("?")
    if query and ignored:
        is_ignored = matcher_of(ignored)
        query = "&".join(each for each in query.split("&") if not is_ignored(each.partition("=")[0]))
    return f"{path}{mark if query else ''}{query}"


@lru_cache(maxsize=4096)
def _keys(url: str, around: tuple[bytes, ...], ignored: tuple[str, ...]) -> tuple[bytes, bytes]:
    plain = plain_url(url, ignored)
    scheme, _, rest = plain.partition("://")
    host, slash, target = rest.partition("/")
    # With its port, even one that goes without saying: sites make addresses of it, and behind a front that
    # ends TLS nobody knows which one that is.
    key = f"{scheme.lower()}://{host.lower()}{slash}{target}".encode("latin-1", "replace")
    return b"\n".join((key, *around)), url_mark(plain)


def site_scope(scope: Scope, *, more: list[tuple[bytes, bytes]] | None = None) -> Scope:
    """The scope of a request whose answer may be kept: nothing in it is anybody's.

    With `more`, the validators of a page that is kept, it is one of our own, whatever the reader's asked.
    """
    is_own = more is not None
    dropped = _PERSONAL if is_own else frozenset({b"cookie", b"cookie2"})
    headers = [(name, value) for name, value in scope["headers"] if bytes(name).lower() not in dropped]
    changed: dict[str, Any] = {**scope, "headers": headers + (more or [])}
    if is_own:
        changed["method"] = "GET"
        changed["state"] = dict(scope.get("state", {}))
        changed["extensions"] = {}
        changed.pop(TRACE, None)
    return changed
