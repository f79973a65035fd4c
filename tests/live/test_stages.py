"""Staging, planning and approving: what the log comes to, in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from newshole import UsageError
from newshole.live.appending import Change, ConflictError, read_log
from newshole.live.entries import Declined, Planned, Published, Staged, Step
from newshole.live.ledger import Ledger, state_of
from newshole.live.publishing import (
    ApprovalNeededError,
    advance,
    approve,
    decline,
    go_on,
    halt,
    hold,
    plan,
    propose,
    publish,
    require,
    roll_back,
    stage,
    unplan,
)
from newshole.store import Archive, MemoryArchive
from tests.live.rules import FIRST, SECOND, source_of

Check = Callable[[Ledger], Awaitable[None]]
SECRET = b"of the newsroom"
THIRD = FIRST.replace("first", "third")
OLD, NEW, OTHER = (source_of(text) for text in (FIRST, SECOND, THIRD))
RAMP = (Step(50.0, 60.0), Step(100.0, 60.0))


def now() -> float:
    return 100.0


def run(archive: Archive, check: Check) -> None:
    """Run a check on a log of its own, with the first rules in service."""

    async def checked() -> None:
        ledger = Ledger(archive, uuid.uuid4().hex, SECRET)
        try:
            await publish(ledger, OLD, by="anna", note="", clock=now)
            await check(ledger)
        finally:
            await archive.close()

    asyncio.run(checked())


async def staged(ledger: Ledger, share: float = 10.0) -> Change | None:
    return await stage(ledger, NEW, share=share, unit="url", ramp=RAMP, by="anna", note="less", clock=now)


def test_a_version_is_staged_raised_and_put_into_service(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        change = await staged(ledger)
        assert change is not None
        assert change.event == Staged(NEW.digest, 100.0, "anna", "less", 10.0, "url", OLD.digest, RAMP)
        assert await ledger.source(NEW.digest) == NEW
        assert await advance(ledger, 10.0, by="bo", clock=now) is None
        risen = await advance(ledger, 50.0, by="bo", clock=now)
        assert risen is not None
        assert risen.state.staged is not None
        assert (risen.state.staged.share, risen.state.staged.ramp) == (50.0, RAMP[1:])
        whole = await advance(ledger, 100.0, by="bo", clock=now)
        assert whole is not None
        assert whole.event == Published(NEW.digest, 100.0, "bo", "less", OLD.digest)
        assert (await read_log(ledger))[1].staged is None

    run(archive, check)


def test_a_ramp_is_held_raised_by_hand_and_let_go_on(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await staged(ledger)
        assert await go_on(ledger, by="bo", clock=now) is None
        change = await hold(ledger, by="bo", clock=now)
        assert change is not None
        assert change.event == Staged(
            NEW.digest, 100.0, "bo", "less", 10.0, "url", OLD.digest, RAMP, is_held=True
        )
        assert await hold(ledger, by="bo", clock=now) is None
        risen = await advance(ledger, 50.0, by="bo", clock=now)
        assert risen is not None
        assert risen.state.staged is not None
        assert (risen.state.staged.ramp, risen.state.staged.is_held) == (RAMP[1:], True)
        freed = await go_on(ledger, by="bo", clock=lambda: 200.0)
        assert freed is not None
        assert freed.state.staged == replace(risen.state.staged, at=200.0, is_held=False)

    run(archive, check)


def test_only_what_has_a_ramp_is_held() -> None:
    async def check(ledger: Ledger) -> None:
        for act in (hold, go_on):
            with pytest.raises(UsageError, match="nothing is staged"):
                await act(ledger, by="bo", clock=now)
        await stage(ledger, NEW, share=10, unit="url", by="anna", note="", clock=now)
        with pytest.raises(UsageError, match="has no ramp"):
            await hold(ledger, by="bo", clock=now)

    run(MemoryArchive(), check)


def test_every_event_tells_the_role_of_who_did_it() -> None:
    async def check(ledger: Ledger) -> None:
        publisher = ledger.of_role("publisher")
        await staged(publisher)
        await advance(publisher.of_role("operator"), 50, by="bo", clock=now)
        await halt(publisher, by="bo", reason="", clock=now)
        roles = [each.event.role for each in await ledger.history() if each.event is not None]
        assert roles == ["", "publisher", "operator", "publisher"]

    run(MemoryArchive(), check)


def test_one_thing_is_staged_at_a_time_and_publishing_or_rolling_back_ends_it(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await staged(ledger)
        with pytest.raises(UsageError, match="is staged at 10%: publish it or halt it first"):
            await stage(ledger, OTHER, share=1, unit="url", by="bo", note="", clock=now)
        await publish(ledger, OTHER, by="bo", note="", clock=now)
        with pytest.raises(UsageError, match="nothing is staged"):
            await advance(ledger, 50, by="bo", clock=now)
        await staged(ledger)
        back = await roll_back(ledger, None, by="bo", note="", clock=now)
        assert back is not None
        assert (back.state.serves, back.state.staged) == (OLD.digest, None)

    run(archive, check)


def test_what_is_halted_can_be_staged_again_by_its_digest(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await staged(ledger)
        change = await halt(ledger, by="bo", reason="too many", clock=now)
        assert change.state.halted is not None
        assert change.state.halted.reason == "too many"
        with pytest.raises(UsageError, match="nothing is staged"):
            await halt(ledger, by="bo", reason="", clock=now)
        again = await stage(ledger, NEW, share=5, unit="url", by="bo", note="", clock=now)
        assert again is not None
        assert again.state.halted is None
        same = await stage(ledger, OLD, share=5, unit="url", by="bo", note="", clock=now)
        assert same is None

    run(archive, check)


def test_steps_that_do_not_rise_or_come_at_once_are_refused() -> None:
    async def check(ledger: Ledger) -> None:
        for share, ramp in ((0.0, ()), (100.0, ()), (10.0, (Step(10, 9),)), (10.0, (Step(101, 9),))):
            with pytest.raises(UsageError, match="no steps: "):
                await stage(ledger, NEW, share=share, unit="url", ramp=ramp, by="", note="", clock=now)
        with pytest.raises(UsageError, match="needs time"):
            await stage(ledger, NEW, share=1, unit="url", ramp=(Step(5, 0),), by="", note="", clock=now)

    run(MemoryArchive(), check)


def test_readers_are_a_unit_only_where_the_rules_know_them_apart() -> None:
    async def check(ledger: Ledger) -> None:
        with pytest.raises(UsageError, match=r"vary\.id or vary\.arms"):
            await stage(ledger, NEW, share=1, unit="reader", by="", note="", clock=now)
        knowing = source_of(SECOND + "vary: {id: {cookie: who}}\n")
        assert await stage(ledger, knowing, share=1, unit="reader", by="", note="", clock=now) is not None

    run(MemoryArchive(), check)


def test_nothing_is_staged_before_something_is_in_service() -> None:
    async def check(ledger: Ledger) -> None:
        empty = Ledger(ledger.archive, "another", SECRET)
        with pytest.raises(UsageError, match="publish it for all"):
            await stage(empty, NEW, share=1, unit="url", by="", note="", clock=now)

    run(MemoryArchive(), check)


class Overtaken(Ledger):
    """A log to which somebody else adds something between a reading and the next addition."""

    def __init__(self, ledger: Ledger, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__(ledger.archive, ledger.name, ledger.secret)
        self.meanwhile: Callable[[], Awaitable[object]] | None = meanwhile

    async def append(self, number: int, event: object) -> bool:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return await super().append(number, event)  # type: ignore[arg-type]  # an event, as it came


def test_who_stages_or_advances_while_somebody_halts_or_publishes_is_told(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        def publishes() -> Awaitable[object]:
            return publish(ledger, OTHER, by="carla", note="", clock=now)

        with pytest.raises(ConflictError, match="was published by carla meanwhile"):
            await staged(Overtaken(ledger, publishes))
        await staged(ledger)

        def halts() -> Awaitable[object]:
            return halt(ledger, by="carla", reason="no", clock=now)

        with pytest.raises(ConflictError, match="was halted by carla meanwhile"):
            await advance(Overtaken(ledger, halts), 50, by="bo", clock=now)
        await staged(ledger)

        def asks() -> Awaitable[object]:
            return propose(ledger, OLD, by="carla", note="", clock=now)

        assert await advance(Overtaken(ledger, asks), 50, by="bo", clock=now) is not None

    run(archive, check)


def test_a_share_that_somebody_lowers_does_not_rise_by_itself(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await staged(ledger)
        risen = await advance(ledger, 20, by="bo", clock=now)
        assert risen is not None
        assert isinstance(risen.event, Staged)
        assert risen.event.ramp == RAMP
        lowered = await advance(ledger, 5, by="bo", clock=now)
        assert lowered is not None
        assert isinstance(lowered.event, Staged)
        assert (lowered.event.share, lowered.event.ramp) == (5, ())

    run(archive, check)


def test_what_is_declined_or_proposed_anew_while_somebody_approves_is_not_done(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        meanwhile: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: decline(ledger, NEW.digest, by="carla", reason="no", clock=now),
            lambda: propose(ledger, NEW, share=1, by="anna", note="less", clock=now),
        )
        for happens in meanwhile:
            await propose(ledger, NEW, by="anna", note="", clock=now)
            with pytest.raises(UsageError, match="meanwhile: look at it"):
                await approve(Overtaken(ledger, happens), NEW.digest, by="bo", clock=now)
        state = state_of(await ledger.history())
        assert (state.serves, state.staged) == (OLD.digest, None)

    run(archive, check)


def test_what_is_published_or_staged_while_approval_is_asked_for_waits_for_it(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        def asks() -> Awaitable[object]:
            return require(ledger, True, by="carla", clock=now)

        for do in (lambda log: publish(log, NEW, by="anna", note="", clock=now), staged):
            await require(ledger, False, by="carla", clock=now)
            with pytest.raises(ApprovalNeededError):
                await do(Overtaken(ledger, asks))
        assert state_of(await ledger.history()).serves == OLD.digest

    run(archive, check)


def test_a_plan_is_kept_dropped_and_never_made_for_the_past(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        change = await plan(ledger, NEW, due=900.0, by="anna", note="winter", clock=now)
        assert change.event == Planned(NEW.digest, 100.0, "anna", "winter", 900.0, OLD.digest)
        with pytest.raises(UsageError, match="has passed"):
            await plan(ledger, NEW, due=100.0, by="anna", note="", clock=now)
        dropped = await unplan(ledger, NEW.digest[:8], by="bo", reason="no", clock=now)
        assert dropped.state.planned == ()
        with pytest.raises(UsageError, match=r"is planned$"):
            await unplan(ledger, NEW.digest[:8], by="bo", reason="no", clock=now)

    run(archive, check)


def test_where_approval_is_required_somebody_else_has_to_give_it(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await require(ledger, True, by="carla", clock=now)
        refused: tuple[Callable[[], Awaitable[object]], ...] = (
            lambda: publish(ledger, NEW, by="anna", note="", clock=now),
            lambda: staged(ledger),
            lambda: plan(ledger, NEW, due=900.0, by="anna", note="", clock=now),
        )
        for do in refused:
            with pytest.raises(ApprovalNeededError, match="propose it"):
                await do()
        await propose(ledger, NEW, by="Anna", note="less", clock=now)
        for by in ("anna", " ANNA ", "\uff21nna", ""):
            with pytest.raises(ApprovalNeededError):
                await approve(ledger, NEW.digest, by=by, clock=now)
        change = await approve(ledger, NEW.digest[:8], by="bo", clock=now)
        assert change.event == Published(NEW.digest, 100.0, "bo", "less", OLD.digest, proposed_by="Anna")
        with pytest.raises(UsageError, match="is proposed"):
            await approve(ledger, NEW.digest, by="bo", clock=now)
        assert await roll_back(ledger, None, by="anna", note="", clock=now) is not None

    run(archive, check)


def test_what_was_proposed_in_stages_or_for_later_is_approved_as_such(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await propose(ledger, NEW, share=10, ramp=RAMP, by="anna", note="", clock=now)
        await approve(ledger, NEW.digest, by="bo", clock=now)
        await propose(ledger, OTHER, due=900.0, by="anna", note="", clock=now)
        state = (await approve(ledger, OTHER.digest, by="bo", clock=now)).state
        assert state.staged is not None
        assert (state.staged.ramp, state.staged.by, state.staged.proposed_by) == (RAMP, "bo", "anna")
        assert [(each.due, each.on, each.proposed_by) for each in state.planned] == [
            (900.0, OLD.digest, "anna")
        ]

    run(archive, check)


def test_what_was_proposed_for_another_version_than_that_in_service_is_a_conflict(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await propose(ledger, NEW, by="anna", note="", clock=now)
        await publish(ledger, OTHER, by="carla", note="", clock=now)
        with pytest.raises(ConflictError, match="was published by carla"):
            await approve(ledger, NEW.digest, by="bo", clock=now)
        change = await decline(ledger, NEW.digest, by="bo", reason="too late", clock=now)
        assert change.event == Declined(NEW.digest, 100.0, "bo", "too late")
        assert state_of(await ledger.history()).proposed == ()

    run(archive, check)


def test_of_two_that_approve_at_once_one_does_it_and_the_other_is_told(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await propose(ledger, NEW, by="anna", note="", clock=now)
        outcomes = await asyncio.gather(
            *(approve(ledger, NEW.digest, by=by, clock=now) for by in ("bo", "carla")), return_exceptions=True
        )
        assert len([each for each in outcomes if isinstance(each, Change)]) == 1
        assert len([each for each in outcomes if isinstance(each, ConflictError | UsageError)]) == 1
        assert len(state_of(await ledger.history()).versions) == 2

    run(archive, check)
