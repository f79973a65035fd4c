"""What goes to a reader: a page that is kept, or the site's own answer on its way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeAlias

from starlette.types import Message, Scope, Send

from newshole.http.headers import HeaderList
from newshole.http.heads import Headers
from newshole.http.pagecache.entry import OWN_FIELD, Held, is_unmodified, without_representation
from newshole.http.pagecache.storing import FAULT

log = logging.getLogger("newshole")

STATUS: Final = b"cache-status"

Noting: TypeAlias = Callable[[int, HeaderList], None]
"""Told the status and the headers of an answer as it starts."""


def passing(send: Send, *, status: bytes | None, note: Noting | None = None) -> Send:
    """A `send` for the site's own answer: without what it tells this cache alone, with `Cache-Status` where
    an operator asks."""

    async def send_passed(message: Message) -> None:
        if message["type"] == "http.response.start":
            try:
                message = start = listed(message)
                message = _passed(start, status)
                if note is not None:
                    note(start["status"], start["headers"])
            except Exception:
                log.exception("%s on the start of an answer", FAULT)
        await send(message)

    return send_passed


def _passed(start: Message, status: bytes | None) -> Message:
    """The start of an answer that passes; the site's own message where there is nothing to change."""
    headers = start["headers"]
    kept = [pair for pair in headers if bytes(pair[0]).lower() != OWN_FIELD]
    if status is not None:
        kept.append((STATUS, status))
    return {**start, "headers": kept} if len(kept) != len(headers) or status is not None else start


def listed(message: Message) -> Message:
    """A start with its headers as a list: an app may give anything that can be read once."""
    headers = message.get("headers", ())
    return message if type(headers) is list else {**message, "headers": list(headers)}


def held_messages(
    held: Held, scope: Scope, conditions: Headers, *, now: float, status: bytes | None
) -> tuple[Message, Message]:
    """A kept page for sending, or 304 to a reader who has it, or its headers alone to HEAD."""
    # A list for each reader: many a middleware adds to it in place, a cookie even.
    headers = [*held.headers(now)]
    if status is not None:
        headers.append((STATUS, status))
    code, body = 200, held.stored.body
    asks = b"if-none-match" in conditions or b"if-modified-since" in conditions
    if asks and is_unmodified(held.stored, conditions):
        code, headers, body = 304, without_representation(headers), b""
    elif scope["method"] == "HEAD":
        body = b""
    return _messages(code, headers, body)


def absent_messages(*, status: bytes | None) -> tuple[Message, Message]:
    """What tells a reader who wants a kept page only that there is none (RFC 9111, section 5.2.1.7)."""
    text = b"no kept copy of this page\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", b"%d" % len(text)),
        (b"cache-control", b"no-store"),
    ]
    if status is not None:
        headers.append((STATUS, status))
    return _messages(504, headers, text)


def _messages(status: int, headers: HeaderList, body: bytes) -> tuple[Message, Message]:
    return (
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": body, "more_body": False},
    )
