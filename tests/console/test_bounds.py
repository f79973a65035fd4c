"""Whatever somebody writes in a draft, the console goes on answering everybody else."""

from __future__ import annotations

import asyncio
import random
import threading
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from newshole.console.drafting.aligning import Lines
from newshole.console.drafting.drafts import (
    LONGEST,
    MOST_BYTES,
    MOST_DRAFTS,
    DraftConflictError,
    Drafts,
    check_files,
)
from newshole.console.drafting.merging import merge
from newshole.console.turns import AT_ONCE, WAITING, Turns
from newshole.errors import UsageError
from newshole.live.ledger import Ledger
from newshole.store.archive import open_archive
from tests.console.newsroom import Newsroom
from tests.live.rules import FIRST, source_of


def test_lines_are_aligned_as_difflib_does_while_there_are_few() -> None:
    pick = random.Random(7)  # noqa: S311 - the same ones each time
    for _ in range(50):
        old, new = ([pick.choice("abcde") for _ in range(pick.randrange(40))] for _ in range(2))
        own = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        assert Lines(old, new).get_opcodes() == own


@pytest.mark.parametrize("most", [0, 1, 30, 400])
def test_beyond_the_bound_what_is_told_as_the_same_is_the_same(most: int) -> None:
    pick = random.Random(11)  # noqa: S311 - the same ones each time
    for _ in range(50):
        old, new = ([pick.choice("ab") for _ in range(pick.randrange(40))] for _ in range(2))
        lines = Lines(old, new, most)
        rebuilt = [line for tag, _, _, c, d in lines.get_opcodes() if tag != "delete" for line in new[c:d]]
        assert rebuilt == new
        for a, b, size in lines.get_matching_blocks():
            assert old[a : a + size] == new[b : b + size]


def test_the_pairs_of_lines_that_are_compared_are_bounded() -> None:
    lines = Lines(["a"] * 50_000, ["b", *["a"] * 50_000, "c"])
    assert lines.get_opcodes()[-1][0] in ("insert", "replace", "delete")
    assert lines.left > -2 * 50_000 * 50_002 - 50_000


def test_a_merge_of_texts_that_repeat_themselves_loses_nothing() -> None:
    texts = ("a\n" * 60_000, "b\n" + "a\n" * 60_000, "a\n" * 60_000 + "c\n")
    pieces = merge(*texts)
    assert "".join(each.base for each in pieces) == texts[0]
    assert "".join(each.theirs for each in pieces) == texts[1]
    assert "".join(each.mine for each in pieces) == texts[2]


def test_few_are_read_at_a_time_and_not_any_number_waits() -> None:
    running, most, lock, go = 0, 0, threading.Lock(), threading.Event()

    def read() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        go.wait(10)
        with lock:
            running -= 1

    async def work() -> None:
        turns = Turns()
        tasks = [asyncio.create_task(turns.take(read)) for _ in range(WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(HTTPException) as busy:
            await turns.take(read)
        assert busy.value.status_code == 503
        tasks[0].cancel()
        await asyncio.sleep(0.05)
        go.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(done[0], asyncio.CancelledError)
        assert done[1:] == [None] * (WAITING - 1)
        assert await turns.take(lambda: 7) == 7

    asyncio.run(work())
    assert most == AT_ONCE


@pytest.mark.parametrize(
    "files",
    [
        {"a.yaml": "x" * (MOST_BYTES + 1)},
        {"a.yaml": "ü" * (MOST_BYTES // 2 + 1)},
        {f"{n}.yaml": "" for n in range(201)},
        {"a.yaml": "", "a.yaml/b.yaml": ""},
        {"x" * (LONGEST + 1): ""},
    ],
    ids=["large", "of-large-letters", "many", "a-file-as-a-folder", "long-name"],
)
def test_files_that_cannot_be_kept_or_unpacked_are_refused(files: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        check_files(files)


@pytest.mark.parametrize("way", ["check", "complete", "save"])
def test_what_is_typed_is_bounded_before_it_is_read(quiet: Newsroom, way: str) -> None:
    large = "a: b\n" * 200_000
    with quiet.signed_in("ed") as ed:
        draft = ed.post("/_newshole/site/rules/begin", data={}).url.params["draft"]
        form = {"draft": draft, "seen": "1", "text:x.yaml": large, "text": large, "line": "1", "column": "1"}
        answer = ed.post(f"/_newshole/site/rules/{way}", data=form, headers={"accept": "application/json"})
        assert answer.status_code == 400
        assert "bytes" in answer.json()["told"]


def test_drafts_are_bounded_and_what_is_written_is_not_lost_for_it(tmp_path: Path) -> None:
    async def work() -> None:
        now = 0.0
        ledger = Ledger(open_archive(str(tmp_path / "archive")), "site", b"secret")
        drafts = Drafts(ledger, lambda: now)
        first = await drafts.begin("ed", source_of(FIRST), "")
        for _ in range(MOST_DRAFTS - 1):
            await drafts.begin("ed", source_of(FIRST), "")
        with pytest.raises(UsageError, match="discard some"):
            await drafts.begin("ed", source_of(FIRST), "")
        await drafts.save(first.id, {"site.yaml": "a: 1\n"}, by="ed", seen=1)
        with pytest.raises(DraftConflictError) as failed:
            await drafts.save(first.id, {"site.yaml": "a: 2\n"}, by="ed", seen=1)
        assert (await drafts.get(failed.value.mine.id)).files == {"site.yaml": "a: 2\n"}
        await drafts.drop(first.id, "ed")
        now += 1
        await drafts.drop(failed.value.mine.id, "ed")
        await drafts.begin("ed", source_of(FIRST), "")
        assert [each.id for each in await drafts.list(dropped=True)] == [failed.value.mine.id]
        await ledger.archive.close()

    asyncio.run(work())
