"""Every reason not to keep a response, each alone."""

from __future__ import annotations

import asyncio
import gzip
import os

import pytest

from newshole.http.codings import Codings, decode, encode
from newshole.http.pagecache import Settings
from newshole.http.pagecache.fetching import INLINE
from newshole.http.pagecache.storing import REFUSALS
from tests.http.asgi import HTML, STORY, Pairs, asked, asks, body, sending, start
from tests.http.pagecache.sites import SHARED, Case, control

NONCE = b"<script nonce=abcd1234>1</script>"

HEADS: list[tuple[str, Pairs]] = [
    ("set-cookie", [SHARED, (b"set-cookie", b"a=1")]),
    ("set-cookie", [SHARED, (b"Set-Cookie", b"a=1")]),
    ("private", [control("private, max-age=60")]),
    ("private", [control('private="x-a", max-age=60')]),
    ("private", [control("private"), (b"cdn-cache-control", b"max-age=60")]),
    ("private", [control("max-age=60"), control("private")]),
    ("no-store", [control("no-store, public, max-age=60")]),
    ("no-store", [control("max-age=60, must-understand, no-store")]),
    ("no-store", [control("max-age=60"), (b"surrogate-control", b"no-store")]),
    ("no-cache", [control("no-cache, public, max-age=60")]),
    ("no-cache", [control('no-cache="x-a", max-age=60')]),
    ("no-cache", [(b"pragma", b"no-cache")]),
    ("vary", [SHARED, (b"vary", b"*")]),
    ("vary", [SHARED, (b"vary", b"Accept-Encoding, Cookie")]),
    ("vary", [SHARED, (b"vary", b"accept"), (b"vary", b"AUTHORIZATION")]),
    ("vary", [SHARED, (b"vary", b"a,b,c,d,e,f,g,h,i")]),
    ("partial", [SHARED, (b"content-range", b"bytes 0-1/2")]),
    ("transfer", [SHARED, (b"transfer-encoding", b"gzip, chunked")]),
    ("not-fresh", []),
    ("not-fresh", [(b"last-modified", b"Tue, 15 Nov 1994 08:12:31 GMT")]),
    ("not-fresh", [control("public")]),
    ("not-fresh", [control("max-age=0")]),
    ("not-fresh", [control("max-age=a")]),
    ("not-fresh", [SHARED, (b"age", b"60")]),
    ("not-fresh", [SHARED, (b"age", b"old")]),
    ("nonce", [SHARED, (b"content-security-policy", b"script-src 'nonce-abcd1234'")]),
    ("nonce", [SHARED, (b"content-security-policy-report-only", b"script-src 'Nonce-abcd1234'")]),
    ("tags", [SHARED, (b"surrogate-key", b" ".join(b"%d" % n for n in range(513)))]),
    ("too-large", [SHARED, (b"content-length", b"99999999")]),
    ("incomplete", [SHARED, (b"content-length", b"5")]),
    ("coding", [SHARED, (b"content-encoding", b"br")]),
    ("coding", [SHARED, (b"content-encoding", b"gzip")]),
    ("coding", [SHARED, (b"content-encoding", b"compress")]),
]


@pytest.mark.parametrize(("reason", "headers"), HEADS)
def test_a_response_is_not_kept_for_what_its_head_says(reason: str, headers: Pairs) -> None:
    case = Case(*headers)

    async def check() -> None:
        second = await case.ask_twice()
        assert second.body == STORY
        assert case.fetched == 2
        assert case.refused()[reason] == 1
        assert len(case.cache.shelf.pages) == 0

    asyncio.run(check())


@pytest.mark.parametrize("status", [201, 203, 204, 206, 301, 302, 304, 404, 410, 500])
def test_only_200_is_kept(status: int) -> None:
    case = Case(SHARED)
    case.site.status = status
    asyncio.run(case.ask_twice())
    assert case.fetched == 2
    assert case.refused()["status"] == 1


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("nonce", NONCE),
        ("nonce", b'<style\nNONCE = "abcd1234">'),
        ("nonce", b"<meta content=\"script-src 'nonce-abcd1234'\" http-equiv=Content-Security-Policy>"),
        ("token", b'<input type=hidden name="csrfmiddlewaretoken" value=x>'),
        ("token", b"<input value=x name=authenticity_token>"),
        ("token", b"<meta name='csrf-token' content=x>"),
    ],
)
def test_a_page_is_not_kept_for_what_stands_in_it(reason: str, part: bytes) -> None:
    for content, coding in (
        (STORY + part, []),
        (gzip.compress(STORY + part), [(b"content-encoding", b"gzip")]),
    ):
        case = Case(SHARED, *coding, content=content)
        asyncio.run(case.ask_twice())
        assert (case.fetched, case.refused()[reason]) == (2, 1)


