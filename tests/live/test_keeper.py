"""What happens by itself: steps, plans and halts, each once, whoever looks first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newshole import UsageError
from newshole.live.appending import read_log
from newshole.live.entries import Event, Halted, Planned, Published, Required, Staged, State, Step, folded
from newshole.live.ledger import Beat, Ledger
from newshole.live.publishing import plan, stage
from newshole.live.source import load_site
from newshole.live.staging.deciding import LATEST, suspension
from newshole.live.staging.figures import Figures, Spread
from newshole.live.staging.keeper import Keeper, due
from newshole.live.staging.stage import Stage
from newshole.store import Archive, MemoryArchive
from tests.live.keepers import OLD, SECRET, Worker, look, run
from tests.live.rules import SECOND, source_of

NEW = source_of(SECOND)
IN_SERVICE = Published("aa", 1.0, "anna")
STAGED = Staged("bb", 100.0, "anna", "less", 10.0, "url", "aa", (Step(50.0, 60.0), Step(100.0, 30.0)))
PLANNED = Planned("cc", 5.0, "anna", "winter", 900.0, "aa")
WELL = Figures(1000, 0, 1000, 2000, 1000, put=Spread(1000, 1000.0, 1000.0))
EMPTY = Figures(1000, put=Spread(1000))
READY = Beat("w", "host", 1, serves="aa", staged="bb", share=10.0, figures=(WELL, WELL))


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
