"""What happens by itself: steps, plans and halts, each once, whoever looks first."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from newshole import Site, UsageError
from newshole.cdn.targets import read_targets
from newshole.live import purging
from newshole.live.appending import read_log
from newshole.live.board import Board
from newshole.live.entries import Event, Halted, Planned, Published, Required, Staged, State, Step, folded
from newshole.live.follower import Follower
from newshole.live.ledger import Beat, Ledger
from newshole.live.publishing import halt, hold, plan, publish, stage
from newshole.live.purging import purge_touched
from newshole.live.source import load_site
from newshole.live.staging.deciding import LATEST, suspension
from newshole.live.staging.figures import Figures, Spread
from newshole.live.staging.keeper import FORGOTTEN, LEFT, Keeper, due
from newshole.live.staging.stage import Stage
from newshole.store import Archive, MemoryArchive
from newshole.store.archive import open_archive
from tests.live.rules import FIRST, SECOND, source_of

OLD, NEW = source_of(FIRST), source_of(SECOND)
IN_SERVICE = Published("aa", 1.0, "anna")
STAGED = Staged("bb", 100.0, "anna", "less", 10.0, "url", "aa", (Step(50.0, 60.0), Step(100.0, 30.0)))
PLANNED = Planned("cc", 5.0, "anna", "winter", 900.0, "aa")
WELL = Figures(1000, 0, 1000, 2000, 1000, put=Spread(1000, 1000.0, 1000.0))
EMPTY = Figures(1000, put=Spread(1000))
READY = Beat("w", "host", 1, serves="aa", staged="bb", share=10.0, figures=(WELL, WELL))
SECRET = b"of the newsroom"


def state(*events: Event) -> State:
    return folded([IN_SERVICE, *events])


def test_the_next_step_is_taken_when_it_is_due_and_the_last_one_publishes() -> None:
    assert due(state(STAGED), [READY], 159.9) is None
    second = due(state(STAGED), [READY], 160.0)
    assert second == replace(STAGED, at=160.0, share=50.0, ramp=STAGED.ramp[1:])
    assert isinstance(second, Staged)
    risen = replace(READY, share=50.0)
    assert due(state(STAGED, second), [risen], 189.9) is None
    assert due(state(STAGED, second), [risen], 190.0) == Published("bb", 190.0, "anna", "less", "aa")
    assert due(state(STAGED, second), [risen, READY], 190.0) is None


def test_a_step_waits_for_workers_that_have_not_taken_the_one_before() -> None:
    late = replace(READY, worker="v", staged="", figures=None)
    own = replace(late, follows=False)
    assert due(state(STAGED), [READY, late], 999.0) is None
    assert due(state(STAGED), [READY, own], 999.0) is not None


def test_without_a_ramp_a_share_stays_as_it_is() -> None:
    assert due(state(replace(STAGED, ramp=())), [READY], 1e9) is None


def test_a_ramp_that_is_held_waits_but_harm_halts_it() -> None:
    held = replace(STAGED, is_held=True)
    assert due(state(held), [READY], 1e9) is None
    assert isinstance(due(state(held), [replace(READY, figures=(WELL, EMPTY))], 999.0), Halted)
    freed = replace(held, at=1e9, is_held=False)
    assert due(state(held, freed), [READY], 1e9 + 59) is None
    assert due(state(held, freed), [READY], 1e9 + 60) is not None


def test_what_happens_by_itself_is_nobodys_deed() -> None:
    risen = due(state(replace(STAGED, role="publisher")), [READY], 160.0)
    assert risen is not None
    assert (risen.by, risen.role) == ("anna", "")


def test_harm_halts_before_any_step() -> None:
    halted = due(state(STAGED), [replace(READY, figures=(WELL, EMPTY))], 999.0)
    assert halted == Halted(
        "bb", 999.0, "newshole", "nothing was put into any of its 1000 pages", is_automatic=True
    )


def test_what_workers_counted_of_another_version_is_nothing_to_judge_by() -> None:
    other = replace(READY, staged="zz", figures=(WELL, EMPTY))
    assert due(state(STAGED), [other], 101.0) is None


def test_a_plan_is_carried_out_when_it_is_due() -> None:
    assert due(state(PLANNED), [], 899.9) is None
    assert due(state(PLANNED), [], 900.0) == Published("cc", 900.0, "anna", "winter", "aa")
    part = replace(PLANNED, share=10.0, ramp=(Step(100.0, 60.0),))
    assert due(state(part), [], 900.0) == Staged(
        "cc", 900.0, "anna", "winter", 10.0, "url", "aa", (Step(100.0, 60.0),)
    )


@pytest.mark.parametrize(
    ("events", "now", "reason"),
    [
        ([PLANNED, Published("zz", 6.0, replaced="aa")], 900.0, "another version went into service"),
        (
            [PLANNED, Published("zz", 6.0), Published("aa", 7.0, rollback=True)],
            900.0,
            "another version went into service",
        ),
        ([PLANNED], 900.0 + LATEST + 1, "nobody could carry it out"),
        ([PLANNED, STAGED], 900.0, "bb is staged"),
    ],
)
def test_a_plan_that_something_came_in_the_way_of_waits_for_a_person(
    events: list[Event], now: float, reason: str
) -> None:
    found = state(*events)
    assert len(found.planned) == 1
    told = suspension(found.planned[0], found, now)
    assert told is not None
    assert told.startswith(reason)
    done = due(found, [READY], now)
    assert done is None or done.digest == "bb"


def test_a_plan_that_nobody_approved_waits_once_approval_is_asked_for() -> None:
    asked = Required(approval=True, at=6.0, by="carla")
    found = state(PLANNED, asked)
    assert suspension(found.planned[0], found, 900.0) == "somebody else has to approve it by now: propose it"
    assert due(found, [], 900.0) is None
    approved = state(asked, replace(PLANNED, proposed_by="bo"))
    assert due(approved, [], 900.0) is not None
    assert due(state(PLANNED, asked, replace(asked, approval=False)), [], 900.0) is not None


def test_a_plan_that_is_not_due_is_not_suspended_by_what_is_staged_now() -> None:
    found = state(PLANNED, STAGED)
    assert suspension(found.planned[0], found, 800.0) is None


class Worker:
    """What a worker has in service, whatever it is of."""

    def __init__(self) -> None:
        self.site = Site()
        self.figures: tuple[Figures, Figures] | None = None
        self.stage: Stage | None = None


@pytest.fixture(params=["memory", "redis", "file"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    if request.param == "memory":
        return MemoryArchive()
    if request.param == "file":
        return open_archive(str(tmp_path / "archive"))
    return open_archive(request.getfixturevalue("server").url)


def run(archive: Archive, check: Callable[[Ledger, list[Keeper]], Awaitable[None]]) -> None:
    """Run a check on a log with the first rules in service, and three workers whose clocks differ."""

    async def checked() -> None:
        ledger = Ledger(archive, uuid.uuid4().hex, SECRET)
        await publish(ledger, OLD, by="anna", note="", clock=lambda: 100.0)
        keepers = [keeper(ledger, ahead) for ahead in (0.0, 1.0, -1.0)]
        try:
            await check(ledger, keepers)
        finally:
            await archive.close()

    asyncio.run(checked())


CLOCK = [100.0]


def keeper(ledger: Ledger, ahead: float) -> Keeper:
    def clock() -> float:
        return CLOCK[0] + ahead

    return Keeper(Follower(ledger, Board(Worker()), clock=clock), clock=clock)


async def look(keepers: list[Keeper], now: float) -> None:
    """Let all workers see the log and take what is in it, and then look at the same time."""
    CLOCK[0] = now
    for _ in range(2):
        for each in keepers:
            await each.follower.ask()
            if each.follower.taking is not None:
                await each.follower.taking
    for each in keepers:
        await each.follower.say_at_once()
    await asyncio.gather(*(each.look() for each in keepers))


def test_of_workers_that_look_at_once_one_takes_each_step(archive: Archive) -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        ramp = (Step(50.0, 60.0), Step(100.0, 60.0))
        await stage(ledger, NEW, share=10, unit="url", ramp=ramp, by="anna", note="", clock=lambda: 100.0)
        shares = []
        for now in (105.0, 165.0, 170.0, 230.0, 240.0):
            await look(keepers, now)
            found = (await read_log(ledger))[1]
            shares.append(100.0 if found.staged is None else found.staged.share)
        assert shares == [10.0, 50.0, 50.0, 100.0, 100.0]
        assert len(await ledger.history()) == 4

    run(archive, check)


def test_of_workers_that_look_at_once_one_carries_a_plan_out(archive: Archive) -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        await plan(ledger, NEW, due=200.0, by="anna", note="", clock=lambda: 100.0)
        await look(keepers, 195.0)
        assert (await read_log(ledger))[1].serves == OLD.digest
        await look(keepers, 202.0)
        await look(keepers, 203.0)
        found = (await read_log(ledger))[1]
        assert (found.serves, found.planned, len(found.versions)) == (NEW.digest, (), 2)

    run(archive, check)


def test_of_workers_that_see_harm_at_once_one_halts(archive: Archive) -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        await stage(ledger, NEW, share=10, unit="url", by="anna", note="", clock=lambda: 100.0)
        await look(keepers, 105.0)
        for each in keepers:
            serving = each.follower.board.serving
            assert isinstance(serving, Worker)
            serving.figures = (Figures(50, 0, 50, put=Spread(50, 50.0, 50.0)), Figures(50, put=Spread(50)))
        await look(keepers, 106.0)
        await look(keepers, 107.0)
        entries, found = await read_log(ledger)
        assert found.halted is not None
        assert found.halted.reason == "nothing was put into any of its 150 pages"
        assert len(entries) == 3
        assert sum(each.follower.board.counts["stage-halted"] for each in keepers) == 1

    run(archive, check)


def test_nobody_asks_for_the_workers_before_a_plan_is_due() -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        await plan(ledger, NEW, due=200.0, by="anna", note="", clock=lambda: 100.0)
        await look(keepers, 150.0)
        asked: list[int] = []

        async def workers() -> list[Beat]:
            asked.append(1)
            return []

        ledger.workers = workers  # type: ignore[method-assign]  # counts what would be asked of Redis
        await look(keepers, 190.0)
        assert asked == []
        await look(keepers, 202.0)
        assert asked

    run(MemoryArchive(), check)


def test_a_worker_names_the_blocks_of_what_is_staged_so_that_they_can_be_switched_off() -> None:
    async def check(_: Ledger, keepers: list[Keeper]) -> None:
        follower = keepers[0].follower
        serving = follower.board.serving
        serving.site = load_site(OLD)
        serving.stage = Stage(load_site(source_of(SECOND.replace("spot:", "extra:"))), "bb", 10.0, "url")
        assert follower.beat_now().blocks == ("extra", "inline", "spot")

    run(MemoryArchive(), check)


def test_what_only_follows_looks_after_nothing() -> None:
    async def check(ledger: Ledger, keepers: list[Keeper]) -> None:
        await plan(ledger, NEW, due=200.0, by="anna", note="", clock=lambda: 100.0)
        for each in keepers:
            each.follower.is_silent = True
        await look(keepers, 300.0)
        assert (await read_log(ledger))[1].serves == OLD.digest

    run(MemoryArchive(), check)


def test_a_share_is_planned_beside_a_version_in_service_alone() -> None:
    async def check(ledger: Ledger, _: list[Keeper]) -> None:
        with pytest.raises(UsageError, match="publish it for all"):
            await plan(
                Ledger(ledger.archive, "new", SECRET), NEW, due=200.0, share=10.0, by="", note="",
                clock=lambda: 100.0,
            )  # fmt: skip

    run(MemoryArchive(), check)


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
