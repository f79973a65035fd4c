"""A composed page as a frame of the console shows it: its own bytes, with an address to load its pictures
from, a mark at every place, and a script of ours that lights places up.

The frame is shut off twice, by its own policy and by the element that it stands in: it has an origin of its
own, runs no script but ours, and asks for nothing but the styles, fonts and pictures of the page. So no ad
server is asked, nothing is counted, and what a page writes cannot reach the console.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from newshole.console.numbers import is_number
from newshole.console.preview.views import View
from newshole.explaining.page import Page
from newshole.page.document import UTF8_MARK, Document, Element
from newshole.page.encoding import page_encoding
from newshole.page.prescan import prescan
from newshole.page.splice import splice
from newshole.plan.spots import spots_of
from newshole.site import Composition
from newshole.types import Insertion

MOST_HOSTS: Final = 40
"""Hosts that pictures and styles may come from."""

FONTS: Final = {"https://fonts.googleapis.com": "https://fonts.gstatic.com"}
"""Where fonts are that a host's styles name, where that is another."""

SEEN: Final = 3
"""Pixels: pictures that are less wide or high count readers, and show nothing."""

_HEAD: Final = 16 * 1024
"""Bytes in which a page says what its addresses are relative to."""

_ATTRIBUTES: Final = rb"""(?=[\s/>])(?>[^>"']|"[^"]*"|'[^']*')*+>"""
_PROLOGUE: Final = re.compile(
    rb"(?>\s|<!--(?>.*?-->)|<!doctype[^>]*>|<\?[^>]*>|<html" + _ATTRIBUTES + rb")*+"
    rb"(?:<head" + _ATTRIBUTES + rb")?",
    re.IGNORECASE | re.DOTALL,
)
_REFRESH: Final = re.compile(rb"http-equiv", re.IGNORECASE)
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+|\[[0-9a-f:]+\]")


def framed(view: View, nonce: str, *, script: str, style: str) -> bytes:
    """The page of a frame, where `nonce` lets `script` run and is in the marks of its places; both are ASCII.

    A page whose bytes cannot be read as markup is as it came.
    """
    body = view.page.body
    if page_encoding(body, view.page.content_type) is None:
        return body
    head = (
        f'<base href="{html.escape(base_of(view.page))}"><style>{style}</style>'
        f'<script nonce="{nonce}">{script}</script>'
    ).encode("ascii", "xmlcharrefreplace")
    start = len(UTF8_MARK) if body.startswith(UTF8_MARK) else 0
    prologue = _PROLOGUE.match(body, start)
    first = Insertion(prologue.end() if prologue else start, head, "")
    added = (*_stilled(view.page), *_marked(view.composition, nonce))
    return splice(body, (first, *sorted(added, key=lambda each: each.offset)))


def _stilled(page: Page) -> Iterator[Insertion]:
    """What keeps a page from loading itself again, or another one in its place: in a template no element
    does anything."""
    if _REFRESH.search(page.body) is None or not _is_readable(page):
        return
    document = Document(page.body, page_encoding(page.body, page.content_type) or "utf-8")
    for element in document.select("meta[http-equiv]"):
        start, end = document.start(element), document.inner_start(element)
        is_refresh = str(element.attr("http-equiv") or "").strip().lower() == "refresh"
        if is_refresh and start is not None and end is not None:
            yield Insertion(start, b"<template>", "")
            yield Insertion(end, b"</template>", "")


def _is_readable(page: Page) -> bool:
    """Whether its markup can be read in a time that is known."""
    return prescan(page.body).refusal in (None, "amp")


def _marked(composition: Composition, nonce: str) -> Iterator[Insertion]:
    """A comment at every place, which no style can see, and behind it the blocks that stand there."""
    for spot in spots_of(composition.outline) if composition.outline else ():
        yield Insertion(spot.offset, f"<!--{nonce} {spot.index}-->".encode(), "")
    yield from composition.insertions


def frame_policy(view: View, nonce: str, console: str) -> str:
    """The Content-Security-Policy of a frame in the `console` at such an origin, of which it may have
    nothing."""
    base = urlsplit(base_of(view.page))
    hosts = " ".join(_hosts(view, console))
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src 'nonce-{nonce}'; "
        f"style-src 'unsafe-inline' {hosts}; img-src data: blob: {hosts}; media-src {hosts}; "
        f"font-src data: {hosts}; connect-src 'none'; form-action 'none'; frame-src 'none'; "
        f"object-src 'none'; base-uri {_origin(base)}; frame-ancestors 'self'"
    )


def base_of(page: Page) -> str:
    """What the addresses in a page are relative to."""
    encoding = page_encoding(page.body, page.content_type)
    found = Document(page.body[:_HEAD], encoding).select("base[href]") if encoding else []
    written = found[0].attr("href") if found else ""
    try:
        meant = urljoin(page.url, str(written or ""))
        return meant if _origin(urlsplit(meant)) else page.url
    except ValueError:
        return page.url


def _hosts(view: View, console: str) -> list[str]:
    """Where the pictures and styles of a page come from, its own host first."""
    asked = _asked_hosts(view) if _is_readable(view.page) else iter(())
    found = dict.fromkeys((_origin(urlsplit(view.page.url)), *asked))
    found |= dict.fromkeys(fonts for styles, fonts in FONTS.items() if styles in found)
    return [each for each in found if each and each != console][:MOST_HOSTS]


def _asked_hosts(view: View) -> Iterator[str]:
    composition, base = view.composition, base_of(view.page)
    document = Document(composition.html)
    plan = composition.plan
    ads = {each.block.id for each in plan.placements if each.block.kind == "ad"} if plan else ()
    # What an ad's own markup asks for may count; house creatives are our own.
    alien = {
        each for ad in ads for each in document.select(f'[data-newshole="{ad}"] img:not(.nh-creative *)')
    }
    for element in document.select("img, source, video, link[rel=stylesheet]"):
        if element not in alien and not _is_pixel(element):
            for written in _addresses(element):
                try:
                    yield _origin(urlsplit(urljoin(base, written)))
                except ValueError:
                    continue


def _addresses(element: Element) -> Iterator[str]:
    for name in ("src", "href", "poster"):
        yield str(element.attr(name) or "").strip()
    for candidate in str(element.attr("srcset") or "").split(","):
        yield (candidate.split() or [""])[0]


def _is_pixel(element: Element) -> bool:
    sizes = (str(element.attr(name) or "") for name in ("width", "height"))
    return any(is_number(each) and int(each) < SEEN for each in sizes)


def _origin(parts: SplitResult) -> str:
    """An origin as a policy has it, "" for what is no such."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return ""
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port else "")
