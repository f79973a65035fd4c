"""The head of a page that comes in pieces: sent ahead, and all behind it as if nothing had been."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole, Site
from newshole.http.early import EarlyHead
from newshole.http.operators import HEADER, token
from tests.http.asgi import HTML, STORY, Client, Pairs, ask, asked, body, cut, start

URL = "https://news.example/news/bridge"
HEAD, REST = STORY[: STORY.index(b"<body>")], STORY[STORY.index(b"<body>") :]
SECRET = b"of the operators"
TURNS = 5
"""Turns of the event loop in which a head that may go has gone."""


def pausing(*messages: Message, then: Exception | None = None) -> ASGIApp:
    """An app that lets the event loop turn behind each of these messages, then raises."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
            for _ in range(TURNS):
                await asyncio.sleep(0)
        if then is not None:
            raise then

    return app


def pieces(*parts: bytes, headers: Pairs = ()) -> list[Message]:
    """A page in pieces."""
    last = len(parts) - 1
    return [start(HTML, *headers), *(body(part, more=n < last) for n, part in enumerate(parts))]


def in_front_of(app: ASGIApp, site: Site, **limits: Any) -> Newshole:
    return Newshole(app, site=site, **({"flush_after": 0} | limits))


def went_ahead(app: ASGIApp, site: Site, scope: Scope | None = None, **limits: Any) -> list[bytes]:
    """The bodies that had come out each time before the app sent something more."""
    came: list[bytes] = []
    client = Client()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            came.append(client.body)
            await send(message)

        await app(scope, receive, watch)

    asyncio.run(in_front_of(watched, site, **limits)(scope or asked(), client.receive, client.send))
    return came


def composed(site: Site) -> bytes:
    return site.compose(STORY, url=URL).html


PIECES = pieces(HEAD, REST[:500], REST[500:])


def test_a_head_goes_ahead_while_the_rest_is_not_there(site: Site) -> None:
    assert went_ahead(pausing(*PIECES), site) == [b"", b"", HEAD, HEAD]


def test_what_follows_a_head_is_composed(site: Site) -> None:
    newshole = in_front_of(pausing(*PIECES), site)
    client = ask(newshole)
    assert (client.body, newshole.counts) == (composed(site), {"composed": 1})
    assert [(each["type"], each.get("more_body")) for each in client.messages] == [
        ("http.response.start", None),
        ("http.response.body", True),
        ("http.response.body", False),
    ]


def test_no_more_than_the_head_goes_ahead(site: Site) -> None:
    parts = pieces(STORY[: len(HEAD) + 300], STORY[len(HEAD) + 300 :])
    assert went_ahead(pausing(*parts), site) == [b"", b"", HEAD]


def test_a_head_goes_as_soon_as_all_of_it_is_there(site: Site) -> None:
    parts = pieces(HEAD[:40], HEAD[40:], REST)
    assert went_ahead(pausing(*parts), site) == [b"", b"", b"", HEAD]


@given(places=st.lists(st.integers(min_value=0), max_size=8))
def test_however_the_page_is_cut_and_delayed_it_is_composed_the_same(site: Site, places: list[int]) -> None:
    assert ask(in_front_of(pausing(*pieces(*cut(STORY, places))), site)).body == composed(site)


def test_a_page_that_was_met_before_has_its_head_sent_ahead_too(site: Site) -> None:
    newshole = in_front_of(pausing(*PIECES), site)
    assert [ask(newshole).body for _ in range(3)] == [composed(site)] * 3
    assert newshole.plans.counts == {"plan-anew": 1, "plan-here": 2}


OF_THE_WHOLE = [
    (b"content-length", b"%d" % len(STORY)),
    (b"etag", b'"v1"'),
    (b"last-modified", b"Sat, 01 Nov 2025 00:00:00 GMT"),
    (b"accept-ranges", b"bytes"),
    (b"cache-control", b"private, max-age=600"),
    (b"x-a", b"1"),
]


def test_the_headers_of_a_head_promise_nothing_of_what_is_not_known(device_site: Site) -> None:
    client = ask(in_front_of(pausing(*pieces(HEAD, REST, headers=OF_THE_WHOLE)), device_site))
    assert client.headers == [
        HTML,
        (b"cache-control", b"private, max-age=5"),
        (b"vary", b"Sec-CH-UA-Mobile, User-Agent"),
        (b"x-a", b"1"),
    ]


def test_pieces_that_follow_at_once_keep_their_length_and_tag(site: Site) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in pieces(HEAD, REST, headers=[(b"etag", b'"v1"')]):
            await send(message)

    client = ask(in_front_of(app, site))
    assert client.header(b"content-length") == b"%d" % len(composed(site))
    assert client.header(b"etag") is not None


