"""A site whose pages are measured, readers of it, and what became of their events."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Final

from starlette.types import ASGIApp, Message, Scope

from newshole import Newshole
from newshole.experiments.events.row import Row, decode
from newshole.experiments.events.segments import ready, records
from newshole.experiments.events.token import unseal
from tests.http.asgi import Client, Pairs, ask, asked, page

SECRET: Final = "of the tests"  # noqa: S105 - of these tests alone
PATH: Final = "/_newshole/events"
VIEW: Final = "0123456789abcdef01234567"
BY_COOKIE: Final = "vary: {id: {cookie: reader}}\n"
BY_HEADER: Final = "vary: {id: X-Reader}\n"
BLOCKS: Final = """
site: Example
articles:
  - path: /news/**
blocks:
  inline: {kind: html, html: "<p>inline</p>", place: {after: paragraph, nth: 2}}
"""
EXPERIMENT: Final = """
experiments:
  later:
    unit: UNIT
    arms:
      control: {}
      late: {set: {blocks.inline.place: {after: paragraph, nth: 4}}}
"""
NONE_EXPERIMENT: Final = """
experiments:
  without:
    arms:
      control: {}
      bare: {drop: inline}
"""

SAME: Final = (b"sec-fetch-site", b"same-origin")


def rules(folder: Path, vary: str = BY_COOKIE, *, unit: str = "visitor", more: str = "") -> Path:
    """A file of rules with an experiment that moves a block."""
    file = folder / "rules.yaml"
    file.write_text(BLOCKS + vary + (more or EXPERIMENT.replace("UNIT", unit)), "utf-8")
    return file


def measured(folder: Path, file: Path, app: ASGIApp | None = None, **more: Any) -> Newshole:
    """A site that is measured, with its segments in a folder."""
    return Newshole(app or page(), file, events=folder / "events", secret=SECRET, **more)


def sent(
    events: list[list[object]], token: str, view: str, *headers: tuple[bytes, bytes]
) -> tuple[Scope, bytes]:
    """A beacon: the scope of its request, and its body."""
    body = json.dumps({"t": token, "v": view, "e": events}).encode()
    return posted(SAME, *headers), body


def posted(*headers: tuple[bytes, bytes]) -> Scope:
    """The scope of a request that may bring events."""
    return asked(PATH, method="POST", headers=headers)


class Sending(Client):
    """One request with a body, in parts."""

    def __init__(self, *parts: bytes) -> None:
        super().__init__()
        self.parts = [*parts]

    async def receive(self) -> Message:
        if not self.parts:
            return {"type": "http.disconnect"}
        part = self.parts.pop(0)
        return {"type": "http.request", "body": part, "more_body": bool(self.parts)}


def post(app: ASGIApp, scope: Scope, *parts: bytes) -> Client:
    """Send a body; what was answered."""

    async def run() -> Client:
        client = Sending(*parts)
        await app(scope, client.receive, client.send)
        return client

    return asyncio.run(run())


def reader(name: str) -> Pairs:
    """The headers of a reader with a cookie."""
    return [(b"cookie", f"reader={name}".encode())]


def attribute(content: bytes, name: str) -> str:
    """An attribute of the script that measures; "" without it."""
    found = re.search(rb' data-nh-%s="([^"]*)"' % name.encode(), content)
    return found[1].decode() if found else ""


def rows(newshole: Newshole) -> list[Row]:
    """Every row that is on the disk."""
    assert newshole.events is not None
    newshole.events.segments.close()
    found = [decode(line) for segment in ready(newshole.events.folder) for line in records(segment)]
    return [row for row in found if row is not None]


def exposed(newshole: Newshole) -> list[Row]:
    """The exposures that are on the disk."""
    return [row for row in rows(newshole) if row.kind == "exposure"]


def both_arms(newshole: Newshole) -> dict[str, bytes]:
    """A page as it is in each arm, by the arm."""
    found: dict[str, bytes] = {}
    for number in range(40):
        content = ask(newshole, asked(headers=reader(str(number)))).body
        assert newshole.events is not None
        told = unseal(attribute(content, "token"), SECRET.encode(), newshole.events.now())
        found[told.exposures[0].arm] = content
    return found
