"""A request that is broken off at any await, and readers who leave while others wait for their page."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from newshole import Newshole
from newshole.http.pagecache import PageCache
from newshole.http.proxy import Proxy, Upstream
from newshole.serving.admission import Admission
from newshole.store import GuardedStore
from newshole.store.redis import open_redis
from tests.http.asgi import STORY, Client, asked, asks, cut
from tests.http.injection import wrong
from tests.http.pagecache.sites import URL
from tests.http.proxy.origins import Connection, dial, get, origin
from tests.http.servers import serving
from tests.store.servers import Server, running
from tests.waiting import PATIENCE, eventually, until

HEAD: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: public, max-age=60\r\n"
    b"Content-Length: %d\r\n\r\n" % len(STORY)
)
PARTS: Final = (HEAD, *cut(STORY, [len(STORY) // 3, 2 * len(STORY) // 3]))
MOST: Final = 200
"""Awaits that no request here has."""


@dataclass
class CutOff:
    """A coroutine whose task is cancelled as it comes to its nth suspension."""

    work: Coroutine[Any, Any, Any]
    nth: int
    is_cut: bool = False

    def __await__(self) -> Generator[Any, Any, Any]:
        seen, step = 0, partial(self.work.send, None)
        while True:
            try:
                waits_for = step()
            except StopIteration as ended:
                return ended.value
            if seen == self.nth:
                self.is_cut = True
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            seen += 1
            try:
                step = partial(self.work.send, (yield waits_for))
            except BaseException as error:  # noqa: BLE001 - the coroutine gets it
                step = partial(self.work.throw, error)


def slowly(connection: Connection) -> None:
    """Answer every request of a connection, part by part."""
    answered = 0
    while connection.read():
        while connection.seen.count(b"\r\n\r\n") > answered:
            for part in PARTS:
                connection.write(part)
                threading.Event().wait(0.002)
            answered += 1


async def cut_off(work: Coroutine[Any, Any, Any], nth: int) -> bool:
    """Whether a piece of work was cancelled at that suspension, before it had ended."""
    cut = CutOff(work, nth)

    async def run() -> None:
        await cut

    await asyncio.wait([asyncio.create_task(run())], timeout=PATIENCE)
    return cut.is_cut


@pytest.mark.slow
@pytest.mark.parametrize("others", [0, 2])
def test_a_request_that_is_cancelled_at_any_await_leaves_nothing_behind(
    others: int, rules: Path, tmp_path: Path
) -> None:
    async def check(redis: Server, address: str, nth: int) -> bool:
        redis.ask("FLUSHALL")
        # One connection: one that leaked would leave the next request without an answer.
        proxy = Proxy(Upstream(address, connections=1, waiting=others))
        cache = PageCache(proxy, store=GuardedStore(open_redis(redis.url), deadline=0.2))
        newshole = Newshole(cache, rules, redis=redis.url, log="logging", surrogate="Surrogate-Key")
        pages = STORY, newshole.site.compose(STORY, url=URL).html
        scope = asked(scheme="http")
        await asks(newshole, asked("/ready", scheme="http"))
        await until(lambda: cache.purge_log.is_shared)
        before = asyncio.all_tasks()
        client = Client()
        work = newshole(scope, client.receive, client.send)
        waiting = [asyncio.create_task(cut_off(work, nth))]
        await asyncio.sleep(0)
        answers = [asyncio.create_task(asks(newshole, scope)) for _ in range(others)]
        is_cut = await waiting[0]
        found = [wrong(await each, pages) for each in answers]
        found.append(wrong(await asks(newshole, scope), pages))
        assert not any(found), (nth, found)
        await until(lambda: asyncio.all_tasks() <= before)
        await newshole.close()
        await cache.close()
        await proxy.close()
        await until(lambda: asyncio.all_tasks() == {asyncio.current_task()})
        return is_cut

    server = Server(tmp_path)
    with running(server), origin(slowly) as site:
        for nth in range(MOST):
            if not asyncio.run(check(server, site.address, nth)):
                break
        assert 3 < nth < MOST - 1


class Stepping:
    """An origin that sends part by part, each when it is let, the first answer only as far as it is let."""

    def __init__(self, parts: int) -> None:
        self.parts = parts
        self.sent = threading.Event()
        self.may_go_on = threading.Event()
        self.answers = 0

    def __call__(self, connection: Connection) -> None:
        """Answer every request of a connection."""
        answered = 0
        while connection.read():
            while connection.seen.count(b"\r\n\r\n") > answered:
                self.answer(connection)
                answered += 1

    def answer(self, connection: Connection) -> None:
        """Answer one request."""
        is_first, self.answers = self.answers == 0, self.answers + 1
        for sent, part in enumerate(PARTS):
            if is_first and sent == self.parts:
                self.sent.set()
                self.may_go_on.wait(PATIENCE)
            connection.write(part)


@pytest.mark.slow
@pytest.mark.parametrize("parts", range(len(PARTS)))
def test_those_who_wait_for_the_page_of_a_reader_who_leaves_get_theirs(parts: int, rules: Path) -> None:
    site = Stepping(parts)
    with origin(site) as upstream:
        proxy = Proxy(upstream.address)
        cache = PageCache(proxy)
        newshole = Newshole(cache, rules)
        composed = newshole.site.compose(STORY, url=URL.replace("https", "http")).html
        admission = Admission(newshole, most=10)
        with serving(admission) as address, ThreadPoolExecutor(3) as readers:
            leader = dial(address)
            leader.sendall(b"GET /news/bridge HTTP/1.1\r\nHost: news.example\r\n\r\n")
            assert site.sent.wait(PATIENCE)
            others = [readers.submit(get, address, "/news/bridge", host="news.example") for _ in range(3)]
            eventually(lambda: admission.in_flight == 4)
            leader.close()
            eventually(lambda: proxy.counts["client-left"] == 1)
            site.may_go_on.set()
            answers = [each.result(PATIENCE) for each in others]
            answers.append(get(address, "/news/bridge", host="news.example"))
    assert [each.partition(b"\r\n\r\n")[2] for each in answers] == [composed] * 4
    assert site.answers == 2
    assert cache.tally.outcomes == {"miss": 2, "collapsed": 2, "hit": 1}