OFF = HEAD.replace(b"<title>", b"<meta name=newshole content=off><title>")
HELD: dict[str, tuple[list[Message], dict[str, Any], dict[str, Any]]] = {
    "in one message": (pieces(STORY), {}, {}),
    "where that is switched off": (PIECES, {}, {"flush_after": None}),
    "without chunks": (PIECES, {"http_version": "1.0"}, {}),
    "coded": (pieces(*cut(gzip.compress(STORY), [99]), headers=[(b"content-encoding", b"gzip")]), {}, {}),
    "for shared caches": (pieces(HEAD, REST, headers=[(b"cache-control", b"max-age=60")]), {}, {}),
    "with words": (
        pieces(OFF, REST),
        {},
        {},
    ),
    "of AMP": (pieces(HEAD.replace(b"<html", b"<html amp"), REST), {}, {}),
    "without an end": (pieces(HEAD.replace(b"</head>", b""), b"<p>a", REST), {}, {}),
}


@pytest.mark.parametrize("what", HELD)
def test_the_head_stays_with_a_page(what: str, site: Site) -> None:
    messages, scope, limits = HELD[what]
    assert set(went_ahead(pausing(*messages), site, asked(**scope), **limits)) == {b""}


def test_an_operator_is_told_in_the_headers_so_the_page_is_held(site: Site) -> None:
    headers = [(HEADER, token(SECRET, 4e9).encode())]
    assert set(went_ahead(pausing(*PIECES), site, asked(headers=headers), secret=SECRET)) == {b""}


def test_a_page_that_is_tagged_by_its_blocks_is_held(site: Site) -> None:
    assert set(went_ahead(pausing(*PIECES), site, surrogate="Surrogate-Key")) == {b""}


SHORT = pieces(HEAD, b"<body><p>short", b"<p>more</body>")


def test_a_page_that_is_left_alone_goes_on_as_it_came(site: Site) -> None:
    newshole = in_front_of(pausing(*SHORT), site)
    client = ask(newshole)
    assert client.messages[1:] == SHORT[1:]
    assert newshole.counts == {"no-body": 1}


def test_an_address_whose_page_was_left_alone_keeps_its_headers_the_next_time(site: Site) -> None:
    newshole = in_front_of(pausing(start(HTML, (b"etag", b'"v1"')), *SHORT[1:]), site)
    scope = asked(raw_path=b"/news/bridge", root_path="")
    assert [ask(newshole, scope).header(b"etag") for _ in range(3)] == [None, b'"v1"', b'"v1"']


def check_left(client: Client, newshole: Newshole, reason: str, sent: bytes = STORY) -> None:
    """The site's own bytes came, each once, and the reason was counted."""
    assert (client.body, newshole.counts) == (sent, {reason: 1})


def test_a_page_that_grows_too_large_behind_its_head_is_streamed_on(site: Site) -> None:
    newshole = in_front_of(pausing(*pieces(HEAD, *cut(REST, range(0, len(REST), 100)))), site, max_page=900)
    check_left(ask(newshole), newshole, "too-large")


def test_a_page_that_stays_unfinished_behind_its_head_is_let_go(site: Site) -> None:
    came = asyncio.Event()
    client = Client()

    async def watch(message: Message) -> None:
        client.messages.append(message)
        if client.body == STORY[:-1]:
            came.set()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in pieces(HEAD, REST[:-1], REST[-1:]):
            if not message.get("more_body", True):
                await asyncio.wait_for(came.wait(), 10)
            await send(message)

    newshole = in_front_of(app, site, max_hold=0.02)
    asyncio.run(newshole(asked(), client.receive, watch))
    check_left(client, newshole, "too-slow")


def test_a_reader_who_takes_the_head_slowly_gets_all_in_order(site: Site) -> None:
    client = Client()

    async def slow(message: Message) -> None:
        await asyncio.sleep(0.03)
        client.messages.append(message)

    newshole = in_front_of(pausing(*PIECES), site, max_hold=0.001)
    asyncio.run(newshole(asked(), client.receive, slow))
    check_left(client, newshole, "too-slow")


def test_an_app_that_fails_behind_its_head_has_sent_what_it_sent(site: Site) -> None:
    newshole = in_front_of(pausing(*PIECES[:3], then=ValueError("the site's own")), site)
    client = Client()
    with pytest.raises(ValueError, match="the site's own"):
        asyncio.run(newshole(asked(), client.receive, client.send))
    check_left(client, newshole, "incomplete", STORY[: len(HEAD) + 500])
    assert client.messages[-1]["more_body"]


