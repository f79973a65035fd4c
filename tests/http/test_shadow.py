"""Shadow mode: readers get what the site sent, byte for byte, and operators what would have become of it."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import logging
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newshole import Newshole, Site
from newshole.http import guard, shadow
from newshole.http.links.overlay import overlay_link
from newshole.http.proxy import Proxy
from tests.http.asgi import DEVICE_RULES, HTML, PATH, STORY, ask, asked, asks, body, cut, page, sending, start
from tests.http.logged import Lines
from tests.http.servers import serving
from tests.http.test_metrics import PATH as METRICS_PATH
from tests.http.test_metrics import samples_of

CODINGS: Final = {
    "": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
}
LATER: Final = 2e9
SECRET: Final = b"of the newsroom"


def shadowing(app: ASGIApp, site: Site, **more: Any) -> Newshole:
    return Newshole(app, site=site, shadow=True, **more)


def settled(newshole: Newshole, scope: Scope | None = None, *, times: int = 1) -> list[list[Message]]:
    """What requests bring, once it is known what would have become of their pages."""

    async def run() -> list[list[Message]]:
        clients = [await asks(newshole, scope or asked()) for _ in range(times)]
        await newshole.close()
        return [client.messages for client in clients]

    return asyncio.run(run())


def outcomes(newshole: Newshole) -> dict[str, int]:
    assert newshole.shadow is not None
    return dict(newshole.shadow.counts)


def test_a_page_leaves_as_it_came_and_it_is_counted_what_it_would_have_become(site: Site) -> None:
    newshole = shadowing(page(STORY, (b"etag", b'"a"'), (b"x-newshole", b"no-social")), site)
    plain = ask(page(STORY, (b"etag", b'"a"'), (b"x-newshole", b"no-social"))).messages
    assert settled(newshole, times=3) == [plain] * 3
    assert newshole.counts == {"shadow": 3}
    assert outcomes(newshole) == {"composed": 3}
    assert newshole.plans.counts["plan-anew"] == 1
    assert set(newshole.tally.placed) == {("inline",)}


@pytest.mark.parametrize(
    ("app", "scope", "outcome"),
    [
        (page(b"<p>no story"), asked(), "no-body"),
        (sending(start(status=404), body(b"gone")), asked(), "status"),
        (sending(start((b"content-type", b"text/css")), body(b"a{}")), asked(), "content-type"),
        (sending(start(), body(STORY[:99], more=True)), asked(), "incomplete"),
        (sending(start(), {"type": "http.response.pathsend", "path": "/a"}), asked(), "message"),
        (page(), asked(method="HEAD"), "head"),
        (page(bytes(6 * 1024 * 1024)), asked(), "too-large"),
        (page(b"no gzip", (b"content-encoding", b"gzip")), asked(), "coding-broken"),
    ],
)
def test_why_a_page_would_be_left_is_counted(site: Site, app: ASGIApp, scope: Scope, outcome: str) -> None:
    newshole = shadowing(app, site)
    assert settled(newshole, scope) == [ask(app, scope).messages]
    assert outcomes(newshole) == {outcome: 1}


@pytest.mark.parametrize(
    "scope", [asked("/about"), asked(headers=[(b"hx-request", b"true")]), asked(method="POST")]
)
def test_what_is_not_ours_passes_with_every_header(site: Site, scope: Scope) -> None:
    app = page(STORY, (b"x-newshole", b"off"), (b"cache-control", b"public, max-age=60"))
    assert settled(shadowing(app, site), scope) == [ask(app, scope).messages]


def test_the_site_gets_the_request_as_it_came(site: Site) -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await page()(scope, receive, send)

    scope = asked(
        headers=[(b"if-none-match", b'"a"'), (b"accept", b"text/html"), (b"sec-fetch-dest", b"document")],
        extensions={"http.response.pathsend": {}},
    )
    settled(shadowing(app, site, ask_uncompressed=True), scope)
    assert seen == [scope]


def test_a_message_passes_before_the_next_one_is_there(site: Site) -> None:
    newshole = shadowing(page(), site)
    got: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for n, message in enumerate((start(), body(STORY[:500], more=True), body(STORY[500:]))):
            await send(message)
            assert len(got) == n + 1

    async def keep(message: Message) -> None:
        got.append(message)

    async def run() -> None:
        newshole.app = app
        await newshole(asked(), None, keep)  # type: ignore[arg-type]  # nobody asks for the request's body
        await newshole.close()

    asyncio.run(run())
    assert outcomes(newshole) == {"composed": 1}


@pytest.mark.parametrize("is_failing", [False, True])
def test_headers_that_can_be_read_but_once_arrive(
    site: Site, monkeypatch: pytest.MonkeyPatch, is_failing: bool
) -> None:
    if is_failing:
        monkeypatch.setattr(guard, "read_start", None)
    app = sending({**start(), "headers": iter([HTML])}, body(STORY))
    newshole = shadowing(app, site)
    assert settled(newshole) == [[start(), body(STORY)]]
    assert outcomes(newshole) == {shadow.FAULT if is_failing else "composed": 1}


def test_a_page_switched_off_is_counted_so(tmp_path: Path, rules: Path) -> None:
    switches = tmp_path / "switches.yaml"
    switches.write_text("off: [{all: true}]")
    newshole = Newshole(page(), rules, shadow=True, switches=switches)
    settled(newshole)
    assert outcomes(newshole) == {"switched-off": 1}


def test_a_fault_of_newshole_breaks_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    newshole = shadowing(page(), site)
    monkeypatch.setattr(newshole.plans, "recall", None)
    assert settled(newshole) == [ask(page()).messages]
    assert outcomes(newshole) == {shadow.FAULT: 1}
    newshole = shadowing(sending({**start(), "headers": [(b"a",)]}, body(STORY)), site)
    assert settled(newshole) == [[{**start(), "headers": [(b"a",)]}, body(STORY)]]
    assert outcomes(newshole) == {shadow.FAULT: 1}


def test_beyond_so_many_pages_at_a_time_they_are_let_go_unseen(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow, "MOST", 1)
    newshole = shadowing(page(), site)

    async def run() -> None:
        await asyncio.gather(*(asks(newshole) for _ in range(3)))
        await newshole.close()

    asyncio.run(run())
    assert outcomes(newshole) == {"composed": 1, shadow.SKIPPED: 2}


def test_beyond_so_many_bytes_at_a_time_pages_are_let_go_unseen(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shadow, "ROOM", len(STORY) - 1)
    newshole = shadowing(page(), site)
    settled(newshole)
    assert outcomes(newshole) == {shadow.SKIPPED: 1}
    assert newshole.shadow is not None
    assert newshole.shadow.held == 0


def test_the_line_of_a_request_tells_what_would_have_been_placed(site: Site) -> None:
    handler, log = Lines(), logging.getLogger("newshole.access")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        settled(shadowing(page(), site, log="logging", surrogate="Surrogate-Key"))
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)
    (line,) = handler.written
    assert (line["outcome"], line["shadow"], line["blocks"]) == ("shadow", "composed", ["inline"])
    assert (line["bytes_in"], line["bytes_out"]) == (len(STORY), len(STORY))


def test_metrics_tell_it_apart_from_pages_that_are_composed(site: Site) -> None:
    newshole = shadowing(page(), site, metrics=METRICS_PATH)
    settled(newshole)
    samples = samples_of(ask(newshole, asked(METRICS_PATH)).body)
    assert samples["newshole_shadow_total", "composed"] == 1
    assert samples["newshole_shadow_total", shadow.FAULT] == 0
    assert samples["newshole_responses_total", "shadow"] == 1


def test_a_link_to_the_overlay_shows_the_blocks_to_its_holder(site: Site) -> None:
    newshole = shadowing(page(), site, secret=SECRET)
    query = urlsplit(overlay_link(SECRET, f"https://news.example{PATH}", LATER)).query.encode()
    assert b"data-newshole=" in ask(newshole, asked(query_string=query)).body


class Paper:
    """A site that sends one page in any parts, in any coding, with a tag that it knows again."""

    def __init__(self) -> None:
        self.parts: list[bytes] = [STORY]
        self.coding = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        tags = (b"etag", b'"paper"'), (b"last-modified", b"Sat, 28 Nov 2026 10:00:00 GMT")
        if (b"if-none-match", b'"paper"') in scope["headers"]:
            await send(start(*tags, status=304))
            await send(body(b""))
            return
        coding = ((b"content-encoding", self.coding.encode()),) if self.coding else ()
        vary = (b"cache-control", b"public, max-age=60"), (b"X-Newshole", b"no-social")
        await send(start(HTML, *coding, *tags, *vary))
        for each in self.parts:
            await send(body(each, more=True))
        await send(body(b""))


@contextmanager
def fronts(site: Site) -> Iterator[tuple[Paper, str, list[str], Newshole]]:
    """A paper on a real server, in shadow too, and behind a proxy, in shadow too."""
    paper = Paper()
    mounted = shadowing(paper, site)
    with (
        serving(paper) as alone,
        serving(mounted) as shadowed,
        serving(Proxy(alone)) as proxied,
        serving(shadowing(Proxy(alone), site)) as both,
    ):
        yield paper, alone, [shadowed, proxied, both], mounted


def answered(address: str, headers: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body as they stand on the wire, the date left out."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    connection.request("GET", PATH, headers={"Host": "news.example", **headers})
    response = connection.getresponse()
    found = response.status, [each for each in response.getheaders() if each[0] != "date"], response.read()
    connection.close()
    return found


def test_bytes_and_heads_are_those_of_the_site_however_it_sends_them(site: Site) -> None:
    with fronts(site) as (paper, alone, (shadowed, proxied, both), mounted):

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            st.sampled_from(sorted(CODINGS)),
            st.lists(st.integers(0, 10_000), max_size=6),
            st.sampled_from([{}, {"If-None-Match": '"paper"'}, {"Accept-Encoding": "gzip, br, deflate"}]),
        )
        def check(coding: str, places: list[int], headers: dict[str, str]) -> None:
            paper.parts, paper.coding = cut(CODINGS[coding](STORY), places), coding
            assert answered(shadowed, headers) == answered(alone, headers)
            assert answered(both, headers) == answered(proxied, headers)

        check()
    assert outcomes(mounted)["composed"] > 0
    assert set(outcomes(mounted)) <= {"composed", "status", "coding-unoffered"}


def test_devices_are_told_apart(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(DEVICE_RULES)
    newshole = Newshole(page(), rules, shadow=True)
    settled(newshole, asked(headers=[(b"sec-ch-ua-mobile", b"?1")]))
    assert newshole.tally.placed == {("inline", "small"): 1}
