"""The library learns from the pages that pass, and from none that may be personal."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Scope

from newshole import Newshole, Site
from newshole.http import learning
from newshole.library import intake
from tests.http.asgi import HTML, asks, body, page, sending, start
from tests.http.learned import (
    RULES,
    Pair,
    get,
    load,
    path_story,
    round_of,
    run,
    serving,
    stories,
    urls,
    views,
)
from tests.library.stories import URL, story
from tests.waiting import until


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "PAUSE", 0.01)
    monkeypatch.setattr(learning, "COUNTED_EVERY", 0.02)
    monkeypatch.setattr("newshole.site.LOOK", 0.02)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return load(tmp_path)


def test_a_story_is_learned_from_the_first_answer_that_anybody_might_have_had(site: Site) -> None:
    newshole = Newshole(page(story()), site=site)
    run(newshole, get())
    (entry,) = stories(newshole)
    assert (entry.url, entry.title, entry.language, entry.source) == (URL, "Bridge reopens", "en", "traffic")
    assert "bridge" in entry.terms
    assert newshole.tally.stories == {"learned": 1}


@pytest.mark.parametrize("header", [(b"cookie", b"sid=1"), (b"authorization", b"Basic x")])
def test_what_somebody_was_sent_is_learned_only_once_anybody_is_sent_the_same(
    site: Site, header: Pair
) -> None:
    newshole = Newshole(page(story()), site=site)
    run(newshole, get("/news/bridge", header), get("/news/bridge", header))
    assert urls(newshole) == []
    assert newshole.tally.stories == {"cookie": 2}
    run(newshole, get())
    assert urls(newshole) == [URL]


def test_a_page_that_is_another_one_for_a_reader_with_a_cookie_is_not_learned_as_theirs(site: Site) -> None:
    async def app(scope: Scope, receive: Any, send: Any) -> None:
        known = (b"cookie", b"name=anna") in scope["headers"]
        await page(story(title="Anna, the bridge reopens" if known else "Bridge reopens"))(
            scope, receive, send
        )

    newshole = Newshole(app, site=site)
    run(newshole, get("/news/bridge", (b"cookie", b"name=anna")), get())
    assert [each.title for each in stories(newshole)] == ["Bridge reopens"]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ((b"cache-control", b"private, max-age=60"), "private"),
        ((b"cache-control", b"no-store"), "private"),
        ((b"cdn-cache-control", b"no-store"), "private"),
        ((b"surrogate-control", b"no-store"), "private"),
        ((b"x-accel-expires", b"0"), "private"),
        ((b"vary", b"*"), "private"),
        ((b"set-cookie", b"sid=1"), "private"),
        ((b"x-robots-tag", b"noindex"), "noindex"),
        ((b"x-robots-tag", b"googlebot: none"), "noindex"),
    ],
)
def test_an_answer_for_one_reader_or_for_no_list_teaches_nothing(
    site: Site, header: Pair, reason: str
) -> None:
    newshole = Newshole(page(story(), header), site=site)
    run(newshole, get(), get())
    assert urls(newshole) == []
    assert newshole.tally.stories == {reason: 2}


@pytest.mark.parametrize("told", [b"public, max-age=60", b"max-age=0, must-revalidate", b"no-cache"])
def test_an_answer_that_shared_caches_may_keep_teaches_its_story(site: Site, told: bytes) -> None:
    newshole = Newshole(page(story(), (b"cache-control", told)), site=site)
    run(newshole, get())
    assert urls(newshole) == [URL]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (story('<meta name=robots content="noindex">'), "noindex"),
        (story('<meta name=sponsor content="ACME">'), "sponsored"),
        (story(canonical=""), "canonical"),
        (story(canonical="https://news.example/news/other"), "canonical"),
        (story(canonical="https://wire.example/news/bridge"), "canonical"),
        (story(published=""), "no-date"),
        (story(published="2099-01-01T00:00Z"), "date"),
    ],
)
def test_a_page_that_should_not_be_in_lists_is_not_learned(site: Site, content: bytes, reason: str) -> None:
    newshole = Newshole(page(content), site=site)
    run(newshole, get())
    assert urls(newshole) == []
    assert newshole.tally.stories == {reason: 1}


def test_a_page_that_is_no_article_is_not_learned(tmp_path: Path) -> None:
    rules = RULES + "pages:\n  - {name: topics, path: /topics/**, blocks: [inline]}\n"
    site = load(tmp_path, rules.replace("place: {after: paragraph, nth: 2}", "place: page-bottom"))
    newshole = Newshole(page(path_story("/topics/bridge")), site=site)
    run(newshole, get("/topics/bridge"))
    assert urls(newshole) == []
    assert newshole.tally.stories == {}


def test_where_no_rule_tells_articles_a_page_says_itself_that_it_is_one(tmp_path: Path) -> None:
    site = load(tmp_path, RULES.replace("articles:\n  - path: /news/**\n", ""))
    plain = story().replace(b'<meta property="og:type" content="article">', b"")
    newshole = Newshole(page(plain), site=site)
    run(newshole, get())
    assert urls(newshole) == []
    newshole = Newshole(page(story()), site=site)
    run(newshole, get())
    assert urls(newshole) == [URL]


def test_a_page_that_its_editors_leave_alone_is_not_learned(site: Site) -> None:
    newshole = Newshole(page(story('<meta name=newshole content="off">')), site=site)
    run(newshole, get())
    assert urls(newshole) == []


def test_a_query_teaches_nothing_and_its_readers_count_for_the_story(site: Site) -> None:
    newshole = Newshole(page(story()), site=site)
    run(newshole, get(query_string=b"utm_source=mail"))
    assert urls(newshole) == []
    run(newshole, get())
    run(newshole, get(query_string=b"utm_source=mail"))
    assert urls(newshole) == [URL]
    assert views(newshole) == {URL: 2}


def echoing() -> ASGIApp:
    """A site that believes what a request says of its host, and has a story at every address."""

    async def app(scope: Scope, receive: Any, send: Any) -> None:
        host = dict(scope["headers"])[b"host"].decode()
        await page(path_story(scope["path"], host=host))(scope, receive, send)

    return app


def test_a_forged_host_brings_no_story_where_the_rules_name_the_hosts(site: Site) -> None:
    newshole = Newshole(echoing(), site=site)
    run(newshole, get(host=b"evil.example"), get())
    assert urls(newshole) == [URL]


def test_a_forged_host_brings_no_story_beside_those_of_another_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newshole = Newshole(echoing(), site=load(tmp_path, RULES.replace("hosts: [news.example]\n", "")))
    run(newshole, get(), get("/news/other", host=b"evil.example"), get("/news/third"))
    assert {*urls(newshole)} == {URL, "https://news.example/news/third"}
    assert newshole.tally.stories == {"learned": 2, "host": 1}
    monkeypatch.setattr(intake, "SILENCE", 0.0)
    run(newshole, get("/news/other", host=b"moved.example"))
    assert urls(newshole) == ["https://moved.example/news/other"]


def test_two_sites_behind_one_newshole_never_mix(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(RULES, encoding="utf-8")
    other = RULES.replace("Example", "Other").replace("news.example", "other.example")
    (tmp_path / "two.yaml").write_text(other, encoding="utf-8")
    newshole = Newshole(echoing(), site=Site.load(tmp_path))
    run(newshole, get(), get(host=b"other.example"), get("/news/second"))
    found = {
        name: {each.url.split("/")[2] for each in home.shelf.entries()}
        for name, home in newshole.library.homes.items()
    }
    assert sorted(map(sorted, found.values())) == [["news.example"], ["other.example"]]


def test_made_up_addresses_do_not_flush_the_library(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MOST_A_MINUTE", 5)
    newshole = Newshole(echoing(), site=site)
    newshole.library.clock = lambda: 1_800_000_000.0
    run(newshole, *(get(f"/news/{n}") for n in range(9)))
    assert len(urls(newshole)) == 5
    assert newshole.tally.stories == {"learned": 5, "too-many": 4}


def test_a_story_that_changes_is_learned_anew(site: Site) -> None:
    pages: dict[str, Message | bytes] = {"/news/bridge": story()}
    newshole = Newshole(serving(pages), site=site)
    run(newshole, get())
    pages["/news/bridge"] = story(title="Bridge closes again")
    run(newshole, get())
    assert [each.title for each in stories(newshole)] == ["Bridge closes again"]


def test_what_was_learned_is_shown_beside_other_stories(site: Site) -> None:
    section = '<meta property="article:section" content="City">'
    pages: dict[str, Message | bytes] = {
        "/news/bridge": story(section, title="Council mends the bridge"),
        "/news/ferry": story(
            section,
            title="The ferry rests beside the bridge",
            canonical="https://news.example/news/ferry",
            text="Nobody needs the old boat now, said its captain, and went to see the river once more.",
        ).replace(b"More of it will follow", b"Passengers wave from the shore"),
    }
    newshole = Newshole(serving(pages), site=site)

    async def shown() -> None:
        await until(lambda: newshole.site.facts.library)
        await until(lambda: all(len(each.known) == 2 for each in newshole.site.facts.library.values()))
        client = await asks(newshole, get())
        assert b"The ferry rests beside the bridge" in client.body
        assert client.body.count(b"Council mends the bridge") == 2  # its own title and headline

    run(newshole, get(), get("/news/ferry"), then=shown)


def test_a_coded_page_teaches_its_story_too(site: Site) -> None:
    import gzip

    coded = gzip.compress(story())
    app = sending(start(HTML, (b"content-encoding", b"gzip")), body(coded))
    newshole = Newshole(app, site=site)
    run(newshole, get("/news/bridge", (b"accept-encoding", b"gzip")))
    assert urls(newshole) == [URL]


def test_a_swap_of_the_rules_keeps_the_library(site: Site, tmp_path: Path) -> None:
    newshole = Newshole(page(story()), site=site)
    run(newshole, get())
    newshole.site = load(tmp_path, RULES.replace("count: 3", "count: 2"))
    run(newshole, get())
    assert urls(newshole) == [URL]


def test_rules_of_another_name_have_what_was_learned_before_from_the_ledger(
    site: Site, tmp_path: Path
) -> None:
    newshole = Newshole(page(story()), site=site, library=tmp_path / "library.db")

    async def check() -> None:
        await asks(newshole, get())
        await until(lambda: urls(newshole) == [URL])
        await round_of(newshole)
        file = (tmp_path / "site.yaml").rename(tmp_path / "other.yaml")
        newshole.site = Site.load(file)
        newshole.attend(newshole.site)
        assert urls(newshole) == []
        await until(lambda: urls(newshole) == [URL])
        await newshole.close()

    asyncio.run(check())


def test_where_nothing_takes_up_what_is_learned_nothing_is_left_to_be(site: Site) -> None:
    newshole = Newshole(page(story()), site=site)
    newshole.attend(site)  # without an event loop of asyncio, as under trio

    async def check() -> None:
        await asks(newshole, get())

    asyncio.run(check())
    assert newshole.library.intake.changes == []


@pytest.fixture
def _broken_shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("newshole.library.shelf.Shelf.entry", fail)


@pytest.mark.usefixtures("_broken_shelf")
def test_a_library_that_fails_is_counted_and_breaks_no_page(site: Site) -> None:
    newshole = Newshole(page(story()), site=site)

    async def check() -> None:
        assert b"<p>inline</p>" in (await asks(newshole, get())).body
        await newshole.close()

    asyncio.run(check())
    assert newshole.counts["library-fault"] >= 1
    assert newshole.counts["composed"] == 1


def test_every_outcome_is_documented_with_its_reason() -> None:
    docs = Path(__file__).parents[2] / "docs"
    told = (docs / "library.md").read_text("utf-8") + (docs / "metrics.md").read_text("utf-8")
    assert [each for each in learning.OUTCOMES if f"`{each}`" not in told] == []
