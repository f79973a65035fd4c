"""A fault in what keeps rules and switches up to date fails no request, and it begins again."""

from __future__ import annotations

import asyncio
import gc
import time
from pathlib import Path

import pytest

from newshole import Newshole
from newshole.live import desk, follower, watching
from newshole.live.ledger import Ledger
from newshole.live.switching import turn_off
from newshole.store.archive import open_archive
from newshole.types import Switch
from tests.http.asgi import STORY, asks, page
from tests.http.injection import SHELL, Counting, Hook, faults, traced
from tests.live.rules import FIRST, SECOND, written
from tests.store.servers import Server
from tests.waiting import until

CARRYING = {
    "_for_ever",
    "LiveDesk._run",
    "Follower.run",
    "RulesWatch.run",
    "RulesWatch.look",
    "SwitchFile.run",
}
"""What only waits for the rest; it fails when it is called, and is begun again."""

RESUMED = 3
"""Resumptions of a coroutine that fail, one a run: after that they are the same ones again."""


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((desk, "SETTLE"), (desk, "AGAIN"), (watching, "LOOK"), (follower, "ASK")):
        monkeypatch.setattr(module, name, 0.01)
    monkeypatch.setattr(follower, "LONGEST", 0.05)


async def goes_over(folder: Path, redis: Server, hook: Hook) -> str:
    """What is wrong where the rules' file, the switch file and Redis say something new; "" for nothing."""
    redis.ask("FLUSHALL")
    rules, switches = written(folder, FIRST), folder / "switches.yaml"
    switches.unlink(missing_ok=True)
    newshole = Newshole(page(), rules, watch=True, redis=redis.url, switches=switches)
    ledger = Ledger(open_archive(redis.url), secret=b"")
    before = newshole.site.digest
    try:
        await asks(newshole)
        await until(lambda: bool(newshole.status.follows))
        written(folder, SECOND)
        switches.write_text("off: [{block: spot}]")
        await turn_off(ledger, (Switch("block", "inline"),), at=time.time())
        with traced(hook):
            return await seen(newshole, before)
    finally:
        await newshole.close()
        await ledger.archive.close()


async def seen(newshole: Newshole, before: str) -> str:
    """What keeps a page from becoming one without blocks, by other rules; "" for nothing."""
    assert newshole.desk is not None
    told = newshole.desk.rules
    assert told is not None
    end = time.monotonic() + 10
    while time.monotonic() < end:
        client = await asks(newshole)
        if (client.messages[0]["status"], client.messages[-1]["more_body"]) != (200, False):
            return f"{client.messages}"
        # An edit that fails while it is read is told as a wrong one is, and stays out.
        is_edited = newshole.site.digest != before or told.problem == "InjectedError"
        if client.body == STORY and is_edited and newshole.counts["nothing-placed"]:
            return ""
        await asyncio.sleep(0.005)
    return "it did not go over"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # a fault while connections are first made
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what comes of one
def test_a_fault_in_what_runs_beside_requests_fails_none_and_it_begins_again(
    tmp_path: Path, server: Server
) -> None:
    counting = Counting()
    assert asyncio.run(goes_over(tmp_path, server, counting)) == ""
    for code in list(counting.calls):
        if Path(code.co_filename).parent.name != "live":
            del counting.calls[code]
    told = [
        f"{each}: {found}"
        for each in faults(counting, {*SHELL, "Settled.reading"}, CARRYING)
        if not each.is_lasting and each.nth < RESUMED
        if (found := asyncio.run(goes_over(tmp_path, server, each)))
    ]
    gc.collect()
    assert told == [], "\n".join(told)
