"""What is sent to the console: not too much of it, and with a token of its own."""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole.console.access.origins import is_own_form
from newshole.console.visit import MOST_FORM

CSRF: Final = "x-csrf-token"
"""The header, and with underscores the field of a form, that the token is in."""

_URLENCODED: Final = "application/x-www-form-urlencoded"


async def is_theirs(request: Request, csrf: str, public: str | None) -> bool:
    """Whether what is to be changed comes from a form that carries somebody's token."""
    if not is_own_form(request.headers, public):
        return False
    given = request.headers.get(CSRF, "")
    if not given and request.headers.get("content-type", "").startswith(_URLENCODED):
        given = _token(await request.body())  # kept by Starlette, so that the screen reads it again
    return hmac.compare_digest(given.encode(), csrf.encode())


def _token(body: bytes) -> str:
    try:
        fields = parse_qsl(body.decode("utf-8"), max_num_fields=10_000)
    except ValueError:
        return ""
    return dict(fields).get(CSRF.replace("-", "_"), "")


class Bounded:
    """ASGI middleware that takes `most` bytes of a body at most; more of it is answered with 413."""

    def __init__(self, app: ASGIApp, most: int = MOST_FORM) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = self.most

        async def bounded() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, "The form is too large.")
            return message

        await self.app(scope, bounded if scope["type"] == "http" else receive, send)
