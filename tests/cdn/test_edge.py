"""Arms that the edge assigns, in a real Varnish and a real nginx by the snippets in docs/deploy: every reader
gets one arm, whoever forges it, pages are kept, and each view is counted in the arm that was shown."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from newshole import Newshole
from newshole.experiments.events.rates import Rate, Rates
from newshole.http.measuring import PATH as EVENTS
from tests.cdn.varnish import DEPLOY, need_varnish, varnish
from tests.http.asgi import STORY
from tests.http.measured import BLOCKS, SECRET, attribute, exposed, rows
from tests.http.servers import serving
from tests.serving.nginx import nginx_with
from tests.store.servers import free_port

pytestmark = pytest.mark.slow

READERS: Final = 200
STORIES: Final = 7
AT_ONCE: Final = 16
RULES: Final = (
    BLOCKS
    + """
vary: {arms: X-Arms, id: {cookie: nh_edge}}
experiments:
  wider-gaps:
    unit: edge
    arms:
      control: {}
      wide: {drop: inline}
"""
)
NGINX: Final = (DEPLOY / "nginx-arms.conf").read_text("utf-8")
NOBODY: Final = "nobody"


class Site:
    """A newshole that is measured, and how often its site was asked."""

    def __init__(self, folder: Path) -> None:
        self.asked: Counter[str] = Counter()
        routes = [Route("/_newshole/ready", self.ready), Route("/news/{name}", self.story)]
        rules = folder / "rules.yaml"
        rules.write_text(RULES, "utf-8")
        self.newshole = Newshole(
            Starlette(routes=routes),
            rules,
            events=folder / "events",
            secret=SECRET,
            surrogate="Surrogate-Key",
        )
        assert self.newshole.events is not None
        # All readers of a test have one address.
        self.newshole.events.addresses = Rates(Rate(1e9, 1e9), lambda: 0.0)

    async def ready(self, _: Request) -> Response:
        return PlainTextResponse("ready")

    async def story(self, request: Request) -> Response:
        self.asked[request.url.path] += 1
        return HTMLResponse(STORY, headers={"Cache-Control": "public, max-age=600"})


@dataclass(slots=True)
class Reader:
    """Somebody who has agreed to be measured, and keeps the cookie that the edge gives."""

    number: int
    cookie: str = ""
    arms: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        """With an arm that nobody assigned."""
        known = f"; nh_edge={self.cookie}" if self.cookie else ""
        forged = ("wider-gaps=control", "wider-gaps=wide", "wider-gaps=x")[self.number % 3]
        return {"Cookie": f"consent=ads{known}", "X-Arms": forged, "Sec-Fetch-Site": "same-origin"}

    async def view(self, client: aiohttp.ClientSession, number: int) -> None:
        """Read a story, and tell that it was shown."""
        async with client.get(f"/news/{number % STORIES}", headers=self.headers) as answer:
            page = await answer.read()
            found = re.match(r"nh_edge=([0-9a-f.-]+);", answer.headers.get("Set-Cookie", ""))
            if found:
                self.faults += ["a cookie twice"] if self.cookie else []
                self.faults += [] if "private" in answer.headers["Cache-Control"] else ["not private"]
                self.cookie = found[1]
        token, is_wide = attribute(page, "token"), b'data-newshole="inline"' not in page
        named = _arm(token)
        self.arms[named] += 1
        if (named == "wide") != is_wide:
            self.faults.append(f"{named} has the page of another arm")
        body = json.dumps({"t": token, "v": f"{number:024x}", "e": [["view"]]})
        async with client.post(EVENTS, data=body, headers=self.headers) as answer:
            self.faults += [] if answer.status == 204 else [str(answer.status)]


def _arm(token: str) -> str:
    """The arm that a page's token names."""
    import base64

    payload = token.partition(".")[0]
    exposures = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))[3]
    return exposures[0][1] if exposures else NOBODY


