"""An answer of the site's as readers get it: its own headers but for what ends here or names the upstream."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from newshole.http.directives import TOKEN
from newshole.http.headers import HeaderList
from newshole.http.heads import Headers, read_headers
from newshole.http.proxy.faults import RefusedError
from newshole.http.proxy.peers import Visit
from newshole.http.proxy.requests import CONTROL, VIA, dropped
from newshole.http.proxy.settings import Upstream

EMPTY: Final = (204, 304)
"""Statuses that have no body, besides those below 200."""

_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
_ADDRESS: Final = re.compile(rb"((?:https?:)?)//([^/?#\\\s@]+)(?=[/?#]|$)", re.IGNORECASE)
_REFRESH: Final = re.compile(rb"(\s*[0-9.]+\s*[;,]\s*(?:url\s*=\s*)?['\"]?)(.*)", re.IGNORECASE | re.DOTALL)
_DOMAIN: Final = re.compile(rb";\s*domain\s*=\s*\.?([^;]*)", re.IGNORECASE)
_LOCATIONS: Final = (b"location", b"content-location")
_TRANSLATED: Final = frozenset((*_LOCATIONS, b"set-cookie", b"refresh"))
_SIGNED: Final = (b"via", VIA.encode())


def read_response(
    status: int, raw: Sequence[tuple[bytes, bytes]], *, upstream: Upstream, visit: Visit
) -> HeaderList:
    """The headers for the reader: values as they came, in their order, names in lower case as ASGI has them.

    Raises RefusedError where it is not clear where the answer ends, or a header is malformed.
    """
    names, values = zip(*raw, strict=True) if raw else ((), ())
    fields = list(zip(map(_name, names), values, strict=True))
    headers = read_headers(fields)
    _check(status, headers)
    gone = _dropped(headers.get(b"connection", b""))
    if status in EMPTY:
        gone |= {b"content-length"}
    kept = fields if gone.isdisjoint(headers) else [pair for pair in fields if pair[0] not in gone]
    if not _TRANSLATED.isdisjoint(headers):
        kept = [(name, translated(name, value, upstream=upstream, visit=visit)) for name, value in kept]
    kept.append(_SIGNED)
    return kept


@lru_cache(maxsize=256)
def _name(written: bytes) -> bytes:
    """A header's name in lower case. Raises RefusedError for what is none."""
    if not TOKEN.fullmatch(written):
        raise RefusedError("upstream-malformed", f"header {written!r}")
    return written.lower()


@lru_cache(maxsize=64)
def _dropped(connection: bytes) -> frozenset[bytes]:
    return frozenset(name.encode("latin-1") for name in dropped(connection.decode("latin-1")))


def _check(status: int, headers: Headers) -> None:
    """Two of a header are a list, and refused as one."""
    length, codings = headers.get(b"content-length"), headers.get(b"transfer-encoding")
    if not 200 <= status <= 599:
        raise RefusedError("upstream-malformed", f"status {status}")
    if codings is not None and (length is not None or codings.strip().lower() != b"chunked"):
        raise RefusedError("upstream-malformed", "Transfer-Encoding")
    if length is not None and not _LENGTH.fullmatch(length):
        raise RefusedError("upstream-malformed", "Content-Length")
    if CONTROL.search(b"\t".join(headers.values())):
        raise RefusedError("upstream-malformed", "a control character in a header")


def translated(name: bytes, value: bytes, *, upstream: Upstream, visit: Visit) -> bytes:
    """A header's value with the upstream's own address become the public one."""
    if name in _LOCATIONS:
        return _public(value, upstream, visit)
    if name == b"set-cookie":
        return _own_cookie(value, upstream, visit)
    if name == b"refresh":
        found = _REFRESH.fullmatch(value)
        return value if found is None else found[1] + _public(found[2], upstream, visit)
    return value


def _public(address: bytes, upstream: Upstream, visit: Visit) -> bytes:
    found = _ADDRESS.match(address)
    if found is None or not _is_own(found[1].lower(), found[2].decode("latin-1").lower(), upstream):
        return address
    scheme = f"{visit.scheme}:".encode() if found[1] else b""
    return scheme + b"//" + visit.host.encode() + address[found.end() :]


def _is_own(scheme: bytes, authority: str, upstream: Upstream) -> bool:
    """Whether an address is of the upstream itself, as nobody outside can reach it."""
    if upstream.socket is not None:
        return False
    host = upstream.written_host
    if ":" not in authority.removeprefix(host):
        port = {b"http:": 80, b"https:": 443}.get(scheme, upstream.port)
        authority = f"{authority}:{port}"
    return authority == f"{host}:{upstream.port}"


def _own_cookie(cookie: bytes, upstream: Upstream, visit: Visit) -> bytes:
    """A cookie for the public host where it was for the upstream's, which no browser would take from here."""
    found = _DOMAIN.search(cookie)
    own = upstream.host
    if found is None or upstream.socket is not None or visit.host.partition(":")[0].lower() == own:
        return cookie
    is_own = found[1].strip().lower() == own.encode()
    return cookie[: found.start()] + cookie[found.end() :] if is_own else cookie
