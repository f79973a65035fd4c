"""Pages that a command was asked to look at: from a file, standard input, or an address."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from newshole.errors import UsageError

MOST_BYTES: Final = 32 * 1024 * 1024
"""The largest page that is read; far smaller ones are too large to compose already."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came. `source` is what was asked for, `url` the page's address, empty where unknown."""

    source: str
    body: bytes
    url: str = ""
    content_type: str = "text/html"


def read_page(source: str, url: str | None = None) -> Page:
    """The page of a file, an address, or "-"; `url` is its address where that is another.

    Raises UsageError where it cannot be had.
    """
    if url is not None:
        check_address(url)
    if "://" in source:
        from newshole.cli.fetch import fetch

        check_address(source)
        fetched = fetch(source, MOST_BYTES)
        return Page(source, fetched.body, url or fetched.url, fetched.content_type)
    return Page(source, _read(source), url or "")


def check_address(url: str) -> None:
    """Raises UsageError where it is no address of a page."""
    try:
        parts = urlsplit(url)
        is_page = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_page = False
    if not is_page:
        raise UsageError(f"{url} is no address of a page: give one like https://news.example/story")


def _read(source: str) -> bytes:
    try:
        if source == "-":
            return _at_most(sys.stdin.buffer, "standard input")
        with Path(source).open("rb") as file:
            return _at_most(file, source)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(f"cannot read {source}: {why}; give an HTML file, an address or -") from error


def _at_most(file: BinaryIO, name: str) -> bytes:
    body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise UsageError(f"{name} is over {MOST_BYTES // 1024**2} MB: give a single page")
    return body
