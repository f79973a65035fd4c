"""Addresses as keys: one story, one key, however its URL is written."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from newshole.rules.globs import rootless

TRACKING: Final = ("utm_", "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid")


@lru_cache(maxsize=4096)
def address(url: str, base: str = "") -> str:
    """The URL without what does not tell stories apart: scheme, `www.`, default port, marks of tracking,
    fragment, the slash at the end. Relative ones are read against `base`; "" for what is no URL."""
    try:
        parts = urlsplit(urljoin(base, url.strip()))
        host, port = rootless(parts.hostname or ""), parts.port
    except ValueError:
        return ""
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    asked = [pair for pair in parse_qsl(parts.query) if not pair[0].lower().startswith(TRACKING)]
    query = f"?{urlencode(asked)}" if asked else ""
    return f"{host.removeprefix('www.')}{parts.path.rstrip('/') or '/'}{query}"


def host_of(key: str) -> str:
    """The host of a key, with its port; "" where it has none."""
    return key.partition("/")[0]


def origin(url: str) -> str:
    """Scheme and host of a URL, to read the same site's relative ones against; "" where it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}/" if parts.scheme and parts.netloc else ""
