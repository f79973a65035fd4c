"""Why was this there: what readers got, as the console tells it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

import httpx
import pytest
from bs4 import BeautifulSoup
from httpx import Client

from newshole import Site
from newshole.demo.app import RULES
from newshole.explaining.page import Page
from newshole.explaining.words import in_words
from newshole.live.past.account import explained
from newshole.live.past.journal_file import JournalFile
from newshole.live.past.served import Circumstances, Served, address_of
from newshole.live.past.shared import SharedRows
from newshole.store.archive import open_redis_archive
from tests.console.newsroom import SECRET, STORY, Newsroom, apart, newsroom
from tests.console.screens import opened, said, shown
from tests.store.servers import Server, running

PAST: Final = "audit/past"


@pytest.fixture
def client(quiet: Newsroom) -> Iterator[Client]:
    with quiet.signed_in("vi") as client:
        yield client


def read(room: Newsroom) -> Served:
    """Somebody reads the story, and the journal knows of it."""
    url = room.workers[0] + STORY
    httpx.get(url)
    deadline = time.monotonic() + 20
    with kept(room) as journal:
        while not (rows := journal.lookup(*address_of(url), time.time(), "desktop")):
            assert time.monotonic() < deadline, "nothing is kept"
            time.sleep(0.02)
    return rows[0]


@contextmanager
def kept(room: Newsroom) -> Iterator[JournalFile]:
    journal = JournalFile(room.journal)
    yield journal
    journal.close()


def test_it_is_reached_from_the_audit_and_says_what_to_do(quiet: Newsroom, client: Client) -> None:
    screen = opened(quiet, client, PAST)
    assert "Give the address of a page and a time" in said(screen.select_one(".empty"))
    assert said(screen.select_one('.menu [aria-current="page"]')) == "Audit"


def test_what_each_kind_of_reader_got_is_told_and_why(quiet: Newsroom, client: Client) -> None:
    row = read(quiet)
    with kept(quiet) as journal:
        journal.write([(replace(row, circumstances=Circumstances("mobile")), None)])
    screen = opened(quiet, client, f"{PAST}?url={STORY}")
    assert "published " in said(screen.select_one("main"))
    kinds = [said(each) for each in screen.select(".tabs a")]
    assert {"phone", "any device"} <= {each.split(",")[0] for each in kinds}
    assert screen.select(".spot.placed")
    phone = opened(quiet, client, f"{PAST}?url={STORY}&device=mobile")
    assert "phone" in said(phone.select_one("main p strong"))
    assert "It cannot be explained again" not in said(phone.select_one("main"))


def test_a_block_is_told_of_in_the_words_of_explain(quiet: Newsroom, client: Client) -> None:
    read(quiet)
    screen = opened(quiet, client, f"{PAST}?url={STORY}&device=desktop&block=inline-ad")
    reasons = [said(each) for each in screen.select(".spot .reason")]
    assert reasons
    assert all(re.fullmatch(r"[A-Z].+ \(.+\)", each) for each in reasons)
    assert not any(re.search(r"\w\.\w|\[\d+\]", each) for each in reasons)
    assert said(screen.select_one('.blocks [aria-current="true"] strong')) == "inline-ad"


def test_before_anybody_read_it_nothing_is_known(quiet: Newsroom, client: Client) -> None:
    before = datetime.now(UTC) - timedelta(days=2)
    screen = opened(quiet, client, f"{PAST}?url={STORY}&at={before:%Y-%m-%dT%H:%M}")
    assert "The journal knows nothing of this page then" in said(screen.select_one(".empty"))
    assert "The log knows of no version" in said(screen.select_one("main"))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("url=https://elsewhere.example/", "is not this site"),
        ("url=file:///etc/passwd", "is no address of a page"),
        (f"url={STORY}&at=noon", 'No moment: "noon"'),
        (f"url={STORY}&device=tv", '"tv" is no device'),
    ],
)
def test_what_cannot_be_asked_is_said(quiet: Newsroom, client: Client, query: str, told: str) -> None:
    answer = client.get(quiet.screen(f"{PAST}?{query}"))
    assert answer.status_code == 400
    assert told in said(shown(answer).select_one('[role="alert"]'))


@pytest.mark.parametrize("query", ["block=none", "account=999", "account=x", f"block={quote('<script>')}"])
def test_what_is_not_there_is_left_out(quiet: Newsroom, client: Client, query: str) -> None:
    read(quiet)
    screen = opened(quiet, client, f"{PAST}?url={STORY}&{query}")
    assert said(screen.select_one('.blocks [aria-current="true"] strong')) == "All blocks"
    assert not _scripts(screen)


def _scripts(screen: BeautifulSoup) -> list[str]:
    return [each.get_text() for each in screen.select("script") if each.get_text()]


def test_a_reader_who_is_not_signed_in_sees_nothing(quiet: Newsroom) -> None:
    assert httpx.get(quiet.screen(PAST)).status_code == 303


def test_the_console_says_of_every_gap_what_the_journal_explains(quiet: Newsroom, client: Client) -> None:
    row, url = read(quiet), quiet.workers[0] + STORY
    with kept(quiet) as journal:
        body = journal.page(row.page)
    assert body is not None
    page = Page(url, body, url, row.content_type)
    composition = explained(row, page, Site.load(RULES))
    screen = opened(quiet, client, f"{PAST}?url={STORY}&device=desktop&block=inline-ad")
    for each in composition.decisions:
        if each.block == "inline-ad" and each.gap is not None and not each.placed:
            told = [said(reason) for reason in screen.select(f"#gap-{each.gap} .reason")]
            assert told == [in_words(reason) for reason in each.reasons]


async def _share(redis: str, *rows: Served) -> None:
    """What another machine served."""
    shared = SharedRows(open_redis_archive(redis), "site", SECRET.encode(), machine="web-2")
    assert await shared.add(rows) == len(rows)
    await shared.close()


def test_one_console_tells_what_every_machine_served_and_which_it_asked(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with running(server), newsroom(tmp_path, redis=server.url) as room, room.signed_in("vi") as client:
        row = read(room)
        at_first = opened(room, client, f"{PAST}?url={STORY}")
        assert "the journal of one machine was read" in said(at_first.select_one(".hint"))
        phone = replace(row, circumstances=Circumstances("mobile"), blocks=(), offsets=(), page="")
        apart(_share(server.url, row, phone))
        screen = opened(room, client, f"{PAST}?url={STORY}")
        assert said(screen.select_one(".hint")) == "Note: the journals of this machine and web-2 were read."
        tabs = [str(each["href"]).rpartition("/site/")[2] for each in screen.select(".tabs a")]
        assert "phone, on web-2" in [said(each) for each in screen.select(".tabs a")]
        told = [said(opened(room, client, each)) for each in tabs]
        assert sum("; on web-2." in each for each in told) == 1
        assert sum("; on this machine and web-2." in each for each in told) == 1
        server.freeze()
        alone = opened(room, client, f"{PAST}?url={STORY}")
        server.thaw()
        warned = [said(each) for each in alone.select(".warn")]
        unsaid = ("which version was in service", "what other machines served")
        assert [next(each for each in warned if what in each) for what in unsaid]
        assert alone.select_one("main p strong") is not None
        assert "The log knows of no version" not in said(alone.select_one("main"))
