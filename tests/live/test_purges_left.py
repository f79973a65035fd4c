"""Caches in front are purged after every change, also where whoever made it ended before that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from newshole.cdn.targets import read_targets
from newshole.live import purging
from newshole.live.entries import Step
from newshole.live.ledger import Ledger
from newshole.live.publishing import halt, hold, stage
from newshole.live.purging import purge_touched
from newshole.live.staging.keeper import FORGOTTEN, LEFT, Keeper
from newshole.live.switching import turn_off
from newshole.store import Archive, MemoryArchive, StoreError
from newshole.types import Switch
from tests.live.keepers import look, run
from tests.live.rules import SECOND, source_of

NEW = source_of(SECOND)


class _Cache(BaseHTTPRequestHandler):
    """A Varnish that notes what it is to purge."""

    asked: list[str]

    def do_PURGE(self) -> None:
        self.asked.append(self.headers["X-Purge-Tags"])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has there
        """Tests are quiet."""


@pytest.fixture
def cache() -> Iterator[str]:
    """The address of a cache in front."""
    _Cache.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Cache) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever, 0.01)
        yield f"varnish+http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def purged(keepers: list[Keeper], now: float) -> list[str]:
    """What the cache was asked to purge once all workers have looked and done what they began."""
    await look(keepers, now)
    await asyncio.gather(*(task for each in keepers for task in each.purging))
    asked, _Cache.asked = _Cache.asked, []
    return asked


@pytest.mark.parametrize("is_halted", [False, True])
def test_what_nobody_says_was_purged_one_worker_purges(
    archive: Archive, cache: str, *, is_halted: bool
) -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        for each in keepers:
            each.caches = read_targets([cache])
        await stage(ledger, NEW, share=10, unit="url", by="anna", note="", clock=lambda: 100.0)
        if is_halted:
            await halt(ledger, by="anna", reason="", clock=lambda: 100.5)
        assert await purged(keepers, 100.0 + LEFT - 2) == []
        assert await purged(keepers, 100.0 + LEFT + 2) == ["nh-site-example"] * (2 if is_halted else 1)
        assert await purged(keepers, 100.0 + LEFT + 4) == []

    run(archive, check)


def test_what_was_purged_by_whoever_changed_it_is_not_purged_again(
    cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "ON_THEIR_WAY", 0.0)

    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        for each in keepers:
            each.caches = read_targets([cache])
        await look(keepers, 100.0)
        before = await ledger.workers()
        change = await stage(ledger, NEW, share=10, unit="url", by="anna", note="", clock=lambda: 100.0)
        assert change is not None
        told = [each async for each in purge_touched(ledger, change, before, read_targets([cache]))]
        assert [(each.problem, each.is_late) for each in told] == [(None, False), (None, True)]
        assert len(await purged(keepers, 101.0)) == 2
        assert await purged(keepers, 100.0 + LEFT + 2) == []

    run(MemoryArchive(), check)


def test_what_moves_no_page_or_is_long_gone_is_not_purged(cache: str) -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        for each in keepers:
            each.caches = read_targets([cache])
        ramp = (Step(50.0, 1e6),)
        await stage(ledger, NEW, share=10, unit="url", ramp=ramp, by="anna", note="", clock=lambda: 100.0)
        await look(keepers, 100.0)
        for each in keepers:
            each.follower.moves.clear()
        await hold(ledger, by="anna", clock=lambda: 200.0)
        assert await purged(keepers, 200.0 + LEFT + 2) == []
        await halt(ledger, by="anna", reason="", clock=lambda: 300.0)
        assert await purged(keepers, 300.0 + FORGOTTEN + 2) == []

    run(MemoryArchive(), check)


def test_what_was_switched_is_purged_where_nobody_says_that_it_was(archive: Archive, cache: str) -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        for each in keepers:
            each.caches = read_targets([cache])
        await look(keepers, 100.0)
        for each in keepers:
            each.follower.moves.clear()
        await turn_off(ledger, (Switch("block", "inline"),), at=200.0)
        assert await purged(keepers, 200.0 + LEFT + 2) == ["nh-block-inline"]
        assert await purged(keepers, 200.0 + LEFT + 4) == []

    run(archive, check)


def test_what_one_did_whose_clock_is_ahead_keeps_nothing_else_from_being_purged(cache: str) -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        for each in keepers:
            each.caches = read_targets([cache])
        await turn_off(ledger, (Switch("block", "spot"),), at=1e6)
        await turn_off(ledger, (Switch("block", "inline"),), at=200.0)
        assert await purged(keepers, 200.0 + LEFT + 2) == ["nh-block-inline"]

    run(MemoryArchive(), check)


class _Late(MemoryArchive):
    """An archive that keeps one word of a purge after it has said that it does not."""

    has_failed = False

    async def add(self, name: bytes, field: bytes, value: bytes) -> bool:
        """Keep a value where there is none yet."""
        is_kept = await super().add(name, field, value)
        if name.endswith(b"purged") and not self.has_failed:
            self.has_failed = True
            raise StoreError("no answer in time")
        return is_kept


def test_a_worker_that_was_not_told_that_its_word_was_kept_purges_all_the_same(cache: str) -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        for each in keepers:
            each.caches = read_targets([cache])
        await stage(ledger, NEW, share=10, unit="url", by="anna", note="", clock=lambda: 100.0)
        assert await purged(keepers, 100.0 + LEFT + 2) == []
        assert await purged(keepers, 100.0 + LEFT + 4) == ["nh-site-example"]

    run(_Late(), check)
