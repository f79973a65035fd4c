"""Workers that take what is published in a real Redis, and what their pages say."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from newshole import Newshole
from newshole.live.appending import Change
from newshole.live.ledger import Ledger
from newshole.live.outcomes import Outcome, settled
from newshole.live.publishing import publish
from newshole.store.archive import open_archive
from tests.http.asgi import STORY, asked, asks
from tests.live.rules import source_of
from tests.store.servers import Server
from tests.waiting import PATIENCE

SECRET = "of the newsroom"  # noqa: S105 - an example
TEXT = re.compile(rb"<p>(first|second)</p>")
OLD, NEW = [b"first"] * 3, [b"second"] * 3
RAW: list[bytes] = []
PATHS = [f"/news/{n}" for n in range(40)]


async def answer(_request: Request) -> HTMLResponse:
    return HTMLResponse(STORY)


APP = Starlette(routes=[Route("/{path:path}", answer)])


def worker(redis: Server, tmp_path: Path, **more: object) -> Newshole:
    """One worker that takes what is published; those of one folder share what is on disk."""
    settings: dict[str, object] = {
        "rules": "published",
        "redis": redis.url,
        "secret": SECRET,
        "state": tmp_path / "state",
        **more,
    }
    return Newshole(APP, **settings)  # type: ignore[arg-type]  # as each test says


@asynccontextmanager
async def ledger_at(redis: Server) -> AsyncIterator[Ledger]:
    archive = open_archive(redis.url)
    try:
        yield Ledger(archive, secret=SECRET.encode())
    finally:
        await archive.close()


async def shown(newshole: Newshole, path: str = "/news/bridge") -> list[bytes]:
    """What the blocks of a page say."""
    client = await asks(newshole, asked(path))
    found = TEXT.findall(client.body)
    assert found or client.body == STORY
    return found


async def until_shown(newshole: Newshole, texts: list[bytes]) -> None:
    async with asyncio.timeout(PATIENCE):
        while await shown(newshole) != texts:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)


async def until_told(ledger: Ledger, change: Change, *, took: int = 0, refused: int = 0) -> Outcome:
    """What workers made of a change, once so many of them say so: on a busy machine one is late to speak."""
    async with asyncio.timeout(PATIENCE):
        while True:
            outcome = await settled(ledger, change, patience=PATIENCE)
            if (len(outcome.took), len(outcome.refused)) == (took, refused):
                return outcome
            await asyncio.sleep(0.02)


async def release(ledger: Ledger, text: str) -> Change:
    change = await publish(ledger, source_of(text), by="anna", note="", clock=time.time)
    assert change is not None
    return change


async def new_at(newshole: Newshole) -> set[str]:
    """The paths at which the new version is; each page is wholly of one."""
    found: set[str] = set()
    for path in PATHS:
        texts = await shown(newshole, path)
        assert texts in (OLD, NEW)
        if texts == NEW:
            found.add(path)
    return found
