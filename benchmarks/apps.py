"""The apps under load, each for a process of its own.

    python -m benchmarks.apps NAME FOLDER PORT

`FOLDER` holds the page and the blocks' HTML as the benchmark wrote them. An app imports what it needs and
nothing else: what a process has in memory costs it time whenever garbage is collected.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.articles import NONCE, TOKEN, URL, shared
from benchmarks.peers import MAKERS, Rewrite

ARTICLE: Final = urlsplit(URL).path
STATUS: Final = "/api/status.json"
PAGE_FILE: Final = "page.html"
BLOCKS_FILE: Final = "blocks.json"
ARCHIVE: Final = "archive"
CORPUS: Final = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "news"
EVENTS_SECRET: Final = "of the benchmark"  # noqa: S105 - of this benchmark alone
MEASURED: Final = ("no-experiment.yaml", "by-header.yaml", "by-cookie.yaml")
"""The rules by which `benchmarks.events` has pages measured."""


class Rewriting:
    """The plainest middleware that changes pages: hold the response, rewrite its body, mend its length."""

    def __init__(self, app: ASGIApp, rewrite: Rewrite) -> None:
        self.app, self.rewrite = app, rewrite

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                for each in self.rewritten(held):
                    await send(each)

        await self.app(scope, receive, hold)

    def rewritten(self, held: list[Message]) -> tuple[Message, Message]:
        start, *parts = held
        body = self.rewrite(b"".join(part["body"] for part in parts))
        headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        headers.append((b"content-length", b"%d" % len(body)))
        return {**start, "headers": headers}, {"type": "http.response.body", "body": body}


def bare(folder: Path) -> Starlette:
    """A page that is always the same, and a small answer in JSON."""
    page = (folder / PAGE_FILE).read_bytes()

    async def article(_request: Request) -> Response:
        return HTMLResponse(page)

    async def status(_request: Request) -> Response:
        return JSONResponse({"status": "ok", "stories": 412, "breaking": False})

    return Starlette(routes=[Route(ARTICLE, article), Route(STATUS, status)])


def archive(_folder: Path) -> Starlette:
    """Another page at every address, of the corpus beside the checkout where it is there; shared caches may
    keep it."""
    pages = [file.read_bytes() for file in sorted(CORPUS.glob("*.html"))] or [shared()]
    headers = {"cache-control": "public, s-maxage=86400"}

    async def story(request: Request) -> Response:
        number = int(request.path_params["number"])
        body = b"%b<!-- %d -->" % (pages[number % len(pages)], number)
        return HTMLResponse(body, headers=headers)

    return Starlette(routes=[Route("/world/story-{number}", story)])


def changing(folder: Path) -> Starlette:
    """The page with a new nonce in its header and its scripts, and a new token in its forms, every time."""
    page = (folder / PAGE_FILE).read_text("utf-8")
    parts = [[part.encode() for part in each.split(TOKEN)] for each in page.split(NONCE)]

    async def article(_request: Request) -> Response:
        nonce, token = secrets.token_urlsafe(16), secrets.token_hex(32).encode()
        body = nonce.encode().join(token.join(each) for each in parts)
        return HTMLResponse(body, headers={"content-security-policy": f"script-src 'nonce-{nonce}'"})

    return Starlette(routes=[Route(ARTICLE, article)])


def composed(app: Starlette) -> Starlette:
    """The app with newshole mounted as its users mount it."""
    from newshole import Newshole

    app.add_middleware(Newshole, rules="newspaper")
    return app


def measured(rules: str) -> Callable[[Path], ASGIApp]:
    """The page behind newshole, with events, by the rules of this name in the folder."""

    def make(folder: Path) -> ASGIApp:
        from newshole import Newshole
        from newshole.experiments.events.rates import Rate
        from newshole.http import event_desk

        # All of the load is from one address.
        event_desk.OF_AN_ADDRESS = Rate(1e9, 1e9)  # type: ignore[misc]
        return Newshole(bare(folder), folder / rules, events=folder / f"events-{rules}", secret=EVENTS_SECRET)

    return make


def unmeasured(folder: Path) -> ASGIApp:
    """The same without events."""
    from newshole import Newshole

    return Newshole(bare(folder), folder / MEASURED[0])


def rewritten_by(peer: str) -> Callable[[Path], ASGIApp]:
    """The constant page behind a middleware that rewrites it with a peer's library."""

    def make(folder: Path) -> ASGIApp:
        blocks = json.loads((folder / BLOCKS_FILE).read_text("utf-8"))
        return Rewriting(bare(folder), MAKERS[peer](blocks))

    return make


APPS: Final[Mapping[str, Callable[[Path], ASGIApp]]] = {
    "bare": bare,
    "newshole": lambda folder: composed(bare(folder)),
    ARCHIVE: archive,
    "changing": changing,
    "changing-newshole": lambda folder: composed(changing(folder)),
    **{peer: rewritten_by(peer) for peer in MAKERS},
    "unmeasured": unmeasured,
    **{rules: measured(rules) for rules in MEASURED},
}


def main() -> None:
    """Serve one app until the process is ended."""
    name, folder, port = sys.argv[1:]
    uvicorn.run(
        APPS[name](Path(folder)), host="127.0.0.1", port=int(port), log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