def test_an_app_that_stops_behind_its_head_has_sent_what_it_sent(site: Site) -> None:
    newshole = in_front_of(pausing(*PIECES[:2]), site)
    check_left(ask(newshole), newshole, "incomplete", HEAD)


def test_a_message_that_is_no_body_lets_all_behind_the_head_go(site: Site) -> None:
    other = {"type": "http.response.unheard-of", "body": b"x"}
    newshole = in_front_of(pausing(*PIECES[:3], other, PIECES[3]), site)
    client = ask(newshole)
    assert client.messages[1:] == [PIECES[1], PIECES[2], other, PIECES[3]]
    assert newshole.counts == {"message": 1}


@pytest.mark.parametrize("reached", [1, 2])
def test_a_reader_who_leaves_while_the_head_goes_is_told_to_the_app(site: Site, reached: int) -> None:
    sends: list[Message] = []

    async def broken(message: Message) -> None:
        sends.append(message)
        if len(sends) == reached:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        asyncio.run(in_front_of(pausing(*PIECES), site)(asked(), Client().receive, broken))
    assert len(sends) == reached


def test_a_request_that_is_cancelled_behind_its_head_sends_nothing_later(site: Site) -> None:
    client = Client()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in PIECES[:3]:
            await send(message)
        await asyncio.sleep(60)

    async def cancel() -> bytes:
        newshole = in_front_of(app, site, max_hold=0.05)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(newshole(asked(), client.receive, client.send), 0.02)
        before = client.body
        await asyncio.sleep(0.1)
        return before

    assert asyncio.run(cancel()) == client.body


FAULTS = {
    "compose-fault": "newshole.http.responder.read_reader",
    "guard-fault": "newshole.http.early.may_be_composed",
    "headers-fault": "newshole.http.promises.read_policies",
}


@pytest.mark.parametrize("reason", FAULTS)
def test_a_fault_on_either_side_of_the_head_sends_the_site_s_own_bytes(
    reason: str, site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(reason)

    monkeypatch.setattr(FAULTS[reason], broken)
    newshole = in_front_of(pausing(*pieces(HEAD, REST, headers=[(b"x-a", b"1")])), site)
    with caplog.at_level(logging.ERROR, "newshole"):
        check_left(ask(newshole), newshole, reason)
    assert len(caplog.records) == 1


def test_blocks_that_would_stand_in_what_was_sent_leave_the_page_as_it_is(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_too_much(_early: EarlyHead, held: Sequence[Message], _content_type: str) -> bytes:
        return b"".join(each["body"] for each in held[1:])

    monkeypatch.setattr(EarlyHead, "read", read_too_much)
    newshole = in_front_of(pausing(*pieces(STORY[:-20], STORY[-20:])), site)
    check_left(ask(newshole), newshole, "head-sent")


NONCE = b"style-src 'nonce-abc'"


def test_the_nonce_of_a_header_reaches_the_style_behind_the_head(site: Site) -> None:
    policy = [(b"content-security-policy", NONCE)]
    client = ask(in_front_of(pausing(*pieces(HEAD, REST, headers=policy)), site))
    assert b'<style data-newshole-runtime nonce="abc">' in client.body
    assert client.header(b"content-security-policy") == NONCE


def test_the_nonce_of_a_meta_element_reaches_the_style_behind_it(site: Site) -> None:
    meta = b'<meta http-equiv=content-security-policy content="%s"><title>' % NONCE
    head = HEAD.replace(b"<title>", meta)
    newshole = in_front_of(pausing(*pieces(head, REST)), site)
    for _ in range(3):
        assert b'<style data-newshole-runtime nonce="abc">' in ask(newshole).body


def test_a_page_that_runs_out_of_time_behind_a_head_that_waits_is_released_once(site: Site) -> None:
    client = Client()

    async def serve() -> Newshole:
        is_slow, may_go_on = asyncio.Event(), asyncio.Event()

        async def slow(message: Message) -> None:
            if message["type"] == "http.response.body" and not is_slow.is_set():
                is_slow.set()
                await may_go_on.wait()
            await client.send(message)

        async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
            first, head, rest = pieces(HEAD, REST)
            await send(first)
            await send(head)
            await is_slow.wait()
            await send(rest)

        newshole = in_front_of(app, site, max_hold=0.01)
        asking = asyncio.ensure_future(newshole(asked(), client.receive, slow))
        await is_slow.wait()
        await asyncio.sleep(0.05)
        may_go_on.set()
        await asking
        return newshole

    newshole = asyncio.run(serve())
    assert (client.body, newshole.counts) == (STORY, {"too-slow": 1})
