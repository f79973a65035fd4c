"""A bound on requests in flight: one too many is told at once to come back, in the place of waiting."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from newshole.serving.answers import answer

AGAIN: Final = 1
"""Seconds after which one that was refused may ask again."""

_BODY: Final = b"Too many requests are being answered just now. Please try again in a moment.\n"
_AGAIN: Final = (b"retry-after", b"%d" % AGAIN)


class Admission:
    """ASGI middleware that lets `most` HTTP requests through at once; `refused` counts the others.

    Only a request that has come whole counts, so slow connections take nobody's place. WebSockets stay open
    for long and are bounded by the number of connections.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self.app = app
        self.most = most
        self.in_flight = 0
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self.in_flight >= self.most:
            self.refused += 1
            await answer(send, 503, _BODY, headers=[_AGAIN])
        else:
            self.in_flight += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self.in_flight -= 1
