"""What a page cache answers with: fresh pages, their age, variants, conditions, and one fetch for all."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from newshole.http.operators import HEADER, token
from newshole.http.pagecache import PageCache, Settings
from tests.http.asgi import HTML, STORY, Client, Pairs, asked, asks, body, start
from tests.http.pagecache.sites import SHARED, Case, Clock, control, cookie


def test_a_kept_page_is_the_sites_own_with_its_age() -> None:
    case = Case(SHARED, (b"x-site", b"1"), (b"connection", b"x-hop"), (b"x-hop", b"1"))

    async def check() -> None:
        await case.ask()
        case.clock.now += 20
        second = await case.ask()
        assert second.body == STORY
        assert second.messages[0]["status"] == 200
        assert second.header(b"age") == b"20"
        assert second.header(b"x-site") == b"1"
        assert second.header(b"x-hop") is None
        assert second.header(b"connection") is None
        assert second.header(b"content-length") == b"%d" % len(STORY)
        assert second.header(b"date") is not None

    asyncio.run(check())


def test_a_page_is_fetched_again_once_it_is_stale() -> None:
    case = Case(SHARED)

    async def check() -> None:
        for seconds, fetched in ((0, 1), (59, 1), (1, 2), (59, 2)):
            case.clock.now += seconds
            await case.ask()
            assert case.fetched == fetched

    asyncio.run(check())


def test_an_age_that_the_page_came_with_counts() -> None:
    case = Case(SHARED, (b"age", b"50"))

    async def check() -> None:
        await case.ask()
        case.clock.now += 9
        assert (await case.ask()).header(b"age") == b"59"
        case.clock.now += 1
        await case.ask()
        assert case.fetched == 2

    asyncio.run(check())


def test_the_same_body_is_sent_each_time() -> None:
    case = Case(SHARED)

    async def check() -> None:
        await case.ask()
        one, other = await case.ask(), await case.ask()
        assert len(one.messages) == 2
        assert one.messages[1]["body"] is other.messages[1]["body"]

    asyncio.run(check())


def test_what_a_middleware_in_front_adds_to_one_answer_is_in_no_other() -> None:
    case = Case(SHARED)
    numbers = iter(b"123")

    async def signing(scope: Scope, receive: Receive, send: Send) -> None:
        async def signed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"set-cookie", b"visitor=%c" % next(numbers)))
            await send(message)

        await case.cache(scope, receive, signed)

    async def check() -> None:
        for number in b"123":
            told = (await asks(signing, asked())).messages[0]["headers"]
            assert [value for name, value in told if name == b"set-cookie"] == [b"visitor=%c" % number]

    asyncio.run(check())
    assert case.outcomes() == {"miss": 1, "hit": 2}


def test_what_the_site_tells_this_cache_alone_reaches_no_reader() -> None:
    own = (b"Newshole-Cache-Control", b"max-age=60")
    case = Case(own, control("no-store"))

    async def check() -> None:
        for _ in range(2):
            client = await case.ask()
            assert client.header(b"newshole-cache-control") is None
            assert client.header(b"cache-control") == b"no-store"
        assert case.outcomes() == {"miss": 1, "hit": 1}
        assert (await case.ask(method="POST")).header(b"newshole-cache-control") is None

    asyncio.run(check())


@pytest.mark.parametrize(
    ("reason", "more", "headers"),
    [
        ("method", {"method": "POST"}, []),
        ("method", {"method": "OPTIONS"}, []),
        ("url", {"headers": [(b"host", b"a"), (b"host", b"b")]}, []),
        ("url", {"path": "http://other.example/news/bridge"}, []),
        ("authorization", {}, [(b"authorization", b"Basic YTpi")]),
        ("login", {}, [cookie("theme=dark; wordpress_logged_in_1a=x")]),
        ("login", {}, [cookie("PHPSESSID=1")]),
        ("rewritten", {}, [(b"x-original-url", b"/admin")]),
        ("range", {}, [(b"range", b"bytes=0-9")]),
        ("upgrade", {}, [(b"upgrade", b"h2c")]),
        ("request-body", {}, [(b"content-length", b"3")]),
        ("request-body", {}, [(b"transfer-encoding", b"chunked")]),
        ("request-no-store", {}, [control("no-store")]),
    ],
)
def test_a_request_goes_to_the_site_as_it_is(reason: str, more: dict[str, object], headers: Pairs) -> None:
    case = Case(SHARED)
    scope = {**asked(headers=headers), **more}

    async def check() -> None:
        if reason != "method":
            await case.ask()
        await asks(case.cache, scope)
        await asks(case.cache, scope)
        assert case.site.asked[-2:] == [scope, scope]
        assert case.refused()[reason] == 2

    asyncio.run(check())


def test_a_page_fetched_with_authorization_is_not_kept() -> None:
    case = Case(control("public, s-maxage=60"))
    asyncio.run(case.ask_twice(first=[(b"authorization", b"Basic YTpi")]))
    assert case.outcomes() == {"passed": 1, "miss": 1}


def test_memory_is_bounded_in_bytes() -> None:
    case = Case(SHARED, settings=Settings(memory=50_000))

    async def check() -> None:
        for number in range(100):
            await case.ask(query_string=b"n=%d" % number)
            assert case.cache.shelf.pages.size <= 50_000
        await case.ask(query_string=b"n=99")
        assert case.outcomes() == {"miss": 100, "hit": 1}

    asyncio.run(check())


def test_an_exception_of_the_site_reaches_the_reader_who_asked() -> None:
    case = Case(SHARED)
    case.site.error = RuntimeError("site")

    async def check() -> None:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="site"):
                await case.ask()

    asyncio.run(check())
    assert case.refused() == {"broken": 1, "refused-before": 1}


def test_a_page_in_pieces_goes_on_piece_by_piece_and_is_kept_whole() -> None:
    async def app(_scope: object, _receive: object, send: object) -> None:
        assert callable(send)
        for message in (start(HTML, SHARED), body(b"one ", more=True), body(b"", more=True), body(b"two")):
            await send(message)

    cache = PageCache(app, now=Clock())

    async def check() -> None:
        first, second = await asks(cache), await asks(cache)
        assert [message.get("body") for message in first.messages] == [None, b"one ", b"", b"two"]
        assert [message.get("body") for message in second.messages] == [None, b"one two"]

    asyncio.run(check())


def test_an_operator_is_told_what_became_of_the_request_and_a_reader_is_not() -> None:
    secret, clock = "of the newsroom", Clock()
    case = Case(SHARED, secret=secret, clock=clock)
    word = (HEADER, token(secret.encode(), clock.now + 60).encode())

    async def check() -> None:
        assert (await case.ask(word)).header(b"cache-status") == b"newshole; fwd=miss"
        clock.now += 20
        assert (await case.ask(word)).header(b"cache-status") == b"newshole; hit; ttl=40; detail=hit"
        told = await case.ask(word, (b"range", b"bytes=0-1"))
        assert told.header(b"cache-status") == b"newshole; fwd=bypass; detail=range"
        for headers in ([], [(HEADER, b"9999999999-00")]):
            assert (await case.ask(*headers)).header(b"cache-status") is None

    asyncio.run(check())


def test_a_fault_of_the_cache_leaves_the_site_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(SHARED)

    def fail(*_: object) -> None:
        raise ValueError("fault")

    monkeypatch.setattr(case.cache.shelf, "at_hand", fail)
    monkeypatch.setattr(case.cache.shelf, "keep", fail)
    assert asyncio.run(case.ask()).body == STORY
    monkeypatch.undo()
    monkeypatch.setattr(case.cache.shelf, "keep", fail)
    assert asyncio.run(case.ask()).body == STORY
    assert case.refused() == {"cache-fault": 2}


def test_headers_that_can_be_read_once_reach_every_reader() -> None:
    async def app(scope: Scope, _receive: object, send: Send) -> None:
        headers = iter([HTML, control("max-age=60" if scope["path"] == "/a" else "no-store")])
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send(body(STORY))

    cache = PageCache(app, now=Clock())

    async def check() -> None:
        for path in ("/a", "/a", "/b", "/b"):
            assert (await asks(cache, asked(path))).header(b"content-type") == HTML[1]

    asyncio.run(check())
    assert cache.tally.outcomes == {"miss": 2, "hit": 1, "passed": 1}


def test_what_is_no_http_goes_through() -> None:
    seen: list[object] = []

    async def app(scope: object, _receive: object, _send: object) -> None:
        seen.append(scope)

    scope = {"type": "websocket", "headers": []}
    asyncio.run(PageCache(app)(scope, Client().receive, Client().send))
    assert seen == [scope]
