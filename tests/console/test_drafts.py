"""Drafts are kept revision by revision, in a file and in Redis alike; of two people neither loses a word."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from newshole.console.drafting.drafts import (
    DROPPED_KEPT,
    EACH,
    STEP,
    Draft,
    DraftConflictError,
    Drafts,
    as_source,
    draft_site,
)
from newshole.errors import RulesError, UsageError
from newshole.live.ledger import Ledger
from newshole.live.source import Source
from newshole.store import Archive
from newshole.store.archive import open_archive
from tests.live.rules import FIRST, SECOND, WRONG, source_of
from tests.store.servers import Server, running

Opened: TypeAlias = Callable[[], Archive]


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Redis that stays well."""
    server = Server(tmp_path_factory.mktemp("redis"))
    with running(server):
        yield server


@pytest.fixture(params=["file", "redis"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """How an archive is opened, of either sort."""
    if request.param == "file":
        return lambda: open_archive(str(tmp_path / "archive"))
    server: Server = request.getfixturevalue("server")
    return lambda: open_archive(f"redis://127.0.0.1:{server.port}/0")


def run(
    opened: Opened, work: Callable[[Drafts], Awaitable[None]], clock: Callable[[], float] | None = None
) -> None:
    """Do something with the drafts of an archive, and close it."""

    async def whole() -> None:
        archive = opened()
        try:
            await work(Drafts(Ledger(archive, secret=b"key"), clock or Clock()))
        finally:
            await archive.close()

    asyncio.run(whole())


async def begun(drafts: Drafts, text: str = FIRST) -> Draft:
    """A draft of the rules in a text."""
    return await drafts.begin("ed", source_of(text), "0" * 32)


def test_what_is_saved_is_there_for_the_next_process(opened: Opened) -> None:
    kept: list[Draft] = []

    async def write(drafts: Drafts) -> None:
        draft = await begun(drafts)
        kept.append(await drafts.save(draft.id, {"site.yaml": SECOND}, by="anna", seen=1))

    async def read(drafts: Drafts) -> None:
        assert await drafts.get(kept[0].id) == kept[0]
        assert (kept[0].by, kept[0].saved_by, kept[0].revision) == ("ed", "anna", 2)
        assert as_source(kept[0]) == source_of(SECOND)
        assert kept[0].id in [each.id for each in await drafts.list()]
        await drafts.drop(kept[0].id, "ed")

    run(opened, write)
    run(opened, read)


def test_who_saves_after_somebody_else_gets_both_and_loses_nothing(opened: Opened) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        theirs = await drafts.save(draft.id, {"site.yaml": "theirs"}, by="anna", seen=1)
        with pytest.raises(DraftConflictError) as caught:
            await drafts.save(draft.id, {"site.yaml": "mine"}, by="ed", seen=1)
        assert caught.value.theirs == theirs
        assert (await drafts.get(draft.id)).files == {"site.yaml": "theirs"}
        assert (await drafts.get(caught.value.mine.id)).files == {"site.yaml": "mine"}

    run(opened, work)


def test_of_many_that_save_one_revision_at_once_one_comes_first_and_all_are_kept(opened: Opened) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        saves = (drafts.save(draft.id, {"site.yaml": f"text {n}"}, by=f"p{n}", seen=1) for n in range(8))
        outcomes = await asyncio.gather(*saves, return_exceptions=True)
        won = [each for each in outcomes if isinstance(each, Draft)]
        lost = [each.mine for each in outcomes if isinstance(each, DraftConflictError)]
        assert (len(won), len(lost)) == (1, 7)
        kept = {(await drafts.get(each.id)).files["site.yaml"] for each in [*won, *lost]}
        assert kept == {f"text {n}" for n in range(8)}

    run(opened, work)


def test_saving_the_same_again_is_no_revision_and_no_conflict(opened: Opened) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        saved = await drafts.save(draft.id, {"site.yaml": "b"}, by="ed", seen=1)
        assert await drafts.save(draft.id, {"site.yaml": "b"}, by="ed", seen=1) == saved

    run(opened, work)


def test_the_same_that_is_saved_twice_at_once_is_no_conflict(opened: Opened) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        before = len(await drafts.list())
        saves = (drafts.save(draft.id, {"site.yaml": "b"}, by="ed", seen=1) for _ in range(8))
        assert {each.revision for each in await asyncio.gather(*saves)} == {2}
        assert len(await drafts.list()) == before

    run(opened, work)


def test_a_draft_that_was_saved_since_it_was_seen_is_not_discarded(opened: Opened) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        saved = await drafts.save(draft.id, {"site.yaml": "newer"}, by="ed", seen=1)
        assert await drafts.drop(draft.id, "anna", seen=1) == saved
        assert (await drafts.drop(draft.id, "anna", seen=2)).is_dropped

    run(opened, work)


def test_a_draft_that_was_discarded_while_somebody_wrote_goes_on(opened: Opened) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        await drafts.drop(draft.id, "anna")
        saved = await drafts.save(draft.id, {"site.yaml": "more"}, by="ed", seen=1)
        assert (saved.id, saved.revision, saved.is_dropped) == (draft.id, 3, False)
        assert saved in await drafts.list()

    run(opened, work)


def test_a_draft_that_was_discarded_while_somebody_wrote_stands_against_older_words(opened: Opened) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        await drafts.save(draft.id, {"site.yaml": "newer"}, by="anna", seen=1)
        await drafts.drop(draft.id, "anna")
        with pytest.raises(DraftConflictError):
            await drafts.save(draft.id, {"site.yaml": "more"}, by="ed", seen=1)

    run(opened, work)


def test_a_draft_that_was_discarded_can_be_taken_back_for_a_while(opened: Opened) -> None:
    clock = Clock()

    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        await drafts.drop(draft.id, "anna")
        assert draft.id not in [each.id for each in await drafts.list()]
        assert draft.id in [each.id for each in await drafts.list(dropped=True)]
        assert (await drafts.take_back(draft.id, "ed")).files == draft.files
        await drafts.drop(draft.id, "anna")
        clock.now += DROPPED_KEPT
        assert draft.id not in [each.id for each in await drafts.list(dropped=True)]
        with pytest.raises(UsageError, match="no draft"):
            await drafts.get(draft.id)

    run(opened, work, clock)


def test_the_newest_revisions_are_kept_and_of_older_ones_every_tenth(opened: Opened) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        for n in range(1, 50):
            draft = await drafts.save(draft.id, {"site.yaml": f"{n}"}, by="ed", seen=draft.revision)
        numbers = [each.revision for each in await drafts.history(draft.id)]
        older = [number for number in range(50 - EACH, 0, -1) if number % STEP == 0]
        assert numbers == [*range(50, 50 - EACH, -1), *older]
        assert (await drafts.revision(draft.id, 20)).files == {"site.yaml": "19"}
        with pytest.raises(UsageError, match="not kept any more"):
            await drafts.revision(draft.id, 21)

    run(opened, work)


def test_a_revision_that_somebody_changed_in_the_archive_is_not_read(opened: Opened) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        archive, name = opened(), f"live:{{site}}:draft:{draft.id}".encode()
        await archive.add(name, b"2", b"forged")
        await archive.close()
        assert (await drafts.get(draft.id)).revision == 1

    run(opened, work)


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../news.yaml", "a/../../b.yaml", "a\0.yaml"])
def test_a_file_that_would_leave_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    async def work(drafts: Drafts) -> None:
        draft = await begun(drafts)
        with pytest.raises(UsageError, match="no file can be named"):
            await drafts.save(draft.id, {name: ""}, by="ed", seen=1)

    run(lambda: open_archive(str(tmp_path / "archive")), work)


def test_the_site_of_a_draft_tells_problems_by_the_draft_s_own_files() -> None:
    draft = Draft("d", "ed", "", "site.yaml", {"site.yaml": WRONG}, 1, 0.0)
    with pytest.raises(RulesError) as caught:
        draft_site(draft, frozenset())
    assert {str(each.file) for each in caught.value.problems} == {"site.yaml"}


def test_a_draft_cannot_read_files_of_the_machine(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(FIRST)
    files = {"site.yaml": f"extends: {tmp_path}/secret.yaml\n"}
    with pytest.raises(RulesError, match="is not among these files"):
        draft_site(Draft("d", "ed", "", "site.yaml", files, 1, 0.0), frozenset())


def test_a_draft_of_a_folder_is_a_site_of_all_its_files() -> None:
    files = {"a.yaml": FIRST, "b.yaml": SECOND.replace("site: Example", "site: Other\nhosts: [b.example]")}
    source = Source(".", files)
    assert len(draft_site(Draft("d", "ed", "", source.entry, files, 1, 0.0), frozenset()).rules) == 2
