"""The demo: the newspaper with newshole in front, and a switch on every page to see it without."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole
from newshole.demo.gallery import RULES as GALLERY_RULES
from newshole.demo.gallery import gallery
from newshole.demo.newsroom import HERE
from newshole.demo.origin import origin

RULES: Final = HERE / "rules.yaml"
SWITCH: Final = "newshole"
METRICS: Final = "/_newshole/metrics"
GALLERY: Final = "/gallery"
FRAMES: Final = "/embed/"
"""Where what stands in frames is; a bar of links would hide half of it."""


def demo_app(rules: Path = RULES, *, redis: str | None = None, secret: str = "") -> ASGIApp:
    """The demo as an ASGI app; any of its pages shows without newshole at `?newshole=off`."""
    newspaper, bare_gallery = origin(), gallery()
    composed = Newshole(newspaper, rules=rules, redis=redis, secret=secret, metrics=METRICS)
    composed_gallery = Newshole(bare_gallery, rules=GALLERY_RULES)
    return Switch(Wing(composed, composed_gallery), Wing(newspaper, bare_gallery))


class Wing:
    """Sends the addresses of the gallery to an app of its own, which has rules of its own."""

    def __init__(self, app: ASGIApp, gallery: ASGIApp) -> None:
        self.app = app
        self.gallery = gallery

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_gallery = scope["type"] == "http" and (scope["path"] + "/").startswith(f"{GALLERY}/")
        await (self.gallery if is_gallery else self.app)(scope, receive, send)


class Switch:
    """Answers from one of two apps, as the query says, and adds to each page that is not in a frame
    links to the other and to the gallery."""

    def __init__(self, composed: ASGIApp, bare: ASGIApp) -> None:
        self.composed = composed
        self.bare = bare

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(FRAMES):
            await self.composed(scope, receive, send)
            return
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        rest = urlencode([(key, value) for key, value in query if key != SWITCH])
        is_bare = (SWITCH, "off") in query
        asked = dict(scope) | {"query_string": rest.encode("ascii")}
        links = _links(scope["path"], rest, is_bare=is_bare)
        app = self.bare if is_bare else self.composed
        await app(asked, receive, _LinkedResponse(send, links).send)


class _LinkedResponse:
    """One response on its way out: an HTML page is held until it is whole, then gets its links."""

    def __init__(self, send: Send, links: bytes) -> None:
        self._send = send
        self._links = links
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
    shown = {
        "with_": _current(not is_bare),
        "without": _current(is_bare),
        "all_": _current(path == GALLERY),
    }
    return _BAR.format(on=on, off=off, gallery=GALLERY, **shown).encode("utf-8")


def _current(is_shown: bool) -> Markup:
    return Markup(' aria-current="true"') if is_shown else Markup("")


_BAR: Final = Markup("""\
<nav id="demo-switch" lang="en" dir="ltr" aria-label="Demo">
<style>
#demo-switch{{position:fixed;inset-block-end:.75rem;inset-inline:0;inline-size:max-content;margin-inline:auto;
display:flex;gap:2px;padding:3px;border-radius:99px;background:#14202c;box-shadow:0 2px 10px #0006;
font:600 13px/1 system-ui,"Noto Sans",sans-serif;z-index:9}}
#demo-switch a{{padding:8px 12px;border-radius:99px;color:#dde3e8;text-decoration:none}}
#demo-switch a:hover{{color:#fff;text-decoration:underline}}
#demo-switch a:focus-visible{{outline:2px solid #fff;outline-offset:-4px}}
#demo-switch [aria-current]{{background:#fff;color:#14202c}}
@media print{{#demo-switch{{display:none}}}}
</style>
<a href="{on}"{with_}>With newshole</a><a href="{off}"{without}>Without</a>
<a href="{gallery}"{all_}>All blocks</a>
</nav>
""")
