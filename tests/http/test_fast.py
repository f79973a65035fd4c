"""The short way gives exactly what the long way gives, and is taken by what it is there for."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

import newshole
from newshole import Newshole, Site
from newshole.http import fast, gate
from newshole.http.fast import FastResponder
from newshole.http.trace import TRACE
from newshole.http.validators import SETTLED, rules_date
from newshole.live.staging.stage import Stage
from tests.budget import examples
from tests.http.asgi import HTML, PATH, STORY, Client, asked, body, page, sending, start

JSON = (b"content-type", b"application/json")
FULL: dict[str, Any] = {"root_path": "", "raw_path": PATH.encode()}
CHANGING = STORY.replace(b"<title>", b'<meta name="csrf-token" content="%s"><title>')

Pair = tuple[bytes, bytes]
pairs = st.sampled_from(
    [
        (b"etag", b'"v1"'),
        (b"Last-Modified", b"x"),
        (b"content-length", b"7"),
        (b"X-A", b"1"),
        (b"vary", b"Accept"),
        (b"Cache-Control", b"no-transform"),
        (b"cache-control", b"max-age=60"),
        (b"content-encoding", b"gzip"),
        (b"x-newshole", b"no:inline"),
        (b"X-Newshole", b"off"),
    ]
) | st.binary(min_size=4, max_size=4).map(lambda nonce: (b"content-security-policy", nonce.hex().encode()))
pairs |= st.builds(
    lambda policy, nonce: (b"content-security-policy", policy.replace(b"*", nonce.hex().encode())),
    st.sampled_from(
        [
            b"style-src 'nonce-*'; script-src 'self'",
            b"default-src 'nonce-*' 'strict-dynamic'",
            b"style-src 'NONCE-*' 'nonce-*'",
            b"style-src 'nonce-'; default-src 'nonce-*', style-src 'nonce-*'",
            b"style-src 'nonce-*' 'nonce-other'",
        ]
    ),
    st.binary(min_size=2, max_size=2),
)
types = st.sampled_from([HTML, HTML, HTML, HTML, (b"Content-Type", b"text/html"), JSON])
containers: list[Callable[[list[Pair]], Any]] = [
    list,
    list,
    list,
    tuple,
    iter,
    lambda written: [list(pair) for pair in written],
    lambda written: [(name, bytearray(value)) for name, value in written],
]
pages = st.sampled_from([STORY, STORY, b"<p>short", b""]) | st.integers(10**6, 10**7).map(
    lambda token: CHANGING % str(token).encode()
)
kinds: list[Callable[[bytes], Any]] = [bytes, bytes, bytes, bytearray, memoryview]


@st.composite
def starts(draw: st.DrawFn) -> Callable[[], Message]:
    """The start of a response, made anew for each app."""
    written = [draw(types), *draw(st.lists(pairs, max_size=4))]
    container = draw(st.sampled_from(containers))
    status = draw(st.sampled_from([200, 200, 200, 200, 404]))
    more = draw(st.sampled_from([{}, {}, {}, {"trailers": False}, {"trailers": True}]))
    return lambda: {"type": "http.response.start", "status": status, "headers": container(written), **more}


def _part(part: bytes, kind: Callable[[bytes], Any], more: dict[str, bool]) -> Message:
    return {"type": "http.response.body", "body": kind(part), **more}


@st.composite
def responses(draw: st.DrawFn) -> list[Callable[[], Message]]:
    """All messages of a response: a start and one body for the most part."""
    content, kind = draw(pages), draw(st.sampled_from(kinds))
    cut = draw(st.sampled_from([None, None, None, 5, len(content)]))
    bodies = [content] if cut is None else [content[:cut], content[cut:]]
    messages = [draw(starts())]
    last = draw(st.sampled_from([{}, {"more_body": False}]))
    for place, part in enumerate(bodies):
        more = last if place == len(bodies) - 1 else {"more_body": True}
        messages.append(partial(_part, part, kind, more))
    strange = draw(st.sampled_from([None] * 12 + ["early_hint", "start", "trailers", "unheard-of", "lack"]))
    if strange == "lack":
        messages.pop()
    elif strange == "start":
        messages.insert(draw(st.integers(0, len(messages))), draw(starts()))
    elif strange is not None:
        odd: Message = {
            "type": f"http.response.{strange}",
            "status": 200,
            "headers": [(b"x-newshole", b"off")],
        }
        messages.insert(draw(st.integers(0, len(messages))), lambda: {**odd})
    return messages


def _request(path: str, method: str, headers: list[Pair], purpose: list[Pair], more: dict[str, Any]) -> Scope:
    return asked(path, method=method, headers=[*headers, *purpose], **more)


requests = st.builds(
    _request,
    st.sampled_from([PATH, PATH, PATH, "/about"]),
    st.sampled_from(["GET", "GET", "GET", "GET", "HEAD", "POST"]),
    st.lists(
        st.sampled_from(
            [
                (b"sec-ch-ua-mobile", b"?1"),
                (b"hx-request", b"true"),
                (b"if-none-match", b'"v1"'),
                (b"accept", b"text/html"),
                (b"x-newshole-token", b"1-1"),
            ]
        ),
        max_size=2,
    ),
    st.sampled_from([[], [], [(b"sec-fetch-dest", b"document")], [(b"sec-fetch-dest", b"empty")]]),
    st.sampled_from([FULL, FULL, FULL, FULL | {"raw_path": None}, {}]),
)


def answered(
    app: Newshole, scope: Scope, messages: list[Callable[[], Message]]
) -> tuple[Scope, list[Message]]:
    """What an app sees of a request, and a client gets of its response."""
    client = Client()
    asked_of: Scope = {}

    async def send_all(seen: Scope, _receive: Receive, send: Send) -> None:
        asked_of.update(seen)
        for make in messages:
            await send(make())

    app.app = send_all
    asyncio.run(app({**scope}, client.receive, client.send))
    for message in client.messages:
        if "headers" in message:
            message["headers"] = [(bytes(name), bytes(value)) for name, value in message["headers"]]
        if "body" in message:
            message["body"] = bytes(message["body"])
    return asked_of, client.messages


@contextmanager
def the_long_way() -> Iterator[None]:
    """No response goes the short way, and no request is known again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FastResponder, "begin", lambda _self, _message: None)
        patch.setattr(gate.Gate, "plain", lambda _self, _scope, _headers: None)
        yield


