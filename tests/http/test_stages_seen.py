"""What shadow mode, the overlay and the journal say of pages while a version is staged beside another one."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from newshole import Newshole
from newshole.http.links.overlay import overlay_link
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.served import Served
from newshole.live.source import load_site
from newshole.live.staging.stage import Stage
from tests.http.asgi import asked, asks, page
from tests.live.rules import FIRST, SECOND, source_of

PATHS: Final = [f"/news/{n}" for n in range(30)]
SECRET: Final = b"of the newsroom"


def overlay(path: str) -> bytes:
    link = overlay_link(SECRET, f"https://news.example{path}", time.time() + 60)
    return urlsplit(link).query.encode()


@pytest.mark.parametrize("shadow", [False, True])
def test_all_know_the_version_that_an_address_gets(tmp_path: Path, *, shadow: bool) -> None:
    old, new = (load_site(source_of(text)) for text in (FIRST, SECOND))
    app = Newshole(page(), site=old, shadow=shadow, journal=tmp_path / "journal.db", secret=SECRET)

    async def run() -> list[bytes]:
        app.stage = Stage(new, "d" * 32, 50.0, "url")
        for path in PATHS:
            await asks(app, asked(path))
        marked = [(await asks(app, asked(path, query_string=overlay(path)))).body for path in PATHS]
        await app.close()
        return marked

    versions = [new.digest if b"<p>second" in body else old.digest for body in asyncio.run(run())]
    assert set(versions) == {old.digest, new.digest}
    rows = [row_of(tmp_path / "journal.db", path) for path in PATHS]
    assert [(row.rules, row.shadow) for row in rows] == [(version, shadow) for version in versions]


def row_of(file: Path, path: str) -> Served:
    journal = JournalFile(file)
    (row,) = journal.lookup(f"news.example{path}", "", time.time())
    journal.close()
    return row
