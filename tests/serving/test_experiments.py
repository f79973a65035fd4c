"""Readers of three arms and of none, many requests at the same time: nobody gets what is another arm's."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from starlette.types import Receive, Scope, Send

from newshole import Newshole, Site
from newshole.experiments.assignment import assigned
from newshole.http.links.forcing import arm_field
from tests.http.asgi import RULES, STORY, asked, asks, page
from tests.serving.processes import uvicorn
from tests.serving.servers import served

pytestmark = pytest.mark.slow

ALL: Final = 100_000
AT_ONCE: Final = 32
READERS: Final = 48

_TESTED: Final = """
  mark: {kind: html, html: "<p>as-ever</p>", place: body-end}
experiments:
  colour:
    UNIT
    traffic: 80%
    arms:
      control: {}
      red: {set: {blocks.mark.html: "<p>in-red</p>"}}
      late: {set: {blocks.mark.html: "<p>much-later</p>", blocks.inline.place: {after: paragraph, nth: 4}}}
"""
WAYS: Final = {
    "cookie": ("vary: {id: {cookie: uid}}\n", "unit: visitor"),
    "header": ("vary: {id: X-Reader}\n", "unit: visitor"),
    "edge": ("vary: {arms: X-Arms}\n", "unit: edge"),
}
SHOWN: Final = {"": b"as-ever", "control": b"as-ever", "red": b"in-red", "late": b"much-later"}
_MARK: Final = re.compile(rb"as-ever|in-red|much-later")


SECRET: Final = "of the newsroom"  # noqa: S105 - no secret of anybody
EVERY: Final = 101
"""Of so many requests one is by a link that asks for the arm `red`."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A reader, the arm that they must get, and what tells it."""

    arm: str
    header: str
    value: str

    def asking(self, number: int) -> tuple[Visitor, str]:
        """The reader of a request by its number, as it must be answered, and its query."""
        if number % EVERY:
            return self, ""
        return replace(self, arm="red"), arm_field(SECRET.encode(), "colour", "red", time.time() + 60)


def rules_of(way: str) -> str:
    vary, unit = WAYS[way]
    return vary + RULES + _TESTED.replace("UNIT", unit)


def visitors(way: str, site: Site) -> list[Visitor]:
    """As many readers, some in each arm and some in none."""
    (experiment,) = site.rules[0].experiments
    found = []
    for number in range(READERS):
        drawn = assigned(experiment.allocation, f"reader-{number}")
        arm = "" if drawn is None else experiment.arms[drawn]
        told = {
            "cookie": ("cookie", f"uid=reader-{number}; other={number}"),
            "header": ("x-reader", f"reader-{number}"),
            "edge": ("x-arms", f"colour={arm}, other=x"),
        }
        found.append(Visitor(arm, *told[way]))
    assert {each.arm for each in found} == set(SHOWN)
    return found


def wrong(visitor: Visitor, body: bytes) -> str | None:
    """What of an answer is not as it should be for a reader, None for nothing."""
    if body.count(b'data-newshole="mark"') != 1 or _MARK.findall(body) != [SHOWN[visitor.arm]]:
        return "another arm's block"
    fourth = body.find(b'data-newshole="inline"') > body.find(b"</p>", len(STORY) // 2)
    return "another arm's place" if fourth != (visitor.arm == "late") else None


@pytest.mark.parametrize("way", WAYS)
def test_no_reader_gets_what_is_another_arms_from_the_middleware(tmp_path: Path, way: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(rules_of(way), "utf-8")
    numbers = iter(range(ALL))

    async def site(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        await page()(scope, receive, send)

    app = Newshole(site, rules=path, secret=SECRET)
    readers = visitors(way, app.site)

    async def ask() -> list[str]:
        found = []
        for number in numbers:
            visitor, query = readers[number * 7 % READERS].asking(number)
            told = [(visitor.header.encode(), visitor.value.encode())]
            address = f"/news/{number // 3 % 11}"
            answer = await asks(app, asked(address, headers=told, query_string=query.encode()))
            if fault := wrong(visitor, answer.body):
                found.append(f"{number} {visitor}: {fault}")
            cache_control = answer.header(b"cache-control") or b""
            if (b"private" in cache_control) != (way == "cookie" or bool(query)):
                found.append(f"{number}: {cache_control!r}")
        return found

    async def ask_all() -> list[str]:
        return [fault for found in await asyncio.gather(*(ask() for _ in range(AT_ONCE))) for fault in found]

    assert asyncio.run(ask_all()) == []
    assert next(numbers, None) is None
    assert app.counts["composed"] == ALL
    # Four kinds of readers at each of eleven addresses, each composed anew once.
    assert app.plans.counts["plan-anew"] <= 11 * len(SHOWN)


@pytest.mark.parametrize("way", ["cookie", "header"])
def test_no_reader_gets_what_is_another_arms_from_the_page_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("NEWSHOLE_SECRET", SECRET)
    path = tmp_path / "rules.yaml"
    path.write_text(rules_of(way), "utf-8")
    readers = visitors(way, Site.load(path))
    numbers = iter(range(ALL // 2))

    async def ask(port: int) -> list[str]:
        found = []
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(f"http://localhost:{port}", cookie_jar=jar) as session:
            for number in numbers:
                visitor, query = readers[number * 7 % READERS].asking(number)
                told = {visitor.header: visitor.value, "Accept": "text/html"}
                async with session.get(f"/news/public/{number // 3 % 7}?{query}", headers=told) as answer:
                    fault = wrong(visitor, await answer.read())
                    if answer.status != 200 or fault:
                        found.append(f"{number} {visitor}: {answer.status} {fault}")
        return found

    async def ask_all(port: int) -> list[str]:
        asking = (ask(port) for _ in range(AT_ONCE))
        return [fault for found in await asyncio.gather(*asking) for fault in found]

    with (
        uvicorn("tests.serving.newsroom:app") as origin,
        served("--upstream", origin, "--rules", path, "--page-cache") as newshole,
    ):
        assert asyncio.run(ask_all(newshole.port)) == []
    assert next(numbers, None) is None