async def visit(url: str, views: int) -> list[Reader]:
    """Many views of a few stories, interleaved; those who viewed them."""
    readers = [Reader(number) for number in range(READERS)]
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.DummyCookieJar()) as client:
        for reader in readers:
            await reader.view(client, reader.number)
        numbers = iter(range(READERS, views))

        async def read() -> None:
            for number in numbers:
                await readers[number * 31 % READERS].view(client, number)

        await asyncio.gather(*(read() for _ in range(AT_ONCE)))
    return readers


def check(site: Site, readers: list[Reader], views: int, *, most: int) -> None:
    """Every reader has one arm, each of their views is counted in it, and a story was asked for so many times
    at most."""
    assert [reader.faults for reader in readers if reader.faults] == []
    assert [reader.arms for reader in readers if len(reader.arms) != 1] == []
    shown = sum((reader.arms for reader in readers), Counter[str]())
    assert shown.total() == views
    assert set(shown) == {"control", "wide", NOBODY}
    found = exposed(site.newshole)
    assert Counter(row.arm for row in found) == {arm: shown[arm] for arm in ("control", "wide")}
    units = {row.unit for row in found}
    assert len(units) == sum(NOBODY not in reader.arms for reader in readers)
    assert all(count <= most for count in site.asked.values())
    assert len(site.asked) == STORIES


def test_varnish_assigns_arms_and_keeps_a_page_for_each(tmp_path: Path) -> None:
    need_varnish()
    site, views = Site(tmp_path), 50_000
    with (
        serving(site.newshole) as server,
        varnish(tmp_path, urlsplit(server).port or 0, has_arms=True) as url,
    ):
        readers = asyncio.run(visit(url, views))
    for reader in readers:
        place = int(reader.cookie.partition(".")[2])
        arm = "control" if place < 2000 else "wide" if 5000 <= place < 7000 else NOBODY
        assert set(reader.arms) == {arm}
    check(site, readers, views, most=3)


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[str]:
    """The address of an nginx by the snippet, but for its ports and its folder."""
    port = free_port()
    written = NGINX.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    written = written.replace("listen 80;", f"listen 127.0.0.1:{port};")
    written = written.replace("/var/cache/nginx/newshole", f"{folder}/kept")
    with nginx_with(folder, written, port):
        yield f"http://127.0.0.1:{port}"


def test_nginx_assigns_arms_and_keeps_a_page_for_each(tmp_path: Path) -> None:
    site, views = Site(tmp_path), 4_000
    with serving(site.newshole) as server, nginx(tmp_path, urlsplit(server).port or 0) as url:
        readers = asyncio.run(visit(url, views))
    # What a reader forges is no arm, but a version: nginx holds the reader's own header against `Vary`.
    check(site, readers, views, most=9)


@pytest.mark.parametrize(
    "known",
    ["", "; nh_edge=123456789-123456789.100", f"; nh_edge={'0' * 32}"],
    ids=["new", "taken back", "taken back, nginx"],
)
def test_who_has_not_agreed_has_no_id_and_no_arm(tmp_path: Path, known: str) -> None:
    headers = {
        "Cookie": f"consent=none{known}",
        "X-Arms": "wider-gaps=wide",
        "Sec-Fetch-Site": "same-origin",
    }

    async def ask(url: str, view: str) -> tuple[bytes, str | None]:
        async with aiohttp.ClientSession(url, headers=headers) as client:
            async with client.get("/news/1") as answer:
                page, cookie = await answer.read(), answer.headers.get("Set-Cookie")
            body = json.dumps({"t": attribute(page, "token"), "v": view, "e": [["view"]]})
            async with client.post(EVENTS, data=body) as answer:
                assert answer.status == 204
            return page, cookie

    need_varnish()
    site = Site(tmp_path)
    with serving(site.newshole) as server:
        port = urlsplit(server).port or 0
        with varnish(tmp_path, port, has_arms=True) as first, nginx(tmp_path, port) as second:
            for number, url in enumerate((first, second)):
                page, cookie = asyncio.run(ask(url, f"{number:024x}"))
                assert cookie is None
                assert _arm(attribute(page, "token")) == NOBODY
    assert [(row.kind, row.unit) for row in rows(site.newshole)] == [("view", "")] * 2
