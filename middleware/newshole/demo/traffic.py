"""Readers who are made up, on the demo's pages: they ask for stories, look at what came, and send the events
that a browser would send. Only what is on a page decides on what they do; of arms they know nothing.

An ad in the first half of a story keeps some from reading on. That effect is known, so whoever analyses the
events can be held to it.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from starlette.types import Message, Scope

from newshole import Newshole
from newshole.demo.newsroom import HERE
from newshole.demo.origin import origin
from newshole.experiments.events.beacon import Happening
from newshole.experiments.events.shipping import Taken, take_segments
from newshole.experiments.events.sinks.sink import Sink
from newshole.http.measuring import PATH

RULES: Final = HERE / "experiments.yaml"
EFFECT: Final = 0.3
"""By how much more often a story is read to its end that has no ad in its first half."""

EFFECTS: Final = {"later-ads": EFFECT, "short-label": 0.0}
"""What is true of the experiments in `RULES`."""

DAYS: Final = 14
STORIES: Final = (
    "/business/night-ferries-return",
    "/culture/the-organ-behind-the-wall",
    "/sport/goalkeeper-wins-the-cup",
    "/world/tarn-fell-stops-its-clocks",
    "/business/the-mill-that-bought-itself",
)

_HOST: Final = b"courier.example"
_DAY: Final = 86_400.0
_STORY: Final = re.compile(rb'class="story-text[^"]*".*?</article>', re.DOTALL)
_PARAGRAPH: Final = b"<p>"
_RUNTIME: Final = re.compile(rb"<(style|script)\b.*?</\1>", re.DOTALL)
_AD: Final = b'data-newshole="inline-ad"'
_MARKS: Final = re.compile(rb' data-nh-(token|view)="([^"]*)"')


class Visit(NamedTuple):
    """One reader's view of one story, `at` seconds since 1970; `eager` is the chance that this reader gets to
    the end of a story that has an ad in its first half."""

    at: float
    reader: int
    story: str
    eager: float


@dataclass(slots=True)
class Clock:
    """The time of the simulation."""

    now: float

    def __call__(self) -> float:
        return self.now


def simulate(folder: Path, sink: Sink, *, readers: int, seed: int, until: float) -> Taken:
    """Let so many readers visit in the days before a moment, in seconds since 1970, and bring their events
    from a folder of segments into a sink; what came of them."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret depends on it
    visits = sorted(visits_of(chance, readers, until))
    clock = Clock(until - DAYS * _DAY)
    newshole = Newshole(origin(), RULES, events=folder, secret=f"of a simulation {seed}")
    newshole.plans.clock = clock
    if newshole.events is not None:
        newshole.events.now = clock

    async def run() -> None:
        for visit in visits:
            await _visit(newshole, visit, clock, chance)
        await newshole.close()

    asyncio.run(run())
    return take_segments(folder, sink)


def visits_of(chance: random.Random, readers: int, until: float) -> Iterator[Visit]:
    """Most readers come a few times, and some every other day."""
    for reader in range(readers):
        eager = chance.betavariate(3, 7)
        for _ in range(min(1 + int(chance.expovariate(0.4)), DAYS)):
            yield Visit(until - chance.random() * DAYS * _DAY, reader, chance.choice(STORIES), eager)


async def _visit(newshole: Newshole, visit: Visit, clock: Clock, chance: random.Random) -> None:
    clock.now = max(clock.now, visit.at)
    page = await ask(newshole, request_of(visit, "GET", visit.story))
    told = marks_of(page)
    if "token" not in told:
        return
    view = told.get("view") or f"{chance.getrandbits(96):024x}"
    for events in ([Happening("view")], reading(ads_in(page), visit.eager, chance)):
        body = json.dumps({"t": told["token"], "v": view, "e": events}).encode()
        await ask(newshole, request_of(visit, "POST", PATH), body)


def marks_of(page: bytes) -> dict[str, str]:
    """The token of a page and the id of its view, where it is measured."""
    return {name.decode(): value.decode() for name, value in _MARKS.findall(page)}


def ads_in(page: bytes) -> list[float]:
    """Where the ads of a story are: for each the share of its paragraphs that stand above."""
    found = _STORY.search(_RUNTIME.sub(b"", page))
    story = b"" if found is None else found[0]
    paragraphs = max(story.count(_PARAGRAPH), 1)
    return [story.count(_PARAGRAPH, 0, each.start()) / paragraphs for each in re.finditer(_AD, story)]


def reading(ads: list[float], eager: float, chance: random.Random) -> list[Happening]:
    """What a reader does on a page whose ads are there."""
    is_early = any(at <= 0.5 for at in ads)
    is_read = chance.random() < eager * (1.0 if is_early else 1 + EFFECT)
    depth = 1.0 if is_read else round(chance.uniform(0.1, 0.9), 2)
    events = [Happening("depth", value=depth), Happening("dwell", value=round(10 + 110 * depth))]
    if is_read:
        events.append(Happening("read"))
    for position, at in enumerate(ads, 1):
        if at < depth and chance.random() < 0.8:
            events.append(Happening("viewable", "inline-ad", position, 1.0))
            if chance.random() < 0.02:
                events.append(Happening("click", "inline-ad", position, 1.0))
    return events


def request_of(visit: Visit, method: str, path: str) -> Scope:
    """What a reader's browser asks for."""
    headers = [
        (b"host", _HOST),
        (b"cookie", b"reader=%d" % visit.reader),
        (b"sec-fetch-site", b"same-origin"),
    ]
    return {
        "type": "http",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        # Each at an address of their own, as readers are.
        "client": (f"10.{visit.reader >> 16 & 255}.{visit.reader >> 8 & 255}.{visit.reader & 255}", 1),
    }


async def ask(newshole: Newshole, scope: Scope, body: bytes = b"") -> bytes:
    """The body of the answer to a request."""
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        parts.append(message.get("body", b""))

    await newshole(scope, receive, send)
    return b"".join(parts)
