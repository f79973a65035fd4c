"""A request as the site gets it: one that is clear, or none at all.

Two servers that read one request differently are how one visitor's request is smuggled into another's. So
whatever could be read in two ways is refused, and what is left is written anew, by one writer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import quote

from newshole.http.directives import TOKEN
from newshole.http.proxy.faults import RefusedError
from newshole.http.proxy.peers import FORWARDED, FORWARDING, HOST, Trust, Visit, is_forwarding, read_visit
from newshole.http.proxy.settings import Limits
from newshole.rules.globs import rootless

Named: TypeAlias = list[tuple[str, str]]

VIA: Final = "1.1 newshole"
"""How this proxy signs what passes it (RFC 9110, section 7.6.3)."""

MOST_ROUNDS: Final = 8
"""Times that a request may have passed a newshole before it is taken to go in a circle."""

HOP_BY_HOP: Final = frozenset((
    "connection", "http2-settings", "keep-alive", "proxy-authenticate", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
))  # fmt: skip
"""Headers that are between two neighbours only (RFC 9110, section 7.6.1)."""

ESSENTIAL: Final = frozenset((
    "accept-encoding", "age", "authorization", "cache-control", "content-encoding", "content-length",
    "content-location", "content-range", "content-security-policy", "content-type", "cookie", "date", "etag",
    "expires", "host", "last-modified", "location", "pragma", "range", "set-cookie",
    "strict-transport-security", "vary", "via", "www-authenticate", "x-request-id",
))  # fmt: skip
"""Headers meant for everybody, which `Connection` must not name (same section) and does not take out."""

CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
"""What no value of a field may have in it."""
_METHOD: Final = re.compile(r"[A-Z][A-Z0-9_-]{0,39}")
_PATH: Final = re.compile(r"/[\x21\x22\x24-\x3e\x40-\x7e]*")
_QUERY: Final = re.compile(r"[\x21\x22\x24-\x7e]*")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_ABSOLUTE: Final = re.compile(r"https?://([^/?]*)", re.IGNORECASE)
_WITH_BODY: Final = ("PATCH", "POST", "PUT")
_WRITTEN: Final = frozenset(("expect", "via", "x-request-id")) | FORWARDING
_NOT_SERVED: Final = ("CONNECT", "TRACE")  # TRACE would show a script the cookies that it may not read


class Outgoing(NamedTuple):
    """A request for the site: `host` is the one that it names, `length` its body's, None where it comes in
    chunks, 0 for none."""

    method: str
    host: str
    path: str
    query: str
    headers: Named
    length: int | None
    visit: Visit


def read_request(scope: Mapping[str, Any], *, trust: Trust, limits: Limits) -> Outgoing:
    """The one request that a scope is read as. Raises RefusedError where it could be read in two ways."""
    raw = read_fields(scope["headers"], limits)
    by_name = joined(raw)
    host = _host(by_name)
    method = scope.get("method", "GET")
    if not _METHOD.fullmatch(method) or method in _NOT_SERVED:
        raise RefusedError("bad-method", method)
    path, query = _target(scope, host, limits)
    length = _length(scope, by_name, limits)
    if by_name.get("expect", "100-continue").lower() != "100-continue":
        raise RefusedError("expectation", by_name["expect"])
    if by_name.get("via", "").lower().count("newshole") >= MOST_ROUNDS:
        raise RefusedError("loop", by_name["via"])
    visit = read_visit(scope, by_name, host=host, trust=trust)
    return Outgoing(method, host, path, query, _headers(raw, by_name, visit), length, visit)


def read_fields(raw: Iterable[tuple[bytes, bytes]], limits: Limits) -> Named:
    """A request's headers, names in lower case. Raises RefusedError for a malformed one, or for too much.

    Names with an underscore are left out: many a site takes `X_Forwarded_For` for `X-Forwarded-For`, and
    with it what a client wrote for what the proxy did.
    """
    pairs = list(raw)
    if not pairs:
        return []
    # Every request comes by here, and steps in Python are what it costs: so all headers take each at once.
    names, values = zip(*pairs, strict=True)
    all_names = b"".join(names)
    size = len(all_names) + len(b"".join(values)) + 4 * len(pairs)
    if size > limits.head:
        raise RefusedError("head-too-large", f"{size} bytes")
    if CONTROL.search(b"\t".join(values)):
        raise RefusedError("bad-header", "a control character")
    fields = list(zip(map(_name, names), _as_texts(values), strict=True))
    return [pair for pair in fields if "_" not in pair[0]] if b"_" in all_names else fields


@lru_cache(maxsize=256)
def _name(written: bytes) -> str:
    """A header's name in lower case. Raises RefusedError for what is none."""
    if not TOKEN.fullmatch(written):
        raise RefusedError("bad-header", repr(written)[:200])
    return written.decode("ascii").lower()


