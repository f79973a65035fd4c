"""The log, the files and the workers, in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from newshole import UsageError
from newshole.live.appending import Change, ConflictError
from newshole.live.entries import Published, TurnedOff, TurnedOn
from newshole.live.ledger import BEAT_KEPT, Beat, Ledger, in_one_line, known_name, state_of
from newshole.live.outcomes import outcome_of, settled
from newshole.live.publishing import plan, propose, publish, roll_back, stage
from newshole.live.source import Source, SourceError
from newshole.live.switching import turn_off, turn_on
from newshole.store import Archive, MemoryArchive
from newshole.store.archive import open_archive
from newshole.types import Switch
from tests.live.rules import FIRST, SECOND, source_of

Check = Callable[[Ledger], Awaitable[None]]
SECRET = b"of the newsroom"


@pytest.fixture(params=["memory", "redis"])
def archive(request: pytest.FixtureRequest) -> Archive:
    if request.param == "memory":
        return MemoryArchive()
    return open_archive(request.getfixturevalue("server").url)


def run(archive: Archive, check: Check) -> None:
    """Run a check on a log of its own."""

    async def checked() -> None:
        try:
            await check(Ledger(archive, uuid.uuid4().hex, SECRET))
        finally:
            await archive.close()

    asyncio.run(checked())


def now() -> float:
    return 100.0


async def published(ledger: Ledger, text: str, by: str = "anna") -> Change | None:
    return await publish(ledger, source_of(text), by=by, note="", clock=now)


def test_what_is_published_is_found_with_its_files_and_what_it_replaced(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await published(ledger, FIRST)
        change = await published(ledger, SECOND)
        assert change is not None
        first, second = source_of(FIRST), source_of(SECOND)
        assert change.event == Published(second.digest, 100.0, "anna", "", first.digest)
        state = state_of(await ledger.history())
        assert [each.digest for each in state.versions] == [first.digest, second.digest]
        assert await ledger.source(first.digest) == first
        assert await ledger.source(second.digest) == second

    run(archive, check)


def test_what_is_in_service_is_not_published_again(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await published(ledger, FIRST)
        assert await published(ledger, FIRST) is None
        assert len(await ledger.history()) == 1

    run(archive, check)


def test_a_rollback_goes_to_what_was_replaced_or_to_what_is_named(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        for text in (FIRST, SECOND, FIRST + "# third\n"):
            await published(ledger, text)
        back = await roll_back(ledger, None, by="bo", note="", clock=now)
        assert back is not None
        assert isinstance(back.event, Published)
        assert (back.event.digest, back.event.rollback) == (source_of(SECOND).digest, True)
        first = source_of(FIRST).digest
        back = await roll_back(ledger, first[:7].upper(), by="bo", note="", clock=now)
        assert back is not None
        assert back.state.version == back.event
        assert await roll_back(ledger, first, by="bo", note="", clock=now) is None
        for unknown in ("", "zz"):
            with pytest.raises(UsageError, match=r"version(s begin| begins)"):
                await roll_back(ledger, unknown, by="bo", note="", clock=now)

    run(archive, check)


def test_without_a_version_before_nothing_is_rolled_back(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        with pytest.raises(UsageError, match="no version"):
            await roll_back(ledger, None, by="bo", note="", clock=now)
        await published(ledger, FIRST)
        with pytest.raises(UsageError, match="no version"):
            await roll_back(ledger, None, by="bo", note="", clock=now)

    run(archive, check)


class Meeting(Ledger):
    """A log whose publishers all have read it before the first of them adds to it."""

    def __init__(self, ledger: Ledger, publishers: int) -> None:
        super().__init__(ledger.archive, ledger.name, ledger.secret)
        self.barrier = asyncio.Barrier(publishers)

    async def keep(self, source: Source) -> None:
        await super().keep(source)
        await self.barrier.wait()


def test_of_several_that_publish_at_once_one_wins_and_the_others_are_told(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await published(ledger, FIRST)
        meeting = Meeting(ledger, 3)
        texts = [SECOND + f"# {n}\n" for n in range(3)]
        outcomes = await asyncio.gather(
            *(published(meeting, text, by=f"editor {n}") for n, text in enumerate(texts)),
            return_exceptions=True,
        )
        (winner,) = [each for each in outcomes if isinstance(each, Change)]
        lost = [each for each in outcomes if isinstance(each, ConflictError)]
        assert [each.winner for each in lost] == [winner.event] * 2
        assert len(await ledger.history()) == 2

    run(archive, check)


@pytest.mark.parametrize(
    "release",
    [
        publish,
        propose,
        partial(stage, share=10.0, unit="url"),
        partial(plan, due=200.0),
    ],
)
def test_what_is_to_replace_another_version_than_that_in_service_is_a_conflict(
    archive: Archive, release: Callable[..., Awaitable[Change | None]]
) -> None:
    async def check(ledger: Ledger) -> None:
        await published(ledger, FIRST)
        await published(ledger, SECOND, by="bo")
        wanted = source_of(FIRST + "# another\n")
        with pytest.raises(ConflictError, match="published by bo meanwhile"):
            await release(ledger, wanted, by="anna", note="", clock=now, on=source_of(FIRST).digest)
        assert len(await ledger.history()) == 2
        await release(ledger, wanted, by="anna", note="", clock=now, on=source_of(SECOND).digest)
        assert len(await ledger.history()) == 3

    run(archive, check)


def test_a_switch_thrown_meanwhile_is_no_conflict(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await published(ledger, FIRST)
        switch = (Switch("all", since=1.0),)
        outcomes = await asyncio.gather(
            published(ledger, SECOND), turn_off(ledger, switch, at=1.0), turn_off(ledger, switch, at=2.0)
        )
        assert sorted(each.number for each in outcomes if each) == [2, 3, 4]
        state = state_of(await ledger.history())
        assert state.version is not None
        assert state.version.digest == source_of(SECOND).digest
        assert state.switches == switch

    run(archive, check)


def test_what_was_not_off_is_told_when_it_is_switched_on(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        await turn_off(ledger, (Switch("block", "a"),), at=1.0)
        change, idle = await turn_on(ledger, (("block", "a"), ("block", "b")), at=2.0, by="", reason="")
        assert idle == (("block", "b"),)
        assert change.state.switches == ()

    run(archive, check)


def test_news_is_what_came_after_and_another_log_is_told(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        for number in (1, 2, 3):
            await ledger.append(number, TurnedOn((), float(number)))
        history = await ledger.history()
        assert await ledger.news(None) == history
        assert await ledger.news(history[0]) == history[1:]
        assert await ledger.news(history[2]) == []
        other = Ledger(archive, uuid.uuid4().hex, SECRET)
        assert await other.news(history[2]) is None

    run(archive, check)


def test_nobody_without_the_secret_says_anything(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        stranger = Ledger(archive, ledger.name, b"guessed")
        await stranger.keep(source_of(FIRST))
        await stranger.append(1, Published(source_of(FIRST).digest, 1.0))
        await stranger.append(2, TurnedOff((Switch("all"),), 1.0))
        await stranger.beat(Beat("w", "host", 1))
        assert [each.event for each in await ledger.history()] == [None, None]
        assert state_of(await ledger.history()).version is None
        assert await ledger.workers() == []
        with pytest.raises(SourceError, match="signed otherwise"):
            await ledger.source(source_of(FIRST).digest)
        with pytest.raises(UsageError, match="NEWSHOLE_SECRET"):
            await published(ledger, FIRST)

    run(archive, check)


def test_files_that_are_damaged_make_room_for_the_same_that_are_not(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        source = source_of(FIRST)
        name = b"live:{%s}:files" % ledger.name.encode()
        await archive.add(name, source.digest.encode(), b"rubbish")
        with pytest.raises(SourceError):
            await ledger.source(source.digest)
        await ledger.keep(source)
        assert await ledger.source(source.digest) == source

    run(archive, check)


def test_files_that_are_lost_or_others_are_told(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        with pytest.raises(SourceError, match="lost"):
            await ledger.source("ab" * 16)

    run(archive, check)


def test_workers_are_those_that_say_so_until_they_leave(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        beats = [Beat(name, "host", n, blocks=("a",)) for n, name in enumerate("abc")]
        for beat in beats:
            await ledger.beat(beat)
        assert await ledger.workers() == beats
        await ledger.leave("b")
        assert await ledger.workers() == [beats[0], beats[2]]

    run(archive, check)


@pytest.mark.slow
def test_a_worker_that_falls_silent_is_none_any_more(archive: Archive) -> None:
    async def check(ledger: Ledger) -> None:
        beat = Beat("a", "host", 1, blocks=("a",))
        await ledger.beat(beat)
        assert await ledger.workers() == [beat]
        async with asyncio.timeout(10 * BEAT_KEPT):
            while await ledger.workers():  # noqa: ASYNC110 - what is waited for is Redis's own
                await asyncio.sleep(0.2)
        assert await archive.entries(f"live:{{{ledger.name}}}:workers".encode()) == {}

    run(archive, check)


def test_what_workers_made_of_a_version_is_told_apart() -> None:
    change = Change(3, Published("new", 1.0), state_of([]))
    served, refused, behind, busy, own = (
        Beat("a", "h", 1, seen=3, serves="new"),
        Beat("b", "h", 2, seen=3, serves="old", refused="new", problem="why"),
        Beat("c", "h", 3, seen=2, serves="old"),
        Beat("d", "h", 4, seen=3, serves="old"),
        Beat("e", "h", 5, seen=3, follows=False),
    )
    outcome = outcome_of([served, refused, behind, busy, own], change, 0.5)
    assert (outcome.took, outcome.refused) == ((served,), (refused,))
    assert (outcome.silent, outcome.elsewhere) == ((behind, busy), (own,))
    assert not outcome.is_settled


def test_every_worker_takes_a_switch_wherever_its_rules_come_from() -> None:
    change = Change(3, TurnedOn((), 1.0), state_of([]))
    own, behind = Beat("e", "h", 5, seen=3, follows=False), Beat("f", "h", 6, seen=2)
    assert outcome_of([own], change, 0.0).took == (own,)
    assert outcome_of([own, behind], change, 0.0).silent == (behind,)


def test_waiting_ends_when_patience_does() -> None:
    async def check(ledger: Ledger) -> None:
        change = await turn_off(ledger, (Switch("all"),), at=1.0)
        assert (await settled(ledger, change, patience=0)).is_settled
        await ledger.beat(Beat("a", "h", 1))
        assert len((await settled(ledger, change, patience=0.1)).silent) == 1

    run(MemoryArchive(), check)


@pytest.mark.parametrize("name", ["", "a b", "{a}", "a:b", "-a", "x" * 65, "ü"])
def test_a_name_that_a_key_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="no site can be named"):
        known_name(name)


def test_a_long_problem_is_one_line() -> None:
    assert in_one_line("") == ""
    assert in_one_line("a\nb\nc") == "a (and 2 more)"
    assert len(in_one_line("x" * 999)) == 300
