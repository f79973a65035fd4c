"""What a page cache answers with: fresh pages, their age, variants, conditions, and one fetch for all."""

from __future__ import annotations

import asyncio
import gzip

import pytest
from starlette.types import Message, Receive, Scope, Send

from newshole.http.operators import HEADER, token
from newshole.http.pagecache import PageCache, Settings
from newshole.http.pagecache.settings import TRACKING
from tests.http.asgi import HTML, STORY, Client, Pairs, asked, asks, body, start
from tests.http.pagecache.sites import SHARED, TAG, URL, Case, Clock, control, cookie
from tests.store.moody import until

GZIP = (b"accept-encoding", b"gzip")


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


def test_addresses_are_told_apart_by_all_that_decides() -> None:
    case = Case(SHARED)
    scopes = [
        asked(),
        asked("/news/bridgE"),
        asked(query_string=b"page=2"),
        asked(scheme="http"),
        asked(raw_path=b"/news/%62ridge"),
        {**asked(), "headers": [(b"host", b"other.example")]},
        asked(headers=[(b"x-forwarded-host", b"evil.example")]),
        asked(headers=[(b"x-forwarded-proto", b"http")]),
        asked(headers=[(b"forwarded", b"for=1.2.3.4;host=evil.example")]),
    ]

    async def check() -> None:
        for _ in range(2):
            for scope in scopes:
                await asks(case.cache, scope)

    asyncio.run(check())
    assert case.outcomes() == {"miss": len(scopes), "hit": len(scopes)}


def test_addresses_that_mean_the_same_share_a_page() -> None:
    case = Case(SHARED)

    async def check() -> None:
        await case.ask()
        for headers in (
            [(b"host", b"NEWS.example")],
            [(b"host", b"news.example"), (b"forwarded", b"for=1.2.3.4")],
            [(b"host", b"news.example"), (b"x-forwarded-for", b"1.2.3.4")],
            [(b"host", b"news.example"), (b"x-requested-with", b"com.example.app")],
        ):
            await asks(case.cache, {**asked(), "headers": headers})

    asyncio.run(check())
    assert case.fetched == 1


@pytest.mark.parametrize(
    "more",
    [
        (b"hx-request", b"true"),
        (b"turbo-frame", b"comments"),
        (b"x-inertia", b"true"),
        (b"x-requested-with", b"XMLHttpRequest"),
    ],
)
def test_a_part_that_a_script_asks_for_is_not_shown_as_the_page(more: tuple[bytes, bytes]) -> None:
    case = Case(SHARED, content=b"<p>a part</p>")

    async def check() -> None:
        await case.ask(more)
        case.site.content = STORY
        assert (await case.ask()).body == STORY
        assert (await case.ask(more)).body == b"<p>a part</p>"

    asyncio.run(check())
    assert case.fetched == 2


@pytest.mark.parametrize("port", [b":80", b":443"])
def test_a_page_with_addresses_of_a_port_is_shown_to_nobody_who_did_not_name_it(port: bytes) -> None:
    case = Case(SHARED, content=b'<img src="https://news.example%s/a.png">' % port)

    named = {**asked(), "headers": [(b"host", b"news.example" + port)]}

    async def check() -> None:
        await asks(case.cache, named)
        case.site.content = STORY
        assert (await case.ask()).body == STORY
        await case.cache.purge(urls=[URL])
        assert (await asks(case.cache, named)).body == STORY

    asyncio.run(check())


def test_parameters_that_tell_where_a_reader_came_from_count_unless_told_otherwise() -> None:
    for settings, fetched in ((Settings(), 3), (Settings(ignored_parameters=TRACKING), 2)):
        case = Case(SHARED, settings=settings)

        async def check(case: Case = case) -> None:
            for query in (b"page=2", b"utm_source=a&page=2&gclid=1", b"page=2&futm_x=1"):
                await case.ask(query_string=query)

        asyncio.run(check())
        assert case.fetched == fetched


def test_variants_are_kept_apart_by_what_the_site_names() -> None:
    case = Case(SHARED, (b"vary", b"Accept-Language, X-Device"))

    async def check() -> None:
        for language, device in ((b"de", b"m"), (b"de", b"d"), (b"en", b"m"), (b"DE", b"m"), (b" de", b"m")):
            await case.ask((b"accept-language", language), (b"x-device", device))
        await case.ask((b"x-device", b"m"))

    asyncio.run(check())
    assert case.outcomes() == {"miss": 4, "hit": 2}


def test_readers_share_a_coding_that_both_offer_and_nobody_gets_one_that_he_does_not() -> None:
    for vary in ([(b"vary", b"Accept-Encoding")], []):
        case = Case(SHARED, (b"content-encoding", b"gzip"), *vary, content=gzip.compress(STORY))

        async def check(case: Case = case) -> None:
            for offered in (b"gzip, br", b"br;q=1.0, gzip;q=0.5", b"BR,GZIP"):
                await case.ask((b"accept-encoding", offered))
            assert case.fetched == 1
            for offered in (b"br", b"gzip;q=0, br", b"identity"):
                await case.ask((b"accept-encoding", offered))
            await case.ask()
            assert case.fetched == 5

        asyncio.run(check())


def test_a_site_that_names_other_headers_later_still_gives_nobody_anothers_variant() -> None:
    case = Case(SHARED)

    async def check() -> None:
        case.site.headers = [SHARED, (b"vary", b"x-a")]
        await case.ask((b"x-a", b"1"), (b"x-b", b"1"))
        case.site.headers = [SHARED, (b"vary", b"x-b")]
        await case.ask((b"x-a", b"2"), (b"x-b", b"1"))
        await case.ask((b"x-a", b"2"), (b"x-b", b"2"))
        assert case.fetched == 3
        await case.ask((b"x-a", b"2"), (b"x-b", b"2"))
        assert case.fetched == 3

    asyncio.run(check())


def test_the_variants_of_an_address_are_bounded() -> None:
    case = Case(SHARED, (b"vary", b"user-agent"), settings=Settings(variants=4))

    async def check() -> None:
        for number in range(20):
            await case.ask((b"user-agent", b"%d" % number))
        assert len(case.cache.shelf.pages) <= 5
        await case.ask((b"user-agent", b"19"))
        assert case.outcomes()["hit"] == 1

    asyncio.run(check())


def test_memory_is_bounded_in_bytes() -> None:
    case = Case(SHARED, settings=Settings(memory=50_000))

    async def check() -> None:
        for number in range(100):
            await case.ask(query_string=b"n=%d" % number)
            assert case.cache.shelf.pages.size <= 50_000
        await case.ask(query_string=b"n=99")
        assert case.outcomes() == {"miss": 100, "hit": 1}

    asyncio.run(check())


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


async def ask_at_once(case: Case, number: int, *headers: tuple[bytes, bytes]) -> list[Client]:
    gate = asyncio.Event()
    case.site.hold = gate.wait
    asking = [asyncio.create_task(case.ask(*headers)) for _ in range(number)]
    await case.settle()
    gate.set()
    return await asyncio.gather(*asking)


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
