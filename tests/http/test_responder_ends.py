"""An app that fails, stops, is left or cancelled: what was sent stays sent, and nothing comes later."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole, Site
from tests.http.asgi import (
    HTML,
    JSON,
    STORY,
    Client,
    ask,
    asked,
    body,
    check_untouched,
    page,
    sending,
    start,
)

PARTIAL = (start(), body(STORY[:100], more=True))


@pytest.mark.parametrize("sent", [PARTIAL[:1], PARTIAL])
def test_an_app_that_fails_midway_has_sent_what_it_sent(site: Site, sent: tuple[Message, ...]) -> None:
    failure = ValueError("the site's own")
    newshole = Newshole(sending(*sent, then=failure), site=site)
    client = Client()
    with pytest.raises(ValueError, match="the site's own") as caught:
        asyncio.run(newshole(asked(), client.receive, client.send))
    assert caught.value is failure
    assert client.messages == list(sent)
    assert newshole.counts == {"incomplete": 1}


def test_an_app_that_fails_before_it_answers_fails_as_ever(site: Site) -> None:
    newshole = Newshole(sending(then=ValueError("the site's own")), site=site)
    with pytest.raises(ValueError, match="the site's own"):
        ask(newshole)
    assert newshole.counts == {}


def test_an_app_that_fails_after_its_page_has_its_page_composed(site: Site) -> None:
    newshole = Newshole(sending(start(), body(STORY), then=ValueError("late")), site=site)
    with pytest.raises(ValueError, match="late"):
        ask(newshole)
    assert newshole.counts == {"composed": 1}


def test_an_app_that_stops_midway_has_sent_what_it_sent(site: Site) -> None:
    check_untouched(sending(*PARTIAL), site, "incomplete")


@pytest.mark.parametrize(
    "app", [page(), page(b"<p>short"), sending(*PARTIAL), sending(start(JSON), body(b"{}"))]
)
def test_a_client_that_left_is_told_to_the_app_and_to_no_one_twice(site: Site, app: ASGIApp) -> None:
    sends = []

    async def broken(message: Message) -> None:
        sends.append(message)
        raise OSError("gone")

    client = Client()
    with pytest.raises(OSError, match="gone"):
        asyncio.run(Newshole(app, site=site)(asked(), client.receive, broken))
    assert len(sends) == 1


def test_a_request_that_is_cancelled_sends_nothing_later(site: Site) -> None:
    client = Client()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        await asyncio.sleep(60)

    async def cancel() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(
                Newshole(app, site=site, max_hold=0.05)(asked(), client.receive, client.send), 0.01
            )
        await asyncio.sleep(0.1)

    asyncio.run(cancel())
    assert client.messages == []


IN_GZIP = start(HTML, (b"content-encoding", b"gzip"))
"""The start of what goes out at once to a reader who takes no gzip."""

PLAIN_ONLY = [(b"accept-encoding", b"identity")]


def test_a_request_that_is_cancelled_sends_no_start_that_waits(site: Site) -> None:
    client = Client()

    async def cancel() -> None:
        has_begun = asyncio.Event()

        async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send(IN_GZIP)
            has_begun.set()
            await asyncio.Event().wait()

        newshole = Newshole(app, site=site)
        asking = asyncio.ensure_future(newshole(asked(headers=PLAIN_ONLY), client.receive, client.send))
        await has_begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(cancel())
    assert client.messages == []


def test_an_app_s_own_exception_goes_on_where_nothing_can_be_sent(site: Site) -> None:
    async def gone(_message: Message) -> None:
        raise OSError("gone")

    app = Newshole(sending(IN_GZIP, then=LookupError("the app's")), site=site)
    with pytest.raises(LookupError, match="the app's"):
        asyncio.run(app(asked(headers=PLAIN_ONLY), Client().receive, gone))
