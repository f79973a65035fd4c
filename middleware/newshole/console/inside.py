"""Asking an ASGI app from inside the process, without a socket."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult

from starlette.types import ASGIApp, Message, Scope

from newshole.errors import NewsholeError

PATIENCE: Final = 10.0
"""Seconds that an answer may take."""


class InsideError(NewsholeError):
    """An app that did not answer, or not whole; the message is one line."""


@dataclass(slots=True)
class Answer:
    """What an app answered: header names are lower case, in latin-1."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of a name, "" where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every header of a name."""
        return tuple(value for key, value in self.headers if key == name)


async def ask(
    app: ASGIApp,
    address: SplitResult,
    *,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    most: int,
    patience: float = PATIENCE,
) -> Answer:
    """What an app answers to a GET of an address. Raises InsideError where it fails, takes longer than
    `patience` seconds, or says more than `most` bytes."""
    got = Answer()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            got.status = message["status"]
            got.headers = [
                (name.decode("latin-1").lower(), value.decode("latin-1"))
                for name, value in message.get("headers", ())
            ]
        elif message["type"] == "http.response.body":
            got.body += message.get("body", b"")
            if len(got.body) > most:
                raise InsideError(f"the answer is over {most // 1024**2} MB")

    try:
        async with asyncio.timeout(patience):
            await app(_scope(address, headers), receive, send)
    except TimeoutError as error:
        raise InsideError(f"no whole answer within {patience:g} seconds") from error
    except InsideError:
        raise
    except Exception as error:
        raise InsideError(f"the site failed: {type(error).__name__}") from error
    if not got.status:
        raise InsideError("the site gave no answer")
    return got


def _scope(address: SplitResult, headers: tuple[tuple[bytes, bytes], ...]) -> Scope:
    path = address.path or "/"
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": address.scheme,
        "path": _unquoted(path),
        "raw_path": path.encode("ascii"),
        "root_path": "",
        "query_string": address.query.encode("ascii"),
        "headers": [(b"host", address.netloc.encode("ascii")), (b"accept-encoding", b"identity"), *headers],
        "client": ("127.0.0.1", 0),
        "server": (address.hostname or "", address.port or 80),
        "extensions": {},
    }


def _unquoted(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)
