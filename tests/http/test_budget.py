"""Large pages beside the event loop: no reader waits longer than the budget, and the plan is kept."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from newshole import Newshole, Site
from newshole.cache import plans
from newshole.cache.reading import Read, read_anew
from newshole.cache.threads import PLANNERS
from tests.http.asgi import HTML, STORY, Client, ask, asked, asks, body, page, sending, start

URL = "https://news.example/news/bridge"


class Slow:
    """A planner that waits until it is let go; `began` counts the pages that it was asked for."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.began = threading.Semaphore(0)

    def __call__(self, *arguments: Any) -> Read:
        self.began.release()
        assert self.go_on.wait(20)
        return read_anew(*arguments)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """Every page is a large one, and planned slowly."""
    planner = Slow()
    monkeypatch.setattr(plans, "INLINE", 100)
    monkeypatch.setattr(plans, "read_anew", planner)
    yield planner
    planner.go_on.set()


def run(newshole: Newshole, slow: Slow, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work in an event loop, and let every planner end in it."""

    async def do() -> None:
        try:
            await work()
        finally:
            slow.go_on.set()
            await planned(newshole)

    asyncio.run(do())


async def planned(newshole: Newshole) -> None:
    """Wait until nothing is planned."""
    for _ in range(20_000):
        if not newshole.plans.reading:
            return
        await asyncio.sleep(0.001)
    raise TimeoutError


def composed(site: Site, content: bytes = STORY) -> bytes:
    return site.compose(content, url=URL).html


def by_query(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """A site with another page for each query."""
    return page(STORY.replace(b"Bridge", scope["query_string"]))(scope, receive, send)


def test_a_page_over_the_budget_goes_out_as_it_came_and_its_plan_is_kept(site: Site, slow: Slow) -> None:
    newshole = Newshole(page(), site=site, plan_budget=0.01)

    async def work() -> None:
        for _ in range(2):
            assert (await asks(newshole)).body == STORY
        slow.go_on.set()
        await planned(newshole)
        assert (await asks(newshole)).body == composed(site)

    run(newshole, slow, work)
    assert newshole.counts == {"over-budget": 2, "composed": 1}
    assert newshole.plans.counts == {"plan-anew": 1, "plan-here": 1}


def test_a_page_over_the_budget_is_kept_for_a_moment_only(site: Site, slow: Slow) -> None:
    headers = [(b"cache-control", b"max-age=600"), (b"last-modified", b"Sat, 01 Nov 2025 00:00:00 GMT")]
    newshole = Newshole(page(STORY, *headers), site=site, plan_budget=0.01)

    async def work() -> None:
        client = await asks(newshole)
        assert (client.header(b"cache-control"), client.header(b"last-modified")) == (b"max-age=5", None)

    run(newshole, slow, work)


def test_a_page_in_time_is_composed_at_once(site: Site, slow: Slow) -> None:
    slow.go_on.set()
    assert ask(Newshole(page(), site=site, plan_budget=20)).body == composed(site)


def test_without_a_budget_a_reader_waits(site: Site, slow: Slow) -> None:
    newshole = Newshole(page(), site=site, plan_budget=None)

    async def work() -> None:
        request = asyncio.ensure_future(asks(newshole))
        await asyncio.to_thread(slow.began.acquire)
        assert not request.done()
        slow.go_on.set()
        assert (await request).body == composed(site)

    run(newshole, slow, work)


def test_a_small_page_is_planned_at_once_whatever_the_budget(site: Site) -> None:
    assert ask(Newshole(page(), site=site, plan_budget=0, plan_queue=0)).body == composed(site)


def test_pages_beyond_the_queue_go_out_at_once(site: Site, slow: Slow) -> None:
    newshole = Newshole(by_query, site=site, plan_budget=None, plan_queue=PLANNERS + 1)

    async def work() -> None:
        def request(number: int) -> Awaitable[Client]:
            return asyncio.ensure_future(asks(newshole, asked(query_string=b"title-%d" % number)))

        waiting = [request(number) for number in range(PLANNERS + 1)]
        assert b"data-newshole" not in (await request(9)).body
        assert newshole.counts == {"busy": 1}
        slow.go_on.set()
        bodies = [(await each).body for each in waiting]
        assert all(b"title-%d<" % n in each and b"data-newshole" in each for n, each in enumerate(bodies))
        assert b"data-newshole" in (await request(9)).body

    run(newshole, slow, work)


def test_the_event_loop_goes_on_while_pages_are_planned(site: Site, slow: Slow) -> None:
    newshole = Newshole(by_query, site=site, plan_budget=None)
    other = Newshole(sending(start((b"content-type", b"text/css")), body(b"a")), site=site)

    async def work() -> None:
        requests = [asyncio.ensure_future(asks(newshole, asked(query_string=b"%d" % n))) for n in range(5)]
        await asyncio.to_thread(slow.began.acquire)
        assert (await asks(other)).body == b"a"
        assert not any(each.done() for each in requests)
        slow.go_on.set()
        await asyncio.gather(*requests)

    run(newshole, slow, work)


def coded(content: bytes) -> ASGIApp:
    return sending(start(HTML, (b"content-encoding", b"gzip")), body(gzip.compress(content)))


def test_a_coded_page_over_the_budget_is_composed_once_its_plan_is_there(site: Site, slow: Slow) -> None:
    newshole = Newshole(coded(STORY), site=site, plan_budget=0.01)

    async def work() -> None:
        assert gzip.decompress((await asks(newshole)).body) == STORY
        slow.go_on.set()
        await planned(newshole)
        assert gzip.decompress((await asks(newshole)).body) == composed(site)

    run(newshole, slow, work)
    assert newshole.counts == {"over-budget": 1, "composed": 1}


def test_a_page_over_the_budget_goes_on_behind_its_head(site: Site, slow: Slow) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(STORY[:-7], more=True))
        for _ in range(5):
            await asyncio.sleep(0)
        await send(body(STORY[-7:]))

    newshole = Newshole(app, site=site, plan_budget=0.01, flush_after=0)

    async def work() -> None:
        client = await asks(newshole)
        assert (client.body, len(client.messages)) == (STORY, 4)

    run(newshole, slow, work)
    assert newshole.counts == {"over-budget": 1}


def test_a_request_that_is_cancelled_leaves_its_page_to_the_planner(site: Site, slow: Slow) -> None:
    newshole = Newshole(page(), site=site, plan_budget=None)

    async def work() -> None:
        request = asyncio.ensure_future(asks(newshole))
        await asyncio.to_thread(slow.began.acquire)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        slow.go_on.set()
        await planned(newshole)
        assert (await asks(newshole)).body == composed(site)

    run(newshole, slow, work)
    assert newshole.plans.counts["plan-anew"] == 1
