"""Pages that a command was asked to look at: from a file, standard input, or an address; and composed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from newshole.cli.experiments import growthbook_arms, known_arms, not_about
from newshole.cli.terminal import tell
from newshole.errors import UsageError
from newshole.explaining.page import Page
from newshole.site import Composition, Site
from newshole.types import Reader

MOST_BYTES: Final = 32 * 1024 * 1024
"""The largest page that is read; far smaller ones are too large to compose already."""


def compose_page(
    source: str, *, rules: str, url: str | None, reader: Reader, arms: Sequence[str] = ()
) -> tuple[Page, Composition]:
    """The page of a file, an address, or "-", and what the rules make of it for a reader, in these `arms`
    (EXPERIMENT:ARM). Where one of these is not shown, that is told.

    Raises UsageError where one of them cannot be had, RulesError where the rules are wrong.
    """
    site = Site.load(rules)
    page = read_page(source, url)
    asked = growthbook_arms(page.url, site.rules_for(page.url))
    reader = replace(reader, forced={**asked, **known_arms(arms, site.rules)})
    made = site.compose(
        page.body,
        url=page.url,
        content_type=page.content_type,
        reader=reader,
        words=site.kept_out(page.policies, page.url),
    )
    of_site = site.rules_for(page.url)
    # Of a page whose body was not read nothing is known that an experiment could be about.
    if of_site is not None and made.outline is not None:
        for line in not_about(of_site.experiments, made.story, reader, page.url):
            tell(line)
    return page, made


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
        return Page(source, fetched.body, url or fetched.url, fetched.content_type, fetched.policies)
    return Page(source, _read(source), url or "")


def read_file(source: str) -> bytes:
    """What is in a file of any kind, at an address, or in standard input where it is "-".

    Raises UsageError where it cannot be had.
    """
    if "://" not in source:
        return _read(source)
    from newshole.cli.fetch import fetch

    check_address(source)
    return fetch(source, MOST_BYTES, is_page=False).body


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
            if sys.stdin is None:
                raise UsageError("cannot read standard input: it is closed; give an HTML file or an address")
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