@pytest.fixture(scope="module", autouse=True)
def _no_garbage() -> Iterator[None]:
    """What hundreds of sites leave is collected here, not while a test gives a store milliseconds."""
    yield
    gc.collect()


class Lines(logging.Handler):
    """What lines say of requests, but for what is another each time."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        fields = getattr(record, "fields", {})
        self.said.append({key: value for key, value in fields.items() if key[-3:] not in ("_ms", "_id")})


@contextmanager
def listened() -> Iterator[Lines]:
    """What is logged of requests."""
    lines, log = Lines(), logging.getLogger("newshole.access")
    level = log.level
    log.addHandler(lines)
    log.setLevel(logging.INFO)
    yield lines
    log.removeHandler(lines)
    log.setLevel(level)


@examples(50)
@given(exchanges=st.lists(st.tuples(requests, responses()), min_size=1, max_size=4), by_device=st.booleans())
def test_the_short_way_tags_and_tells_what_the_long_way_does(
    site: Site, device_site: Site, exchanges: list[Any], *, by_device: bool
) -> None:
    chosen = device_site if by_device else site
    asked_for: dict[str, Any] = {"site": chosen, "surrogate": "Surrogate-Key", "log": "logging"}
    short, long = Newshole(page(), **asked_for), Newshole(page(), **asked_for)
    with listened() as lines:
        for scope, messages in exchanges * 3:
            found = without_id(answered(short, scope, messages))
            with the_long_way():
                assert found == without_id(answered(long, scope, messages))
    assert lines.said[::2] == lines.said[1::2]
    assert short.counts == long.counts


def without_id(exchange: tuple[Scope, list[Message]]) -> tuple[Scope, list[Message]]:
    """An exchange without what is another in each: the request's id, and its trace."""
    scope, messages = exchange
    headers = [pair for pair in scope["headers"] if pair[0] != b"x-request-id"]
    return {key: value for key, value in scope.items() if key != TRACE} | {"headers": headers}, messages


@examples(100)
@given(exchanges=st.lists(st.tuples(requests, responses()), min_size=1, max_size=4), by_device=st.booleans())
def test_the_short_way_gives_what_the_long_way_gives(
    site: Site, device_site: Site, exchanges: list[Any], *, by_device: bool
) -> None:
    chosen = device_site if by_device else site
    short, long = Newshole(page(), site=chosen), Newshole(page(), site=chosen)
    for scope, messages in exchanges * 3:
        found = answered(short, scope, messages)
        with the_long_way():
            assert found == answered(long, scope, messages)
    assert short.counts == long.counts
    for counted in ("plans", "placed", "added", "refused"):
        assert getattr(short.tally, counted) == getattr(long.tally, counted)


def warm(app: Any, site: Site, **more: Any) -> Newshole:
    """A newshole that met the app's answer before."""
    newshole = Newshole(app, site=site, **more)
    for _ in range(3):
        asyncio.run(newshole(asked(**FULL), Client().receive, Client().send))
    return newshole


