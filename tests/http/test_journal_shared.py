"""Machines that share a Redis: what each served is known to all, whatever becomes of the Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from newshole import Newshole, Site
from newshole.live.past.account import NOT_HERE, Archives, Past, look_back
from newshole.live.past.journal import KEPT, SHARED, UNSHARED
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.shared import open_shared
from newshole.live.past.sources import HERE, NO_REDIS
from tests.http.asgi import PATH, STORY, ask, asked, asks, page
from tests.http.test_metrics import samples_of
from tests.store.servers import Server, running
from tests.waiting import PATIENCE

URL: Final = f"https://news.example{PATH}"
SECRET: Final = b"of the newsroom"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    with running(server):
        yield server


def machine(rules: Path, folder: Path, name: str, redis: Server, story: bytes = STORY) -> Newshole:
    """A machine with a file of its own."""
    app = Newshole(
        page(story), rules, journal=folder / f"{name}.db", redis=redis.url, secret=SECRET, metrics="/metrics"
    )
    assert app.journal is not None
    assert app.journal.sharing is not None
    app.journal.sharing.shared.machine = name
    app.journal.sharing.patience = PATIENCE
    return app


def visited(app: Newshole, query: bytes = b"") -> None:
    async def run() -> None:
        await asks(app, asked(query_string=query))
        await app.close()

    asyncio.run(run())


def past(file: Path | None, redis: Server, site: Site, url: str = URL) -> Past:
    async def run() -> Past:
        shared = open_shared(redis.url, "site", SECRET)
        archives = Archives(journal=journal, shared=shared, here=site, secret=SECRET)
        try:
            return await look_back(archives, url, time.time())
        finally:
            await shared.close()

    journal = None if file is None else JournalFile(file)
    try:
        return asyncio.run(run())
    finally:
        if journal is not None:
            journal.close()


def test_a_page_that_both_served_is_explained_once(rules: Path, tmp_path: Path, server: Server) -> None:
    for name in ("web-1", "web-2"):
        visited(machine(rules, tmp_path, name, server))
    told = past(tmp_path / "web-1.db", server, Site.load(rules))
    (account,) = told.accounts
    assert account.is_same
    assert account.machines == (HERE, "web-1", "web-2")


def test_what_another_machine_alone_served_is_told_without_its_page(
    rules: Path, tmp_path: Path, server: Server
) -> None:
    visited(machine(rules, tmp_path, "web-1", server))
    visited(machine(rules, tmp_path, "web-2", server, STORY.replace(b"<p>", b"<p>Anew. ", 1)))
    told = past(None, server, Site.load(rules))
    assert {each.machines for each in told.accounts} == {("web-1",), ("web-2",)}
    assert {each.lacking for each in told.accounts} == {NOT_HERE}
    assert all(each.served.blocks == ("inline",) for each in told.accounts)


def test_nothing_in_redis_tells_what_stood_behind_a_question_mark(
    rules: Path, tmp_path: Path, server: Server
) -> None:
    visited(machine(rules, tmp_path, "web-1", server), b"token=secretive")
    (account,) = past(None, server, Site.load(rules), f"{URL}?token=secretive").accounts
    assert account.served.query
    row = repr(account.served)
    assert "token" not in row
    assert "secretive" not in row


def test_pages_go_out_and_are_kept_while_redis_is_frozen(rules: Path, tmp_path: Path, server: Server) -> None:
    app = machine(rules, tmp_path, "web-1", server)
    assert app.journal is not None
    assert app.journal.sharing is not None
    app.journal.sharing.patience = 0.05
    server.freeze()
    assert samples_of(ask(app, asked("/metrics")).body)["newshole_journal_total", "journal-unshared"] == 0
    visited(app)
    assert app.journal.counts == {KEPT: 1, SHARED: 0, UNSHARED: 1}
    metrics = ask(app, asked("/metrics")).body
    assert samples_of(metrics)["newshole_journal_total", "journal-unshared"] == 1
    told = past(tmp_path / "web-1.db", server, Site.load(rules))
    assert told.accounts[0].is_same
    assert told.silent == (NO_REDIS,)
