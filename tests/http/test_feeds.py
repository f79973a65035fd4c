"""The feed desk: what real servers tell becomes stories on the shelf, and a feed that fails harms nobody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newshole import Newshole, Site
from newshole.http import learning
from newshole.library.entry import Entry
from newshole.library.feeds import visits
from newshole.library.feeds.reading import MOST_BYTES
from newshole.library.ledger import Change
from newshole.library.stock import read_stock
from tests.http.asgi import STORY, asked, asks, page
from tests.http.learned import stories
from tests.http.servers import serving
from tests.waiting import until

ITEM = "<item><title>{0}</title><link>https://news.example/{1}</link><pubDate>{2}</pubDate></item>"
DATE = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
LATEST = """
blocks:
  latest: {kind: stories, source: latest, count: 3, place: body-end}
"""


def rss(*titles: str, host: str = "news.example") -> bytes:
    items = (ITEM.format(each, each.lower().replace(" ", "-"), DATE) for each in titles)
    written = f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>"
    return written.replace("news.example", host).encode()


class Newsroom:
    """A feed whose answer can be changed, with the requests that came for it."""

    def __init__(self) -> None:
        self.answer = Response(rss("Bridge reopens"), media_type="text/html")
        self.asked: list[Request] = []
        self.address = ""

    async def respond(self, request: Request) -> Response:
        self.asked.append(request)
        return self.answer

    async def move(self, _request: Request) -> Response:
        return Response(b"", status_code=302, headers={"location": "/feed"})

    async def circle(self, _request: Request) -> Response:
        return Response(b"", status_code=302, headers={"location": "/circle"})


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    newsroom = Newsroom()
    routes = [
        Route("/feed", newsroom.respond),
        Route("/moved", newsroom.move),
        Route("/circle", newsroom.circle),
    ]
    with serving(Starlette(routes=routes)) as address:
        newsroom.address = address
        yield newsroom


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "PAUSE", 0.01)
    monkeypatch.setattr("newshole.site.LOOK", 0.02)
    monkeypatch.setattr(visits, "LEAST", 0.01)


def load(folder: Path, *addresses: str, hosts: str = "hosts: [news.example]", more: str = "") -> Site:
    file = folder / "site.yaml"
    listed = ", ".join(f'"{each}"' for each in addresses)
    file.write_text(f"site: Example\n{hosts}\n{more}\nlibrary: {{feeds: [{listed}]}}\n{LATEST}")
    site = Site.load(file)
    for rules in site.rules:
        for feed in rules.learning.feeds:
            object.__setattr__(feed, "every", 0.01)
    return site


def attended(site: Site, holds: Callable[[Newshole], object]) -> Newshole:
    """A newshole whose feeds were read until something holds, and closed then."""
    newshole = Newshole(page(STORY), site=site)

    async def attend() -> None:
        newshole.attend(site)
        await until(lambda: holds(newshole))
        await newshole.close()

    asyncio.run(attend())
    return newshole


def titles(newshole: Newshole) -> set[str]:
    return {each.title for each in stories(newshole)}


def test_what_a_feed_tells_is_learned_and_shown(tmp_path: Path, newsroom: Newsroom) -> None:
    site = load(tmp_path, f"{newsroom.address}/feed")
    newshole = Newshole(page(STORY), site=site)

    async def read() -> bytes:
        await asks(newshole, asked("/news/other"))
        await until(lambda: site.facts.library)
        found = await asks(newshole, asked("/news/other"))
        await newshole.close()
        return found.body

    assert b"Bridge reopens" in asyncio.run(read())
    [entry] = site.shelves["site"].entries()
    assert isinstance(entry, Entry)
    assert (entry.url, entry.source) == ("https://news.example/bridge-reopens", "feed")
    assert newshole.tally.stories["learned"] == 1


def test_a_feed_is_asked_only_for_what_has_changed(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.answer.headers["etag"] = '"1"'
    newsroom.answer.headers["last-modified"] = DATE
    unchanged = Response(b"", status_code=304)

    def holds(newshole: Newshole) -> bool:
        if titles(newshole):
            newsroom.answer = unchanged
        return len(newsroom.asked) > 5

    newshole = attended(load(tmp_path, f"{newsroom.address}/feed"), holds)
    first, *others = newsroom.asked
    assert "if-none-match" not in first.headers
    assert {each.headers["if-none-match"] for each in others} == {'"1"'}
    assert {each.headers["if-modified-since"] for each in others} == {DATE}
    assert not newshole.counts["feed-fault"]
    assert titles(newshole) == {"Bridge reopens"}


def test_stories_that_come_later_are_learned_too(tmp_path: Path, newsroom: Newsroom) -> None:
    def holds(newshole: Newshole) -> bool:
        if titles(newshole):
            newsroom.answer = Response(rss("Tunnel opens", "Bridge reopens"))
        return len(titles(newshole)) == 2

    assert titles(attended(load(tmp_path, f"{newsroom.address}/feed"), holds)) == {
        "Bridge reopens",
        "Tunnel opens",
    }


def test_what_a_feed_tells_again_and_again_is_learned_once(tmp_path: Path, newsroom: Newsroom) -> None:
    def holds(newshole: Newshole) -> bool:
        if titles(newshole):
            newsroom.answer = Response(bytes(newsroom.answer.body) + b" ")
        return len(newsroom.asked) > 5

    newshole = attended(load(tmp_path, f"{newsroom.address}/feed"), holds)
    assert newshole.tally.stories == {"learned": 1}


def test_a_page_s_word_is_not_undone_by_a_feed_that_says_the_same_as_before(
    tmp_path: Path, newsroom: Newsroom
) -> None:
    site = load(tmp_path, f"{newsroom.address}/feed")
    asked_before = []

    def holds(newshole: Newshole) -> bool:
        if titles(newshole) == {"Bridge reopens"}:
            [entry] = stories(newshole)
            site.shelves["site"].learn([replace(entry, title="Bridge reopens at last", source="traffic")])
            newsroom.answer = Response(rss("Bridge reopens") + b" ")
            asked_before.append(len(newsroom.asked))
        return bool(asked_before) and len(newsroom.asked) > asked_before[0] + 4

    newshole = attended(site, holds)
    assert (titles(newshole), len(asked_before)) == ({"Bridge reopens at last"}, 1)


@pytest.mark.parametrize("hosts", ["hosts: [news.example]", ""])
def test_stories_of_other_hosts_are_left_out(tmp_path: Path, newsroom: Newsroom, hosts: str) -> None:
    own = newsroom.address.removeprefix("http://")
    newsroom.answer = Response(rss("Elsewhere", host="other.example").replace(
        b"</channel>", rss("Here", host="news.example" if hosts else own).partition(b"<channel>")[2]
    ))  # fmt: skip
    newshole = attended(load(tmp_path, f"{newsroom.address}/feed", hosts=hosts), titles)
    assert titles(newshole) == {"Here"}


def test_a_feed_is_judged_by_the_sites_policy(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.answer = Response(rss("Two killed on bridge"))
    site = load(tmp_path, f"{newsroom.address}/feed", more="sensitivity: standard\nlanguage: en")
    [entry] = stories(attended(site, titles))
    assert entry.level == "review"


@pytest.mark.parametrize(
    "answer",
    [
        Response(rss("Gone"), status_code=404),
        Response(rss("Failed"), status_code=500),
        Response(b"", status_code=304),
        Response(b"<html>Log in</html>"),
        Response(b" " * (MOST_BYTES + 1)),
        Response(rss("Coded"), headers={"content-encoding": "gzip"}),
    ],
)
def test_a_feed_that_fails_is_told_of_once_without_its_secrets_and_keeps_what_it_told(
    tmp_path: Path, newsroom: Newsroom, caplog: pytest.LogCaptureFixture, answer: Response,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(visits, "RAREST", 0.01)
    good = newsroom.answer

    def holds(newshole: Newshole) -> bool:
        if titles(newshole) and newsroom.answer is good:
            newsroom.answer = answer
        return newshole.counts["feed-fault"] >= 3

    with caplog.at_level(logging.WARNING, "newshole"):
        newshole = attended(load(tmp_path, f"{newsroom.address}/feed?key=secret"), holds)
    [record] = [each for each in caplog.records if getattr(each, "event", "") == "feed-unread"]
    assert record.getMessage().startswith("a feed was not read: 127.0.0.1: ")
    assert "secret" not in caplog.text
    assert titles(newshole) == {"Bridge reopens"}


def test_a_feed_that_works_again_is_read_again(
    tmp_path: Path, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    good, newsroom.answer = newsroom.answer, Response(b"", status_code=503)

    def holds(newshole: Newshole) -> object:
        if newshole.counts["feed-fault"]:
            newsroom.answer = good
        return titles(newshole)

    with caplog.at_level(logging.INFO, "newshole"):
        attended(load(tmp_path, f"{newsroom.address}/feed"), holds)
    assert [each for each in caplog.records if getattr(each, "event", "") == "feed-read"]


def test_a_feed_that_asks_to_be_left_alone_is(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.answer = Response(b"", status_code=429, headers={"retry-after": "3600"})
    other = f"{newsroom.address}/moved"

    def holds(newshole: Newshole) -> bool:
        return newshole.counts["feed-fault"] >= 2

    newshole = attended(load(tmp_path, f"{newsroom.address}/feed", other), holds)
    assert (newshole.counts["feed-fault"], len(newsroom.asked)) == (2, 2)


def test_redirects_are_followed_but_not_for_ever(
    tmp_path: Path, newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    addresses = (f"{newsroom.address}/moved", f"{newsroom.address}/circle")
    newshole = attended(
        load(tmp_path, *addresses), lambda newshole: titles(newshole) and newshole.counts["feed-fault"]
    )
    assert titles(newshole) == {"Bridge reopens"}
    assert "TooManyRedirects" in caplog.text


def test_nobody_listening_is_a_fault_like_any_other(tmp_path: Path) -> None:
    newshole = attended(
        load(tmp_path, "http://127.0.0.1:1/feed"), lambda newshole: newshole.counts["feed-fault"]
    )
    assert titles(newshole) == set()


def test_other_rules_end_the_reading_of_the_old_ones_feeds(tmp_path: Path, newsroom: Newsroom) -> None:
    old = load(tmp_path, f"{newsroom.address}/feed")
    newshole = Newshole(page(STORY), site=old)

    async def swapped() -> None:
        newshole.attend(old)
        await until(lambda: titles(newshole))
        task = newshole.feeds.task
        newshole.site = new = load(tmp_path)
        newshole.attend(new)
        assert newshole.feeds.task is None
        assert task is not None
        await until(task.done)
        assert titles(newshole) == {"Bridge reopens"}
        await newshole.close()

    asyncio.run(swapped())


def test_a_site_without_lists_of_stories_reads_no_feed(tmp_path: Path, newsroom: Newsroom) -> None:
    file = tmp_path / "site.yaml"
    file.write_text(f'library: {{feeds: ["{newsroom.address}/feed"]}}\n')

    async def attend() -> None:
        newshole = Newshole(page(STORY), site=Site.load(file))
        newshole.attend(newshole.site)
        assert newshole.feeds.task is None
        await newshole.close()

    asyncio.run(attend())


def test_a_feed_on_another_host_waits_for_the_first_page_of_the_site(
    tmp_path: Path, newsroom: Newsroom
) -> None:
    newshole = Newshole(page(STORY), site=load(tmp_path, f"{newsroom.address}/feed", hosts=""))

    async def check() -> None:
        newshole.attend(newshole.site)
        await until(lambda: len(newsroom.asked) > 2)
        assert titles(newshole) == set()
        (home,) = newshole.library.homes.values()
        home.takes("https://news.example/", 1.0)
        await until(lambda: titles(newshole) == {"Bridge reopens"})
        await newshole.close()

    asyncio.run(check())


def test_what_a_feed_tells_at_the_start_is_told_others_with_what_a_page_said_before(
    tmp_path: Path, newsroom: Newsroom
) -> None:
    file = tmp_path / "library.db"
    newshole = Newshole(page(STORY), site=load(tmp_path, f"{newsroom.address}/feed"), library=file)
    url, seen = "https://news.example/bridge-reopens", datetime.now(UTC).timestamp()
    read = Entry(url, "Bridge reopens", terms=("ferry",), level="solemn", seen=seen)
    fed = replace(read, terms=(), level="none", source="feed")

    async def check() -> None:
        ledger = newshole.library.exchange.ledger  # type: ignore[union-attr]
        await ledger.tell([Change("learned", read.url, read)])
        newshole.library.attend(newshole.site)
        newshole.library.bring(newshole.site.rules[0].name, [fed])
        await until(lambda: [each.source for each in stories(newshole)] == ["feed"])
        await newshole.close()
        stock = await read_stock(ledger)
        await ledger.close()
        assert [*stock.entries.values()] == [replace(read, source="feed")]

    asyncio.run(check())