@pytest.mark.parametrize(
    "part",
    [b"<p>The nonce=1 stood", b'<a href="/?_wpnonce=abcd1234">', b"<p>csrf_token", b'{"nonce":"abcd1234"}'],
)
def test_a_page_that_only_speaks_of_such_things_is_kept(part: bytes) -> None:
    case = Case(SHARED, content=STORY + part)
    asyncio.run(case.ask_twice())
    assert case.fetched == 1


def test_a_coded_page_that_swells_is_not_kept() -> None:
    swollen = gzip.compress(bytes(1_000_000))
    case = Case(SHARED, (b"content-encoding", b"gzip"), content=swollen, settings=Settings(largest=10_000))
    asyncio.run(case.ask_twice())
    assert case.refused()["coding"] == 1


@pytest.mark.parametrize("codings", [("gzip",), ("deflate",), ("br",), ("zstd",), ("gzip", "br")])
@pytest.mark.parametrize("size", [0, 2 * INLINE])
def test_a_coded_page_is_looked_into(codings: Codings, size: int) -> None:
    told = (b"content-encoding", ", ".join(codings).encode())
    page = STORY + os.urandom(size).hex().encode()
    for content, fetched in ((page, 1), (page + NONCE, 2)):
        case = Case(SHARED, told, content=encode(content, codings))
        second = asyncio.run(case.ask_twice())
        assert decode(second.body, codings, most=len(content)) == content
        assert case.fetched == fetched


def test_a_page_of_several_gzip_members_is_kept_and_a_cut_one_is_not() -> None:
    whole = gzip.compress(STORY[:99]) + gzip.compress(STORY[99:])
    for content, fetched in ((whole, 1), (whole[:-1], 2), (b"no gzip" + whole, 2)):
        case = Case(SHARED, (b"content-encoding", b"gzip"), content=content)
        asyncio.run(case.ask_twice())
        assert case.fetched == fetched


def test_a_page_larger_than_the_limit_is_passed_on_whole() -> None:
    part = b"x" * 600
    cached = Case(settings=Settings(largest=1000)).cache
    cached.app = cached.origin.app = sending(start(HTML, SHARED), body(part, more=True), body(part))
    client = asyncio.run(asks(cached, asked()))
    assert client.body == part * 2
    assert cached.tally.refused["too-large"] == 1
    assert len(cached.shelf.pages) == 0


@pytest.mark.parametrize(
    ("reason", "messages"),
    [
        ("message", [start(HTML, SHARED), {"type": "http.response.pathsend", "path": "/a"}]),
        ("message", [start(HTML, SHARED, trailers=True), body(STORY)]),
        ("incomplete", [start(HTML, SHARED), body(STORY, more=True)]),
    ],
)
def test_an_answer_that_does_not_come_whole_as_a_page_is_not_kept(
    reason: str, messages: list[dict[str, object]]
) -> None:
    cached = Case().cache
    cached.app = cached.origin.app = sending(*messages)
    client = asyncio.run(asks(cached, asked()))
    assert client.messages == messages
    assert cached.tally.refused[reason] == 1
    assert len(cached.shelf.pages) == 0


def test_every_reason_has_a_case() -> None:
    elsewhere = {"status", "message", "token", "purged-meanwhile", "too-slow", "broken", "cache-fault"}
    assert {reason for reason, _ in HEADS} | elsewhere == set(REFUSALS)


@pytest.mark.parametrize(
    "headers",
    [
        [control("max-age=60")],
        [control("s-maxage=60, max-age=0")],
        [control("no-store"), (b"newshole-cache-control", b"max-age=60")],
        [control("max-age=60, must-revalidate")],
        [SHARED, (b"vary", b"Accept-Encoding, Accept-Language")],
        [SHARED, (b"transfer-encoding", b"chunked")],
        [SHARED, (b"content-security-policy", b"default-src 'self'")],
    ],
)
def test_a_page_that_says_how_long_it_is_fresh_is_kept(headers: Pairs) -> None:
    case = Case(*headers)
    asyncio.run(case.ask_twice())
    assert case.outcomes() == {"miss": 1, "hit": 1}
