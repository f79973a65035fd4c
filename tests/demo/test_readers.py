"""The demo's readers: those who are made up, those who come, and what colleagues did before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

import httpx
import pytest

from newshole.console.drafting.drafts import Draft, Drafts, as_source
from newshole.demo.app import Published, demo_app
from newshole.demo.console import begin
from newshole.demo.crowd import crowd
from newshole.demo.files import archive_in, journal_in, warehouse_in
from newshole.demo.origin import origin
from newshole.demo.past import EDITOR, PUBLISHER
from newshole.demo.readers import COOKIE, Named, followed
from newshole.demo.sights import SIGHTS
from newshole.demo.traffic import DAYS, RULES
from newshole.experiments.analysis.readout import Readout, read_out
from newshole.experiments.events.sinks.sqlite import SqliteSink, SqliteTable
from newshole.live.audit import Audit
from newshole.live.entries import State
from newshole.live.ledger import Ledger, state_of
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.served import address_of
from newshole.live.source import load_site
from newshole.live.timeline import Happening, read_timeline
from newshole.review.designs import design_of
from newshole.site import Site
from newshole.store.archive import open_archive
from tests.demo.test_traffic import met
from tests.demo.visitor import Visitor
from tests.http.servers import serving

NOW: Final = 1_790_000_000.0
SECRET: Final = "of the demo"  # noqa: S105 - of tests alone
STORY: Final = "/business/night-ferries-return"
PATIENCE: Final = 30


def later_ads(file: Path) -> Readout:
    """What the events in a file say of the experiment on later ads."""
    experiment = Site.load(RULES).rules[0].experiments[0]
    with closing(SqliteTable(file)) as table:
        return read_out(design_of(experiment), table, 0, int(max(NOW, time.time()) * 1000) + 1)


def test_readers_who_are_made_up_are_those_of_two_weeks_and_their_test_is_sound(tmp_path: Path) -> None:
    rows = list(crowd(200, seed=1, until=NOW))
    with closing(SqliteSink(tmp_path / "events.db")) as sink:
        sink.write(rows)
    assert all(NOW - DAYS * 86_400 <= row.ms / 1000 <= NOW for row in rows)
    found = later_ads(tmp_path / "events.db")
    assert found.is_sound
    assert sum(found.units.by_arm.values()) == met(200)["later-ads"]


def test_the_same_seed_makes_up_the_same_readers() -> None:
    assert list(crowd(20, seed=3, until=NOW)) == list(crowd(20, seed=3, until=NOW))
    assert list(crowd(20, seed=3, until=NOW)) != list(crowd(20, seed=4, until=NOW))


def test_a_browser_is_given_a_number_with_its_first_page_and_keeps_it() -> None:
    paper = Visitor(Named(origin()))
    first, second = (paper.ask("GET", "/") for _ in range(2))
    assert first.cookies[COOKIE] != second.cookies[COOKIE]
    assert COOKIE not in paper.ask("GET", "/static/courier.css").cookies


def test_who_has_a_number_is_given_no_other() -> None:
    with serving(Named(origin())) as home, httpx.Client(base_url=home) as client:
        client.get("/")
        number = client.cookies[COOKIE]
        assert "set-cookie" not in client.get(STORY).headers
        assert client.cookies[COOKIE] == number


class Past(NamedTuple):
    """What the demo begins with."""

    happened: list[Happening]
    state: State
    drafts: list[Draft]
    sites: list[Site]


@pytest.fixture
def past(tmp_path: Path) -> Past:
    async def read() -> Past:
        await begin(tmp_path, None, SECRET)
        ledger = Ledger(open_archive(archive_in(tmp_path)), "site", SECRET.encode())
        state = state_of(await ledger.history())
        drafts = list(await Drafts(ledger, time.time).list())
        assert state.version is not None
        sources = [await ledger.source(each) for each in (state.version.replaced, state.version.digest)]
        sites = [load_site(each) for each in (*sources, *map(as_source, drafts))]
        happened = await read_timeline(ledger, Audit(ledger))
        await ledger.archive.close()
        return Past(happened, state, drafts, sites)

    return asyncio.run(read())


def test_colleagues_have_published_switched_and_drafted(past: Past) -> None:
    assert [each.what for each in reversed(past.happened)] == [
        "publish", "publish", "switch-off", "switch-on", "switch-off", "draft",
    ]  # fmt: skip
    assert {each.by for each in past.happened} == {"newshole", EDITOR, PUBLISHER}
    assert all(each.at < time.time() for each in past.happened)


def test_the_draft_that_waits_is_right_and_of_what_is_in_service(past: Past) -> None:
    (draft,) = past.drafts
    assert past.state.version is not None
    assert draft.base == past.state.version.digest
    before, now, drafted = past.sites
    assert not before.rules[0].experiments
    assert now.digest == Site.load(RULES).digest
    assert drafted.digest not in (before.digest, now.digest)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[str]:
    """The demo at work, without a crowd."""
    asyncio.run(begin(tmp_path, None, SECRET))
    app = demo_app(secret=SECRET, published=Published(tmp_path, "http://127.0.0.1:1"))
    with serving(app) as address, followed(tmp_path, address, crowded=False):
        yield address


def test_who_comes_is_counted_and_every_sight_is_in_the_journal(home: str, tmp_path: Path) -> None:
    with httpx.Client(base_url=home) as client:
        client.get("/")
        client.get(STORY)
    deadline = time.monotonic() + PATIENCE
    while not _exposures(warehouse_in(tmp_path)):
        assert time.monotonic() < deadline, "nobody is counted"
        time.sleep(0.2)
    assert sum(later_ads(warehouse_in(tmp_path)).units.by_arm.values()) == 1
    journal = JournalFile(Path(journal_in(tmp_path)))
    stories = [each.path for each in SIGHTS if each.path != "/gallery"]
    assert all(journal.lookup(*address_of(home + path, SECRET.encode()), time.time()) for path in stories)
    journal.close()


def _exposures(file: Path) -> int:
    with closing(SqliteTable(file)) as table:
        return int(table.ask("select count(*) from events where kind = 'exposure'")[0][0])
