"""Answers of newshole's own, small and kept by no cache."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import formatdate
from typing import Final

from starlette.types import Send

TEXT: Final = b"text/plain; charset=utf-8"
JSON: Final = b"application/json"


async def answer(
    send: Send,
    status: int,
    body: bytes,
    *,
    content_type: bytes = TEXT,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Send a whole answer, with a date, for the server adds none."""
    own = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"date", formatdate(usegmt=True).encode()),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": body})
