"""`newshole library`, on a real file and a real Redis that a running newshole keeps."""

from __future__ import annotations

import json
import logging
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from newshole import Newshole as Middleware
from newshole import Site
from newshole.http import learning
from tests.cli.conftest import Newshole, refused
from tests.http.asgi import page
from tests.http.learned import RULES, load
from tests.http.servers import serving
from tests.library.stories import story
from tests.store.servers import Server, running
from tests.waiting import eventually

BRIDGE = "https://news.example/news/bridge"
FERRY = "https://news.example/news/ferry"
LINES = "\n".join(
    json.dumps({"url": url, "title": title, "section": "City", "language": "en", "published": published})
    for url, title, published in (
        (BRIDGE, "Council mends the bridge", "2026-03-01T12:00:00Z"),
        (FERRY, "Last ferry leaves", "2026-03-02T12:00:00Z"),
    )
)


@pytest.fixture(params=["file", "redis"])
def _kept(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[None]:
    """A library that is named by the environment, as the workers' may be."""
    caplog.set_level(logging.CRITICAL, "newshole")
    if request.param == "file":
        file = tmp_path / "library.db"
        file.touch()
        monkeypatch.setenv("NEWSHOLE_LIBRARY", str(file))
        yield
        return
    folder = tmp_path / "redis"
    folder.mkdir()
    server = Server(folder)
    monkeypatch.setenv("NEWSHOLE_REDIS", server.url)
    monkeypatch.setenv("NEWSHOLE_SECRET", "of the newsroom")
    with running(server):
        yield


FEED = """<rss version="2.0"><channel>
<item><title>Two killed on the bridge</title><link>/news/bridge</link></item>
<item><title>Last ferry leaves</title><link>https://news.example/news/ferry</link></item>
</channel></rss>"""


def test_a_feed_is_imported_and_judged_by_the_rules(newshole: Newshole, tmp_path: Path) -> None:
    file, kept = tmp_path / "feed.xml", tmp_path / "library.db"
    file.write_text(FEED, encoding="utf-8")
    kept.touch()
    options = ("--library", kept)
    read = newshole("library", "import", file, "--url", "https://news.example/feed.xml", *options)
    assert read.text == "2 stories are brought in\n"
    found = json.loads(newshole("library", "list", "--json", *options).text)
    assert {(each["url"], each["level"], each["source"]) for each in found} == {
        (BRIDGE, "review", "import"),
        (FERRY, "none", "import"),
    }


def test_what_is_no_feed_is_told_as_one(newshole: Newshole, tmp_path: Path) -> None:
    file, kept = tmp_path / "feed.xml", tmp_path / "library.db"
    file.write_text("<html></html>", encoding="utf-8")
    kept.touch()
    outcome = newshole("library", "import", file, "--library", kept)
    assert outcome.code == 1
    assert outcome.err == f"{file}: it is neither RSS nor Atom nor a news sitemap\n"


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    file = tmp_path / "stories.jsonl"
    file.write_text(LINES, encoding="utf-8")
    return file


def listed(newshole: Newshole) -> list[str]:
    """The ends of the addresses that are listed, in their order."""
    rows = newshole("library", "list").text.splitlines()
    return [row.split()[0].rpartition("/")[2] for row in rows if "://" in row and row[0] != "f"]


@pytest.mark.usefixtures("_kept")
def test_stories_are_brought_in_listed_forgotten_and_remembered(newshole: Newshole, stories: Path) -> None:
    assert newshole("library", "list").text == "0 stories\n"
    assert newshole("library", "import", stories).text == "2 stories are brought in\n"
    assert listed(newshole) == ["ferry", "bridge"]
    assert newshole("library", "forget", FERRY).text == f"forgotten: {FERRY}\n"
    assert listed(newshole) == ["bridge"]
    assert newshole("library", "list").text.endswith(f"1 story\nforgotten: {FERRY}\n")
    newshole("library", "import", stories)
    assert "1 story\n" in newshole("library", "list").text
    assert newshole("library", "remember", FERRY).text == f"may be learned again: {FERRY}\n"
    newshole("library", "import", stories)
    assert "2 stories\n" in newshole("library", "list").text


@pytest.mark.usefixtures("_kept")
def test_what_is_told_as_json_can_be_brought_in_again(
    newshole: Newshole, stories: Path, tmp_path: Path
) -> None:
    newshole("library", "import", stories)
    told = newshole("library", "list", "--json")
    assert [each["url"] for each in json.loads(told.out)] == [FERRY, BRIDGE]
    again = tmp_path / "again.json"
    again.write_bytes(told.out)
    assert newshole("library", "import", again).text == "2 stories are brought in\n"


@pytest.mark.usefixtures("_kept")
def test_related_stories_are_those_that_a_page_shows(newshole: Newshole, stories: Path) -> None:
    newshole("library", "import", stories)
    found = json.loads(newshole("library", "related", BRIDGE, "--json").out)
    assert [each["url"] for each in found] == [FERRY]
    unknown = newshole("library", "related", "https://news.example/other")
    assert (unknown.code, "no such story" in unknown.err) == (2, True)


def test_mistakes_in_stories_are_all_told_and_nothing_is_brought_in(
    newshole: Newshole, tmp_path: Path
) -> None:
    (tmp_path / "library.db").touch()
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"url": "https://a.example/x"}\nnonsense\n' + LINES, encoding="utf-8")
    options = ("--library", tmp_path / "library.db")
    outcome = newshole("library", "import", wrong, *options)
    assert outcome.code == 1
    assert [line.split(": ")[1] for line in outcome.err.splitlines()] == ["line 1", "line 2"]
    assert newshole("library", "list", *options).text == "0 stories\n"


