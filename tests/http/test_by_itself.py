"""Halts, steps and plans that workers carry out by themselves, with a real Redis and with a file."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newshole import Newshole
from newshole.cdn.tags import rules_tag
from newshole.live.appending import read_log
from newshole.live.entries import State, Step
from newshole.live.ledger import Ledger
from newshole.live.publishing import plan, publish, stage
from newshole.live.source import load_site
from newshole.store.archive import open_archive
from tests.http.asgi import asked, asks
from tests.http.published import APP, SECRET
from tests.http.servers import serving
from tests.live.rules import FIRST, SECOND, source_of
from tests.store.servers import Server, running
from tests.waiting import PATIENCE, until

ADS = """
site: Example
articles: [{path: /news/**}]
layout: {gap: 1 word, ads_apart: 1 word}
blocks:
  one:
    kind: ad
    place: {after: paragraph, nth: 2}
    sizes: {mobile: [[300, 50]], desktop: [[300, 50]]}
    serve: {slot: one}
"""
MORE = ADS + ADS[ADS.index("  one:") :].replace("one", "two").replace("nth: 2", "nth: 4")
NOTHING = FIRST.replace("nth: [1, 3]", "nth: 90").replace("nth: 5", "nth: 91")

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "newshole")


@pytest.fixture(params=["redis", "file"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where rules are published: the URL of a Redis, or a file."""
    if request.param == "file":
        yield str(tmp_path / "archive")
        return
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    with running(server):
        yield server.url


@asynccontextmanager
async def newsroom(address: str, folder: Path, text: str) -> AsyncIterator[tuple[Ledger, list[Newshole]]]:
    """The log of a site with these rules in service, and two workers that have them."""
    kind = "redis" if "://" in address else "archive"
    ledger = Ledger(open_archive(address), secret=SECRET.encode())
    await publish(ledger, source_of(text), by="anna", note="", clock=time.time)
    workers = [
        Newshole(APP, rules="published", secret=SECRET, state=folder / str(n), **{kind: address})  # type: ignore[arg-type]
        for n in range(2)
    ]
    try:
        for each in workers:
            await asks(each, asked())
        await until(lambda: all(each.is_ready for each in workers))
        yield ledger, workers
    finally:
        for each in workers:
            await each.close()
        await ledger.archive.close()


async def until_state(ledger: Ledger, workers: list[Newshole], wanted: str) -> State:
    """Read pages until the log comes to what is wanted: "halted", or the digest in service."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for each in workers:
                for n in range(80):
                    await asks(each, asked(f"/news/{n}"))
            state = (await read_log(ledger))[1]
            if (wanted == "halted" and state.halted) or state.serves == wanted:
                return state
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (FIRST, NOTHING, "nothing was put into any of its "),
        (ADS, MORE, "a page has 2.00 ads, and 1.00 under the rules in service"),
        (ADS, SECOND, "there is no ad in any of its "),
    ],
)
def test_what_does_harm_is_halted_and_the_version_in_service_serves_everything(
    address: str, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    async def serve() -> None:
        async with newsroom(address, tmp_path, old) as (ledger, workers):
            source = source_of(new)
            await stage(ledger, source, share=50, unit="url", by="anna", note="", clock=time.time)
            state = await until_state(ledger, workers, "halted")
            assert state.halted is not None
            assert state.halted.reason.startswith(reason)
            assert (state.halted.is_automatic, state.staged) == (True, None)
            await until(lambda: not any(each.stage for each in workers))
            halts = [each.desk.board.counts["stage-halted"] for each in workers if each.desk]
            assert sum(halts) == 1

    asyncio.run(serve())


def test_workers_purge_the_caches_in_front_of_what_they_do_by_themselves(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[list[str]] = []

    async def hook(request: Request) -> Response:
        asked_for.append((await request.json())["tags"])
        return Response()

    async def serve() -> None:
        async with newsroom(address, tmp_path, FIRST) as (ledger, workers):
            source = source_of(NOTHING)
            await stage(ledger, source, share=50, unit="url", by="anna", note="", clock=time.time)
            await until_state(ledger, workers, "halted")
            await until(lambda: len(asked_for) == 2)

    monkeypatch.setenv("HOOK", "of the hook")
    with serving(Starlette(routes=[Route("/purge", hook, methods=["POST"])])) as cache:
        monkeypatch.setenv("NEWSHOLE_CDN", f"{cache}/purge?secret=HOOK")
        asyncio.run(serve())
    assert asked_for == [[rules_tag(load_site(source_of(NOTHING)).digest)]] * 2


def test_a_ramp_goes_on_to_its_end_with_no_console_running(address: str, tmp_path: Path) -> None:
    async def serve() -> None:
        async with newsroom(address, tmp_path, FIRST) as (ledger, workers):
            ramp = (Step(50.0, 0.5), Step(100.0, 0.5))
            source = source_of(SECOND)
            await stage(ledger, source, share=10, unit="url", ramp=ramp, by="anna", note="", clock=time.time)
            state = await until_state(ledger, workers, source.digest)
            assert len(await ledger.history()) == 4
            assert state.staged is None

    asyncio.run(serve())


def test_a_plan_is_carried_out_and_a_suspended_one_is_not(address: str, tmp_path: Path) -> None:
    async def serve() -> None:
        async with newsroom(address, tmp_path, FIRST) as (ledger, workers):
            first, second = source_of(SECOND), source_of(ADS)
            due = time.time() + 1.5
            await plan(ledger, first, due=due, by="anna", note="", clock=time.time)
            await plan(ledger, second, due=due + 1, by="bo", note="", clock=time.time)
            await until_state(ledger, workers, first.digest)
            await asyncio.sleep(due + 3 - time.time())
            state = (await read_log(ledger))[1]
            assert state.serves == first.digest
            assert [(each.digest, each.is_suspended) for each in state.planned] == [(second.digest, True)]
            assert state.version is not None
            assert state.version.by == "anna"

    asyncio.run(serve())