def _as_texts(values: Iterable[bytes]) -> list[str]:
    """Values as the client must be given them, which writes UTF-8."""
    try:
        return list(map(bytes.decode, values))
    except UnicodeDecodeError:
        return [as_text(value) for value in values]


def as_text(value: bytes) -> str:
    """A value of UTF-8, or else of Latin-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def joined(fields: Named) -> dict[str, str]:
    """The headers by name, several of one name as one list (RFC 9110, section 5.3)."""
    by_name = dict(fields)
    if len(by_name) == len(fields):
        return by_name
    by_name.clear()
    for name, value in fields:
        by_name[name] = f"{by_name[name]}, {value}" if name in by_name else value
    return by_name


@lru_cache(maxsize=64)
def dropped(connection: str) -> frozenset[str]:
    """The headers that end at a hop whose `Connection` says this."""
    named = {each.strip().lower() for each in connection.split(",")}
    return HOP_BY_HOP | {each for each in named - ESSENTIAL if not is_forwarding(each)}


def _host(by_name: Mapping[str, str]) -> str:
    """The one host; of two the list is none."""
    host = by_name.get("host", "")
    if not HOST.fullmatch(host):
        raise RefusedError("bad-host", repr(host)[:200])
    return host


def _target(scope: Mapping[str, Any], host: str, limits: Limits) -> tuple[str, str]:
    """The path and query as they were written."""
    raw = scope.get("raw_path")
    path = quote(scope["path"], safe="/%:@!$&'()*+,;=~") if raw is None else raw.decode("latin-1")
    path = path.partition("?")[0]
    query = scope.get("query_string", b"").decode("latin-1")
    if len(path) + len(query) > limits.target:
        raise RefusedError("target-too-long", f"{len(path) + len(query)} bytes")
    absolute = _ABSOLUTE.match(path)
    if absolute:
        # RFC 9112, section 3.2.2: the target's host would be the one that counts.
        if rootless(absolute[1].lower()) != rootless(host.lower()):
            raise RefusedError("bad-host", "the target names another")
        path = path[absolute.end() :] or "/"
    if not _PATH.fullmatch(path) or not _QUERY.fullmatch(query):
        raise RefusedError("bad-target", repr(path)[:200])
    return path, query


def _length(scope: Mapping[str, Any], by_name: Mapping[str, str], limits: Limits) -> int | None:
    """The length of the body (RFC 9112, section 6.3); two of a header are a list, and refused as one."""
    written, codings = by_name.get("content-length"), by_name.get("transfer-encoding")
    if codings is not None:
        is_clear = written is None and codings.strip().lower() == "chunked"
        if not is_clear or scope.get("http_version") == "1.0":
            raise RefusedError("bad-framing", "Transfer-Encoding")
        return None
    if written is None:
        # HTTP/2 ends a body with its stream, and need not say how long it is (RFC 9113, section 8.1).
        is_open = scope.get("http_version", "1.1") >= "2" and scope.get("method") in _WITH_BODY
        return None if is_open else 0
    if not _LENGTH.fullmatch(written):
        raise RefusedError("bad-framing", "Content-Length")
    length = int(written)
    if limits.body is not None and length > limits.body:
        raise RefusedError("body-too-large", f"{length} bytes")
    return length


def _headers(fields: Named, by_name: Mapping[str, str], visit: Visit) -> Named:
    """The headers for the site: the client's own, and what is true of their way."""
    gone = dropped(by_name.get("connection", "")) | _WRITTEN
    if FORWARDED in " ".join(by_name):
        gone = gone.union(filter(is_forwarding, by_name))
    if len(by_name) != len(fields):
        fields = _with_one_cookie(fields)
    kept = fields if gone.isdisjoint(by_name) else [pair for pair in fields if pair[0] not in gone]
    via = f"{by_name['via']}, {VIA}" if "via" in by_name else VIA
    return [*kept, ("via", via), *visit.headers]


def _with_one_cookie(fields: Named) -> Named:
    """Headers with all cookies in one line: HTTP/2 may send them apart, HTTP/1.1 may not.

    Source: RFC 9113, section 8.2.3.
    """
    cookies = [value for name, value in fields if name == "cookie"]
    if len(cookies) < 2:
        return fields
    return [*(pair for pair in fields if pair[0] != "cookie"), ("cookie", "; ".join(cookies))]
