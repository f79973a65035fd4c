"""A staged version that does harm is halted by itself, and it is told why.

A real uvicorn, its log in a file, and readers who come by HTTP or in a real browser.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import pytest

from newshole import Newshole, rendering
from newshole.http.measuring import PATH
from newshole.live.appending import read_log
from newshole.live.ledger import Ledger
from newshole.live.publishing import publish, stage
from newshole.rules.ruleset import Rules
from newshole.store.archive import open_archive
from tests.blocks.adservers import CMP, YES, answer_for_others
from tests.console.newsroom import apart
from tests.http.asgi import page as origin
from tests.http.measured import SECRET, attribute
from tests.http.servers import serving
from tests.live.rules import source_of
from tests.waiting import eventually

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow]

ADS: Final = 5
RULES: Final = """
site: Example
articles: [{path: /news/**}]
layout: {gap: 1 word, ads_apart: 1 word}
blocks:
  inline:
    kind: ad
    place: {after: paragraph, nth: [1, 2, 3, 4, 5]}
    sizes: {mobile: [[300, 50]], desktop: [[300, 50]]}
    serve: {gpt: {unit: /1/sold}}
measure: always
"""
WANTING: Final = RULES.replace("/1/sold", "/1/wanting")
"""The version that does harm, known by the name of its ads."""

READERS: Final = (
    CMP
    + YES
    + """
window.creatives = {"/1/sold": [300, 50]};
window.answers = 0;
for (const each of ["filled", "unfilled"]) addEventListener(`newshole:${each}`, () => answers++);
"""
)
"""Readers who agree to everything, and an ad server that has nothing for the ads of one version."""

SHARE: Final = 30.0
MOST: Final = 200
"""Addresses that are read before a test gives up waiting for a halt."""

T = TypeVar("T")


@dataclass(frozen=True)
class Newsroom:
    """A site that is served, and the log of its rules."""

    newshole: Newshole
    address: str
    archive: Path

    def paths(self) -> Iterator[str]:
        """Addresses to read for as long as something is staged."""
        for n in range(MOST):
            if self.newshole.stage is None:
                return
            yield f"/news/{n}"

    def halted(self) -> str:
        """Why what was staged was halted by itself."""
        eventually(lambda: self.newshole.stage is None)
        halted = at_ledger(self.archive, read_log)[1].halted
        assert halted is not None
        assert halted.is_automatic
        return halted.reason


def at_ledger(archive: Path, work: Callable[[Ledger], Awaitable[T]]) -> T:
    """What comes of some work on the log of an archive."""

    async def run() -> T:
        opened = open_archive(str(archive))
        try:
            return await work(Ledger(opened, secret=SECRET.encode()))
        finally:
            await opened.close()

    return apart(run())


@pytest.fixture
def newsroom(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Newsroom]:
    """A site with a version in service, and another one staged beside it."""
    caplog.set_level(logging.CRITICAL, "newshole")
    archive = tmp_path / "archive"
    old, new = source_of(RULES), source_of(WANTING)
    say = partial(publish, by="anna", note="", clock=time.time)
    at_ledger(archive, lambda ledger: say(ledger, old))
    newshole = Newshole(
        origin(),
        "published",
        archive=archive,
        events=tmp_path / "events",
        secret=SECRET,
        state=tmp_path / "state",
    )
    with serving(newshole) as address:
        begin = partial(stage, share=SHARE, unit="url", by="anna", note="", clock=time.time)
        at_ledger(archive, lambda ledger: begin(ledger, new))
        room = Newsroom(newshole, address, archive)
        with reader(room) as client:
            read(client, "/")  # with which it begins to follow the log
        eventually(lambda: newshole.stage is not None)
        yield room


@contextmanager
def reader(newsroom: Newsroom) -> Iterator[HTTPConnection]:
    """A connection to the site."""
    with closing(HTTPConnection(urlsplit(newsroom.address).netloc, timeout=60)) as client:
        yield client


def read(client: HTTPConnection, path: str) -> bytes:
    """What a page is."""
    client.request("GET", path)
    return client.getresponse().read()


def sender(n: int) -> str:
    """The network address of one of many readers."""
    return f"10.0.{n // 250}.{n % 250}"


def tell(client: HTTPConnection, token: str, view: int, seen: int) -> None:
    """Tell of a view in which the first ads of a page became viewable, from an address of its own."""
    happened = [["view"], *(["viewable", "inline", n + 1] for n in range(seen))]
    told = json.dumps({"t": token, "v": f"{view:024x}", "e": happened})
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": sender(view)}
    client.request("POST", PATH, told, headers)
    assert client.getresponse().read() == b""


def test_it_is_halted_where_newshole_fails_on_it(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    render = rendering.render

    def fail(rules: Rules, *more: Any) -> list[bytes]:
        if "/1/wanting" in repr(rules.blocks):
            raise RuntimeError
        return render(rules, *more)

    monkeypatch.setattr("newshole.composing.render", fail)
    with reader(newsroom) as client:
        for path in newsroom.paths():
            read(client, path)
    told = newsroom.halted()
    assert told == "newshole fails on 100.0% of its pages, and on 0.0% under the rules in service"


def test_it_is_halted_where_nobody_sees_its_ads(newsroom: Newsroom) -> None:
    views = count()
    with reader(newsroom) as client:
        for path in newsroom.paths():
            content = read(client, path)
            for _ in range(4):
                seen = 0 if b"/1/wanting" in content else ADS
                tell(client, attribute(content, "token"), next(views), seen)
    told = newsroom.halted()
    assert told == "0% of its ads were viewable, and 100% under the rules in service"


@pytest.mark.browser
def test_it_is_halted_where_its_ads_stay_empty(newsroom: Newsroom, browser: Browser) -> None:
    context = browser.new_context()
    context.add_init_script(READERS)
    context.route(re.compile(f"^(?!{re.escape(newsroom.address)})"), answer_for_others)
    page = context.new_page()
    for n, path in enumerate(newsroom.paths()):
        context.set_extra_http_headers({"X-Forwarded-For": sender(n)})
        page.goto(newsroom.address + path, wait_until="commit")
        page.wait_for_function(f"answers === {ADS}")
    context.close()
    told = newsroom.halted()
    assert told == "0% of its ads were filled, and 100% under the rules in service"
