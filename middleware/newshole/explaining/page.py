"""The page that is explained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came. `source` is what was asked for, `url` the page's address, empty where unknown,
    `policies` are the Content-Security-Policy headers that it was fetched with."""

    source: str
    body: bytes
    url: str = ""
    content_type: str = "text/html"
    policies: tuple[str, ...] = ()
