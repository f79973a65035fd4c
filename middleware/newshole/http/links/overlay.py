"""Links that show the overlay on the pages of one host: `?newshole-overlay=TOKEN`.

The token is signed for a host, not for an address: whoever looks at one story wants to see the next one too,
and links within the site carry the token on. It opens no page that its holder could not open without it, and
shows of the rules what they ask for and what was found, on the pages of that host, until it ends.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from starlette.types import Scope

from newshole.errors import UsageError
from newshole.http.heads import read_headers
from newshole.http.links.signing import holds, signed
from newshole.page.csp import PORTS
from newshole.rules.globs import rootless

FIELD: Final = "newshole-overlay"
"""The field of a query that asks for the overlay."""

WRITTEN: Final = FIELD.encode() + b"="
"""How such a field begins."""


def overlay_link(secret: bytes, url: str, until: float) -> str:
    """The address of a page that shows the overlay until a moment, in seconds since 1970.

    Raises UsageError where `url` is no address of a page, or there is no secret.
    """
    if not secret:
        raise UsageError("there is no secret to sign a link with: start the site with NEWSHOLE_SECRET")
    try:
        parts = urlsplit(url)
        host = _host(parts)
    except ValueError:  # UnicodeError among them
        host = ""
    if not host:
        raise UsageError(f"{url} is no address of a page: give one like https://news.example/story")
    field = f"{FIELD}={signed(secret, _purpose(host), until)}"
    query = f"{parts.query}&{field}" if parts.query else field
    return parts._replace(netloc=host, query=query).geturl()


def _host(parts: SplitResult) -> str:
    """The host as browsers send it, "" for none. Raises ValueError."""
    name = rootless(parts.hostname or "") if parts.scheme in PORTS else ""
    name = name if name.isascii() else name.encode("idna").decode("ascii")
    if ":" in name:
        name = f"[{name}]"
    return name if parts.port in (None, PORTS.get(parts.scheme)) else f"{name}:{parts.port}"


def asks_for_overlay(scope: Scope, secret: bytes, now: float) -> bool:
    """Whether a request has a link's token that is signed for its host, and still holds."""
    host = read_headers(scope.get("headers", ())).get(b"host", b"").decode("latin-1")
    fields = (each for each in scope["query_string"].split(b"&") if each.startswith(WRITTEN))
    tokens = (unquote(each[len(WRITTEN) :].decode("latin-1")) for each in fields)
    return bool(host) and any(holds(token, secret, _purpose(rootless(host.lower())), now) for token in tokens)


def _purpose(host: str) -> bytes:
    return f"newshole overlay {host} ".encode("utf-8", "surrogatepass")
