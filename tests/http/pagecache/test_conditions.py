"""Conditions of requests: who has the page already is told so."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from tests.http.asgi import STORY
from tests.http.pagecache.sites import SHARED, TAG, URL, Case, ask_at_once, control

GZIP = (b"accept-encoding", b"gzip")


def test_head_is_answered_with_a_kept_page_and_keeps_none() -> None:
    case = Case(SHARED)

    async def check() -> None:
        await case.ask(method="HEAD")
        await case.ask()
        head = await case.ask(method="HEAD")
        assert (head.body, head.header(b"content-length")) == (b"", b"%d" % len(STORY))

    asyncio.run(check())
    assert case.outcomes() == {"passed": 1, "miss": 1, "hit": 1}
    assert case.refused() == {"head": 1}


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ((b"if-none-match", b'"one"'), 304),
        ((b"if-none-match", b'"two", W/"one"'), 304),
        ((b"if-none-match", b"*"), 304),
        ((b"if-none-match", b'"two"'), 200),
        ((b"if-none-match", b"one"), 200),
        ((b"if-modified-since", b"Tue, 15 Nov 1994 08:12:31 GMT"), 304),
        ((b"if-modified-since", b"Tue, 15 Nov 1994 08:12:30 GMT"), 200),
        ((b"if-modified-since", b"now"), 200),
    ],
)
def test_a_reader_who_has_the_page_is_told_so(condition: tuple[bytes, bytes], status: int) -> None:
    case = Case(SHARED, TAG, (b"last-modified", b"Tue, 15 Nov 1994 08:12:31 GMT"))

    async def check() -> None:
        client = await case.ask_twice(second=[condition])
        assert client.messages[0]["status"] == status
        assert client.body == (b"" if status == 304 else STORY)
        assert client.header(b"etag") == b'"one"'
        assert client.header(b"cache-control") == SHARED[1]
        assert (client.header(b"content-length") is None) == (status == 304)

    asyncio.run(check())
    assert case.fetched == 1


def test_a_condition_that_finds_nothing_kept_goes_to_the_site() -> None:
    case = Case(SHARED, TAG)
    client = asyncio.run(case.ask((b"if-none-match", b'"one"')))
    assert client.messages[0]["status"] == 304
    assert case.refused() == {"conditional": 1}


@pytest.mark.parametrize(("condition", "status"), [(b'"one"', 200), (b'"two"', 304)])
def test_a_thousand_who_have_the_old_page_cost_the_site_one_fetch(condition: bytes, status: int) -> None:
    case = Case(SHARED, TAG)

    async def check() -> None:
        await case.ask()
        await case.cache.purge(urls=[URL])
        case.site.headers = [SHARED, (b"etag", b'"two"')]
        clients = await ask_at_once(case, 1000, (b"if-none-match", condition))
        assert {client.messages[0]["status"] for client in clients} == {status}

    asyncio.run(check())
    assert case.fetched == 2
    assert case.outcomes() == {"miss": 2, "collapsed": 999}


@pytest.mark.parametrize("name", [b"if-match", b"if-unmodified-since"])
def test_conditions_that_are_the_sites_to_judge_go_there(name: bytes) -> None:
    case = Case(SHARED)

    async def check() -> None:
        await case.ask()
        await case.cache.purge(urls=[URL])
        await case.ask((name, b'"one"'))

    asyncio.run(check())
    assert case.site.seen(name) == b'"one"'
    assert case.refused() == {"conditional": 1}


def test_a_304_of_a_coded_page_varies_as_the_page_does() -> None:
    gzipped = (b"content-encoding", b"gzip")
    case = Case(SHARED, TAG, gzipped, (b"vary", b"X-Device"), content=gzip.compress(STORY))

    async def check() -> None:
        client = await case.ask_twice([GZIP], [GZIP, (b"if-none-match", b'"one"')])
        assert client.messages[0]["status"] == 304
        assert client.header(b"vary") == b"X-Device, Accept-Encoding"

    asyncio.run(check())


def test_a_reader_who_wants_a_kept_page_only_waits_for_no_site() -> None:
    case = Case(SHARED)

    async def check() -> None:
        only = control("only-if-cached")
        assert (await case.ask(only)).messages[0]["status"] == 504
        assert case.fetched == 0
        await case.ask()
        assert (await case.ask(only)).body == STORY
        case.clock.now += 60
        assert (await case.ask(only)).messages[0]["status"] == 504

    asyncio.run(check())
    assert case.outcomes() == {"absent": 2, "miss": 1, "hit": 1}
