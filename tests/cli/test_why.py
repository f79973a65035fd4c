"""`newshole why`: a page of then, by the log and the journal, in the words of `newshole explain`."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from newshole import Newshole as Middleware
from newshole.cli.live import shown
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish
from newshole.live.source import gather
from newshole.live.switching import turn_off
from newshole.store.archive import open_archive
from newshole.types import Switch
from tests.cli.conftest import RULES, STORY, Newshole, refused
from tests.http.asgi import asked, asks, page
from tests.store.servers import Server, running
from tests.waiting import PATIENCE

URL: Final = "https://news.example/story"
DENSER: Final = Path(__file__).parent / "denser.yaml"


@pytest.fixture
def archive(tmp_path: Path) -> str:
    return str(tmp_path / "archive")


@pytest.fixture
def journal(tmp_path: Path) -> str:
    return str(tmp_path / "journal.db")


def day(archive: str, journal: str) -> tuple[str, str]:
    """A day of a paper: a version is published and read, a block is switched off, another version follows. A
    moment before the latter, and the digest of the first version."""

    async def run() -> tuple[float, str]:
        ledger = Ledger(open_archive(archive))
        first = gather(RULES)
        await publish(ledger, first, by="anna", note="as ever", clock=time.time)
        worker = Middleware(page(STORY.read_bytes()), RULES, journal=journal)
        await asks(worker, asked("/story"))
        await worker.close()
        off = Switch("block", "second-ad", "bo", "too slow", time.time(), None)
        await turn_off(ledger, (off,), at=time.time())
        between = time.time()
        await asyncio.sleep(0.01)
        await publish(ledger, gather(DENSER), by="cy", note="more", clock=time.time)
        worker = Middleware(page(STORY.read_bytes()), DENSER, journal=journal)
        await asks(worker, asked("/story"))
        await worker.close()
        await ledger.archive.close()
        return between, first.digest

    between, digest = asyncio.run(run())
    return datetime.fromtimestamp(between, UTC).isoformat(), digest


def test_the_page_of_then_is_explained_by_the_version_of_then(
    newshole: Newshole, archive: str, journal: str
) -> None:
    at, digest = day(archive, journal)
    done = newshole("why", URL, "--at", at, "--archive", archive, "--journal", journal)
    assert (done.code, done.err) == (0, "")
    assert f"version {digest[:8]}, published " in done.text
    assert " by anna (as ever)" in done.text
    assert "switched off: block second-ad by bo (too slow)" in done.text
    explained = newshole("explain", STORY, "--rules", RULES, "--url", URL).text
    assert explained.split("\n", 1)[1] in done.text


def test_json_has_what_explain_says(newshole: Newshole, archive: str, journal: str) -> None:
    at, digest = day(archive, journal)
    options = ("--archive", archive, "--journal", journal, "--json")
    then = json.loads(newshole("why", URL, "--at", at, *options).text)
    now = json.loads(newshole("why", URL, *options).text)
    assert then["version"]["digest"] == then["served"][0]["version"] == digest
    assert now["version"]["digest"] == now["served"][0]["version"] != digest
    explained = json.loads(newshole("explain", STORY, "--rules", RULES, "--url", URL, "--json").text)
    assert then["served"][0]["explained"]["decisions"] == explained["decisions"]
    assert then["served"][0]["is_same"]
    assert [each["name"] for each in then["switches"]] == ["second-ad"]


def test_without_a_journal_the_log_alone_tells(newshole: Newshole, archive: str, journal: str) -> None:
    at, digest = day(archive, journal)
    done = newshole("why", URL, "--at", at, "--archive", archive)
    assert done.code == 0
    assert digest[:8] in done.text
    told = "There is no journal (newshole serve --journal): the page of then is not kept."
    assert told in " ".join(done.text.split())


def test_without_a_log_the_rules_at_hand_explain(newshole: Newshole, archive: str, journal: str) -> None:
    at, _ = day(archive, journal)
    done = newshole("why", URL, "--at", at, "--journal", journal, "--rules", RULES)
    assert done.code == 0
    assert "no version is known to have been in service" in done.text
    assert "Placed\n" in done.text
    done = newshole("why", URL, "--at", at, "--journal", journal)
    assert "inline-ad at byte " in done.text
    assert "It cannot be explained again: the rules of then cannot be had." in done.text


def test_what_is_not_known_is_said(newshole: Newshole, archive: str, journal: str) -> None:
    day(archive, journal)
    done = newshole("why", URL, "--at", "2001-01-01T00:00", "--archive", archive, "--journal", journal)
    assert done.code == 2
    assert "The journal knows nothing of this address then.\n" in done.text
    told = "Note: the journal of one machine was read: another one may have served another page."
    assert told in " ".join(done.text.split())
    assert f"{URL} at {shown(datetime(2001, 1, 1).astimezone().timestamp())}" in done.text


def test_what_cannot_be_asked_is_refused(newshole: Newshole, tmp_path: Path, journal: str) -> None:
    refused(newshole("why", URL), "where is it kept? give --journal FILE, --redis URL or --archive FILE")
    refused(
        newshole("why", URL, "--journal", journal),
        f"there is no journal {journal}: name the file that the workers write",
    )
    refused(
        newshole("why", URL, "--at", "noon", "--archive", str(tmp_path / "a")),
        'no moment: "noon"; write it as 2026-12-01T06:00',
    )
    refused(
        newshole("why", URL, "--device", "tv", "--archive", "a"),
        'unknown device "tv": give mobile or desktop',
    )
    Path(journal).write_bytes(b"no database" * 999)
    done = newshole("why", URL, "--journal", journal)
    assert (done.code, done.err) == (2, "newshole: the journal cannot be read: file is not a database\n")


def test_the_journals_of_other_machines_are_told_of_too(newshole: Newshole, tmp_path: Path) -> None:
    server = Server(tmp_path)

    async def serve() -> None:
        worker = Middleware(page(STORY.read_bytes()), RULES, journal=tmp_path / "j.db", redis=server.url)
        assert worker.journal is not None
        assert worker.journal.sharing is not None
        worker.journal.sharing.shared.machine = "web-2"
        worker.journal.sharing.patience = PATIENCE
        await asks(worker, asked("/story"))
        await worker.close()

    with running(server):
        asyncio.run(serve())
        done = newshole("why", URL, "--redis", server.url, "--rules", RULES)
        assert done.code == 0
        text = " ".join(done.text.split())
        assert " on web-2 It cannot be explained again: the page of then is kept on another machine" in text
        assert text.endswith("Note: the journals of web-2 were read.")
        told = json.loads(newshole("why", URL, "--redis", server.url, "--json").text)
        assert (told["machines"], told["served"][0]["machines"]) == (["web-2"], ["web-2"])
        server.kill()
        options = ("--redis", server.url, "--journal", tmp_path / "j.db", "--rules", RULES)
        alone = newshole("why", URL, *options)
        assert alone.code == 0
        assert "Placed\n" in alone.text
        text = " ".join(alone.text.split())
        assert "Not all is known: the log does not answer, so which version" in text
        assert "Not all is known: Redis does not answer, so what other machines served" in text
        assert text.endswith("another one may have served another page.")
