"""What becomes of a stale page: asked about, used meanwhile or where the site fails, never otherwise."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from newshole.http.pagecache import Settings
from tests.http.asgi import STORY, Pairs
from tests.http.pagecache.sites import SHARED, TAG, Case, control, cookie

MODIFIED = (b"last-modified", b"Tue, 15 Nov 1994 08:12:31 GMT")
NEW = b"<p>new</p>"


async def stale(case: Case, seconds: float = 60) -> None:
    """Fetch the page, and let so much time pass."""
    await case.ask()
    case.clock.now += seconds


def test_the_site_is_asked_whether_a_page_has_changed() -> None:
    case = Case(SHARED, TAG, MODIFIED)

    async def check() -> None:
        await stale(case)
        client = await case.ask()
        assert client.messages[0]["status"] == 200
        assert (client.body, client.header(b"age")) == (STORY, b"0")
        assert case.site.seen(b"if-none-match") == TAG[1]
        assert case.site.seen(b"if-modified-since") == MODIFIED[1]
        await case.ask()

    asyncio.run(check())
    assert case.fetched == 2
    assert case.outcomes() == {"miss": 1, "revalidated": 1, "hit": 1}


def test_a_304_changes_what_a_page_says_of_itself() -> None:
    case = Case(SHARED, TAG, (b"x-a", b"old"), (b"x-b", b"old"))

    async def check() -> None:
        await stale(case)
        case.site.headers = [control("max-age=5"), TAG, (b"x-a", b"new"), (b"content-length", b"0")]
        client = await case.ask()
        assert client.body == STORY
        assert client.header(b"content-length") == b"%d" % len(STORY)
        assert client.header(b"content-type") == b"text/html; charset=utf-8"
        assert (client.header(b"x-a"), client.header(b"x-b")) == (b"new", b"old")
        case.clock.now += 5
        await case.ask()
        assert case.fetched == 3

    asyncio.run(check())


def test_a_304_without_a_lifetime_leaves_that_of_the_page() -> None:
    case = Case(SHARED, TAG)

    async def check() -> None:
        await stale(case)
        case.site.headers = [TAG]
        await case.ask()
        case.clock.now += 59
        await case.ask()
        assert case.fetched == 2

    asyncio.run(check())


@pytest.mark.parametrize(
    "more", [[control("private")], [SHARED, (b"set-cookie", b"id=1")], [control("no-store")]]
)
def test_a_304_that_forbids_to_keep_the_page_is_given_to_nobody(more: Pairs) -> None:
    case = Case(SHARED, TAG)

    async def check() -> None:
        await stale(case)
        case.site.headers = [TAG, *more]
        client = await case.ask()
        assert client.body == STORY
        assert client.headers[1:] == case.site.headers
        assert len(case.cache.shelf.pages) == 0

    asyncio.run(check())


def test_a_304_that_names_more_request_headers_is_no_answer_for_all() -> None:
    case = Case(SHARED, TAG)

    async def check() -> None:
        await stale(case)
        case.site.headers = [SHARED, TAG, (b"vary", b"x-a")]
        await case.ask((b"x-a", b"1"))
        await case.ask((b"x-a", b"2"))
        assert case.outcomes() == {"miss": 2, "revalidated": 1}

    asyncio.run(check())


def test_a_304_of_another_page_is_no_answer() -> None:
    case = Case(SHARED, TAG)

    async def check() -> None:
        await stale(case)
        case.site.headers = [SHARED, TAG, (b"etag", b'"two"')]
        case.site.content = NEW
        assert (await case.ask()).body == NEW

    asyncio.run(check())


def test_a_page_that_has_changed_takes_the_place_of_the_old_one() -> None:
    case = Case(SHARED, TAG)

    async def check() -> None:
        await stale(case)
        case.site.headers, case.site.content = [SHARED, (b"etag", b'"two"')], NEW
        for _ in range(2):
            assert (await case.ask()).body == NEW

    asyncio.run(check())
    assert case.fetched == 2


def test_a_stale_page_is_used_while_it_is_fetched_anew_once() -> None:
    case = Case(control("max-age=60, stale-while-revalidate=30"))

    async def check() -> None:
        await stale(case)
        gate = asyncio.Event()
        case.site.hold, case.site.content = gate.wait, NEW
        for _ in range(20):
            client = await case.ask()
            assert (client.body, client.header(b"age")) == (STORY, b"60")
            await case.settle()
        assert case.fetched == 2
        gate.set()
        await case.settle()
        assert (await case.ask()).body == NEW

    asyncio.run(check())
    assert case.outcomes() == {"miss": 1, "stale": 20, "hit": 1}


def test_a_stale_page_is_not_used_beyond_what_the_site_allows() -> None:
    case = Case(control("max-age=60, stale-while-revalidate=30"))

    async def check() -> None:
        await stale(case, 90)
        case.site.content = NEW
        assert (await case.ask()).body == NEW

    asyncio.run(check())


def test_what_is_fetched_behind_a_readers_back_is_nobodys() -> None:
    case = Case(control("public, max-age=60, stale-while-revalidate=30"))
    headers = [
        cookie("theme=dark"), (b"if-modified-since", MODIFIED[1]), (b"accept-language", b"de"),
    ]  # fmt: skip

    async def check() -> None:
        await stale(case)
        await case.ask(*headers, method="HEAD")
        await case.settle()
        assert case.fetched == 2
        assert case.site.asked[-1]["method"] == "GET"
        assert case.site.seen(b"cookie") is None
        assert case.site.seen(b"if-modified-since") is None
        assert case.site.seen(b"accept-language") == b"de"

    asyncio.run(check())


@pytest.mark.parametrize("fault", ["error", "status", "silence", "break"])
def test_a_stale_page_stands_in_where_the_site_fails(fault: str) -> None:
    case = Case(
        control("max-age=60, stale-if-error=300"), settings=Settings(patience=0.02, timeout=0.05, rest=60)
    )

    async def check() -> None:
        await stale(case)
        fail(case, fault)
        for _ in range(5):
            assert (await case.ask()).body == STORY
        assert case.fetched == 2
        await case.cache.close()

    asyncio.run(check())
    assert case.outcomes() == {"miss": 1, "stood-in": 5}


def fail(case: Case, fault: str) -> None:
    """Have the site fail in one of its ways."""
    if fault == "error":
        case.site.error = OSError("down")
    elif fault == "status":
        case.site.status = 503
    elif fault == "silence":
        case.site.hold = asyncio.Event().wait
    else:
        case.site.is_silent = True


@pytest.mark.parametrize(
    "written",
    [
        "max-age=60", "max-age=60, stale-if-error=60", "s-maxage=60",
        "max-age=60, stale-if-error=300, must-revalidate", "max-age=60, stale-if-error=300, proxy-revalidate",
    ],
)  # fmt: skip
def test_no_stale_page_stands_in_where_the_site_does_not_allow_it(written: str) -> None:
    case = Case(control(written))

    async def check() -> None:
        await stale(case, 120)
        case.site.error = OSError("down")
        with pytest.raises(OSError, match="down"):
            await case.ask()

    asyncio.run(check())


def test_an_operator_may_let_pages_stand_in_where_the_site_says_nothing() -> None:
    case = Case(control("max-age=60"), settings=Settings(stale_if_error=300))

    async def check() -> None:
        await stale(case, 120)
        case.site.status = 502
        assert (await case.ask()).body == STORY

    asyncio.run(check())


def test_a_reader_who_wants_no_stale_page_gets_the_sites_failure() -> None:
    case = Case(control("max-age=60, stale-if-error=300"))

    async def check() -> None:
        await stale(case)
        case.site.status = 503
        assert (await case.ask(control("no-cache"))).messages[0]["status"] == 503

    asyncio.run(check())


def test_a_site_that_is_back_is_asked_again() -> None:
    case = Case(control("max-age=60, stale-if-error=300"))
    case.cache.origin.fetches.clock = case.clock

    async def check() -> None:
        await stale(case)
        case.site.status = 503
        await case.ask()
        case.site.status, case.site.content = 200, NEW
        assert (await case.ask()).body == STORY
        case.clock.now += 1
        assert (await case.ask()).body == NEW

    asyncio.run(check())


@pytest.mark.parametrize("status", [404, 410, 301, 403])
def test_a_page_that_is_gone_is_not_shown_on(status: int) -> None:
    case = Case(control("max-age=60, stale-if-error=300, stale-while-revalidate=30"))

    async def check() -> None:
        await stale(case)
        case.site.status = status
        assert (await case.ask()).body == STORY
        await case.settle()
        assert (await case.ask()).messages[0]["status"] == status

    asyncio.run(check())


def test_those_who_ask_for_a_stale_page_at_once_cost_one_fetch() -> None:
    case = Case(SHARED, TAG)

    async def check() -> None:
        await stale(case)
        gate = asyncio.Event()
        case.site.hold = gate.wait
        asking = [asyncio.create_task(case.ask()) for _ in range(100)]
        await case.settle()
        asking[0].cancel()
        gate.set()
        clients = await asyncio.gather(*asking[1:])
        assert {client.body for client in clients} == {STORY}

    asyncio.run(check())
    assert case.fetched == 2


def test_a_reload_asks_the_site_and_brings_all_the_new_page() -> None:
    case = Case(SHARED, TAG)

    async def check() -> None:
        await case.ask()
        case.site.headers, case.site.content = [SHARED], NEW
        assert (await case.ask()).body == STORY
        assert (await case.ask(control("max-age=0"))).body == NEW
        assert (await case.ask()).body == NEW

    asyncio.run(check())
    assert case.fetched == 2


def test_reloads_ask_nobody_where_the_operator_says_so() -> None:
    case = Case(SHARED, settings=Settings(obeys_reloads=False))
    asyncio.run(case.ask_twice(second=[(b"pragma", b"no-cache"), control("no-cache")]))
    assert case.fetched == 1


def test_fetches_in_the_background_are_bounded() -> None:
    case = Case(control("max-age=60, stale-while-revalidate=30"), settings=Settings(refreshes=3))

    async def check() -> None:
        for number in range(9):
            await case.ask(query_string=b"%d" % number)
        case.clock.now += 60
        gate = asyncio.Event()
        case.site.hold = gate.wait
        for number in range(9):
            assert (await case.ask(query_string=b"%d" % number)).body == STORY
        await case.settle()
        assert case.fetched == 9 + 3
        gate.set()
        await case.settle()

    asyncio.run(check())


def test_what_nobody_waits_for_is_not_read_to_its_end() -> None:
    case = Case(control("max-age=60, stale-while-revalidate=30"), settings=Settings(largest=10_000))
    sent: list[int] = []

    async def endless(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [SHARED]})
        for number in range(1000):
            sent.append(number)
            await send({"type": "http.response.body", "body": bytes(1000), "more_body": True})

    async def check() -> None:
        await stale(case)
        case.cache.origin.app = endless
        await case.ask()
        await case.settle()

    asyncio.run(check())
    assert 10 < len(sent) < 20


def test_what_runs_in_the_background_ends_with_the_app() -> None:
    case = Case(control("max-age=60, stale-while-revalidate=30"))

    async def check() -> None:
        await stale(case)
        case.site.hold = asyncio.Event().wait
        await case.ask()
        await case.settle()
        await case.cache.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(check())
