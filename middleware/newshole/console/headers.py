"""What holds for every answer of the console: asked for under its own name, sealed against all that is
elsewhere, and kept by no cache."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole.console.access.origins import is_own_host
from newshole.serving.answers import answer

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}

_ELSEWHERE: Final = (
    b"The console is not known by this name. Open it by its own, "
    b"or set console.public to the address that it is opened at.\n"
)


class Sealed:
    """ASGI middleware that refuses what is asked for under another name than `names`, and adds the headers
    where an answer does not say otherwise."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app, self.names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        elif is_own_host(Headers(scope=scope).get("host", ""), self.names):
            await self.app(scope, receive, sealed)
        else:
            await answer(sealed, 421, _ELSEWHERE)
