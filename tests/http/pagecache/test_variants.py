"""Addresses and variants: which requests share a kept page, and which never do."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from newshole.http.pagecache import Settings
from newshole.http.pagecache.settings import TRACKING
from tests.http.asgi import STORY, asked, asks
from tests.http.pagecache.sites import SHARED, URL, Case


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
