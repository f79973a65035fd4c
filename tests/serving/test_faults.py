"""Faults around the whole of `newshole serve`: its store, the site behind it, and readers who leave."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from newshole import Newshole
from newshole.http.pagecache import PageCache
from newshole.http.proxy import Proxy
from newshole.store import GuardedStore
from newshole.store.redis import open_redis
from tests.http.asgi import STORY, asked, asks, cut
from tests.http.injection import wrong
from tests.http.pagecache.sites import URL
from tests.http.proxy.origins import Origin, get, origin, repeats, says
from tests.http.servers import serving
from tests.serving.unruly import MOODS, Calls, Mood, Unruly
from tests.store.servers import Server, running

SECRET = "of the newsroom"  # noqa: S105 - an example
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: public, max-age=60\r\n"
ANSWER = HEAD + b"Content-Length: %d\r\n\r\n" % len(STORY) + STORY


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"))
    with running(server):
        yield server


@pytest.fixture(scope="module")
def site() -> Iterator[Origin]:
    with origin(repeats(ANSWER)) as found:
        yield found


class Worker:
    """What a worker serves, with its stores open to view."""

    def __init__(self, rules: Path, redis: Server, site: Origin, calls: Calls) -> None:
        self.proxy = Proxy(site.address)
        store = GuardedStore(Unruly(open_redis(redis.url), calls))
        self.cache = PageCache(self.proxy, store=store, secret=SECRET)
        self.newshole = Newshole(
            self.cache, rules, redis=redis.url, store=store, secret=SECRET, log="logging"
        )

    async def problems(self, *methods: str) -> list[str]:
        """What is wrong with the answers to requests, one after the other."""
        pages = STORY, self.newshole.site.compose(STORY, url=URL).html
        found = []
        for method in methods:
            found.append(wrong(await asks(self.newshole, asked(method=method, scheme="http")), pages))
            await asyncio.sleep(0)
        return [each for each in found if each]

    async def close(self) -> None:
        await self.newshole.close()
        await self.cache.close()
        await self.proxy.close()


async def unharmed(rules: Path, redis: Server, site: Origin, calls: Calls) -> list[str]:
    """What two workers answer wrongly, one after the other."""
    redis.ask("FLUSHALL")
    found: list[str] = []
    for _ in range(2):
        worker = Worker(rules, redis, site, calls)
        try:
            await asks(worker.newshole, asked("/ready", scheme="http"))
            await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()}, timeout=0.02)
            found += await worker.problems("GET", "GET", "POST", "GET")
        finally:
            await worker.close()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("mood", MOODS)
def test_no_call_of_the_store_fails_a_request_whatever_it_does(
    mood: Mood, rules: Path, redis: Server, site: Origin
) -> None:
    plain = Calls()
    assert asyncio.run(unharmed(rules, redis, site, plain)) == []
    assert {"get", "put", "append", "after"} <= set(plain.made)
    for nth in range(len(plain.made)):
        assert asyncio.run(unharmed(rules, redis, site, Calls(nth, mood))) == [], (nth, plain.made)


PARTS: Final = cut(STORY, range(0, len(STORY), 400))
CHUNKED: Final = (
    HEAD[:60],
    HEAD[60:] + b"Transfer-Encoding: chunked\r\n\r\n",
    *(b"%x\r\n%b\r\n" % (len(part), part) for part in PARTS if part),
    b"0\r\n\r\n",
)
SIZED: Final = (HEAD[:60], HEAD[60:] + b"Content-Length: %d\r\n\r\n" % len(STORY), *PARTS)


def told(answer: bytes) -> tuple[bytes, bytes, bool]:
    """The status, the body as it came on the wire, and whether it looks whole."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    is_chunked = b"transfer-encoding: chunked" in head.lower()
    text = b"".join(rest.split(b"\r\n")[1::2]) if is_chunked else rest
    is_whole = rest.endswith(b"0\r\n\r\n") if is_chunked else b"content-length: %d\r\n" % len(rest) in head
    return head.split(b" ", 2)[1], text, is_whole


@pytest.mark.slow
@pytest.mark.parametrize("pieces", [CHUNKED, SIZED], ids=["chunked", "sized"])
@pytest.mark.parametrize("torn", [False, True], ids=["between", "within"])
def test_a_site_that_dies_at_any_chunk_is_cut_off_where_it_is_without_newshole_and_nothing_is_kept(
    pieces: tuple[bytes, ...],
    torn: bool,
    rules: Path,
) -> None:
    for count in range(len(pieces)):
        begun = b"".join(pieces[:count]) + (pieces[count][: len(pieces[count]) // 2] if torn else b"")
        with origin(says(begun)) as site:
            bare, cache = Proxy(site.address), PageCache(Proxy(site.address))
            with serving(bare) as address:
                expected = told(get(address, "/news/bridge"))
            with serving(Newshole(cache, rules)) as address:
                found = [told(get(address, "/news/bridge")) for _ in range(2)]
        if expected[0] == b"502":
            assert [status for status, _, _ in found] == [b"502"] * 2
        else:
            assert not expected[2], begun
            assert found == [expected] * 2, begun
        assert cache.tally.events["kept"] == 0
        assert len(site.connections) == 3
