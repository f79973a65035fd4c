"""The demo: the newspaper with newshole in front, a switch on every page to see it without, and a guide
above the front page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole
from newshole.demo.files import archive_in, events_in, journal_in, library_in
from newshole.demo.gallery import RULES as GALLERY_RULES
from newshole.demo.gallery import gallery
from newshole.demo.newsroom import HERE
from newshole.demo.origin import TEMPLATES, origin
from newshole.demo.readers import Named
from newshole.demo.sights import SIGHTS
from newshole.http.rules import PUBLISHED

RULES: Final = HERE / "rules.yaml"
SWITCH: Final = "newshole"
METRICS: Final = "/_newshole/metrics"
GALLERY: Final = "/gallery"
FRONT: Final = "/"
FRAMES: Final = "/embed/"
"""Where what stands in frames is; a bar of links would hide half of it."""


@dataclass(frozen=True, slots=True)
class Published:
    """Where the demo takes its rules from, where it has a console: files in a `folder`. `console` is its
    address."""

    folder: Path
    console: str


def demo_app(
    *,
    redis: str | None = None,
    secret: str = "",
    published: Published | None = None,
) -> ASGIApp:
    """The demo as an ASGI app; any of its pages shows without newshole at `?newshole=off`. Where rules are
    published, it takes those."""
    newspaper: ASGIApp = origin()
    bare_gallery = gallery()
    if published is None:
        composed = Newshole(newspaper, rules=RULES, redis=redis, secret=secret, metrics=METRICS)
    else:
        newspaper = Named(newspaper)
        composed = Newshole(
            newspaper,
            rules=PUBLISHED,
            redis=redis,
            archive=archive_in(published.folder),
            library=library_in(published.folder),
            journal=journal_in(published.folder),
            state=published.folder,
            events=events_in(published.folder) if redis is None else None,
            secret=secret,
            metrics=METRICS,
        )
    composed_gallery = Newshole(bare_gallery, rules=GALLERY_RULES)
    console = "" if published is None else published.console
    return Switch(Wing(composed, composed_gallery), Wing(newspaper, bare_gallery), console)


class Wing:
    """Sends the addresses of the gallery to an app of its own, which has rules of its own."""

    def __init__(self, app: ASGIApp, gallery: ASGIApp) -> None:
        self.app = app
        self.gallery = gallery

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_gallery = scope["type"] == "http" and _is_gallery(scope["path"])
        await (self.gallery if is_gallery else self.app)(scope, receive, send)


class Switch:
    """Answers from one of two apps, as the query says, and adds to each page that is not in a frame
    links to the other and to the gallery, and to the front page a guide, which names the `console`."""

    def __init__(self, composed: ASGIApp, bare: ASGIApp, console: str = "") -> None:
        self.composed = composed
        self.bare = bare
        self.console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FRAMES):
            await self.composed(scope, receive, send)
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        rest = urlencode([(key, value) for key, value in query if key != SWITCH])
        is_bare = (SWITCH, "off") in query
        asked = dict(scope) | {"query_string": rest.encode("ascii")}
        links = _links(scope["path"], rest, is_bare=is_bare)
        is_front = scope["path"] == FRONT
        guide = _rendered("guide.html", sights=SIGHTS, console=self.console) if is_front else b""
        app = self.bare if is_bare else self.composed
        await app(asked, receive, _LinkedResponse(send, links, guide).send)


class _LinkedResponse:
    """One response on its way out: an HTML page is held until it is whole, then gets its links, and above its
    masthead its guide."""

    def __init__(self, send: Send, links: bytes, guide: bytes) -> None:
        self._send = send
        self._links = links
        self._guide = guide
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._release(self._start)

    async def _release(self, start: Message) -> None:
        page, closing, rest = b"".join(self._parts).rpartition(b"</body>")
        above, masthead, below = page.partition(b"<header")
        page = above + self._guide + masthead + below
        body = page + self._links + closing + rest if closing else rest
        headers = MutableHeaders(raw=list(start["headers"]))
        if body and "content-length" in headers:
            headers["content-length"] = str(len(body))
        else:  # an answer to HEAD: what GET would hold is not known here
            del headers["content-length"]
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers


def _links(path: str, query: str, *, is_bare: bool) -> bytes:
    on = f"{path}?{query}" if query else path
    off = f"{path}?{query}&{SWITCH}=off" if query else f"{path}?{SWITCH}=off"
    shown = {"is_bare": is_bare, "is_gallery": _is_gallery(path), "gallery": GALLERY}
    return _rendered("switch.html", on=on, off=off, **shown)


def _is_gallery(path: str) -> bool:
    return f"{path}/".startswith(f"{GALLERY}/")


def _rendered(template: str, **shown: object) -> bytes:
    return TEMPLATES.get_template(template).render(**shown).encode("utf-8")
