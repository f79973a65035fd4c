"""What the middleware writes into its journal, and that a page composed a moment ago writes nothing."""

from __future__ import annotations

import asyncio
import gzip
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.types import ASGIApp, Scope

from newshole import Newshole, Site
from newshole.http.links.forcing import arm_field
from newshole.http.links.overlay import overlay_link
from newshole.live.entries import Published
from newshole.live.ledger import Entry
from newshole.live.past.account import NOT_READ, OTHER_RULES, OWN, Account, Archives, Past, look_back
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.served import Served
from newshole.live.past.words import whose
from newshole.live.staging.stage import Stage
from tests.http.asgi import DEVICE_RULES, PATH, STORY, ask, asked, asks, body, page, sending, start
from tests.http.test_metrics import samples_of

URL: Final = f"https://news.example{PATH}"
SECRET: Final = b"of the newsroom"
PHONE: Final = [(b"sec-ch-ua-mobile", b"?1")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def newshole(app: ASGIApp, rules: Path | Site, file: Path, **more: Any) -> Newshole:
    site = Site.load(rules) if isinstance(rules, Path) else rules
    return Newshole(app, site=site, journal=file, secret=SECRET, **more)


def visited(app: Newshole, *scopes: Scope) -> None:
    """Requests, one after the other, and the end of the server."""

    async def run() -> None:
        for scope in scopes:
            await asks(app, scope)
        await app.close()

    asyncio.run(run())


def past(file: Path, *, site: Site | None = None, url: str = URL, device: str | None = None) -> Past:
    journal = JournalFile(file)
    try:
        archives = Archives(journal=journal, here=site, secret=SECRET)
        return asyncio.run(look_back(archives, url, time.time(), device))
    finally:
        journal.close()


def the_only(accounts: tuple[Account, ...]) -> Account:
    (account,) = accounts
    return account


def rows(file: Path) -> list[Served]:
    return [account.served for account in past(file).accounts]


def test_a_page_is_explained_again_as_it_was_served(rules: Path, file: Path) -> None:
    app = newshole(page(), rules, file)
    visited(app, asked(), asked())
    account = the_only(past(file, site=Site.load(rules)).accounts)
    assert account.is_same
    assert account.composition is not None
    assert account.composition.html == ask(Newshole(page(), rules)).body
    assert account.served.blocks == ("inline",)


def test_a_page_that_was_composed_a_moment_ago_writes_nothing(rules: Path, file: Path) -> None:
    app = newshole(page(), rules, file)
    noted: list[Served] = []
    assert app.journal is not None
    app.journal.note = lambda served, *_: noted.append(served)  # type: ignore[method-assign]  # to see each call
    parts = newshole(sending(start(), body(STORY[:99], more=True), body(STORY[99:])), rules, file)
    parts.journal = app.journal
    for _ in range(5):
        ask(app)
    assert len(noted) == 1


def test_each_kind_of_reader_has_a_row(tmp_path: Path, file: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(DEVICE_RULES)
    visited(newshole(page(), rules, file), asked(headers=PHONE), asked(), asked(headers=PHONE))
    found = {row.circumstances.device: row.blocks for row in rows(file)}
    assert found == {"mobile": ("inline", "small"), "desktop": ("inline",)}
    account = the_only(past(file, device="mobile", site=Site.load(rules)).accounts)
    assert account.is_same


def test_other_rules_and_switches_make_a_new_row(tmp_path: Path, rules: Path, file: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(rules.read_text().replace("nth: 2", "nth: 3"))
    app = newshole(page(), rules, file)

    async def run() -> None:
        await asks(app)
        app.site = Site.load(other)
        await asks(app)
        await app.close()

    asyncio.run(run())
    assert rows(file)[0].rules == app.site.digest
    assert the_only(past(file, site=Site.load(rules)).accounts).lacking == OTHER_RULES
    switches = tmp_path / "switches.yaml"
    switches.write_text("off: [{block: inline, reason: it is slow}]")
    visited(newshole(page(), other, file, switches=switches), asked())
    account = the_only(past(file, site=Site.load(other)).accounts)
    assert (account.served.untouched, account.is_same) == ("nothing-placed", True)
    assert [each.reason for each in account.served.switches] == ["it is slow"]
    assert account.composition is not None
    assert [each.reasons[0].code for each in account.composition.decisions] == ["switched-off"]
    switches.write_text("off: [{all: true}]")
    visited(newshole(page(), other, file, switches=switches), asked())
    account = the_only(past(file, site=Site.load(other)).accounts)
    assert (account.served.untouched, account.lacking) == ("switched-off", NOT_READ)


@pytest.mark.parametrize(
    ("told", "headers"),
    [
        ((b"cache-control", b"private"), ()),
        ((b"cache-control", b"no-store"), ()),
        ((b"x-a", b"b"), ((b"authorization", b"Basic YTpi"),)),
        ((b"x-a", b"b"), ((b"cookie", b"_ga=1; wordpress_logged_in_1=ann"),)),
    ],
)
def test_the_page_of_one_reader_is_not_kept(rules: Path, file: Path, told: Any, headers: Any) -> None:
    visited(newshole(page(STORY, told), rules, file), asked(headers=headers))
    account = the_only(past(file, site=Site.load(rules)).accounts)
    assert (account.lacking, account.served.blocks) == (OWN, ("inline",))
    assert JournalFile(file).page(account.served.page) is None


def test_what_somebody_signed_in_got_first_is_kept_once_anybody_gets_it(rules: Path, file: Path) -> None:
    theirs = asked(headers=[(b"cookie", b"wordpress_logged_in_1=ann")])
    visited(newshole(page(), rules, file), theirs)
    visited(newshole(page(), rules, file), asked(headers=[(b"cookie", b"_ga=1; seen=2")]))
    account = the_only(past(file, site=Site.load(rules)).accounts)
    assert account.is_same
    assert JournalFile(file).page(account.served.page) == STORY


def test_nothing_that_tells_who_read_is_kept(rules: Path, file: Path) -> None:
    headers = [(b"cookie", b"session=t0ken"), (b"user-agent", b"t0ken"), (b"referer", b"https://t0ken/")]
    visited(newshole(page(), rules, file), asked(headers=headers, query_string=b"q=t0ken"))
    assert all(b"t0ken" not in each.read_bytes() for each in file.parent.glob("journal.db*"))
    assert len(past(file, url=f"{URL}?q=t0ken").accounts) == 1
    assert past(file, url=f"{URL}?q=other").accounts == ()


def test_a_compressed_page_is_kept_as_it_is_read(rules: Path, file: Path) -> None:
    app = newshole(page(gzip.compress(STORY), (b"content-encoding", b"gzip")), rules, file)
    visited(app, asked(headers=[(b"accept-encoding", b"gzip")]))
    account = the_only(past(file, site=Site.load(rules)).accounts)
    assert account.is_same
    assert account.page is not None
    assert account.page.body == STORY


def test_a_page_in_shadow_is_marked_so(rules: Path, file: Path) -> None:
    visited(newshole(page(), rules, file, shadow=True), asked())
    account = the_only(past(file, site=Site.load(rules)).accounts)
    assert (account.served.shadow, account.is_same) == (True, True)


def test_what_a_signed_link_shows_is_not_kept(tmp_path: Path, file: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        DEVICE_RULES
        + "vary: {id: X-Reader}\nexperiments:\n  p: {unit: page, arms: {control: {}, none: {drop: inline}}}\n"
    )
    later = time.time() + 60
    overlay = overlay_link(SECRET, URL, later).partition("?")[2].encode()
    arm = arm_field(SECRET, "p", "none", later).encode()
    app = newshole(page(), rules, file)
    visited(app, asked(query_string=overlay), asked(query_string=arm))
    assert not file.exists()


def test_an_arm_is_told_and_shown_again(tmp_path: Path, file: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        DEVICE_RULES + "experiments:\n  p: {unit: page, arms: {control: {}, none: {drop: inline}}}\n"
    )
    scopes = [asked(f"/news/{n}") for n in range(12)]
    visited(newshole(page(), rules, file), *scopes)
    site = Site.load(rules)
    found = [
        the_only(past(file, site=site, url=f"https://news.example/news/{n}").accounts) for n in range(12)
    ]
    assert {account.served.arms["p"] for account in found} == {"control", "none"}
    assert all(account.is_same for account in found)


def test_where_readers_are_on_two_versions_each_is_told_of_and_written_once(
    tmp_path: Path, file: Path
) -> None:
    texts = [DEVICE_RULES, DEVICE_RULES.replace("nth: 2", "nth: 3")]
    sites = []
    for n, text in enumerate(texts):
        (tmp_path / f"{n}.yaml").write_text(f"{text}vary: {{id: X-Who}}\n")
        sites.append(Site.load(tmp_path / f"{n}.yaml"))
    app = newshole(page(), sites[0], file)
    stage = Stage(sites[1], "ab" * 16, 50.0, "reader")
    app.stage = stage
    who = {stage.takes(name): [(b"x-who", name.encode())] for name in map(str, range(20))}

    async def run() -> None:
        for _ in range(3):
            for headers in who.values():
                await asks(app, asked(headers=headers))
            app.site.facts, app.stage = replace(app.site.facts), stage
        await app.close()

    asyncio.run(run())
    assert app.journal is not None
    assert app.journal.counts == {"journal-kept": 2}
    assert {(row.staged, row.rules) for row in rows(file)} == {
        (False, sites[0].digest),
        (True, sites[1].digest),
    }
    assert [whose(row) for row in rows(file) if row.staged] == ["desktop, by the staged version"]
    entries = [Entry(1, b"", Published("cd" * 16, time.time() - 9))]
    journal = JournalFile(file)
    ended = asyncio.run(look_back(Archives(entries, journal), URL, time.time()))
    journal.close()
    assert [account.served.staged for account in ended.accounts] == [False]


def test_a_page_whose_rules_look_at_no_device_is_found_for_every_one(rules: Path, file: Path) -> None:
    visited(newshole(page(), rules, file), asked(headers=PHONE), asked())
    for device in (None, "mobile", "desktop"):
        account = the_only(past(file, device=device, site=Site.load(rules)).accounts)
        assert account.is_same
        assert whose(account.served) == "any device"


def test_a_journal_that_cannot_be_written_breaks_no_page(rules: Path, tmp_path: Path) -> None:
    broken = tmp_path / "journal.db"
    broken.write_bytes(b"no database" * 999)
    app = newshole(page(), rules, broken, metrics="/m")

    async def run() -> tuple[bytes, bytes]:
        shown = (await asks(app)).body
        await app.close()
        return shown, (await asks(app, asked("/m"))).body

    shown, metrics = asyncio.run(run())
    assert b"data-newshole=" in shown
    assert samples_of(metrics)["newshole_journal_total", "journal-fault"] == 1


def test_a_fault_while_a_page_is_noted_breaks_it_not(
    rules: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = newshole(page(), rules, file)
    assert app.journal is not None
    monkeypatch.setattr(app.journal, "note", None)
    assert b"data-newshole=" in ask(app).body
    assert app.journal.counts == {"journal-fault": 1}
