"""A candidate response on its way: composed when whole, and otherwise out as it came, whole, in order."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole, Site
from newshole.cache import plans
from newshole.http import responder
from tests.http.asgi import (
    HTML,
    JSON,
    STORY,
    Client,
    Pairs,
    ask,
    asked,
    asks,
    body,
    check_composed,
    check_untouched,
    cut,
    page,
    sending,
    start,
)


def test_a_page_leaves_composed_in_two_messages(site: Site) -> None:
    client = check_composed(page(), site)
    assert [message["type"] for message in client.messages] == ["http.response.start", "http.response.body"]
    assert client.header(b"content-length") == b"%d" % len(client.body)
    assert client.header(b"content-type") == HTML[1]
    assert client.header(b"vary") is None


@given(places=st.lists(st.integers(min_value=0), max_size=12), is_closed_apart=st.booleans())
def test_however_the_page_is_cut_it_is_composed_the_same(
    site: Site, places: list[int], *, is_closed_apart: bool
) -> None:
    parts = cut(STORY, places) + [b""] * is_closed_apart
    bodies = [body(part, more=place < len(parts) - 1) for place, part in enumerate(parts)]
    client = ask(Newshole(sending(start(), *bodies), site=site))
    assert client.body == site.compose(STORY, url="https://news.example/news/bridge").html
    assert client.header(b"content-length") == b"%d" % len(client.body)


def test_a_page_over_the_inline_limit_is_composed_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "INLINE", 100)
    check_composed(page(), site, plan_budget=None)


def test_the_origin_s_tag_is_carried_by_ours(site: Site) -> None:
    client = check_composed(page(STORY, (b"etag", b'"v1"'), (b"last-modified", b"x")), site)
    tag = client.header(b"etag")
    assert tag is not None
    assert tag.startswith(b'W/"nh-')
    assert tag.endswith(b'-s-v1"')
    assert client.header(b"last-modified") is None


def test_a_device_rule_reads_the_request_and_puts_it_into_vary(device_site: Site) -> None:
    newshole = Newshole(page(), site=device_site)
    mobile = ask(newshole, asked(headers=[(b"sec-ch-ua-mobile", b"?1")]))
    desktop = ask(newshole)
    assert b'data-newshole="small"' in mobile.body
    assert b'data-newshole="small"' not in desktop.body
    assert mobile.header(b"vary") == desktop.header(b"vary") == b"Sec-CH-UA-Mobile, User-Agent"


def test_a_page_that_the_site_leaves_alone_changes_by_its_vary_only(device_site: Site) -> None:
    newshole = Newshole(page(b"<p>short"), site=device_site)
    client = ask(newshole)
    assert client.body == b"<p>short"
    assert client.headers == [*ask(page(b"<p>short")).headers, (b"vary", b"Sec-CH-UA-Mobile, User-Agent")]
    [reason] = newshole.counts
    assert reason == device_site.compose(b"<p>short", url="https://news.example/news/bridge").untouched


@pytest.mark.parametrize("content", [b"", b"<p>short", b"\x00\xff\xfe", b"<html amp><article>" + STORY])
def test_a_page_that_the_site_leaves_alone_goes_out_as_it_came(site: Site, content: bytes) -> None:
    reason = site.compose(content, url="https://news.example/news/bridge").untouched
    if reason is None:
        pytest.fail("the page was composed")
    check_untouched(page(content), site, reason)


def test_a_composed_page_is_not_composed_twice(site: Site) -> None:
    inner = Newshole(page(), site=site)
    outer = Newshole(inner, site=site)
    assert ask(outer).messages == ask(inner).messages
    assert outer.counts["composed"] == 0


REFUSED = {
    "status": sending(start(status=404), body(STORY)),
    "content-type": sending(start(JSON), body(b"{", more=True), body(b"}")),
    "coding": sending(start(HTML, (b"content-encoding", b"compress")), body(b"\x1f\x9d")),
    "trailers": sending(start(trailers=True), body(STORY), {"type": "http.response.trailers", "headers": []}),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_refused_response_leaves_message_by_message(site: Site, reason: str) -> None:
    check_untouched(REFUSED[reason], site, reason)


def test_a_refused_response_is_not_held(device_site: Site) -> None:
    seen: list[int] = []
    client = Client()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in (start(JSON), body(b"{", more=True), body(b"}")):
            await send(message)
            seen.append(len(client.messages))

    asyncio.run(Newshole(app, site=device_site)(asked(), client.receive, client.send))
    assert seen == [1, 2, 3]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "http.response.pathsend", "path": "/srv/page.html"},
        {"type": "http.response.zerocopysend", "file": 3},
        {"type": "http.response.unheard-of"},
    ],
)
def test_a_message_that_is_no_body_lets_all_go(site: Site, message: Message) -> None:
    check_untouched(sending(start(), message), site, "message")
    check_untouched(sending(start(), body(b"<p>", more=True), message), site, "message")


def test_what_comes_before_the_response_goes_on_at_once(site: Site) -> None:
    hints = {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]}
    debug = {"type": "http.response.debug", "info": {}}
    client = check_composed(sending(hints, debug, start(), body(STORY)), site)
    assert client.messages[:2] == [hints, debug]


def test_a_response_that_starts_twice_is_the_server_s_to_judge(site: Site) -> None:
    check_untouched(sending(start(), start(), body(STORY)), site, "message")


def test_a_page_in_too_many_parts_is_streamed_on(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responder, "MAX_PARTS", 10)
    parts = [body(b"x", more=True) for _ in range(20)]
    check_untouched(sending(start(), *parts, body(b"")), site, "too-large")


def test_a_page_over_the_limit_is_streamed_on(site: Site) -> None:
    parts = [body(part, more=True) for part in cut(STORY, range(0, len(STORY), 100))]
    check_untouched(sending(start(), *parts, body(b"")), site, "too-large", max_page=500)


def test_a_page_over_the_limit_is_let_go_when_it_passes_it(site: Site) -> None:
    seen: list[int] = []
    client = Client()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        for _ in range(5):
            await send(body(b"x" * 100, more=True))
            seen.append(len(client.messages))

    asyncio.run(Newshole(app, site=site, max_page=250)(asked(), client.receive, client.send))
    assert seen == [0, 0, 4, 5, 6]


def test_a_page_that_says_it_is_over_the_limit_is_never_held(site: Site) -> None:
    check_untouched(page(), site, "too-large", max_page=100)


def test_a_page_that_stays_unfinished_is_let_go_while_the_app_is_silent(site: Site) -> None:
    arrived = asyncio.Event()
    client = Client()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(STORY[:100], more=True))
        await arrived.wait()
        await send(body(STORY[100:]))

    async def watch(message: Message) -> None:
        client.messages.append(message)
        if len(client.messages) == 2:
            arrived.set()

    newshole = Newshole(app, site=site, max_hold=0.01)
    asyncio.run(asyncio.wait_for(newshole(asked(), client.receive, watch), 10))
    assert client.messages == [start(), body(STORY[:100], more=True), body(STORY[100:])]
    assert newshole.counts == {"too-slow": 1}


def test_messages_keep_their_order_while_a_slow_page_is_let_go(site: Site) -> None:
    client = Client()

    async def slow(message: Message) -> None:
        await asyncio.sleep(0.01)
        client.messages.append(message)

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        for part in range(5):
            await send(body(b"%d" % part, more=True))
        await asyncio.sleep(0.025)
        for part in range(5, 9):
            await send(body(b"%d" % part, more=part < 8))

    asyncio.run(Newshole(app, site=site, max_hold=0.01)(asked(), client.receive, slow))
    assert client.body == b"012345678"


def test_an_app_that_reuses_its_message_and_its_buffer_loses_nothing(site: Site) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        buffer = bytearray(100)
        message = body(b"", more=True)
        await send(start())
        for place in range(0, len(STORY), 100):
            part = STORY[place : place + 100]
            buffer[: len(part)] = part
            message["body"] = memoryview(buffer)[: len(part)]
            await send(message)
        await send(body(b""))

    client = ask(Newshole(app, site=site))
    assert client.body == site.compose(STORY, url="https://news.example/news/bridge").html


def test_headers_that_can_be_read_once_are_still_there(site: Site) -> None:
    def app() -> ASGIApp:
        once: Pairs = iter([JSON, (b"x-a", b"1")])
        return sending({"type": "http.response.start", "status": 200, "headers": once}, body(b"{}"))

    client = ask(Newshole(app(), site=site))
    assert (client.headers, client.body) == ([JSON, (b"x-a", b"1")], b"{}")


FAULTS = {
    "request-fault": "newshole.http.guard.refuse_request",
    "guard-fault": "newshole.http.guard.read_start",
    "compose-fault": "newshole.http.responder.read_reader",
    "headers-fault": "newshole.http.guard.composed_headers",
}


@pytest.mark.parametrize("stage", FAULTS)
def test_a_fault_in_any_stage_sends_the_site_s_own_bytes(
    site: Site, stage: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(stage)

    monkeypatch.setattr(FAULTS[stage], broken)
    parts = [body(part, more=True) for part in cut(STORY, [100, 200])]
    with caplog.at_level(logging.ERROR, "newshole"):
        # A tag of its own: the headers of a page that other tests composed are kept.
        tag = (b"etag", b'"%s"' % stage.encode())
        check_untouched(sending(start(HTML, tag), *parts, body(b"")), site, stage)
    [record] = caplog.records
    assert stage in record.getMessage()


def test_a_site_that_fails_breaks_no_page(rules: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Faulty(Site):
        def may_compose(self, url: str) -> bool:
            raise ZeroDivisionError(url)

    check_untouched(page(), Faulty.load(rules), "request-fault")
    assert caplog.records


DIGESTS = [(b"etag", b'"v1"'), (b"accept-ranges", b"bytes"), (b"content-md5", b"x"), (b"x-a", b"1")]


def test_head_promises_nothing_of_a_body_that_get_would_change(device_site: Site) -> None:
    newshole = Newshole(
        sending(start(HTML, (b"content-length", b"50"), *DIGESTS), body(b"")), site=device_site
    )
    client = ask(newshole, asked(method="HEAD"))
    assert client.headers == [HTML, (b"vary", b"Sec-CH-UA-Mobile, User-Agent"), (b"x-a", b"1")]
    assert newshole.counts == {"head": 1}


def test_head_of_what_is_not_ours_stays_as_it_is(site: Site) -> None:
    answer = sending(start(JSON, (b"content-length", b"50"), *DIGESTS), body(b""))
    check_untouched(answer, site, "content-type", asked(method="HEAD"))
    check_untouched(page(b"", *DIGESTS), site, "url", asked("/about", method="HEAD"))


def test_many_pages_at_once_do_not_mix(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "INLINE", 100)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        title = scope["query_string"]
        await page(STORY.replace(b"Bridge", title))(scope, receive, send)

    async def ask_all() -> list[Client]:
        newshole = Newshole(app, site=site, plan_budget=None, plan_queue=20)
        titles = [b"title-%d" % each for each in range(20)]
        return await asyncio.gather(*(asks(newshole, asked(query_string=title)) for title in titles))

    for number, client in enumerate(asyncio.run(ask_all())):
        assert client.body.count(b"title-%d<" % number) == 2
        assert b"data-newshole" in client.body
