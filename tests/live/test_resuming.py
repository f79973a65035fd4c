"""A plan that is suspended, taken up again by somebody who has looked at it."""

from __future__ import annotations

import pytest

from newshole import UsageError
from newshole.live.appending import ConflictError, read_log
from newshole.live.entries import Staged, Step
from newshole.live.ledger import Ledger
from newshole.live.publishing import ApprovalNeededError, plan, publish, require, resume, unplan
from newshole.live.source import Source
from newshole.live.staging.deciding import LATEST, suspension
from newshole.live.staging.keeper import Keeper
from newshole.store import Archive, MemoryArchive
from tests.live.keepers import OLD, SECRET, run
from tests.live.rules import FIRST, SECOND, source_of

NEW, OTHER = source_of(SECOND), source_of(FIRST.replace("first", "third"))
RAMP = (Step(50.0, 60.0), Step(100.0, 60.0))


def now() -> float:
    return 100.0


def test_a_plan_is_taken_up_in_the_place_of_the_version_that_was_looked_at(archive: Archive) -> None:
    async def check(ledger: Ledger, _: list[Keeper]) -> None:
        await plan(ledger, NEW, due=200.0, share=10.0, ramp=RAMP, by="anna", note="winter", clock=now)
        with pytest.raises(UsageError, match="is not suspended"):
            await resume(ledger, NEW.digest, on=OLD.digest, by="bo", clock=now)
        await publish(ledger, OTHER, by="bo", note="", clock=now)
        with pytest.raises(ConflictError):
            await resume(ledger, NEW.digest, on=OLD.digest, by="bo", clock=now)
        with pytest.raises(UsageError, match="has passed"):
            await resume(ledger, NEW.digest, on=OTHER.digest, due=50.0, by="bo", clock=now)
        again = await resume(ledger, NEW.digest[:8], on=OTHER.digest, due=300.0, by="bo", clock=now)
        (planned,) = again.state.planned
        assert (planned.by, planned.due, planned.on) == ("bo", 300.0, OTHER.digest)
        assert suspension(planned, again.state, 250.0) is None
        late = 300.0 + LATEST + 1
        done = await resume(ledger, NEW.digest, on=OTHER.digest, by="bo", clock=lambda: late)
        assert done.event == Staged(
            NEW.digest, late, "bo", "winter", 10.0, "url", OTHER.digest, RAMP, role=done.event.role
        )
        assert done.state.planned == ()

    run(archive, check)


def test_a_plan_that_was_dropped_meanwhile_is_not_taken_up() -> None:
    async def check(ledger: Ledger, _: list[Keeper]) -> None:
        await plan(ledger, NEW, due=200.0, by="anna", note="", clock=now)
        await publish(ledger, OTHER, by="bo", note="", clock=now)
        asked: list[str] = []
        source = ledger.source

        async def dropping(digest: str) -> Source:
            if not asked:
                asked.append(digest)
                await unplan(Ledger(ledger.archive, ledger.name, SECRET), digest, by="", reason="", clock=now)
            return await source(digest)

        ledger.source = dropping  # type: ignore[method-assign]  # somebody is as quick as this
        with pytest.raises(UsageError, match="planned anew"):
            await resume(ledger, NEW.digest, on=OTHER.digest, by="bo", clock=now)
        assert (await read_log(ledger))[1].serves == OTHER.digest

    run(MemoryArchive(), check)


def test_a_plan_is_not_taken_up_past_an_approval_that_is_asked_for_meanwhile() -> None:
    async def check(ledger: Ledger, _: list[Keeper]) -> None:
        await plan(ledger, NEW, due=200.0, by="anna", note="", clock=now)
        await publish(ledger, OTHER, by="bo", note="", clock=now)
        asked: list[str] = []
        source = ledger.source

        async def requiring(digest: str) -> Source:
            if not asked:
                asked.append(digest)
                await require(ledger, True, by="carla", clock=now)
            return await source(digest)

        ledger.source = requiring  # type: ignore[method-assign]  # somebody is as quick as this
        with pytest.raises(ApprovalNeededError):
            await resume(ledger, NEW.digest, on=OTHER.digest, by="bo", clock=now)
        again = await resume(ledger, NEW.digest, on=OTHER.digest, by="bo", clock=now)
        assert [each.by for each in again.state.proposed] == ["bo"]
        assert again.state.serves == OTHER.digest

    run(MemoryArchive(), check)
