"""newshole in front of a page cache: the site's page is kept, and each reader's is composed of it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from newshole import Newshole, Site
from newshole.http.metrics import METRICS
from newshole.http.pagecache import PageCache, Settings
from newshole.http.pagecache.asking import BYPASSES
from newshole.http.pagecache.storing import REFUSALS
from newshole.http.pagecache.tally import EVENTS, OUTCOMES
from tests.http.asgi import HTML, STORY, asked, asks, body, start
from tests.http.pagecache.sites import SHARED, Case
from tests.http.servers import serving
from tests.http.test_metrics import samples_of

DOCS = Path(__file__).parents[3] / "docs"
METRICS_PATH = "/_newshole/metrics"


def test_every_reader_gets_a_page_composed_for_him_of_the_one_that_is_kept(device_site: Site) -> None:
    case = Case(SHARED)
    newshole = Newshole(case.cache, site=device_site)

    async def check() -> None:
        for _ in range(3):
            for agent, small in ((b"?1", True), (b"?0", False)):
                client = await asks(newshole, asked(headers=[(b"sec-ch-ua-mobile", agent)]))
                assert (b"<p>small</p>" in client.body) == small
                assert b"<p>inline</p>" in client.body

    asyncio.run(check())
    assert case.fetched == 1
    assert newshole.counts["composed"] == 6


def test_rules_that_change_change_what_is_made_of_a_kept_page(site: Site, device_site: Site) -> None:
    case = Case(SHARED)
    newshole = Newshole(case.cache, site=site)
    mobile = asked(headers=[(b"sec-ch-ua-mobile", b"?1")])

    async def check() -> None:
        assert b"<p>small</p>" not in (await asks(newshole, mobile)).body
        newshole.site = device_site
        assert b"<p>small</p>" in (await asks(newshole, mobile)).body

    asyncio.run(check())
    assert case.fetched == 1


def test_what_a_page_tells_newshole_is_kept_with_it(site: Site) -> None:
    newshole = Newshole(Case(SHARED, (b"x-newshole", b"off")).cache, site=site)

    async def check() -> None:
        for _ in range(2):
            client = await asks(newshole)
            assert client.body == STORY
            assert client.header(b"x-newshole") is None

    asyncio.run(check())
    assert newshole.counts["story-off"] == 2


def test_the_metrics_of_a_cache_are_told_with_newsholes(site: Site) -> None:
    case = Case(SHARED)
    newshole = Newshole(case.cache, site=site, metrics=METRICS_PATH)

    async def check() -> bytes:
        for _ in range(3):
            await asks(newshole)
        await asks(newshole, asked(headers=[(b"authorization", b"x")]))
        return (await asks(newshole, asked(METRICS_PATH))).body

    samples = samples_of(asyncio.run(check()))
    assert samples["newshole_page_cache_total", "hit"] == 2
    assert samples["newshole_page_cache_total", "miss"] == 1
    assert samples["newshole_page_cache_refused_total", "authorization"] == 1
    assert samples["newshole_page_cache_events_total", "kept"] == 1
    assert samples["newshole_page_cache_pages",] == 1
    assert samples["newshole_page_cache_bytes",] > len(STORY)


def test_a_real_server_serves_kept_pages_and_ends_what_runs_behind(site: Site) -> None:
    asked_for: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for kind in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{kind}.complete"})
            return
        asked_for.append(scope["path"])
        await send(start(HTML, SHARED))
        await send(body(STORY))

    with serving(Newshole(PageCache(app), site=site), lifespan="on") as address, httpx.Client() as client:
        answers = [client.get(f"{address}/news/bridge") for _ in range(4)]
        head = client.head(f"{address}/news/bridge")
    assert {answer.status_code for answer in (*answers, head)} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert b"<p>inline</p>" in answers[0].content
    assert asked_for == ["/news/bridge"]
    assert answers[-1].headers["age"] == "0"


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("What becomes of a request", OUTCOMES),
        ("What else is counted", EVENTS),
        ("Why was this page not kept?", REFUSALS),
        ("Why did this request go to the site?", BYPASSES),
        ("Options", Settings.__dataclass_fields__),
    ],
)
def test_every_word_is_documented_under_its_heading(heading: str, words: dict[str, object]) -> None:
    text = (DOCS / "page-cache.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `([\w-]+)`", section, re.MULTILINE)) == set(words)


def test_every_metric_of_the_cache_is_documented() -> None:
    text = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert all(f"| `{name}" in text for name in METRICS if "page_cache" in name)
