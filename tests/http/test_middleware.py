"""`Newshole` itself: what it takes, what stops it, its lifespan, and rules that change under it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole, RulesError, Site, UsageError
from tests.http.asgi import RULES, STORY, Client, ask, asked, body, page, sending, start
from tests.http.servers import serving

WRONG = RULES + "unknown: 1\nunheard_of_unknown: 2\n"


@pytest.fixture
def wrong_rules(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG, encoding="utf-8")
    return path


def test_rules_are_a_file_or_a_site_that_is_loaded(rules: Path, site: Site) -> None:
    by_path, by_text, by_site = (
        Newshole(page(), rules),
        Newshole(page(), rules=str(rules)),
        Newshole(page(), site=site),
    )
    assert ask(by_path).messages == ask(by_text).messages == ask(by_site).messages
    assert b"data-newshole" in ask(by_site).body


def test_without_rules_the_pack_newspaper_serves() -> None:
    assert Newshole(page()).site.digest == Site.load("newspaper").digest


def test_rules_and_a_site_together_are_refused(rules: Path, site: Site) -> None:
    with pytest.raises(UsageError, match="both rules and site"):
        Newshole(page(), rules, site=site)


def test_wrong_rules_are_raised_at_once_with_every_problem(wrong_rules: Path) -> None:
    with pytest.raises(RulesError) as caught:
        Newshole(page(), rules=wrong_rules)
    assert len(caught.value.problems) == 2


def test_rules_that_are_not_there_are_raised_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        Newshole(page(), rules=tmp_path / "none.yaml")


@pytest.mark.parametrize("framework", [Starlette, FastAPI])
@pytest.mark.parametrize("wraps", [False, True])
def test_wrong_rules_stop_the_start_where_middleware_is_built_late(
    framework: type[Starlette], *, wraps: bool, wrong_rules: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = framework()
    if wraps:
        app.add_middleware(GZipMiddleware)
    app.add_middleware(Newshole, rules=wrong_rules)
    with (
        caplog.at_level(logging.ERROR, "uvicorn.error"),
        pytest.raises(RuntimeError, match="did not start"),
        serving(app),
    ):
        pytest.fail("the server started")
    for line in (7, 8):
        assert f"{wrong_rules}:{line}:" in caplog.text


def test_wrong_rules_fail_every_request_where_nothing_else_can_tell(wrong_rules: Path) -> None:
    app = Starlette()
    app.add_middleware(Newshole, rules=wrong_rules)
    for _ in range(2):
        with pytest.raises(RulesError) as caught:
            ask(app)
        assert len(caught.value.problems) == 2


def test_a_framework_that_is_wrapped_from_outside_raises_at_once(wrong_rules: Path) -> None:
    with pytest.raises(RulesError):
        Newshole(GZipMiddleware(Starlette()), rules=wrong_rules)


def test_an_app_that_names_itself_raises_at_once(wrong_rules: Path) -> None:
    class Loop:
        app: ASGIApp

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)

    loop = Loop()
    loop.app = loop
    with pytest.raises(RulesError):
        Newshole(loop, rules=wrong_rules)


def test_a_site_that_is_swapped_in_flight_serves_from_the_next_request(site: Site, device_site: Site) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(start())
        newshole.site = device_site
        await send(body(STORY))

    newshole = Newshole(app, site=site)
    phone = asked(headers=[(b"sec-ch-ua-mobile", b"?1")])
    first, second = ask(newshole, phone), ask(newshole, phone)
    assert (first.header(b"vary"), b'data-newshole="small"' in first.body) == (None, False)
    assert (second.header(b"vary"), b'data-newshole="small"' in second.body) == (
        b"Sec-CH-UA-Mobile, User-Agent",
        True,
    )


def test_the_app_sees_its_own_scope_and_is_not_asked_to_validate_a_page(site: Site) -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await page()(scope, receive, send)

    plain = asked(headers=[(b"accept", b"text/html")])
    conditional = asked(
        headers=[(b"accept", b"text/html"), (b"if-none-match", b'"v1"'), (b"range", b"bytes=0-")]
    )
    before = list(conditional["headers"])
    newshole = Newshole(app, site=site)
    ask(newshole, plain)
    ask(newshole, conditional)
    assert seen[0] is plain
    assert seen[1] == plain
    assert conditional["headers"] == before


def test_conditions_stay_on_what_is_not_ours(site: Site) -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await page()(scope, receive, send)

    scope = asked("/about", headers=[(b"accept", b"text/html"), (b"if-none-match", b'"v1"')])
    ask(Newshole(app, site=site), scope)
    assert seen[0] is scope


def test_an_app_that_writes_into_its_scope_does_not_change_the_address(site: Site) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope.update(path="/", raw_path=b"/", query_string=b"", method="POST")
        await page()(scope, receive, send)

    newshole = Newshole(app, site=site)
    assert b"data-newshole" in ask(newshole).body


def test_a_websocket_goes_through(site: Site) -> None:
    accept = {"type": "websocket.accept"}
    newshole = Newshole(sending(accept), site=site)
    assert ask(newshole, {"type": "websocket", "path": "/news/ws", "headers": []}).messages == [accept]
    assert newshole.counts == {"scope": 1}


def test_a_lifespan_goes_through(site: Site) -> None:
    heard: list[Message] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        heard.append(await receive())
        await send({"type": "lifespan.startup.complete"})
        heard.append(await receive())
        await send({"type": "lifespan.shutdown.complete"})

    client = Client()
    told = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(told)

    asyncio.run(Newshole(app, site=site)({"type": "lifespan"}, receive, client.send))
    assert [each["type"] for each in heard] == ["lifespan.startup", "lifespan.shutdown"]
    assert [each["type"] for each in client.messages] == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


def test_an_app_without_a_lifespan_says_so_as_ever(site: Site) -> None:
    with pytest.raises(ValueError, match="no lifespan"):
        ask(Newshole(sending(then=ValueError("no lifespan")), site=site), {"type": "lifespan"})
