"""What the head of a request says: its headers and its address; of its reader, see `readers`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlsplit

from newshole.rules.globs import rootless

RawHeaders: TypeAlias = Iterable[tuple[bytes, bytes]]
Headers: TypeAlias = Mapping[bytes, bytes]
HeaderList: TypeAlias = list[tuple[bytes, bytes]]

LONGEST: Final = 4096
"""Bytes of the longest address, or of what else readers choose, that anything is kept under."""

_ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9._~+/=:@-]{1,128}")
_NO_HOST = re.compile(r"[^!-~]|[/?#@\\]")


def read_headers(raw: RawHeaders) -> dict[bytes, bytes]:
    """Headers by lower-case name, the lines of a repeated one joined as RFC 9110, section 5.3, allows."""
    if type(raw) is list:
        # Most servers write names small, and most requests no name twice: that takes a fifth of the time.
        plain: dict[bytes, bytes] = dict(raw)
        if len(plain) == len(raw) and b"".join(plain).islower():
            return plain
    headers: dict[bytes, bytes] = {}
    for written, value in raw:
        name = written.lower()
        if name in headers:
            value = headers[name] + (b"; " if name == b"cookie" else b", ") + value
        headers[name] = value
    return headers


def read_url(scope: Mapping[str, Any], headers: Headers) -> str | None:
    """The address as the reader asked for it; None where it is no address (a malformed `Host`, or a target
    that is no path of it), or one that is too long to keep anything under."""
    written = headers.get(b"host")
    host = _server(scope) if written is None else written.decode("latin-1")
    path, query = scope["path"], scope.get("query_string", b"")
    if len(host) + len(path) + len(query) > LONGEST:
        return None
    return _url(
        scope.get("scheme", "http"), host, scope.get("raw_path"), path, scope.get("root_path", ""), query
    )


def _server(scope: Mapping[str, Any]) -> str:
    host, port = scope.get("server") or ("", None)
    return f"{host}:{port}" if port is not None else ""


@lru_cache(maxsize=4096)
def _url(scheme: str, host: str, raw_path: bytes | None, path: str, root: str, query: bytes) -> str | None:
    if _NO_HOST.search(host):
        return None
    target = _target(raw_path, path, root, query)
    absolute = _ABSOLUTE.match(target)
    if absolute is not None and rootless(absolute[1].lower()) == rootless(host.lower()):
        # Some servers leave the host in a target that has one (RFC 9112, section 3.2.2).
        target = "/" + target[absolute.end() :].removeprefix("/")
    if target[:1] not in ("", "/"):
        return None
    url = f"{scheme}://{rootless(host)}{target}"
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


def is_request_id(written: str) -> bool:
    """Whether an id that came with a request may go on with it, into headers and lines of a log."""
    return _ID.fullmatch(written) is not None


def new_request_id() -> str:
    """An id for a request that has none."""
    return os.urandom(16).hex()