@pytest.mark.parametrize(
    "app", [page(), page(STORY, (b"x-frame-options", b"DENY")), sending(start(JSON), body(b"{}"))]
)
def test_what_was_met_before_needs_no_responder(
    site: Site, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = warm(app, site)
    monkeypatch.setattr(fast, "Responder", lambda *_: pytest.fail("a responder was made"))
    before = sum(known.counts.values())
    asyncio.run(known(asked(**FULL), Client().receive, Client().send))
    assert sum(known.counts.values()) == before + 1


@pytest.mark.parametrize(
    ("app", "more", "most"),
    [
        (page(), {}, 12),
        (sending(start(JSON), body(b"{}")), {}, 9),
        (page(), {"surrogate": "Surrogate-Key"}, 33),
        (page(), {"log": "logging"}, 33),
    ],
)
def test_what_was_met_before_takes_few_calls(site: Site, app: Any, more: dict[str, Any], most: int) -> None:
    known, calls, ours = warm(app, site, **more), [], str(Path(newshole.__file__).parent)

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(ours):
            calls.append(frame.f_code.co_qualname)

    async def ask_noted() -> None:
        sys.setprofile(note)
        try:
            await known(asked(**FULL), Client().receive, Client().send)
        finally:
            sys.setprofile(None)

    asyncio.run(ask_noted())
    assert len(calls) <= most, calls


def test_the_short_way_is_open_from_the_startup_on_while_nothing_looks_at_every_request(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[Scope] = []
    meet = Newshole.meet

    async def noted(known: Newshole, scope: Scope, receive: Receive, send: Send) -> Any:
        met.append(scope)
        return await meet(known, scope, receive, send)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await page()(scope, receive, send)
            return
        await send({"type": "lifespan.startup.complete"})
        await asked_twice(1)
        known.stage = Stage(site, "2", 50, "url")
        await asked_twice(2)
        known.stage = None
        await asked_twice(0)
        known.site = Site(*site.rules)
        await asked_twice(1)

    async def asked_twice(times: int) -> None:
        met.clear()
        for _ in range(2):
            await known(asked(**FULL), Client().receive, Client().send)
        assert len(met) == times

    known = Newshole(app, site=site)
    monkeypatch.setattr(Newshole, "meet", noted)
    client = Client()
    asyncio.run(known({"type": "lifespan"}, client.receive, client.send))
    assert known.counts == {"composed": 8}


def test_a_known_address_is_another_for_a_script_and_for_a_condition(site: Site) -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await page()(scope, receive, send)

    known = warm(app, site)
    condition = [(b"accept", b"text/html"), (b"if-none-match", b'"v1"')]
    for headers in ([(b"sec-fetch-dest", b"empty")], [(b"hx-request", b"true")], condition):
        asyncio.run(known(asked(headers=headers, **FULL), Client().receive, Client().send))
    assert known.counts == {"composed": 4, "fragment": 2}
    assert (b"if-none-match", b'"v1"') not in seen[-1]["headers"]


def test_a_start_that_an_app_writes_into_later_is_sent_as_it_was(site: Site) -> None:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        message = start(HTML, (b"x-a", b"1"))
        await send(message)
        message["headers"][0] = JSON
        message["status"] = 500
        await send(body(STORY))

    known = warm(app, site)
    client = Client()
    asyncio.run(known(asked(**FULL), client.receive, client.send))
    assert (client.messages[0]["status"], client.header(b"content-type")) == (200, HTML[1])
    assert known.counts == {"composed": 4}


def test_what_a_server_writes_into_a_start_does_not_reach_the_next_reader(site: Site) -> None:
    known = warm(page(), site)
    seen = []
    for _ in range(2):
        client = Client()
        asyncio.run(known(asked(**FULL), client.receive, client.send))
        seen.append(client.headers)
        client.messages[0]["headers"].append((b"set-cookie", b"private=1"))
        client.messages[1]["body"] = b""
    assert seen[0] == seen[1]


def test_a_date_is_told_in_the_second_in_which_it_is_settled(site: Site) -> None:
    dated = page(
        STORY, (b"last-modified", b"Mon, 02 Mar 2026 09:00:00 GMT"), (b"cache-control", b"max-age=60")
    )
    known = Newshole(dated, site=site)
    settled = rules_date(site.since) + SETTLED
    told = []
    for moment in (settled - 0.2, settled - 0.1, settled - 0.1, settled, settled):
        known.plans.clock = partial(float, moment)
        client = Client()
        asyncio.run(known(asked(**FULL), client.receive, client.send))
        told.append(client.header(b"last-modified") is not None)
    assert told == [False, False, False, True, True]


def test_a_policy_that_keeps_a_style_out_is_counted_for_every_reader(site: Site) -> None:
    known = warm(page(STORY, (b"content-security-policy", b"style-src 'self'")), site)
    assert known.counts == {"composed": 3, "policy": 3}
