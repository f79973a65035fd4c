"""Many who ask for one page at once: one fetch for all, and nobody waits for ever."""

from __future__ import annotations

import asyncio

from starlette.types import Message

from newshole.http.pagecache import Settings
from tests.http.asgi import STORY, Client, asked
from tests.http.pagecache.sites import SHARED, Case, ask_at_once, control
from tests.waiting import until


def test_a_thousand_who_ask_at_once_cost_the_site_one_fetch() -> None:
    case = Case(SHARED)

    async def check() -> None:
        gate = asyncio.Event()
        case.site.hold = gate.wait
        asking = [asyncio.create_task(case.ask()) for _ in range(1000)]
        await case.settle()
        gate.set()
        clients = await asyncio.gather(*asking)
        assert {client.body for client in clients} == {STORY}

    asyncio.run(check())
    assert case.fetched == 1
    assert case.outcomes() == {"miss": 1, "collapsed": 999}


def test_a_reader_who_takes_nothing_keeps_no_page_from_the_others() -> None:
    case = Case(SHARED, settings=Settings(patience=0.01))

    async def check() -> None:
        taken = asyncio.Event()

        async def send(_message: Message) -> None:
            await taken.wait()

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        stuck = asyncio.create_task(case.cache(asked(), receive, send))
        await case.settle()
        case.site.content = STORY.replace(b"Bridge", b"Tunnel")
        assert (await case.ask()).body == case.site.content
        await case.settle()
        assert (await case.ask()).body == case.site.content
        assert case.outcomes() == {"miss": 1, "passed": 1, "hit": 1}
        taken.set()
        await stuck
        assert (await case.ask()).body == case.site.content  # and not the older one, which came last

    asyncio.run(check())


def test_those_who_wait_for_a_page_that_may_not_be_kept_fetch_their_own() -> None:
    case = Case(SHARED, (b"set-cookie", b"id=1"))
    clients = asyncio.run(ask_at_once(case, 20))
    assert {client.body for client in clients} == {STORY}
    assert case.fetched == 20
    assert case.outcomes() == {"miss": 1, "passed": 19}
    assert case.refused() == {"set-cookie": 1, "refused-before": 19}


def test_a_page_that_may_not_be_kept_is_asked_for_without_waiting_for_a_while() -> None:
    case = Case(control("no-store"))
    case.cache.origin.fetches.clock = case.clock

    async def check() -> None:
        for seconds in (0, 9, 1):
            case.clock.now += seconds
            await case.ask()

    asyncio.run(check())
    assert case.outcomes() == {"miss": 2, "passed": 1}


def test_those_who_wait_too_long_fetch_their_own() -> None:
    case = Case(SHARED, settings=Settings(patience=0.01))

    async def check() -> None:
        gate = asyncio.Event()
        case.site.hold = gate.wait
        first = asyncio.create_task(case.ask())
        await case.settle()
        second = asyncio.create_task(case.ask())
        # The one behind the readers' backs, and the second reader's own.
        await until(lambda: case.fetched == 3)
        gate.set()
        assert (await first).body == (await second).body == STORY

    asyncio.run(check())
    assert case.outcomes() == {"miss": 1, "passed": 1}
    assert case.refused() == {"waited": 1}


def test_where_the_first_reader_leaves_the_next_one_fetches() -> None:
    case = Case(SHARED)

    async def check() -> None:
        gate = asyncio.Event()
        case.site.hold = gate.wait
        first, *others = (asyncio.create_task(case.ask()) for _ in range(10))
        await case.settle()
        first.cancel()
        await case.settle()
        gate.set()
        assert {client.body for client in await asyncio.gather(*others)} == {STORY}

    asyncio.run(check())
    assert case.fetched == 2
    assert case.outcomes() == {"miss": 2, "collapsed": 8}


def test_those_who_wait_get_the_page_before_a_slow_reader_has_it() -> None:
    case = Case(SHARED)

    async def check() -> None:
        slow, reading = asyncio.Event(), Client()

        async def send_slowly(message: Message) -> None:
            if message["type"] == "http.response.body":
                await slow.wait()
            await reading.send(message)

        first = asyncio.create_task(case.cache(asked(), reading.receive, send_slowly))
        await case.settle()
        assert (await case.ask()).body == STORY
        slow.set()
        await first
        assert reading.body == STORY

    asyncio.run(check())
    assert case.fetched == 1