def test_what_cannot_be_asked_is_told_in_a_line(newshole: Newshole, tmp_path: Path) -> None:
    message = 'write "newshole library", and list, related URL, import FILE, forget URL or remember URL'
    refused(newshole("library", "burn"), message)
    refused(newshole("library", "related"), message)
    refused(
        newshole("library", "list"),
        "which library? give --library FILE or --redis URL, as the workers have it",
    )
    file = tmp_path / "none.db"
    refused(
        newshole("library", "list", "--library", file),
        f"no library at {file}: name the file that newshole serve keeps",
    )
    (tmp_path / "text.db").write_text("no database " * 100)
    outcome = newshole("library", "list", "--library", tmp_path / "text.db")
    assert outcome.code == 2
    assert outcome.err.startswith("newshole: the library cannot be used: text.db: ")
    refused(
        newshole("library", "forget", "bridge", "--library", tmp_path / "text.db"),
        "bridge is no address of a page: give one like https://news.example/story",
    )


def test_a_running_site_leaves_a_forgotten_story_out_whatever_its_page_tells(
    newshole: Newshole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "PAUSE", 0.05)
    file = tmp_path / "library.db"
    rules = RULES.replace("hosts: [news.example]", 'hosts: ["127.0.0.1"]')
    site: Site = load(tmp_path, rules)
    canonical: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await page(story(canonical=canonical[0]))(scope, receive, send)

    running_site = Middleware(app, site=site, library=file)
    with serving(running_site) as address:
        url = f"{address}/news/bridge"
        canonical.append(url)

        def ask() -> None:
            request = urllib.request.Request(url, headers={"User-Agent": "Mozilla/5.0"})  # noqa: S310
            urllib.request.urlopen(request).read()  # noqa: S310

        ask()
        eventually(lambda: running_site.library.stories == 1)
        eventually(lambda: "1 story\n" in newshole("library", "list", "--library", file).text)
        newshole("library", "forget", url, "--library", file)
        eventually(lambda: running_site.library.stories == 0)
        ask()
        ask()
        eventually(lambda: running_site.tally.stories["forgotten"])
        assert running_site.library.stories == 0
        newshole("library", "remember", url, "--library", file)
        eventually(lambda: not running_site.library.intake.forgotten)
        ask()
        eventually(lambda: running_site.library.stories == 1)
