"""What a worker says of itself on the public port: that it is alive, and whether it is to be sent readers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from newshole.serving.answers import JSON, answer

DRAINING: Final = "draining: the requests in flight are being finished"

Unready: TypeAlias = Callable[[], str | None]
"""Why no readers are to be sent, None where they are."""


class Health:
    """ASGI middleware that answers `PREFIX/health` and `PREFIX/ready`, and leaves all else to `app`."""

    def __init__(self, app: ASGIApp, *, prefix: str, unready: Unready) -> None:
        self.app = app
        self.unready = unready
        self.paths = (f"{prefix}/health", f"{prefix}/ready")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self.paths:
            await self.app(scope, receive, send)
            return
        reason = self.unready() if scope["path"] == self.paths[1] else None
        status, body = told("alive" if scope["path"] == self.paths[0] else "ready", reason)
        await answer(send, status, body, content_type=JSON)


def told(good: str, reason: str | None) -> tuple[int, bytes]:
    """Status and body of an answer: `{"status": "ready"}`, or `unready` with the reason."""
    if reason is None:
        return 200, _json(status=good)
    return 503, _json(status="unready", reason=reason)


def _json(**said: str) -> bytes:
    return json.dumps(said).encode() + b"\n"
