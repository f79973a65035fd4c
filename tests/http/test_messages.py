"""Messages of every kind in every order: what is composed is a whole page, all else leaves as it came."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from starlette.types import Message, Receive, Scope, Send

from newshole import Newshole, Site
from newshole.http.headers import mute
from tests.http.asgi import HTML, STORY, Client, asked, body, start

URL: Final = "https://news.example/news/bridge"
WORD: Final = (b"x-newshole", b"no-social")

STARTS: Final = {
    "page": start(),
    "page with words": start(HTML, WORD),
    "page with a length": start(HTML, (b"content-length", b"%d" % len(STORY)), (b"etag", b'"v1"')),
    "off": start(HTML, (b"x-newshole", b"off")),
    "page with trailers": start(trailers=True),
    "data": start((b"content-type", b"application/json")),
    "missing": start(status=404),
}
HEAD: Final = STORY[: STORY.index(b"<body>")]
PAGES: Final = ("page", "page with words", "page with a length")

OTHERS: Final[tuple[Message, ...]] = (
    {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload"]},
    {"type": "http.response.early_hints", "headers": [(b"link", b"</a.css>; rel=preload")]},
    {"type": "http.response.debug", "info": {"template": "story"}},
    {"type": "http.response.push", "path": "/a.css", "headers": []},
    {"type": "http.response.pathsend", "path": "/srv/story.html"},
    {"type": "http.response.zerocopysend", "file": 3, "more_body": False},
    {"type": "http.response.trailers", "headers": [WORD, (b"x-a", b"1")], "more_trailers": False},
    {"type": "http.response.unheard-of", "body": b"no body", "more_body": True},
)

Line = tuple[str, Any]


def lines(messages: list[Message]) -> list[Line]:
    """What messages say: a body in one piece, and of a start what is not a header of the page."""
    told: list[Line] = []
    for message in messages:
        kind = message["type"]
        if kind == "http.response.body":
            part = message["body"], message["more_body"]
            if told and told[-1][0] == kind and told[-1][1][1]:
                part = told.pop()[1][0] + part[0], part[1]
            told.append((kind, part))
        elif kind == "http.response.start":
            told.append((kind, (message["status"], message.get("trailers", False))))
        else:
            told.append((kind, message))
    return told


def page_in(messages: list[Message]) -> bytes | None:
    """The page that an app sent whole, where its response is one that may be composed."""
    starts = [n for n, message in enumerate(messages) if message["type"] == "http.response.start"]
    if not starts or messages[starts[0]] not in [STARTS[name] for name in PAGES]:
        return None
    content = b""
    for message in messages[starts[0] + 1 :]:
        if message["type"] != "http.response.body":
            return None
        content += message["body"]
        if not message["more_body"]:
            return bytes(content)
    return None


class Exchange(RuleBasedStateMachine):
    """One request to an app that sends what it is told to, in front of it newshole."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self.site = site
        self.loop = asyncio.new_event_loop()
        self.client = Client()
        self.said: list[Message] = []
        self.sent: list[Message] = []
        self.at = 0
        self.task: asyncio.Task[None] | None = None
        self.end: Exception | None = None
        self.is_over = False

    @initialize(
        flush=st.sampled_from([0, None]),
        end=st.sampled_from([None, ValueError("the site's own")]),
        size=st.sampled_from([0, len(HEAD), len(STORY) - 20]),
        turns=st.sampled_from([0, 2, 4, 100]),
        delay=st.sampled_from([0, 3]),
    )
    def ask(self, flush: float | None, end: Exception | None, size: int, turns: int, delay: int) -> None:
        """A reader asks who takes each message with a `delay`; the app begins with `size` bytes of its page,
        lets the loop turn some times each time that it has sent something, and may fail in the `end`."""
        self.end, self.turns, self.delay = end, turns, delay
        self.newshole = Newshole(self.app, site=self.site, flush_after=flush, max_hold=600)
        self.wake = asyncio.Event()
        self.task = self.loop.create_task(self.newshole(asked(), self.client.receive, self.deliver))
        if size:
            self.begin("page")
            self.go_on(size)

    async def deliver(self, message: Message) -> None:
        """The reader takes a message."""
        await turn(self.delay)
        self.client.messages.append(message)

    async def app(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send what was said, each time all of it at once."""
        while not self.is_over or self.said:
            await self.wake.wait()
            self.wake.clear()
            while self.said:
                self.sent.append(self.said.pop(0))
                await send({**self.sent[-1]})
        if self.end is not None:
            raise self.end

    @rule(name=st.sampled_from([*PAGES, *STARTS]))
    def begin(self, name: str) -> None:
        """The app starts a response."""
        self.send(STARTS[name])

    @rule(size=st.integers(min_value=0, max_value=len(STORY)))
    def go_on(self, size: int) -> None:
        """The app sends more of its page."""
        self.at += size
        self.send(body(STORY[self.at - size : self.at], more=True))

    @rule()
    def complete(self) -> None:
        """The app sends what is left of its page."""
        rest, self.at = STORY[self.at :], 0
        self.send(body(rest))

    @rule(message=st.sampled_from(OTHERS))
    def say(self, message: Message) -> None:
        """The app sends something else."""
        self.send(message)

    def send(self, message: Message) -> None:
        """The app sends a message as soon as the loop turns."""
        self.said.append(message)
        if self.turns:
            self.pause(self.turns)

    @rule(turns=st.sampled_from([2, 4, 100]))
    def pause(self, turns: int) -> None:
        """The app has nothing to say for a moment."""
        self.wake.set()
        self.loop.run_until_complete(turn(turns))

    @invariant()
    def check_order(self) -> None:
        """What left so far is what came, in order, but for blocks."""
        if not self.newshole.counts["composed"]:
            mine, apps = lines(self.client.messages), lines([mute(each) for each in self.sent])
            whole = max(len(mine) - 1, 0)
            assert mine[:whole] == apps[:whole]
            assert mine == [] or is_begin_of(mine[-1], apps[whole])

    def teardown(self) -> None:
        if self.task is not None:
            self.finish(self.task)
        self.loop.close()

    def finish(self, task: asyncio.Task[None]) -> None:
        """The app ends, and all of its response has left."""
        self.is_over = True
        self.wake.set()
        self.loop.run_until_complete(asyncio.wait([task], timeout=20))
        assert task.exception() is self.end
        assert lines(self.client.messages) == self.expected()
        given = (pair for each in self.client.messages for pair in each.get("headers", ()))
        assert WORD[0] not in [name for name, _ in given]

    def expected(self) -> list[Line]:
        """What the reader gets: what the app sent, its page composed."""
        told, page = lines([mute(each) for each in self.sent]), page_in(self.sent)
        composed = None if page is None else self.site.compose(page, url=URL)
        is_composed = composed is not None and composed.untouched is None
        assert self.newshole.counts["composed"] == is_composed
        if composed is not None and is_composed:
            place = 1 + [kind for kind, _ in told].index("http.response.start")
            told[place] = (told[place][0], (composed.html, False))
        return told


async def turn(times: int) -> None:
    """Let the event loop turn some times."""
    for _ in range(times):
        await asyncio.sleep(0)


def is_begin_of(mine: Line, apps: Line) -> bool:
    """Whether a line is another, or as much of a body as left."""
    if mine[0] != "http.response.body":
        return mine == apps
    return apps[0] == mine[0] and apps[1][0].startswith(mine[1][0])


def test_messages_in_any_order_leave_as_they_came_but_for_a_whole_page(site: Site) -> None:
    run_state_machine_as_test(partial(Exchange, site))  # type: ignore[arg-type]  # what makes one will do


SCOPES: Final[dict[str, tuple[Scope, list[Message]]]] = {
    "websocket": (
        asked(type="websocket", scheme="wss", subprotocols=[]),
        [
            {"type": "websocket.accept", "subprotocol": None, "headers": [(b"x-a", b"1")]},
            {"type": "websocket.send", "text": "hello"},
            {"type": "websocket.send", "bytes": STORY},
            {"type": "websocket.close", "code": 4001, "reason": ""},
        ],
    ),
    "denied websocket": (
        asked(type="websocket", scheme="wss", subprotocols=[]),
        [
            {"type": "websocket.http.response.start", "status": 200, "headers": [HTML]},
            {"type": "websocket.http.response.body", "body": STORY},
        ],
    ),
    "unheard of": (
        {"type": "webtransport"},
        [{"type": "webtransport.send", "data": STORY}, start(), body(STORY)],
    ),
    "unheard of, with all of a request": (asked(type="future"), [start(), body(STORY)]),
}


@pytest.mark.parametrize("kind", SCOPES)
def test_what_is_no_request_is_the_app_s_alone(
    kind: str, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    scope, messages = SCOPES[kind]
    seen: list[tuple[Scope, Receive]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope, receive))
        for message in messages:
            await send(message)

    client, newshole = Client(), Newshole(app, site=site)
    receive = client.receive
    asyncio.run(newshole(scope, receive, client.send))
    assert (client.messages, newshole.counts) == (messages, {"scope": 1})
    assert seen[0][0] is scope
    assert seen[0][1] is receive
    assert caplog.records == []
