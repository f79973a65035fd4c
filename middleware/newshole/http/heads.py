"""What the head of a request says: its headers, its address and its reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.requests import cookie_parser

from newshole.types import Reader

RawHeaders: TypeAlias = Iterable[tuple[bytes, bytes]]
Headers: TypeAlias = Mapping[bytes, bytes]

DEVICE_HEADERS: Final = (b"Sec-CH-UA-Mobile", b"User-Agent")
"""The request headers that tell the device, in the order in which they are believed."""

LONGEST: Final = 4096
"""Bytes of the longest address: addresses are kept, and readers choose them."""

# Tablets count as desktop: they say so themselves in client hints, and newer iPads in their user agent.
_PHONE = re.compile(rb"Mobi|Opera Mini|BlackBerry|Windows Phone")
_TABLET = re.compile(rb"iPad|Tablet")

_NO_HOST = re.compile(r"[^!-~]|[/?#@\\]")


def read_headers(raw: RawHeaders) -> dict[bytes, bytes]:
    """Headers by lower-case name, the lines of a repeated one joined as RFC 9110, section 5.3, allows."""
    headers: dict[bytes, bytes] = {}
    for written, value in raw:
        name = written.lower()
        if name in headers:
            value = headers[name] + (b"; " if name == b"cookie" else b", ") + value
        headers[name] = value
    return headers


def read_url(scope: Mapping[str, Any], headers: Headers) -> str | None:
    """The address as the reader asked for it; None where it is no address (a malformed `Host`), or one that
    is too long to keep anything under."""
    written = headers.get(b"host")
    host = _server(scope) if written is None else written.decode("latin-1")
    path, query = scope["path"], scope.get("query_string", b"")
    if len(host) + len(path) + len(query) > LONGEST:
        return None
    return _url(
        scope.get("scheme", "http"), host, scope.get("raw_path"), path, scope.get("root_path", ""), query
    )


def read_device(headers: Headers) -> str:
    """One of `newshole.types.DEVICES`."""
    hint = headers.get(b"sec-ch-ua-mobile", b"").strip()
    if hint in (b"?0", b"?1"):
        return "mobile" if hint == b"?1" else "desktop"
    agent = headers.get(b"user-agent", b"")
    return "mobile" if _PHONE.search(agent) and not _TABLET.search(agent) else "desktop"


def read_reader(headers: Headers, query: bytes = b"") -> Reader:
    """The reader behind a request; the last value of a repeated query field or cookie holds."""
    texts = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    return Reader(
        device=read_device(headers),
        headers=texts,
        cookies=cookie_parser(texts.get("cookie", "")),
        query=dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)),
    )


def _server(scope: Mapping[str, Any]) -> str:
    host, port = scope.get("server") or ("", None)
    return f"{host}:{port}" if port is not None else ""


@lru_cache(maxsize=4096)
def _url(scheme: str, host: str, raw_path: bytes | None, path: str, root: str, query: bytes) -> str | None:
    if _NO_HOST.search(host):
        return None
    url = f"{scheme}://{host}{_target(raw_path, path, root, query)}"
    try:
        urlsplit(url)
    except ValueError:
        return None
    return url


def _target(raw_path: bytes | None, path: str, root: str, query: bytes) -> str:
    """Path and query, as they were written where the server kept that."""
    written = quote(path, safe="/%:@!$&'()*+,;=~") if raw_path is None else raw_path.decode("latin-1")
    written = written.partition("?")[0]
    # The specification has the root path inside the path; servers that strip it are put right.
    if root and not written.startswith(root):
        written = root + written
    return f"{written}?{query.decode('latin-1')}" if query else written
