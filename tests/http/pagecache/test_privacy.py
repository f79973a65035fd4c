"""No reader ever gets what was made for another, whatever the site forgets to say."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from newshole.http.cookies import IDLE_COOKIES, LOGIN_COOKIES, whose
from newshole.http.heads import read_headers
from newshole.http.pagecache import PageCache, Settings
from newshole.http.trace import TRACE
from tests.http.asgi import HTML, STORY, asked, asks, body, start
from tests.http.pagecache.sites import SHARED, TAG, Case, Clock, control, cookie

NAMES = ("visitor", "sessionid", "_ga", "wordpress_logged_in_1", "theme", "PHPSESSID")
CONTROLS = (
    "public, max-age=5", "max-age=5", "s-maxage=5, stale-while-revalidate=5", "private, max-age=5",
    "max-age=2, stale-if-error=9", "no-store", "",
)  # fmt: skip


class Mirror:
    """A site that shows every reader all his cookies, and says of shared caches what it likes."""

    def __init__(self, controls: list[str], *, sets_cookies: bool) -> None:
        self.controls, self.sets_cookies, self.asked = controls, sets_cookies, 0

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.asked += 1
        own = read_headers(scope["headers"]).get(b"cookie", b"")
        headers = [HTML, control(self.controls[self.asked % len(self.controls)]), (b"etag", b'"%s"' % own)]
        if self.sets_cookies and self.asked % 3 == 0:
            headers.append((b"set-cookie", b"seen=" + own))
        await asyncio.sleep(0)
        await send(start(*headers))
        await send(body(STORY + b"<p>for [" + own + b"]</p>"))


step = st.tuples(
    st.sampled_from(["anna", "bert"]),
    st.lists(st.sampled_from(NAMES), max_size=3),
    st.sampled_from(["", "no-cache", "max-age=0", "max-stale=9"]),
    st.integers(0, 4),
)


@given(
    steps=st.lists(step, max_size=24),
    controls=st.lists(st.sampled_from(CONTROLS), min_size=1, max_size=4),
    sets_cookies=st.booleans(),
)
def test_no_reader_gets_anothers_bytes(
    steps: list[tuple[str, list[str], str, int]], controls: list[str], *, sets_cookies: bool
) -> None:
    clock = Clock()
    cache = PageCache(
        Mirror(controls, sets_cookies=sets_cookies), now=clock, settings=Settings(remembered=0, rest=0)
    )

    async def ask(name: str, cookies: list[str], wish: str) -> None:
        headers = [cookie("; ".join(f"{each}={name}-1" for each in cookies))] if cookies else []
        if wish:
            headers.append(control(wish))
        client = await asks(cache, asked(headers=headers))
        other = b"bert" if name == "anna" else b"anna"
        assert other not in client.body
        assert not any(other in value for _, value in client.headers)

    async def check() -> None:
        asking = []
        for name, cookies, wish, seconds in steps:
            asking.append(asyncio.create_task(ask(name, cookies, wish)))
            if seconds:
                await asyncio.gather(*asking)
                clock.now += seconds
        await asyncio.gather(*asking)
        await cache.close()
        for key in list(cache.shelf.pages._entries):  # noqa: SLF001 - all that is kept, however it is asked for
            held = cache.shelf.pages.get(key)
            assert held is not None
            assert b"for []" in held.stored.body

    asyncio.run(check())


@pytest.mark.parametrize(
    ("written", "cookies"),
    [
        (b"", "idle"),
        (b"_ga=GA1.2; _gid=1; _ga_XYZ=1", "idle"),
        (b"_ga=1; theme=dark", "some"),
        (b"theme=dark", "some"),
        (b"gibberish", "some"),
        (b";", "some"),
        (b"sessionid=1", "login"),
        (b"SESSIONID=1", "login"),
        (b"_ga=1; wordpress_logged_in_ab=1", "login"),
        (b"SESSd41d8=1", "login"),
        (b"laravel_session=1", "login"),
        (b"my_token=1", "login"),
        (b"didomi_token=1", "idle"),
    ],
)
def test_cookies_are_told_apart_by_what_sites_do_with_them(written: bytes, cookies: str) -> None:
    assert whose(written) == cookies


def test_the_lists_of_cookies_can_be_changed() -> None:
    idle, login = (*IDLE_COOKIES, "theme"), (*LOGIN_COOKIES, "member")
    assert whose(b"member=1", idle, login) == "login"
    assert whose(b"theme=dark", idle, login) == "idle"


def test_a_page_asked_for_with_a_cookie_is_not_kept_and_is_fetched_once_more_without() -> None:
    case = Case(SHARED)

    async def check() -> None:
        await case.ask(cookie("theme=dark"))
        assert case.site.seen(b"cookie", at=0) == b"theme=dark"
        await case.settle()
        assert case.fetched == 2
        assert case.site.seen(b"cookie", at=1) is None
        await case.ask(cookie("theme=light"))
        await case.ask()

    asyncio.run(check())
    assert case.outcomes() == {"passed": 1, "hit": 2}
    assert case.refused() == {"cookies": 1}


def test_a_reader_with_a_cookie_gets_no_page_that_does_not_name_shared_caches() -> None:
    case = Case(control("max-age=60"))

    async def check() -> None:
        await case.ask()
        await case.ask(cookie("theme=dark"))
        await case.settle()
        assert case.fetched == 2
        await case.ask()
        assert case.fetched == 2

    asyncio.run(check())


def test_a_reader_with_a_cookie_gets_no_renewed_page_that_names_shared_caches_no_more() -> None:
    case = Case(SHARED, TAG)

    async def check() -> None:
        await case.ask()
        case.clock.now += 60
        case.site.headers = [control("max-age=60"), TAG]
        await case.ask(cookie("theme=dark"))
        assert case.site.seen(b"cookie") == b"theme=dark"

    asyncio.run(check())
    assert case.outcomes() == {"miss": 1, "passed": 1}


def test_cookies_that_no_page_depends_on_do_not_reach_the_site() -> None:
    case = Case(SHARED)

    async def check() -> None:
        await case.ask(cookie("_ga=1"), (b"cookie", b"_gid=2"))
        assert case.site.seen(b"cookie") is None
        await case.ask(cookie("_ga=2"))

    asyncio.run(check())
    assert case.outcomes() == {"miss": 1, "hit": 1}


def test_a_page_that_may_not_be_kept_reaches_only_the_reader_who_asked() -> None:
    case = Case(control("private"))

    async def check() -> None:
        await case.ask()
        await case.ask(cookie("theme=dark"))
        await case.settle()
        assert case.fetched == 2
        assert len(case.cache.shelf.pages) == 0

    asyncio.run(check())


def test_a_fetch_behind_a_reader_is_in_no_trace_of_his() -> None:
    case = Case(SHARED)

    async def check() -> None:
        await asks(case.cache, {**asked(headers=[cookie("theme=dark")]), TRACE: None})
        await case.settle()

    asyncio.run(check())
    assert [TRACE in scope for scope in case.site.asked] == [True, False]
